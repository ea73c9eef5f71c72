"""A foreign table, priced by its engine: the passes over it, and the checks that its answer has to stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from costbasis.errors import BadArgument, BadMapping, EngineFailed, UnreadableInput
from costbasis.usage.mapping import CACHE_FIELDS, TEXT_FIELDS, TableMapping, present_columns
from costbasis.usage.pricing.cells import Cell, PriceWarning, Unpriced
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.pricing import unpriced_searches
from costbasis.usage.warehouse.answers import UNKNOWN, cell_of, notes
from costbasis.usage.warehouse.door import Door, Engine
from costbasis.usage.warehouse.faults import FAULTS, Fault, Repeats, fault_of
from costbasis.usage.warehouse.names import Extent, named_rows
from costbasis.usage.warehouse.smalltables import SmallTables, Wanted, small_tables
from costbasis.usage.warehouse.source import BEFORE_S, FIRST_S, Keyed, listed_fields, source_sql, tick_per_s, times_sql

SQL_FOLDER = Path(__file__).parents[1] / "pricing" / "sql"

MOST_NAMES = 20_000
"""Models, modes and regions together: a table that has more holds something else in these columns."""

MOST_GROUPS = 1_000_000

TIME_KEYS = ("day", "week", "month")

GROUPED = tuple(name for name in TEXT_FIELDS if name not in ("request_id", "model", "mode", "geo"))


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a table. *by*: "day", "user", "model", "total", or a time and a field, "month,user".

    *duplicates*: "refuse" rows that repeat a request id, count equal rows "once", or "ignore" ids. *held_s*: how long a
    prompt is taken to stay cached, which no such table tells. *months*: sums by user and month are wanted too.
    *buckets*: cells by length of prompt, which no basis asks for.
    """

    by: str
    wanted: Wanted
    held_s: float
    duplicates: str = "refuse"
    strict: bool = False
    months: bool = False
    buckets: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """What one user's requests of one month are worth at list, in pico-USD, exactly."""

    user: str
    month: str
    requests: int
    priced_requests: int
    pico_usd: int


@dataclass(frozen=True, slots=True)
class PricedTable:
    """A table, priced. *rows*: how many it has; *outside*: those not between since and until."""

    engine: str
    version: str
    where: str
    rows: int
    outside: int
    cells: list[Cell]
    unpriced: list[Unpriced]
    warnings: list[PriceWarning]
    faults: list[Fault]
    repeats: Repeats | None
    months: list[Month] | None


def keys_of(by: str) -> tuple[str, str]:
    """The time and the field that *by* groups by, each "" where it does not.

    >>> keys_of("day,user"), keys_of("month"), keys_of("model")
    (('day', 'user'), ('month', ''), ('', ''))

    Errors: :class:`~costbasis.errors.BadArgument`.
    """
    parts = [part.strip() for part in by.split(",")]
    times = [part for part in parts if part in TIME_KEYS]
    fields = [part for part in parts if part in GROUPED]
    rest = [part for part in parts if part not in (*TIME_KEYS, *GROUPED)]
    if len(times) > 1 or len(fields) > 1 or (rest and (len(parts) > 1 or rest[0] not in ("model", "total"))):
        hint = f"one of {', '.join((*TIME_KEYS, 'model', 'total', *GROUPED))}, or a time and a field: day,user"
        raise BadArgument(f'cannot group by "{by}"', where="--by", hint=hint)
    return (times or [""])[0], (fields or [""])[0]


@cache
def frozen(folder: str, name: str) -> str:
    """A frozen query."""
    return (SQL_FOLDER / folder / f"{name}.sql").read_text("utf-8")


def over(sql: str, source: str) -> str:
    """A frozen query with *source* in place of its table ``source``.

    >>> over('SELECT 1 FROM "source" AS "t2"', "SELECT a FROM b")
    'SELECT 1 FROM (SELECT a FROM b) AS "t2"'
    """
    return sql.replace('"source" AS', f"({source}) AS").replace("`source` AS", f"({source}) AS")


def without(sql: str, absent: Iterable[str]) -> str:
    """A frozen query that does not sum the columns of *absent*, which are 0 in every row.

    >>> without('SELECT SUM("t1"."a_tok") AS "a_tok", SUM("t1"."b_tok") AS "b_tok"', ["a_tok"])
    'SELECT 0 AS "a_tok", SUM("t1"."b_tok") AS "b_tok"'
    """
    for name in absent:
        sql = re.sub(rf"(?i)\bSUM\(([\"`])t\d+\1\.\1{name}\1\) AS", "0 AS", sql)
    return sql


