"""The small tables that the frozen SQL joins: which segment of time a slot is in, its key, and the prices that hold."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from costbasis.errors import BadCatalogue
from costbasis.usage.mapping import TableMapping
from costbasis.usage.periods import S_PER_QUARTER, periods, zone
from costbasis.usage.pricing.epochs import NEVER, NoPrice, PriceBook
from costbasis.usage.pricing.priceview import PRICE_COLUMNS, PriceLookup
from costbasis.usage.warehouse.door import OpenTable
from costbasis.usage.warehouse.names import DEFAULTS, Extent, Names, numbered
from costbasis.usage.warehouse.source import TIERS, Keyed

S_PER_HOUR, S_PER_DAY = 3_600, 86_400


PROMPT_BITS = 9
"""A key is packed as in the frozen SQL: a name, a segment, and 9 bits for the length of the prompt."""

EPOCH_COLUMNS = ("name_code", "from_segment", "before_segment", "price_epoch", "noted", "long_from_tier")


@dataclass(frozen=True, slots=True)
class SmallTables:
    """The rows of the small tables; *reasons*: why there is no price; *calls*: which names a price is for."""

    keyed: Keyed
    calendar: Sequence[tuple[int, int]]
    segment: Sequence[tuple[int, str, str]]
    epoch_of: Sequence[tuple[int, int, int, int, int, int]]
    price: Sequence[tuple[Any, ...]]
    reasons: dict[int, str]
    calls: dict[int, list[tuple[str, str, str]]]

    def load(self, door: OpenTable) -> None:
        """Put them into an engine."""
        calendar = [(slot, number << PROMPT_BITS) for slot, number in self.calendar]
        door.load("calendar", {"slot": int, "packed_segment": int}, calendar)
        door.load("segment", {"segment": int, "key": str, "month": str}, self.segment)
        door.load("epoch_of", dict.fromkeys(EPOCH_COLUMNS, int), self.epoch_of)
        door.load("price", dict.fromkeys(PRICE_COLUMNS, int) | {"model": str}, self.price)
        if self.keyed.names.words is None:
            named = [(code, *name) for code, name in self.keyed.names.codes]
            door.load("named", {"name_code": int} | dict.fromkeys(("log_model", "mode", "geo"), str), named)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sums are of: *time_key* "day", "week", "month" or "", in the zone *tz*, from *since* to *until*."""

    time_key: str
    tz: str
    since: date | None = None
    until: date | None = None


def small_tables(
    extent: Extent, mapping: TableMapping, book: PriceBook, wanted: Wanted, *, listed: Sequence[str] = ()
) -> SmallTables:
    """Look up what holds for each model, mode and region of the table in each segment of the time that it spans.

    *listed*: the columns of names, of an engine that looks words up in lists; none where names are joined.

    Errors: :class:`~costbasis.errors.BadArgument` for a zone, :class:`~costbasis.errors.BadCatalogue` for more distinct
    thresholds of a long prompt than the frozen SQL holds.
    """
    named = [each for each in extent.named if each.log_model]
    slot_s = S_PER_DAY if zone(wanted.tz).key in ("UTC", "Etc/UTC") else S_PER_QUARTER
    lookup = _Lookup(PriceLookup(book), mapping)
    slots = range(0)
    if extent.first_s is not None and extent.last_s is not None:
        slots = range(extent.first_s // slot_s, extent.last_s // slot_s + 1)
    changes = {slot for each in named for slot in lookup.changes(each.name, slot_s) if slot in slots}
    calendar, segment, begins = _segments(slots, slot_s, wanted, changes)
    names = numbered(named, listed)
    found = list(lookup.epochs(names, begins, slot_s))
    price = lookup.prices.price
    above = PRICE_COLUMNS.index("long_above_tok")
    tiers = sorted({row[above] for row in price} - {NEVER})
    if len(tiers) > TIERS:
        raise BadCatalogue(f"{len(tiers)} thresholds of a long prompt, the frozen SQL holds {TIERS}", where="retail")
    long_from = {row[0]: tiers.index(row[above]) + 1 if row[above] in tiers else TIERS + 1 for row in price}
    epoch_of = [(code, first, before, epoch, noted, long_from[epoch]) for code, first, before, epoch, noted in found]
    return SmallTables(
        Keyed(slot_s, tiers, names), calendar, segment, epoch_of, price, lookup.prices.reasons, lookup.calls
    )


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


class _Lookup:
    """Prices by what the table calls a model, a mode and a region."""

    def __init__(self, prices: PriceLookup, mapping: TableMapping) -> None:
        self.prices, self.mapping = prices, mapping
        self.calls: dict[int, list[tuple[str, str, str]]] = {}

    def _called(self, name: tuple[str, str, str]) -> tuple[str, str, str]:
        model, mode, geo = (self.mapping.named(kind, value) for kind, value in zip(DEFAULTS, name, strict=True))
        return model, mode or "standard", geo

    def changes(self, name: tuple[str, str, str], slot_s: int) -> Iterator[int]:
        """The slots at which another price begins to hold, or none any more."""
        rows = self.prices.segments(*self._called(name))
        if not isinstance(rows, NoPrice):
            for row in rows:
                for day in (row.valid_from, row.valid_to):
                    if day is not None:
                        yield (day - date(1970, 1, 1)) // timedelta(days=1) * S_PER_DAY // slot_s

    def epochs(self, names: Names, begins: Sequence[int], slot_s: int) -> Iterator[tuple[int, int, int, int, int]]:
        """A row for each number of a name and each price, by the segments between which it holds.

        *begins*: the slots that segments begin at; wherever a price changes, one does.
        """
        codes: dict[tuple[str, str, str], list[int]] = {}
        for code, name in names.codes:
            codes.setdefault(name, []).append(code)
        for name, found in codes.items():
            called = self._called(name)
            changes = {bisect_left(begins, slot) for slot in self.changes(name, slot_s)}
            ends = sorted({0, *changes, len(begins)})
            for first, before in pairwise(ends):
                epoch, noted = self.prices.epoch_at(*called, begins[first] * slot_s // S_PER_HOUR)
                if noted and name not in self.calls.setdefault(epoch, []):
                    self.calls[epoch].append(name)
                for code in found:
                    yield code, first, before, epoch, noted
