"""What each request does to the difference between another tool's report and ours, by the tool's own rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from costbasis.usage.events import TokenCounts
from costbasis.usage.othertools.ccusage_lines import SYNTHETIC, Entry
from costbasis.usage.othertools.ccusage_prices import counts_of, steps
from costbasis.usage.othertools.ccusage_told import AGENT, Told
from costbasis.usage.othertools.othertool import (
    ALL_MODELS,
    NOTHING,
    CellKey,
    FourCounts,
    OtherCell,
    OtherReport,
    added,
    four,
    less,
)
from costbasis.usage.othertools.reconciliation import (
    COMPACTION,
    GONE,
    MERGED,
    NEVER_DEDUPED,
    OTHER_LINE,
    OTHER_PLACE,
    OTHER_ZONE,
    REPLAY_AGAIN,
    ROUNDING,
    ROUNDING_PICO_USD,
    SKIPPED_HERE,
    SPLIT,
    TIMES_APART,
    TWICE,
    UNPRICED_HERE,
    UNPRICED_THERE,
    Cell,
    Effect,
    OurRequest,
)
from costbasis.usage.pricing.onerequest import Call, RequestPrices

Keys = Callable[[Iterable[tuple[int, str]]], list[str]]
"""From times (epoch ms) and sessions to the keys of the other report's rows, in one zone."""


