"""The table's own columns as the columns that the frozen SQL reads: one SELECT, in the engine's dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from costbasis.errors import BadMapping
from costbasis.usage.mapping import COUNT_FIELDS, TIME_UNITS, Column, TableMapping, check_columns, present_columns
from costbasis.usage.warehouse.door import Dialect, Kind, OpenTable

ISO_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$"
"""What is read as a time: ISO 8601, to the second, with or without a zone."""

HAS_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"

ZONE_YEARS = range(2015, 2041)
"""For which a zone's changes are written out."""


def source_sql(door: OpenTable, mapping: TableMapping, grouped: str | None, *, once: bool = False) -> str:
    """A SELECT whose columns are those of ``source``. *grouped*: the field that rows are grouped by.

    *once*: rows that are equal in all that is read count once; where they lie is then not told.

    Errors: :class:`~costbasis.errors.BadMapping` for a column that the table lacks or that cannot be what it is to be.
    """
    check_columns(mapping, door.columns, door.where)
    fields = _Fields(door, mapping)
    time_s, no_zone = fields.time()
    texts = {
        "log_model": fields.text("model") or "''",
        "mode": fields.text("mode") or "'standard'",
        "geo": fields.text("geo") or "''",
    }
    parts = {
        "place": "NULL" if once else door.place,
        "request_id": fields.raw_text("request_id") or f"CAST(NULL AS {fields.text_type})",
        "grouped": (fields.text(grouped) if grouped else None) or "''",
        **texts,
        "row_number": "NULL" if once else door.row,
        "time_s": time_s,
        "no_zone": no_zone,
        "not_whole": fields.not_whole(),
        **{f"read_{name}_tok": fields.count(name) for name in COUNT_FIELDS if name != "web_searches"},
        "read_web_searches": fields.count("web_searches"),
    }
    select = ", ".join(f"{sql} AS {name}" for name, sql in parts.items())
    return f"SELECT {'DISTINCT ' if once else ''}{select} FROM {door.relation}"


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
        default = "'standard'" if field == "mode" else "''"
        return f"COALESCE({found}, {default})" if found else None

    def count(self, field: str) -> str:
        """A count, null where it is missing or no whole number."""
        return _first([self.say.whole(self._filled(sql, kind), kind) for sql, kind in self.each(field)]) or "NULL"

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

    def time(self) -> tuple[str, str]:
        """Seconds since 1970, and 1 where a time carries no zone and the mapping says of none."""
        found = [self._time(sql, kind) for sql, kind in self.each("time")]
        seconds = _first([sql for sql, _ in found])
        assert seconds is not None, "check_columns has seen to it"
        bare = [f"({sql})" for _, sql in found if sql]
        no_zone = f"CASE WHEN {' OR '.join(bare)} THEN 1 ELSE 0 END" if bare and not self.mapping.timezone else "0"
        return seconds, no_zone

    def _time(self, sql: str, kind: Kind) -> tuple[str, str]:
        per_s = TIME_UNITS[self.mapping.time_unit]
        if per_s:
            if kind in ("whole", "real", "text"):
                return self.say.seconds(sql, kind, per_s), ""
            raise self._bad_time(f"it is a time already, not {self.mapping.time_unit} since 1970", "timestamp")
        if kind == "instant":
            return self.say.epoch_s(sql, kind), ""
        if kind in ("wall", "day"):
            return self._from_wall(self.say.epoch_s(sql, kind)), f"{sql} IS NOT NULL"
        if kind != "text":
            raise self._bad_time("it is a number", "s, ms, us or ns")
        bare = f"NOT {self.say.matches(sql, HAS_ZONE)}"
        plain = self.say.replaced(sql, "[.][0-9]+", "")
        seconds = f"CASE WHEN {self.say.matches(sql, ISO_TIME)} THEN {self.say.iso_epoch_s(plain)} END"
        if _is_utc(self.mapping.timezone):
            return seconds, bare
        return f"CASE WHEN {bare} THEN {self._from_wall(seconds)} ELSE {seconds} END", bare

    def _bad_time(self, what: str, unit: str) -> BadMapping:
        names = ", ".join(str(column) for column in self.columns["time"])
        hint = (
            f"write time_unit = {unit} in the mapping" if "," in unit else f'write time_unit = "{unit}" in the mapping'
        )
        return BadMapping(f'column "{names}" cannot be the time: {what}', where=self.door.where, hint=hint)

    def _from_wall(self, seconds: str) -> str:
        """Seconds of a wall clock in the mapping's zone as seconds of UTC: each change of the zone, written out."""
        if _is_utc(self.mapping.timezone):
            return seconds
        first, *later = wall_offsets(self.mapping.timezone)
        cases = " ".join(f"WHEN {seconds} >= {at} THEN {offset}" for at, offset in reversed(later))
        return f"{seconds} - CASE {cases} ELSE {first[1]} END" if later else f"{seconds} - ({first[1]})"


def _first(found: list[str]) -> str | None:
    """The first that is not null, None where there is no column."""
    return None if not found else found[0] if len(found) == 1 else f"COALESCE({', '.join(found)})"


def _is_utc(zone: str) -> bool:
    return zone in ("", "UTC", "Etc/UTC")


@cache
def wall_offsets(zone: str) -> list[tuple[int, int]]:
    """Wall seconds from which a zone is so many seconds ahead of UTC; an hour that comes twice is the first of the two.

    >>> wall_offsets("Asia/Tokyo")
    [(1420070400, 32400)]
    >>> [datetime.fromtimestamp(at, UTC).isoformat() for at, _ in wall_offsets("Europe/Zurich")[1:3]]
    ['2015-03-29T03:00:00+00:00', '2015-10-25T03:00:00+00:00']
    """
    local = ZoneInfo(zone)

    def offset(wall: int) -> int:
        found = datetime.fromtimestamp(wall, UTC).replace(tzinfo=local).utcoffset()
        assert found is not None
        return int(found / timedelta(seconds=1))

    day, last = int(datetime(ZONE_YEARS[0], 1, 1, tzinfo=UTC).timestamp()), ZONE_YEARS[-1]
    end = int(datetime(last, 12, 31, tzinfo=UTC).timestamp())
    found = [(day, offset(day))]
    while day < end:
        if offset(day + 86_400) != found[-1][1]:
            low, high = day, day + 86_400
            while high - low > 60:
                middle = (low + high) // 120 * 60
                low, high = (middle, high) if offset(middle) == found[-1][1] else (low, middle)
            found.append((high, offset(high)))
        day += 86_400
    return found
