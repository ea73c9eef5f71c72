"""A foreign table, priced by its engine: the passes over it, and the checks that its answer has to stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from costbasis.errors import BadArgument, BadMapping, EngineFailed, UnreadableInput
from costbasis.usage.events import TokenCounts, add_counts
from costbasis.usage.mapping import TEXT_FIELDS, TableMapping
from costbasis.usage.pricing.cells import Cell, ListValue, PriceWarning, Unpriced
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.pricing import unpriced_searches
from costbasis.usage.warehouse.door import Door, Engine
from costbasis.usage.warehouse.faults import FAULTS, Fault, Repeats, fault_of
from costbasis.usage.warehouse.smalltables import SmallTables, Span, Wanted, load_setting, small_tables
from costbasis.usage.warehouse.source import source_sql

SQL_FOLDER = Path(__file__).parents[1] / "pricing" / "sql"

MOST_NAMES = 20_000
"""Models, modes and regions together: a table that has more holds something else in these columns."""

MOST_GROUPS = 1_000_000

TIME_KEYS = ("day", "week", "month")

GROUPED = tuple(name for name in TEXT_FIELDS if name not in ("request_id", "model", "mode", "geo"))

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a table. *by*: "day", "user", "model", "total", or a time and a field, "month,user".

    *duplicates*: "refuse" rows that repeat a request id, count equal rows "once", or "ignore" ids. *held_s*: how long a
    prompt is taken to stay cached, which no such table tells. *months*: sums by user and month are wanted too.
    """

    by: str
    wanted: Wanted
    held_s: float
    duplicates: str = "refuse"
    strict: bool = False
    months: bool = False


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
        run = _Run(engine, door, mapping, ask)
        source = source_sql(door, mapping, field or None, once=ask.duplicates == "once")
        say(f"{door.version}: what there is to price")
        load_setting(door, mapping, 1, ())
        repeats = run.repeats() if ask.duplicates != "ignore" else None
        spans = run.spans(source)
        faults = run.faults(spans)
        tables = small_tables(spans, mapping, book, wanted)
        load_setting(door, mapping, tables.slot_s, tables.tiers)
        tables.load(door)
        say(f"{door.version}: pricing {sum(span.requests for span in spans):,} rows")
        cells, noted = run.cells(source, ask.held_s)
        outside = run.checked(spans, cells, wanted)
        unpriced, warnings = notes(noted, tables)
        warnings += unpriced_searches(cells, book)
        months = run.months(mapping, book, spans, ask) if ask.months else None
        rows = sum(span.requests for span in spans)
        return PricedTable(
            engine.NAME, door.version, door.where, rows, outside, cells, unpriced, warnings, faults, repeats, months
        )


