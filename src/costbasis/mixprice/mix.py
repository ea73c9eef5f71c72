"""A mix of tokens as a user gives it, and as a usage table of one row that the bases can value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from costbasis.bases import engine
from costbasis.catalog import Catalog
from costbasis.catalog.market.mixes import AGENT, agent_mix
from costbasis.errors import BadArgument
from costbasis.formulas.billing import list_over_serving
from costbasis.quantity import Quantity, Source, derive
from costbasis.usage.amounts import TOKEN_COLUMNS, Amounts, amounts_of
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue

DEFAULT_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class TokenMix:
    """Tokens by class, the prompt tokens of one request, and who says so."""

    counts: TokenCounts
    context_tok: int
    source: Source
    is_default: bool

    @property
    def tokens(self) -> dict[str, float]:
        """Usage column to tokens, the columns that are not empty."""
        return {column: float(getattr(self.counts, column)) for column in TOKEN_COLUMNS if getattr(self.counts, column)}


def token_mix(counts: TokenCounts | None, context_tok: int | None, catalog: Catalog) -> TokenMix:
    """The mix as asked; without one, a million tokens at the measured mix of a coding agent.

    Errors: :class:`~costbasis.errors.BadArgument` where there is not a token in it.
    """
    agent = agent_mix(catalog)
    context = round(agent.context_tok) if context_tok is None else context_tok
    if counts is None:
        shares = {column: round(share * DEFAULT_TOKENS) for column, share in agent.shares.items()}
        return TokenMix(TokenCounts(**shares), context, agent.source, is_default=True)
    if not counts.prompt_tok + counts.output_tok:
        raise BadArgument(
            "the mix holds no tokens", hint="give one, such as --input 1M, or none for a coding agent's mix"
        )
    return TokenMix(counts, context, Source("given on the command line", trust="A", status="counted"), is_default=False)


UNLISTED = ListValue(0, 0, 0, 0, 0, 0, 0, 0)
"""Stands in the table of a model without a list price; no basis that needs list is asked of it."""


def amounts_of_mix(model: str, mix: TokenMix, value: ListValue | None, as_of: date, catalog: Catalog) -> Amounts:
    """The mix as a usage table of one row, at the mean context of its requests, for the bases to value.

    *value*: what it is worth at list; None where the model has no list price.
    """
    held_s = catalog.quantity(f"{AGENT}.cache_held_s").estimate.p50
    counts = mix.counts
    new_tok = counts.input_tok + counts.cache_write_tok
    cell = Cell(
        key="mix", month=as_of.strftime("%Y-%m"), model=model, context_bucket=None, requests=0, counts=counts,
        web_searches=0, partial_output=0, value=value or UNLISTED,
        output_ctx_tok2=float(counts.output_tok * mix.context_tok),
        new_ctx_tok2=float(new_tok * mix.context_tok),
        kv_resident_tok_s=float(counts.cache_read_tok + counts.cache_write_tok) * held_s,
        first_time_ms=0, last_time_ms=0,
    )  # fmt: skip
    return amounts_of([cell], source=mix.source, as_of=as_of, models=False)


@dataclass(frozen=True, slots=True)
class Served:
    """What the mix costs to serve, and list over it: None where there is no list price."""

    serving_usd: Quantity
    list_over_serving: Quantity | None


def served(amounts: Amounts, catalog: Catalog, *, is_listed: bool = True) -> Served | None:
    """Serving and the mark-up over it; None where no route reaches the model."""
    bases = engine.value(amounts, catalog, only=["list", "serving"] if is_listed else ["serving"])
    if "serving" not in bases:
        return None
    total = bases["serving"].total
    if not is_listed:
        return Served(total, None)
    ratio = derive(list_over_serving, list_usd=bases["list"].total, serving_usd=total)
    return Served(total, ratio.labelled("list over serving"))