class Parties:
    """Both sides of the comparison."""

    def __init__(self, report: OtherReport, requests: Sequence[OurRequest], told: Told, prices: RequestPrices) -> None:
        self.report, self.requests, self.told, self.prices = report, requests, told, prices
        self.places: list[str] = []
        self.theirs: dict[CellKey, OtherCell] = {}
        for key, cell in report.cells.items():
            _add(self.theirs, self._cell(key.key, key.model), cell)

    def zone_of_report(self, zones: dict[str, Keys]) -> str:
        """The zone in which the tool's rules leave least unexplained."""
        best, least = next(iter(zones)), None
        for zone, keys in zones.items():
            left = self._unexplained_tokens(keys)
            if least is None or left < least:
                best, least = zone, left
            if left == 0:
                break
        return best

    def _unexplained_tokens(self, keys: Keys) -> int:
        predicted: dict[CellKey, FourCounts] = defaultdict(lambda: NOTHING)
        for place, model, counts in self._predicted(keys):
            cell = self._cell(place, model)
            predicted[cell] = added(predicted[cell], counts)
        inside = self.inside({*predicted, *self.theirs})
        total = 0
        for cell in {*predicted, *self.theirs}:
            if cell.key in inside:
                theirs = self.theirs.get(cell)
                total += sum(map(abs, less(theirs.counts if theirs else NOTHING, predicted[cell])))
        return total

    def inside(self, cells: Iterable[CellKey]) -> set[str]:
        """The rows that are compared: where they are times, those from the first to the last of the report."""
        keys = {cell.key for cell in cells}
        if self.report.by == "session" or not self.theirs:
            return keys
        first, last = min(cell.key for cell in self.theirs), max(cell.key for cell in self.theirs)
        return {key for key in keys if first <= key <= last}

    def _predicted(self, keys: Keys) -> list[tuple[str, str, FourCounts]]:
        entries = [entry for group in self.told.entries.values() for entry in group]
        entries += [entry for entry, _ in self.told.unknown]
        others = [request for request in self.requests if request.agent != AGENT]
        places = keys(
            [(entry.time_ms, entry.path_session) for entry in entries]
            + [(request.time_ms, request.session) for request in others]
        )
        said = [(entry.model, entry.counts) for entry in entries]
        said += [(request.model, request.counts) for request in others]
        return [(place, model, counts) for place, (model, counts) in zip(places, said, strict=True)]

    def _cell(self, place: str, model: str) -> CellKey:
        return CellKey(place, self.name_of(model) if self.report.has_models else ALL_MODELS)

    def name_of(self, model: str) -> str:
        """One name of a model for both: the catalogue's where it knows it; fast calls are of the same model."""
        for name in (model, model.removesuffix("-fast")):
            found = self.prices.book.model_of(name)
            if isinstance(found, str):
                return found
        return model.removesuffix("-fast") or SYNTHETIC

    def compared(self, ours: Keys, theirs: Keys) -> dict[CellKey, Cell]:
        """Every cell of either side, with the effects that lead from ours to theirs."""
        cells: dict[CellKey, Cell] = defaultdict(Cell)
        for key, other in self.theirs.items():
            cell = cells[key]
            cell.theirs, cell.theirs_pico_usd = other.counts, other.list_pico_usd
        places = ours([(request.time_ms, request.session) for request in self.requests])
        self.places = places
        moved = theirs([(request.time_ms, request.session) for request in self.requests])
        effects: list[Effect] = []
        for place, elsewhere, request in zip(places, moved, self.requests, strict=True):
            cell = cells[self._cell(place, request.model)]
            cell.ours = added(cell.ours, request.counts)
            if request.list_pico_usd is not None:
                cell.ours_pico_usd = (cell.ours_pico_usd or 0) + request.list_pico_usd
            effects += self._effects(request, place, elsewhere, theirs)
        effects += self._of_skipped(theirs)
        for effect in effects:
            if effect.counts != NOTHING or effect.list_pico_usd:
                cells[effect.cell].effects.append(effect)
        for key, cell in cells.items():
            _settle(key, cell)
        return cells

    def _effects(self, request: OurRequest, place: str, elsewhere: str, theirs: Keys) -> list[Effect]:
        mine = self._cell(place, request.model)
        if request.agent != AGENT:
            return self._moved(request, mine, self._cell(elsewhere, request.model), OTHER_ZONE)
        entries = sorted(self.told.entries.get(request.key, ()), key=lambda entry: _distance(request, entry))
        if not entries:
            return self._missing(request, mine)
        places = theirs([(entry.time_ms, entry.path_session) for entry in entries])
        found = self._same(request, entries[0], mine, self._cell(places[0], request.model))
        for entry, at in zip(entries[1:], places[1:], strict=True):
            value = self._value(request, entry)
            reason = _why_again(entry)
            origins = (_address(entry), request.origin)
            found.append(Effect(reason, request.key, self._cell(at, entry.model), entry.counts, value, origins))
        return found

    def _moved(self, request: OurRequest, mine: CellKey, theirs: CellKey, reason: str) -> list[Effect]:
        if mine == theirs:
            return []
        usd = request.list_pico_usd or 0
        return [
            Effect(reason, request.key, mine, less(NOTHING, request.counts), -usd, (request.origin,)),
            Effect(reason, request.key, theirs, request.counts, usd, (request.origin,)),
        ]

    def _missing(self, request: OurRequest, mine: CellKey) -> list[Effect]:
        dropped = dict(self.told.dropped.get(request.key, ()))
        path, _, offset = request.origin.rpartition(":")
        if request.key_rule.endswith(", compaction"):
            reason = COMPACTION
        elif request.is_gone:
            reason = GONE
        elif (path, int(offset)) in self.told.merged:
            reason = MERGED
        elif dropped:
            reason = dropped.get(request.origin) or next(iter(dropped.values()))
        else:
            return []  # no rule accounts for it: it stays unexplained
        usd = -(request.list_pico_usd or 0)
        return [Effect(reason, request.key, mine, less(NOTHING, request.counts), usd, (request.origin,))]

    def _same(self, request: OurRequest, entry: Entry, mine: CellKey, theirs: CellKey) -> list[Effect]:
        """A request that both count: moved to their cell, then changed to their counts and their value there."""
        is_then = entry.time_ms == request.time_ms and self.report.by != "session"
        found = self._moved(request, mine, theirs, OTHER_ZONE if is_then else OTHER_PLACE)
        origins = (request.origin,) if _address(entry) == request.origin else (request.origin, _address(entry))
        changed = less(entry.counts, request.counts)
        value = request.list_pico_usd
        call = replace(request.call, counts=_as_ours(request.call.counts, entry))
        if changed != NOTHING:
            after = self.prices.list_pico_usd(call)
            dropped = dict(self.told.dropped.get(request.key, ())).get(request.origin, OTHER_LINE)
            reason = SPLIT if _address(entry) == request.origin else dropped
            found.append(Effect(reason, request.key, theirs, changed, (after or 0) - (value or 0), origins))
            value = after
        for reason, after in steps(self.prices, call, entry):
            if after is not None:
                named = UNPRICED_HERE if value is None else reason
                found.append(Effect(named, request.key, theirs, NOTHING, after - (value or 0), origins))
                value = after
        return found

    def _value(self, request: OurRequest, entry: Entry) -> int:
        """What the tool values an entry at, as far as its rules tell."""
        call = replace(request.call, counts=counts_of(entry))
        values = [after for _, after in steps(self.prices, call, entry) if after is not None]
        return values[-1] if values else 0

    def _of_skipped(self, theirs: Keys) -> list[Effect]:
        entries = [entry for entry, _ in self.told.unknown]
        places = theirs([(entry.time_ms, entry.path_session) for entry in entries])
        found = []
        for (entry, why), place in zip(self.told.unknown, places, strict=True):
            call = Call(entry.model, "standard", "", entry.time_ms // 3_600_000, counts_of(entry))
            values = [after for _, after in steps(self.prices, call, entry) if after is not None]
            cell = self._cell(place, entry.model)
            usd = values[-1] if values and entry.model else 0
            name = entry.message_id or _address(entry)
            found.append(Effect(f"{SKIPPED_HERE} ({why})", name, cell, entry.counts, usd, (_address(entry),)))
        return found


def _as_ours(counts: TokenCounts, entry: Entry) -> TokenCounts:
    """The entry's tokens; our own where they are the same four, so that a write of unknown lifetime stays one."""
    return counts if four(counts) == entry.counts else counts_of(entry)


def _distance(request: OurRequest, entry: Entry) -> tuple[bool, bool, int]:
    return (entry.counts != request.counts, _address(entry) != request.origin, entry.time_ms)


def _why_again(entry: Entry) -> str:
    if entry.message_id is None:
        return NEVER_DEDUPED
    if entry.is_sidechain:
        return REPLAY_AGAIN
    return TIMES_APART if entry.request_id is None else TWICE


def _address(entry: Entry) -> str:
    return f"{entry.path}:{entry.offset}"


def _add(cells: dict[CellKey, OtherCell], key: CellKey, cell: OtherCell) -> None:
    had = cells.get(key, OtherCell(NOTHING, None))
    priced = [usd for usd in (had.list_pico_usd, cell.list_pico_usd) if usd is not None]
    cells[key] = OtherCell(added(had.counts, cell.counts), sum(priced) if priced else None)


def _settle(key: CellKey, cell: Cell) -> None:
    """Name what is left of the money where one side has no price at all, and what is floating point."""
    left = cell.unexplained_pico_usd
    if not left:
        return
    if cell.theirs_pico_usd is None:
        cell.effects.append(Effect(UNPRICED_THERE, "", key, NOTHING, left, ()))
    elif cell.ours_pico_usd is None and cell.ours != NOTHING:
        cell.effects.append(Effect(UNPRICED_HERE, "", key, NOTHING, left, ()))
    elif abs(left) <= max(ROUNDING_PICO_USD, abs(cell.theirs_pico_usd) // 10**12):
        cell.effects.append(Effect(ROUNDING, "", key, NOTHING, left, ()))
