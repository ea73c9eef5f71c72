"""The table's own columns as the columns that the frozen SQL reads: one SELECT, in the engine's dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from costbasis.errors import BadMapping
from costbasis.usage.mapping import (
    CACHE_FIELDS,
    COUNT_FIELDS,
    TIME_UNITS,
    TOKEN_FIELDS,
    Column,
    TableMapping,
    check_columns,
    present_columns,
)
from costbasis.usage.warehouse.door import Dialect, Kind, OpenTable
from costbasis.usage.warehouse.names import DEFAULTS, Names
from costbasis.usage.warehouse.zones import wall_offsets

ISO_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$"
"""What is read as a time: ISO 8601, to the minute or finer, with or without a zone."""

HAS_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"

FIRST_S, BEFORE_S = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2015, 2041))
"""Times that are believed: outside of them a column is not what it is taken for."""

TIERS = 6

BEYOND = 4 * 10**9
"""No count is so large; a larger one is cut to it before it is multiplied."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """What rows are summed by: slots of time of *slot_s* seconds, thresholds of a long prompt, and numbers of names."""

    slot_s: int
    tiers: Sequence[int]
    names: Names


def tick_per_s(door: OpenTable, mapping: TableMapping) -> int:
    """In which unit an engine keeps the times of a table: so many in a second."""
    check_columns(mapping, door.columns, door.where)
    return _Fields(door, mapping).time()[1]


def times_sql(door: OpenTable, mapping: TableMapping) -> str | None:
    """The first and the last tick, of the column itself: an engine that knows a column's range does not read it.

    None where ticks do not rise with the column (a text, a wall clock), or where several columns hold the time.
    """
    fields = _Fields(door, mapping)
    ((sql, kind), *others) = fields.each("time")
    if others or kind == "text" or (kind in ("wall", "day") and not _is_utc(mapping.timezone)):
        return None
    tick = fields.time()[0]
    return f"SELECT {tick.replace(sql, f'MIN({sql})')}, {tick.replace(sql, f'MAX({sql})')} FROM {door.relation}"


def listed_fields(door: OpenTable, mapping: TableMapping) -> list[str]:
    """The fields of a name that a table has, where each is one column and its engine looks words up in lists."""
    fields = {field: len(found) for field, found in present_columns(mapping, door.columns).items() if field in DEFAULTS}
    can = bool(door.dialect.position("''", [""])) and all(count == 1 for count in fields.values())
    return [field for field in DEFAULTS if field in fields] if can else []


def source_sql(
    door: OpenTable, mapping: TableMapping, grouped: str | None, *, once: bool = False, keyed: Keyed | None = None
) -> str:
    """A SELECT whose columns are those of ``source``. *grouped*: the field that rows are grouped by.

    *once*: rows that are equal in all that is read count once; where they lie is then not told. *keyed*: what rows are
    to be summed by, where they are to be; without it slot and name are null.

    Errors: :class:`~costbasis.errors.BadMapping` for a column that the table lacks or that cannot be what it is to be.
    """
    check_columns(mapping, door.columns, door.where)
    fields = _Fields(door, mapping)
    tick, per_s, no_zone = fields.time()
    listed = None if once or keyed is None else fields.code(keyed.names)
    joined = keyed is not None and listed is None
    parts = {
        "place": "NULL" if once else door.place,
        "request_id": fields.raw_text("request_id") or f"CAST(NULL AS {fields.text_type})",
        "grouped": (fields.text(grouped) if grouped else None) or "''",
        **{name: fields.name(field, is_whole=joined or once) for name, field in NAMED.items()},
        "row_number": "NULL" if once else door.row,
        "time_tick": tick,
        "no_zone": no_zone,
        "not_whole": fields.not_whole(),
        **{f"read_{name}_tok": fields.count(name) for name in TOKEN_FIELDS},
        "read_web_searches": fields.count("web_searches"),
    }
    slot = "NULL"
    if keyed is not None:
        slot = door.dialect.divided("time_tick" if once else f"({tick})", keyed.slot_s * per_s)
    told = {
        "first_tick": str(FIRST_S * per_s),
        "before_tick": str(BEFORE_S * per_s),
        **fields.inclusion(None if once else parts),
        **{f"tier_{at}_tok": tok for at, tok in enumerate(_padded(keyed), 1)},
        "slot": slot,
    }
    if not once:
        parts |= told | ({} if joined else {"name_code": listed or "NULL"})
    sql = f"SELECT {'DISTINCT ' if once else ''}{_select(parts)} FROM {door.relation}"
    if once:
        rest = _select(told | ({} if joined else {"name_code": "NULL"}))
        sql = f"SELECT equal_rows.*, {rest} FROM ({sql}) AS equal_rows"
    if joined:
        on = " AND ".join(f"named.{name} = read_rows.{name}" for name in NAMED)
        sql = f"SELECT read_rows.*, named.name_code FROM ({sql}) AS read_rows LEFT JOIN named ON {on}"
    return sql


NAMED = {"log_model": "model", "mode": "mode", "geo": "geo"}


def _select(parts: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in parts.items())


def _padded(keyed: Keyed | None) -> list[str]:
    tiers = sorted(keyed.tiers) if keyed else []
    return [*map(str, tiers), *["NULL"] * (TIERS - len(tiers))]


class _Fields:
    """The fields of a mapping as SQL over one table."""

    text_type = "VARCHAR"

    def __init__(self, door: OpenTable, mapping: TableMapping) -> None:
        self.door, self.mapping = door, mapping
        self.say: Dialect = door.dialect
        self.columns: Mapping[str, tuple[Column, ...]] = present_columns(mapping, door.columns)
        self.text_type = getattr(door.dialect, "TEXT", "VARCHAR")

    def each(self, field: str) -> Iterator[tuple[str, Kind]]:
        """The SQL of each column of a field, with what it holds."""
        for column in self.columns.get(field, ()):
            sql, kind = self.say.quoted(column.name), self.door.columns[column.name]
            yield (self.say.json(sql, column.path), "text") if column.path else (sql, kind)

    def raw_text(self, field: str) -> str | None:
        """The text, null where it is missing or empty."""
        found = [f"NULLIF({self.say.text(sql)}, '')" for sql, _ in self.each(field)]
        return _first(found)

    def text(self, field: str) -> str | None:
        """The text, with what stands for a missing one."""
        found = self.raw_text(field)
        return f"COALESCE({found}, '{DEFAULTS.get(field, '')}')" if found else None

    def name(self, field: str, *, is_whole: bool) -> str:
        """The text as the table has it, null where it lacks it; *is_whole*: with what stands for a missing one."""
        each = list(self.each(field))
        if is_whole or len(each) != 1:
            return self.text(field) or f"'{DEFAULTS[field]}'"
        return self.say.text(each[0][0])

    def code(self, names: Names) -> str | None:
        """The number of model, mode and region, null where there is no model; None where it must be joined."""
        if names.words is None:
            return None
        code = ""
        for field, words in names.words.items():
            for sql, _ in self.each(field):
                place = self.say.position(text := self.say.text(sql), words)
                if field != "model":
                    place = f"CASE WHEN {text} IS NULL THEN 0 ELSE {place} END"
                code = f"({code} * {len(words) + 1} + {place})" if code else place
        return self.say.whole(code, "whole")

    def count(self, field: str) -> str:
        """A count in tokens, null where it is missing or no whole number."""
        read = _first([self.say.whole(self._filled(sql, kind), kind) for sql, kind in self.each(field)])
        unit = self.mapping.tokens_per_unit
        if read is None or unit == 1 or field == "web_searches":
            return read or "NULL"
        return f"CASE WHEN {read} < 0 THEN -1 WHEN {read} > {BEYOND} THEN {BEYOND} ELSE {read} * {unit} END"

    def inclusion(self, parts: Mapping[str, str] | None) -> dict[str, str]:
        """What counts include of each other; *parts*: the SQL of the counts, None where they have names already."""
        held = [f"read_{name}_tok" for name in CACHE_FIELDS if name in self.mapping.input_includes]
        held = [name for name in held if self.columns.get(name.removeprefix("read_").removesuffix("_tok"))]
        counts = [f"COALESCE({parts[name] if parts else name}, 0)" for name in held]
        reasoning = parts["read_reasoning_tok"] if parts else "read_reasoning_tok"
        is_added = not self.mapping.output_includes_reasoning and "reasoning" in self.columns
        reals = [self.say.real(count) for count in counts]
        return {
            "included_tok": " + ".join(counts) or "0",
            "included_real": " + ".join(reals) or self.say.real("0"),
            "added_tok": f"COALESCE({reasoning}, 0)" if is_added else "0",
            "output_has_reasoning": str(int(self.mapping.output_includes_reasoning)),
        }

    def not_whole(self) -> str:
        """1 where something stands in a column of counts that is no whole number."""
        bad = [
            f"({self._filled(sql, kind)} IS NOT NULL AND {self.say.whole(self._filled(sql, kind), kind)} IS NULL)"
            for field in COUNT_FIELDS
            for sql, kind in self.each(field)
            if kind != "whole"
        ]
        return f"CASE WHEN {' OR '.join(bad)} THEN 1 ELSE 0 END" if bad else "0"

    def _filled(self, sql: str, kind: Kind) -> str:
        return f"NULLIF({sql}, '')" if kind == "text" else sql

    def time(self) -> tuple[str, int, str]:
        """Ticks since 1970, how many are in a second, and 1 where a time lacks a zone and the mapping says of none."""
        found = [self._time(sql, kind) for sql, kind in self.each("time")]
        units = {per_s for _, per_s, _ in found}
        if len(units) > 1:
            found = [(self.say.divided(sql, per_s) if per_s > 1 else sql, 1, bare) for sql, per_s, bare in found]
        tick = _first([sql for sql, _, _ in found])
        assert tick is not None, "check_columns has seen to it"
        bare = [f"({sql})" for _, _, sql in found if sql]
        no_zone = f"CASE WHEN {' OR '.join(bare)} THEN 1 ELSE 0 END" if bare and not self.mapping.timezone else "0"
        return tick, found[0][1], no_zone

    def _time(self, sql: str, kind: Kind) -> tuple[str, int, str]:
        per_s = TIME_UNITS[self.mapping.time_unit]
        if per_s:
            if kind == "whole":
                return self.say.whole(sql, kind), per_s, ""
            if kind in ("real", "text"):
                return self.say.seconds(sql, kind, per_s), 1, ""
            raise self._bad_time(f"it is a time already, not {self.mapping.time_unit} since 1970", "timestamp")
        if kind == "instant":
            return self.say.epoch_us(sql, kind), US_PER_S, ""
        if kind in ("wall", "day"):
            return self._from_wall(self.say.epoch_us(sql, kind), US_PER_S), US_PER_S, f"{sql} IS NOT NULL"
        if kind != "text":
            raise self._bad_time("it is a number", "s, ms, us or ns")
        bare = f"NOT {self.say.matches(sql, HAS_ZONE)}"
        plain = self.say.replaced(sql, "[.][0-9]+", "")
        seconds = f"CASE WHEN {self.say.matches(sql, ISO_TIME)} THEN {self.say.iso_epoch_s(plain)} END"
        if _is_utc(self.mapping.timezone):
            return seconds, 1, bare
        return f"CASE WHEN {bare} THEN {self._from_wall(seconds, 1)} ELSE {seconds} END", 1, bare

    def _bad_time(self, what: str, unit: str) -> BadMapping:
        names = ", ".join(str(column) for column in self.columns["time"])
        hint = (
            f"write time_unit = {unit} in the mapping" if "," in unit else f'write time_unit = "{unit}" in the mapping'
        )
        return BadMapping(f'column "{names}" cannot be the time: {what}', where=self.door.where, hint=hint)

    def _from_wall(self, ticks: str, per_s: int) -> str:
        """Ticks of a wall clock in the mapping's zone as ticks of UTC: each change of the zone, written out."""
        if _is_utc(self.mapping.timezone):
            return ticks
        first, *later = wall_offsets(self.mapping.timezone)
        cases = " ".join(f"WHEN {ticks} >= {at * per_s} THEN {offset * per_s}" for at, offset in reversed(later))
        ahead = first[1] * per_s
        return f"{ticks} - CASE {cases} ELSE {ahead} END" if later else f"{ticks} - ({ahead})"


US_PER_S = 1_000_000


def _first(found: list[str]) -> str | None:
    """The first that is not null, None where there is no column."""
    return None if not found else found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"


def _is_utc(zone: str) -> bool:
    return zone in ("", "UTC", "Etc/UTC")