class _Run:
    """The passes over one open table."""

    def __init__(self, engine: Engine, door: Door, mapping: TableMapping, ask: Ask) -> None:
        self.engine, self.door, self.mapping, self.ask = engine, door, mapping, ask

    def query(self, name: str, source: str, most: int) -> list[tuple[Any, ...]]:
        return self.door.query(over(frozen(self.engine.SQL, name), source), most)

    def spans(self, source: str) -> list[Span]:
        rows = self.query("table_spans", source, MOST_NAMES)
        if len(rows) > MOST_NAMES:
            what = f"more than {MOST_NAMES:,} names of models: this column holds something else"
            raise BadMapping(what, where=self._named("model"), hint="correct [columns] of the mapping")
        return sorted(Span(*row) for row in rows)  # so that prices are numbered alike on every engine

    def faults(self, spans: Sequence[Span]) -> list[Fault]:
        """Which rows cannot be counted, and where the first ones are. Asked for only where there are any."""
        bad = sum(span.requests for span in spans if span.fault)
        if not bad:
            return []
        plain = source_sql(self.door, self.mapping, None)
        found = sorted(fault_of(row) for row in self.query("table_faults", plain, MOST_NAMES))
        if self.ask.strict or bad == sum(span.requests for span in spans):
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
        rows = self.query("table_cells", source, MOST_GROUPS)
        if len(rows) > MOST_GROUPS:
            what = f"more than {MOST_GROUPS:,} groups by {self.ask.by}, model and length of prompt"
            raise BadArgument(what, where="--by", hint="group coarser, or narrow it with --since and --until")
        found = [cell_of(row, self.ask.by, held_s) for row in rows]
        found.sort(key=lambda each: (each[1].key, each[1].month, each[1].model, each[1].context_bucket, each[0]))
        return [cell for _, cell in found], [each for each in found if each[0] >= 0]

    def checked(self, spans: Sequence[Span], cells: Sequence[Cell], wanted: Wanted) -> int:
        """How many rows lie outside of since and until; that nothing else is missing.

        Errors: :class:`~costbasis.errors.EngineFailed` where the two passes did not see the same rows.
        """
        there, priced = sum(s.requests for s in spans if not s.fault), sum(cell.requests for cell in cells)
        if priced > there or (priced < there and wanted.since is None and wanted.until is None):
            what = f"{there:,} rows at first, {priced:,} when they were priced: the table changed in between"
            raise EngineFailed(what, where=self.door.where, hint="nothing was written; run it again on a table at rest")
        return there - priced

    def months(self, mapping: TableMapping, book: PriceBook, spans: Sequence[Span], ask: Ask) -> list[Month]:
        """What each user's requests of each month are worth."""
        if "user" not in mapping.columns:
            hint = 'add user = "your_column" under [columns]'
            raise BadMapping(f'mapping "{mapping.name}" names no column for user', where="--user-months", hint=hint)
        wanted = Wanted("month", ask.wanted.tz, ask.wanted.since, ask.wanted.until)
        tables = small_tables(spans, mapping, book, wanted)
        load_setting(self.door, mapping, tables.slot_s, tables.tiers)
        tables.load(self.door)
        source = source_sql(self.door, mapping, "user", once=ask.duplicates == "once")
        rows = self.query("table_months", source, 10 * MOST_GROUPS)
        if len(rows) > 10 * MOST_GROUPS:
            what = f"more than {10 * MOST_GROUPS:,} months of users: this column holds something else"
            raise BadMapping(what, where=self._named("user"), hint="correct [columns] of the mapping")
        return [Month(row[0] or UNKNOWN, row[1], row[2], row[3], sum(map(int, row[4:]))) for row in rows]

    def _named(self, field: str) -> str:
        return f"{self.door.where}: column {self.mapping.columns[field][0]}"


def cell_of(row: tuple[Any, ...], by: str, held_s: float) -> tuple[int, Cell]:
    """A row of ``table_cells`` as a cell, with the number of the price that needs a word (-1: none)."""
    grouped, key, month, model, priced, note, bucket, requests, *rest = row
    time_key, field = keys_of(by)
    parts = [key] * bool(time_key) + [grouped or UNKNOWN] * bool(field)
    counts = TokenCounts(*map(int, rest[:7]))
    cell = Cell(
        key=" ".join(parts) if parts else model if by == "model" else "total",
        month=month,
        model=model,
        context_bucket=bucket,
        requests=requests,
        counts=counts,
        web_searches=int(rest[7]),
        partial_output=0,
        value=ListValue(*map(int, rest[8:16])) if priced else None,
        output_ctx_tok2=float(rest[16]),
        new_ctx_tok2=float(rest[17]),
        kv_resident_tok_s=held_s * (counts.cache_read_tok + counts.cache_write_tok),
        first_time_ms=rest[18] * 1000,
        last_time_ms=rest[19] * 1000,
    )
    return note, cell


def notes(noted: Sequence[tuple[int, Cell]], tables: SmallTables) -> tuple[list[Unpriced], list[PriceWarning]]:
    """What has no price, and a warning for each of those and for each price that is older than its date."""
    cells: dict[int, list[Cell]] = defaultdict(list)
    for number, cell in noted:
        cells[number].append(cell)
    unpriced, warnings = [], []
    for number, found in sorted(cells.items()):
        requests, counts = sum(cell.requests for cell in found), TokenCounts()
        for cell in found:
            counts = add_counts(counts, cell.counts)
        told = tables.calls[number]
        each = list(dict.fromkeys(name for name, _, _ in told))
        names = ", ".join(each[:5]) + (", …" if len(each) > 5 else "")
        mode, geo = told[0][1], told[0][2]
        reason = tables.reasons.get(number)
        if reason is None:
            effect = f'"{names}" was called before its first known {mode} price and is priced at that one'
            warnings.append(PriceWarning("priced_before_first_date", requests, "", effect))
            continue
        missing = Unpriced(names, mode, geo, reason, requests, counts, "")
        unpriced.append(missing)
        effect = f'{missing.tokens:,} tokens of "{names}" are in no list total: {reason}'
        warnings.append(PriceWarning("unpriced", requests, "", effect))
    return unpriced, warnings


__all__ = ["FAULTS", "Ask", "Month", "PricedTable", "frozen", "keys_of", "over", "price_table"]
