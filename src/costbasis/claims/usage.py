"""From "$5,000 at list" or "150 M tokens a day" to tokens: the use that a claim is about, as a table to value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from costbasis.catalog import Catalog
from costbasis.claims.claim import Comparable
from costbasis.claims.claimfile import Filed
from costbasis.claims.working import Sheet
from costbasis.errors import BadClaim, UnknownName
from costbasis.formulas.comparison import tokens_list_usd
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.units import TOK_PER_MTOK
from costbasis.usage.amounts import TOTAL, Amounts, Group
from costbasis.usage.typical import book_usd_per_tok, context_sums, measured_mix
from costbasis.usage.whatif import cached_frac_asked, resplit

CLASSES = {"cache_read": "cache_read_tok", "cache_write_5m": "cache_write_5m_tok", "input": "input_tok",
           "output": "output_tok"}  # fmt: skip
"""A token class as a claim names it, and its column of usage."""

OUTPUT_OF_AN_AGENT = 0.02
"""More output than this, of all tokens, is no coding agent's mix: measured ones emit 0.3 to 0.5 %."""


@dataclass(frozen=True, slots=True)
class Use:
    """A claim's use: its amounts at the middle of its range, and its list value with the range.

    *warnings*: what is odd about the mix it states.
    """

    amounts: Amounts
    list_usd: Quantity
    warnings: tuple[str, ...]


def use_of_claim(filed: Filed, sheet: Sheet, catalog: Catalog, as_of: date) -> Use:
    """Tokens of the claim's use, priced with the book of *as_of*.

    A list value becomes tokens by the claim's own prices (else the book's), so a changed row in the book changes
    what the same tokens are worth at list: the claim's figure is not simply copied.

    Errors: :class:`~costbasis.errors.BadClaim` where the use has no amount, or several.
    """
    claim, usage = filed.claim, filed.claim.usage
    assert usage is not None
    model = catalog.find_model(usage.model, where=filed.place.of("usage", "model"))
    mix, share = mix_of(filed, catalog), cached_frac_asked(catalog)
    mix = mix if share is None or usage.only else resplit(mix, share)
    book = book_usd_per_tok(model, as_of, catalog)
    quoted = book if usage.prices_usd_per_mtok is None else _quoted_usd_per_tok(usage.prices_usd_per_mtok)
    source = Source(
        f"{claim.id}: {usage.tokens_by}",
        trust=claim.said.trust,
        status="claimed",
        as_of=claim.said.when.isoformat(),
    )
    amount, is_tokens = _amount(filed, sheet, source)
    per_tok = sum(mix[column] * (book if is_tokens else quoted)[column] for column in mix)
    if per_tok <= 0:
        raise BadClaim("the use is free at these prices", where=filed.place.of("usage"), hint="check the prices")
    blend = counted("blended_list_usd_per_tok", per_tok, source)
    total_tok = amount.estimate.p50 if is_tokens else amount.estimate.p50 / per_tok
    tokens = {column: share * total_tok for column, share in mix.items() if share > 0}
    group = Group(model, as_of.strftime("%Y-%m"), as_of)
    list_by_class = {column: tokens[column] * book[column] for column in tokens}
    kept = {unit: value for unit, value in context_sums(tokens, catalog).items() if value > 0}
    sums = tokens | kept | {"list_usd": sum(list_by_class.values())}
    columns = {f"{group.prefix}:{unit}": np.array([value]) for unit, value in sums.items()}
    listed = derive(tokens_list_usd, tokens_tok=amount, blended_usd_per_tok=blend) if is_tokens else amount
    warnings = _odd_mix(mix) if usage.mix else ()
    return Use(Amounts([TOTAL], [group], columns, {group.prefix: list_by_class}, source), listed, warnings)


