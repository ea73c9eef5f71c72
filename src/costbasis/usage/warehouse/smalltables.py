"""The small tables that the frozen SQL joins: which segment of time a slot is in, its key, and the prices that hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from costbasis.errors import BadCatalogue
from costbasis.usage.mapping import CACHE_FIELDS, TableMapping
from costbasis.usage.periods import S_PER_QUARTER, periods, zone
from costbasis.usage.pricing.epochs import NEVER, NoPrice, PriceBook
from costbasis.usage.pricing.priceview import PRICE_COLUMNS, PriceLookup
from costbasis.usage.warehouse.door import OpenTable

FIRST_S, BEFORE_S = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2015, 2041))
"""Times that are believed: outside of them a column is not what it is taken for."""

MOST_TOK = 10**9

TIERS = 6

S_PER_HOUR, S_PER_DAY = 3_600, 86_400


class Span(NamedTuple):
    """Rows of one model, mode and region with one fault (0: none): how many, and the times they span."""

    log_model: str
    mode: str
    geo: str
    fault: int
    requests: int
    first_s: int | None
    last_s: int | None


@dataclass(frozen=True, slots=True)
class SmallTables:
    """The rows of the small tables; *reasons*: why there is no price; *calls*: which names a price is for."""

    calendar: Sequence[tuple[int, int]]
    segment: Sequence[tuple[int, str, str]]
    epoch_of: Sequence[tuple[str, str, str, int, int, int]]
    price: Sequence[tuple[Any, ...]]
    slot_s: int
    tiers: Sequence[int]
    reasons: dict[int, str]
    calls: dict[int, list[tuple[str, str, str]]]

    def load(self, door: OpenTable) -> None:
        """Put them into an engine."""
        door.load("calendar", {"slot": int, "segment": int}, self.calendar)
        door.load("segment", {"segment": int, "key": str, "month": str}, self.segment)
        texts, numbers = ("log_model", "mode", "geo"), ("segment", "price_epoch", "noted")
        door.load("epoch_of", dict.fromkeys(texts, str) | dict.fromkeys(numbers, int), self.epoch_of)
        door.load("price", dict.fromkeys(PRICE_COLUMNS, int) | {"model": str}, self.price)


def load_setting(door: OpenTable, mapping: TableMapping, slot_s: int, tiers: Sequence[int]) -> None:
    """Put the one row of ``setting`` into an engine."""
    row = {"slot_s": slot_s, "first_s": FIRST_S, "before_s": BEFORE_S, "tok_per_unit": mapping.tokens_per_unit}
    row |= {"most_tok": MOST_TOK}
    row |= {f"input_has_{name}": int(name in mapping.input_includes) for name in CACHE_FIELDS}
    row |= {"output_has_reasoning": int(mapping.output_includes_reasoning)}
    padded = [*sorted(tiers), *[NEVER] * (TIERS - len(tiers))]
    row |= {f"tier_{number}_tok": tier for number, tier in enumerate(padded, 1)}
    door.load("setting", dict.fromkeys(row, int), [tuple(row.values())])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sums are of: *time_key* "day", "week", "month" or "", in the zone *tz*, from *since* to *until*."""

    time_key: str
    tz: str
    since: date | None = None
    until: date | None = None


def small_tables(spans: Sequence[Span], mapping: TableMapping, book: PriceBook, wanted: Wanted) -> SmallTables:
    """Look up what holds for each model, mode and region of the table in each segment of the time that it spans.

    Errors: :class:`~costbasis.errors.BadArgument` for a zone, :class:`~costbasis.errors.BadCatalogue` for more distinct
    thresholds of a long prompt than the frozen SQL holds.
    """
    counted = [span for span in spans if span.fault == 0 and span.first_s is not None and span.last_s is not None]
    slot_s = S_PER_DAY if zone(wanted.tz).key in ("UTC", "Etc/UTC") else S_PER_QUARTER
    lookup = _Named(PriceLookup(book), mapping)
    first = min((span.first_s or 0 for span in counted), default=0) // slot_s
    last = max((span.last_s or 0 for span in counted), default=-1) // slot_s
    changes = {slot for span in counted for slot in lookup.changes(span, slot_s) if first <= slot <= last}
    calendar, segment, begins = _segments(range(first, last + 1), slot_s, wanted, changes)
    epoch_of = list(lookup.epochs(counted, segment, begins, slot_s))
    price = lookup.prices.price
    above = PRICE_COLUMNS.index("long_above_tok")
    tiers = sorted({row[above] for row in price} - {NEVER})
    if len(tiers) > TIERS:
        raise BadCatalogue(f"{len(tiers)} thresholds of a long prompt, the frozen SQL holds {TIERS}", where="retail")
    return SmallTables(calendar, segment, epoch_of, price, slot_s, tiers, lookup.prices.reasons, lookup.calls)


def _segments(
    slots: range, slot_s: int, wanted: Wanted, changes: set[int]
) -> tuple[list[tuple[int, int]], list[tuple[int, str, str]], list[int]]:
    """Slot to segment, the segments' keys and months, and the slot that each begins at."""
    per_slot = slot_s // S_PER_QUARTER
    found = periods(
        [slot * per_slot for slot in slots], by=wanted.time_key, tz=wanted.tz, since=wanted.since, until=wanted.until
    )
    calendar: list[tuple[int, int]] = []
    segment: list[tuple[int, str, str]] = []
    begins: list[int] = []
    for quarter, key, month in found:
        slot = quarter // per_slot
        if not segment or segment[-1][1:] != (key, month) or slot in changes:
            segment.append((len(segment), key, month))
            begins.append(slot)
        calendar.append((slot, len(segment) - 1))
    return calendar, segment, begins


class _Named:
    """Prices by what the table calls a model, a mode and a region."""

    def __init__(self, prices: PriceLookup, mapping: TableMapping) -> None:
        self.prices, self.mapping = prices, mapping
        self.calls: dict[int, list[tuple[str, str, str]]] = {}

    def _names(self, span: Span) -> tuple[str, str, str]:
        told = {"model": span.log_model, "mode": span.mode, "geo": span.geo}
        model, mode, geo = (self.mapping.named(kind, value) for kind, value in told.items())
        return model, mode or "standard", geo

    def changes(self, span: Span, slot_s: int) -> Iterator[int]:
        """The slots at which another price begins to hold, or none any more."""
        rows = self.prices.segments(*self._names(span))
        if not isinstance(rows, NoPrice):
            for row in rows:
                for day in (row.valid_from, row.valid_to):
                    if day is not None:
                        yield (day - date(1970, 1, 1)) // timedelta(days=1) * S_PER_DAY // slot_s

    def epochs(
        self, spans: Sequence[Span], segment: Sequence[tuple[int, str, str]], begins: Sequence[int], slot_s: int
    ) -> Iterator[tuple[str, str, str, int, int, int]]:
        """A row for each segment that a span reaches into."""
        ends = [*begins[1:], BEFORE_S // slot_s]
        for span in spans:
            names, told = self._names(span), (span.log_model, span.mode, span.geo)
            assert span.first_s is not None
            assert span.last_s is not None
            for (number, _, _), begin, end in zip(segment, begins, ends, strict=True):
                if end * slot_s > span.first_s and begin * slot_s <= span.last_s:
                    epoch, noted = self.prices.epoch_at(*names, begin * slot_s // S_PER_HOUR)
                    if noted and told not in self.calls.setdefault(epoch, []):
                        self.calls[epoch].append(told)
                    yield (*told, number, epoch, noted)