def price_table(
    engine: Engine, uri: str, mapping: TableMapping, book: PriceBook, ask: Ask, say: Callable[[str], None]
) -> PricedTable:
    """Price the table where it lies. Passes: what there is, repeated ids where the mapping names one, the sums.

    Errors: as the engine's; :class:`~costbasis.errors.BadMapping` for a column that is not what it is taken for;
    :class:`~costbasis.errors.UnreadableInput` for repeated ids, for any faulty row where *strict*, or a table of which
    no row can be counted.
    """
    time_key, field = keys_of(ask.by)
    wanted = Wanted(time_key, ask.wanted.tz, ask.wanted.since, ask.wanted.until)
    with engine.opened(uri) as door:
        if field and not any(column.name in door.columns for column in mapping.columns.get(field, ())):
            hint = f'add {field} = "your_column" under [columns]'
            raise BadMapping(f'mapping "{mapping.name}" names no column for {field}', where="--by", hint=hint)
        run = Run(engine, door, mapping, ask)
        say(f"{door.version}: what there is to price")
        repeats = run.repeats() if ask.duplicates != "ignore" else None
        extent = run.extent()
        rows = extent.rows
        tables = run.loaded(extent, book, wanted)
        say(f"{door.version}: pricing {rows:,} rows")
        cells, noted = run.cells(run.source(field or None, tables.keyed), ask.held_s)
        faults = run.faults(rows, sum(cell.requests for cell in cells))
        outside = run.outside(rows, cells, faults, wanted)
        unpriced, warnings = notes(noted, tables)
        warnings += unpriced_searches(cells, book)
        months = run.months(book, extent) if ask.months else None
        return PricedTable(
            engine.NAME, door.version, door.where, rows, outside, cells, unpriced, warnings, faults, repeats, months
        )