def _amount(filed: Filed, sheet: Sheet, source: Source) -> tuple[Quantity, bool]:
    """The amount of the use, and whether it is in tokens (else in USD at list)."""
    usage = filed.claim.usage
    assert usage is not None
    ways = [way for way in (usage.list_usd, usage.list_usd_by, usage.tok_by) if way]
    if len(ways) != 1:
        hint = "give one of list_usd, list_usd_by (an input or step in USD) and tok_by (one in tokens)"
        raise BadClaim("the use needs one amount", where=filed.place.of("usage"), hint=hint)
    if usage.list_usd:
        if usage.list_usd < 0:
            raise BadClaim("a use cannot be negative", where=filed.place.of("usage", "list_usd"), hint="check the sign")
        return counted("use_usd", usage.list_usd, source), False
    name, is_tokens = usage.tok_by or usage.list_usd_by, bool(usage.tok_by)
    field = "tok_by" if is_tokens else "list_usd_by"
    if name not in sheet.named:
        raise UnknownName("input or step", name, known=sheet.named, where=filed.place.of("usage", field))
    found, want = sheet.named[name], "tok" if is_tokens else "usd"
    if found.unit.powers.get(want) != 1:
        where = filed.place.of("usage", field)
        raise BadClaim(f'"{name}" is in {found.unit.name or "plain numbers"}, not in {want}', where=where)
    amount = found.quantity
    if amount.estimate.p10 <= 0:
        raise BadClaim(f'"{name}" is not above 0', where=filed.place.of("usage", field), hint="check its inputs")
    suffix = "tokens_tok" if is_tokens else "use_usd"
    return Quantity(suffix, want, amount.draws, amount.past, amount.label), is_tokens


def mix_of(filed: Filed, catalog: Catalog) -> dict[str, float]:
    """Share of all tokens by usage column: as the claim states it, else as measured; of one class where it says so.

    Errors: :class:`~costbasis.errors.UnknownName` for a class that no token has.
    """
    usage = filed.claim.usage
    if usage is not None and usage.only:
        if usage.only not in CLASSES:
            where = filed.place.of("usage", "only")
            raise UnknownName("token class", usage.only, known=CLASSES, where=where, hint=", ".join(CLASSES))
        return {column: float(name == usage.only) for name, column in CLASSES.items()}
    if usage is not None and usage.mix is not None:
        return {column: float(getattr(usage.mix, name)) for name, column in CLASSES.items()}
    return measured_mix(catalog)


def _odd_mix(mix: dict[str, float]) -> tuple[str, ...]:
    output = mix["output_tok"]
    if output <= OUTPUT_OF_AN_AGENT:
        return ()
    return (f"the claim takes {100 * output:.3g} % of all tokens as output; measured coding agents emit 0.3 to 0.5 %",)


def comparable_over_list(comparable: Comparable, filed: Filed, catalog: Catalog) -> float:
    """The comparable's bill over the list bill, at the claim's own prices and the claim's mix.

    A write costs the comparable's input price; a missing cached price means the full input price.
    """
    usage = filed.claim.usage
    assert usage is not None
    mix = mix_of(filed, catalog)
    model = catalog.find_model(usage.model, where=filed.place.of("usage", "model"))
    quoted = usage.prices_usd_per_mtok
    day = filed.claim.said.when
    listed = book_usd_per_tok(model, day, catalog) if quoted is None else _quoted_usd_per_tok(quoted)
    read = comparable.input if comparable.cache_read is None else comparable.cache_read
    theirs = {
        "cache_read_tok": read,
        "cache_write_5m_tok": comparable.input,
        "input_tok": comparable.input,
        "output_tok": comparable.output,
    }
    bill = sum(mix[column] * theirs[column] / TOK_PER_MTOK for column in mix)
    return bill / sum(mix[column] * listed[column] for column in mix)


def _quoted_usd_per_tok(prices: object) -> dict[str, float]:
    return {column: float(getattr(prices, name)) / TOK_PER_MTOK for name, column in CLASSES.items()}
