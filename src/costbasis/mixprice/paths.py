"""The models of a usage table at list over time, each at its own mix of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from costbasis.catalog import Catalog
from costbasis.mixprice.listed import list_over_time
from costbasis.mixprice.mix import DEFAULT_TOKENS, TokenMix
from costbasis.usage.amounts import TOKEN_COLUMNS, Amounts
from costbasis.usage.events import TokenCounts

MOST = 6
"""Models whose prices are followed: those with the most list value."""


@dataclass(frozen=True, slots=True)
class Step:
    """A price that held from a day to before another (None: open): pico-USD of a million tokens of the mix."""

    valid_from: date | None
    valid_to: date | None
    pico_usd: int
    citation: str


@dataclass(frozen=True, slots=True)
class PricePath:
    """A model's list price over time, of a million tokens at the mix it was used with."""

    model: str
    counts: TokenCounts
    steps: Sequence[Step]


def price_paths(amounts: Amounts, catalog: Catalog) -> list[PricePath]:
    """The models with the most list value, dearest first, at standard prices of short prompts.

    A price that was stated again unchanged is one step.
    """
    weights: dict[str, float] = {}
    for group in amounts.groups:
        weights[group.model] = weights.get(group.model, 0.0) + _total(amounts, group.prefix, "list_usd")
    models = sorted(weights, key=lambda model: (-weights[model], model))[:MOST]
    found = []
    for model in models:
        counts = _mix(model, amounts)
        mix = TokenMix(counts, 0, amounts.source, is_default=False)
        steps: list[Step] = []
        for one in list_over_time(model, mix, catalog):
            if one.mode != "standard":
                continue
            if steps and (steps[-1].pico_usd, steps[-1].valid_to) == (one.value.tokens, one.valid_from):
                last = steps.pop()
                steps.append(Step(last.valid_from, one.valid_to, last.pico_usd, last.citation))
            else:
                steps.append(Step(one.valid_from, one.valid_to, one.value.tokens, one.source.citation))
        if steps:
            found.append(PricePath(model, counts, steps))
    return found


def _mix(model: str, amounts: Amounts) -> TokenCounts:
    """A million tokens in the proportions of the model's use."""
    prefixes = [group.prefix for group in amounts.groups if group.model == model]
    totals = {unit: sum(_total(amounts, prefix, unit) for prefix in prefixes) for unit in TOKEN_COLUMNS}
    whole = sum(totals.values())
    return TokenCounts(**{unit: round(DEFAULT_TOKENS * count / whole) for unit, count in totals.items()})


def _total(amounts: Amounts, prefix: str, unit: str) -> float:
    column = amounts.columns.get(f"{prefix}:{unit}")
    return 0.0 if column is None else float(column[0])