class Run:
    """The passes over one open table."""

    def __init__(self, engine: Engine, door: Door, mapping: TableMapping, ask: Ask) -> None:
        self.engine, self.door, self.mapping, self.ask = engine, door, mapping, ask
        self.per_s = tick_per_s(door, mapping)

    def source(self, grouped: str | None, keyed: Keyed | None) -> str:
        return source_sql(self.door, self.mapping, grouped, once=self.ask.duplicates == "once", keyed=keyed)

    def query(self, name: str, source: str, most: int) -> list[tuple[Any, ...]]:
        columns = present_columns(self.mapping, self.door.columns)
        counts = {f"{field}_tok": field for field in (*CACHE_FIELDS, "reasoning")} | {"web_searches": "web_searches"}
        absent = [name for name, field in counts.items() if field not in columns]
        return self.door.query(over(without(frozen(self.engine.SQL, name), absent), source), most)

    def extent(self) -> Extent:
        """What there is to price."""
        rows = self.query("table_names", source := self.source(None, None), MOST_NAMES)
        if len(rows) > MOST_NAMES:
            what = f"more than {MOST_NAMES:,} names of models: this column holds something else"
            raise BadMapping(what, where=self._named("model"), hint="correct [columns] of the mapping")
        plain = times_sql(self.door, self.mapping)
        times = self._seconds(self.door.query(plain, 1)) if plain else []
        if not times or not all(FIRST_S <= second < BEFORE_S for second in times):
            times = self._seconds(self.query("table_believed", source, 1))
        first_s, last_s = times or (None, None)
        return Extent(named_rows(rows), first_s, last_s)

    def _seconds(self, rows: Sequence[tuple[Any, ...]]) -> list[int]:
        """The seconds of a first and a last tick; none where no row has one (ClickHouse then says 0)."""
        found = [tick // self.per_s for tick in rows[0] if tick]
        return found if len(found) == 2 else []

    def loaded(self, extent: Extent, book: PriceBook, wanted: Wanted) -> SmallTables:
        """The small tables, put into the engine."""
        listed = [] if self.ask.duplicates == "once" else listed_fields(self.door, self.mapping)
        tables = small_tables(extent, self.mapping, book, wanted, listed=listed)
        tables.load(self.door)
        return tables

    def faults(self, rows: int, priced: int) -> list[Fault]:
        """Which rows cannot be counted, and where the first ones are. Asked for only where some were not priced."""
        if priced == rows:
            return []
        plain = source_sql(self.door, self.mapping, None)
        found = sorted(fault_of(row) for row in self.query("table_faults", plain, MOST_NAMES))
        bad = sum(fault.rows for fault in found)
        if bad and (self.ask.strict or bad >= rows):
            which = "a row cannot be counted" if self.ask.strict else "no row can be counted"
            first = found[0]
            told = "; ".join(f"{fault.rows:,} rows: {fault.reason}" for fault in found[:3])
            hint = (
                "check the mapping, or leave --strict out to skip such rows" if self.ask.strict else "check the mapping"
            )
            raise UnreadableInput(f"{which} ({told})", where=first.address or self.door.where, hint=hint)
        return found

    def repeats(self) -> Repeats | None:
        """How often request ids repeat, None where the table has none.

        Errors: :class:`~costbasis.errors.UnreadableInput` where any does and that is to be refused.
        """
        if not any(column.name in self.door.columns for column in self.mapping.columns.get("request_id", ())):
            return None
        once = self.ask.duplicates == "once"
        source = source_sql(self.door, self.mapping, None, once=once)
        ((ids, copies, first),) = self.query("table_repeats", source, 1)
        found = Repeats(ids, int(copies or 0), first or "")
        if found.ids:
            kind = " that are not equal in all that is counted" if once else ""
            what = f"{found.copies:,} rows{kind} share {found.ids:,} request ids"
            hint = "--duplicates once counts equal rows once; --duplicates ignore counts every row"
            raise UnreadableInput(what, where=f'{self._named("request_id")} "{found.first}"', hint=hint)
        return found

    def cells(self, source: str, held_s: float) -> tuple[list[Cell], list[tuple[int, Cell]]]:
        """The sums, and those whose price needs a word, with the number of that price."""
        keys = keys_of(self.ask.by)
        rows = self.query("table_cells" if self.ask.buckets else "table_sums", source, MOST_GROUPS)
        if len(rows) > MOST_GROUPS:
            what = f"more than {MOST_GROUPS:,} groups by {self.ask.by} and model"
            raise BadArgument(what, where="--by", hint="group coarser, or narrow it with --since and --until")
        found = [cell_of(row, self.ask.by, keys, held_s, self.per_s) for row in rows]
        order = sorted((cell.key, cell.month, cell.model, cell.context_bucket, note, at) for at, (note, cell) in
                       enumerate(found))  # fmt: skip
        found = [found[each[-1]] for each in order]
        return [cell for _, cell in found], [each for each in found if each[0] >= 0]

    def outside(self, rows: int, cells: Sequence[Cell], faults: Sequence[Fault], wanted: Wanted) -> int:
        """How many rows lie outside of since and until; that nothing else is missing.

        Errors: :class:`~costbasis.errors.EngineFailed` where the passes did not see the same rows.
        """
        once = self.ask.duplicates == "once"  # equal rows with a fault are told each
        priced, bad = sum(cell.requests for cell in cells), sum(fault.rows for fault in faults)
        rest = rows - priced - bad
        is_cut = wanted.since is not None or wanted.until is not None
        if priced > rows or (rest < 0 and not once) or (rest > 0 and not is_cut):
            what = f"{rows:,} rows at first, {priced + bad:,} when they were priced: the table changed in between"
            raise EngineFailed(what, where=self.door.where, hint="nothing was written; run it again on a table at rest")
        return max(0, rest)

    def months(self, book: PriceBook, extent: Extent) -> list[Month]:
        """What each user's requests of each month are worth."""
        if "user" not in self.mapping.columns:
            hint = 'add user = "your_column" under [columns]'
            what = f'mapping "{self.mapping.name}" names no column for user'
            raise BadMapping(what, where="--user-months", hint=hint)
        asked = self.ask.wanted
        tables = self.loaded(extent, book, Wanted("month", asked.tz, asked.since, asked.until))
        rows = self.query("table_months", self.source("user", tables.keyed), 10 * MOST_GROUPS)
        if len(rows) > 10 * MOST_GROUPS:
            what = f"more than {10 * MOST_GROUPS:,} months of users: this column holds something else"
            raise BadMapping(what, where=self._named("user"), hint="correct [columns] of the mapping")
        return [Month(row[0] or UNKNOWN, row[1], int(row[2]), int(row[3]), sum(map(int, row[4:]))) for row in rows]

    def _named(self, field: str) -> str:
        return f"{self.door.where}: column {self.mapping.columns[field][0]}"


__all__ = ["FAULTS", "Ask", "Month", "PricedTable", "frozen", "keys_of", "over", "price_table"]
