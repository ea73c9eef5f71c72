"""A mix at list over time: every dated price of every mode, exactly, and in words what changed when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from costbasis.catalog import Catalog
from costbasis.mixprice.mix import TokenMix
from costbasis.quantity import Source
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import ListValue
from costbasis.usage.pricing.epochs import ClassPrices, NoPrice, PriceBook
from costbasis.usage.pricing.retailrow import RetailRow


@dataclass(frozen=True, slots=True)
class Segment:
    """The mix at one list price: from when to before when (None: open), in which mode. Exact, in pico-USD."""

    valid_from: date | None
    valid_to: date | None
    mode: str
    value: ListValue
    is_long: bool
    source: Source

    def holds_on(self, day: date) -> bool:
        """True where the price is that of *day*."""
        starts = self.valid_from is None or self.valid_from <= day
        return starts and (self.valid_to is None or day < self.valid_to)


def list_over_time(model: str, mix: TokenMix, catalog: Catalog) -> list[Segment]:
    """The mix at every dated list price of every mode, standard first, oldest first; none without a list price.

    A step holds from its *valid_from* to before its *valid_to*; what is open at an end is None. About a millisecond a
    model, once the price book has been read.
    """
    book = catalog.remembered("price book", lambda: PriceBook.from_catalog(catalog))
    modes = sorted({row.mode for row in catalog.retail(model)}, key=lambda mode: (mode != "standard", mode))
    found = []
    for mode in modes:
        rows = book.segments(model, mode, "")
        for row in () if isinstance(rows, NoPrice) else rows:
            epoch = book.epoch(row, "", 0)
            is_long = mix.context_tok > epoch.long_above_tok
            value = _list_value(mix.counts, epoch.long if is_long else epoch.short)
            found.append(Segment(row.valid_from, row.valid_to, mode, value, is_long, _source_of(row, catalog)))
    return found


def _list_value(counts: TokenCounts, prices: ClassPrices) -> ListValue:
    unknown = counts.cache_write_unknown_tok
    low, high = prices.columns[3], prices.columns[6]
    return ListValue(
        input=counts.input_tok * prices.input,
        cache_write_5m=counts.cache_write_5m_tok * prices.cache_write_5m,
        cache_write_1h=counts.cache_write_1h_tok * prices.cache_write_1h,
        cache_write_unknown=unknown * low,
        cache_read=counts.cache_read_tok * prices.cache_read,
        output=counts.output_tok * prices.output,
        cache_write_unknown_max=unknown * high,
        tools=0,
    )


def _source_of(row: RetailRow, catalog: Catalog) -> Source:
    found = [
        price for price in catalog.retail(row.model) if (price.mode, price.valid_from) == (row.mode, row.valid_from)
    ]
    return found[0].source


def list_on(segments: Sequence[Segment], day: date) -> Segment | None:
    """The standard price of a day; after the last one ended, the last one; None where there is no list price."""
    standard = [one for one in segments if one.mode == "standard"]
    begun = [one for one in standard if one.valid_from is None or one.valid_from <= day]
    return (begun or standard)[-1] if standard else None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed on a day (None: before any date that is known), in words."""

    day: date | None
    mode: str
    says: str


def history(model: str, catalog: Catalog) -> list[Change]:
    """What changed and when, oldest first; the first line of a mode is its first known price."""
    book = catalog.remembered("price book", lambda: PriceBook.from_catalog(catalog))
    lines: list[Change] = []
    for mode in dict.fromkeys(row.mode for row in catalog.retail(model)):
        rows = book.segments(model, mode, "")
        if isinstance(rows, NoPrice):
            continue
        epochs = [book.epoch(row, "", 0) for row in rows]
        lines.append(Change(rows[0].valid_from, mode, f"first known price: {_prices_text(epochs[0].short)}"))
        for (before, after), (old, new) in zip(pairwise(rows), pairwise(epochs), strict=True):
            said = _differences(old.short, new.short)
            if (old.long_above_tok, old.long) != (new.long_above_tok, new.long):
                said.append(_tier(before, after, old.long, new.long))
            if before.valid_to is not None and after.valid_from is not None and before.valid_to < after.valid_from:
                said.append(f"no price since {before.valid_to}")
            says = "; ".join(part for part in said if part) or "stated again, unchanged"
            lines.append(Change(after.valid_from, mode, says))
        if rows[-1].valid_to is not None:
            lines.append(Change(rows[-1].valid_to, mode, "ends"))
    return sorted(lines, key=lambda line: (line.day or date.min, line.mode != "standard", line.mode))


def _prices_text(prices: ClassPrices) -> str:
    return f"input {_mtok(prices.input)}, cached {_mtok(prices.cache_read)}, output {_mtok(prices.output)} $/MTok"


def _differences(old: ClassPrices, new: ClassPrices) -> list[str]:
    names = {"input": "input", "cache_read": "cached input", "cache_write_5m": "cache write", "output": "output"}
    pairs = {words: (getattr(old, name), getattr(new, name)) for name, words in names.items()}
    return [
        f"{words} {_mtok(was)} → {_mtok(now)} $/MTok{f' ({now / was - 1:+.0%})'.replace('-', '−') if was else ''}"
        for words, (was, now) in pairs.items()
        if was != now
    ]


def _tier(before: RetailRow, after: RetailRow, old: ClassPrices, new: ClassPrices) -> str:
    if after.long_above_tok is None:
        return f"long prompts (above {before.long_above_tok:,} tokens) cost no more" if before.long_above_tok else ""
    if before.long_above_tok is None:
        return f"prompts above {after.long_above_tok:,} tokens: {_prices_text(new)}"
    return f"prompts above {after.long_above_tok:,} tokens: {'; '.join(_differences(old, new)) or 'as before'}"


def _mtok(pico_usd_per_tok: int) -> str:
    """Pico-USD per token as USD per million tokens, exactly.

    >>> _mtok(5_000_000), _mtok(72_500)
    ('5', '0.0725')
    """
    whole, rest = divmod(pico_usd_per_tok, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
