"""The temporary tables that the frozen pricing queries read, made beside the ledger's sums and requests.

``period`` (which key and month a quarter of an hour falls under), ``epoch_of`` (which price holds for a model,
mode and region in an hour), ``price`` (the prices) and the view ``usage_keyed``. They live inside a savepoint
that is rolled back, so nothing is left in the connection and the ledger itself is only read.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from costbasis.errors import BadArgument, one_of
from costbasis.usage.ledger.block import unfold_for_good
from costbasis.usage.periods import BLOCK, TIME_KEYS, Period, periods
from costbasis.usage.pricing.epochs import NEVER, NoPrice, PriceBook, PriceEpoch, changes_of, segment_at
from costbasis.usage.pricing.sums import REQUEST, also, between, columns_of, quarters_of, table_for, table_priced

if TYPE_CHECKING:
    from costbasis.usage.pricing.retailrow import RetailRow

UNKNOWN = "unknown"
"""The key of a request whose log does not say what was asked: no agent's log names the API key or the user; a
gateway's does."""

COLUMN_KEYS = {
    "total": "'total'",
    "session": "session",
    "project": "project",
    "agent": "agent",
    "host": "host",
    "key": f"COALESCE(NULLIF(api_key, ''), '{UNKNOWN}')",
    "user": f"COALESCE(NULLIF(user, ''), '{UNKNOWN}')",
    "model": "''",  # the model is a column of every cell; the key becomes the model that the name stands for
}

BY = (*TIME_KEYS, *COLUMN_KEYS)

_EPOCH_OF = """CREATE TEMP TABLE epoch_of (log_model TEXT, mode TEXT, geo TEXT, hour INTEGER,
    price_epoch INTEGER, noted INTEGER, PRIMARY KEY (log_model, mode, geo, hour)) WITHOUT ROWID"""

_CLASSES = (
    "input",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_unknown",
    "cache_read",
    "output",
    "cache_write_unknown_max",
)

PRICE_COLUMNS = (
    "price_epoch",
    "model",
    "priced",
    "long_above_tok",
    "web_search_pico_usd",
    *(f"{name}_pico_usd_per_tok" for name in _CLASSES),
    *(f"long_{name}_pico_usd_per_tok" for name in _CLASSES),
)


class Grouping(msgspec.Struct, frozen=True):
    """What usage is grouped by, and what is left out: local days *since*..*until* and exact names.

    *last* keeps the last so many keys, where a key is a time. *week_start*: as :func:`periods` has it.
    *from_ms*, *before_ms*: nothing before the one moment (epoch, UTC), nor from the other on.
    """

    by: str = "total"
    tz: str = "UTC"
    since: date | None = None
    until: date | None = None
    model: str | None = None
    project: str | None = None
    agent: str | None = None
    session: str | None = None
    host: str | None = None
    buckets: bool = False
    last: int | None = None
    week_start: str | None = None
    from_ms: int | None = None
    before_ms: int | None = None

    def but(self, **changes: Any) -> Grouping:
        """The same with other fields."""
        return msgspec.structs.replace(self, **changes)

    @property
    def kept(self) -> dict[str, str]:
        """The columns of which one value is wanted, with it."""
        named = {"project": self.project, "agent": self.agent, "session": self.session, "host": self.host}
        return {column: wanted for column, wanted in named.items() if wanted is not None}


class PriceTables(msgspec.Struct, frozen=True):
    """The rows of the temporary tables, and why an epoch that is no price has none. *table*: what is priced."""

    period: Sequence[Period]
    epoch_of: Sequence[tuple[str, str, str, int, int, int]]
    price: Sequence[tuple[Any, ...]]
    reasons: dict[int, str]
    table: str


@contextmanager
def price_tables(
    connection: sqlite3.Connection, book: PriceBook, grouping: Grouping, quarters: Collection[int] | None = None
) -> Iterator[tuple[sqlite3.Cursor, PriceTables]]:
    """A cursor that sees the temporary tables, for the length of the block, and what is in them.

    *quarters*: of what quarters of an hour alone, where not of all.
    """
    if grouping.by not in BY:
        raise BadArgument(f'cannot group by "{grouping.by}"', where="--by", hint=f"one of {', '.join(BY)}")
    if grouping.last is not None and (grouping.by not in TIME_KEYS or grouping.last < 1):
        what = f"no last {grouping.last} of rows by {grouping.by}"
        raise BadArgument(what, where="--last", hint=f"a number from 1 on, with --by {', '.join(TIME_KEYS)}")
    cursor = connection.cursor()
    cursor.row_factory = None
    if table_for(cursor, (grouping.from_ms, grouping.before_ms), grouping.buckets) == REQUEST:
        unfold_for_good(connection)
    cursor.execute("SAVEPOINT pricing")
    try:
        tables = rows_of_tables(cursor, book, grouping, quarters)
        _create(cursor, tables, grouping)
        yield cursor, tables
    finally:
        cursor.execute("ROLLBACK TO pricing")
        cursor.execute("RELEASE pricing")


def rows_of_tables(
    cursor: sqlite3.Cursor, book: PriceBook, grouping: Grouping, quarters: Collection[int] | None = None
) -> PriceTables:
    """Look up a price for each (model, mode, region, hour) that is asked for, and a period for each quarter."""
    table = table_for(cursor, (grouping.from_ms, grouping.before_ms), grouping.buckets)
    asked = between(table, grouping.from_ms, grouping.before_ms)
    if quarters is not None:
        asked = also(asked, f"quarter IN ({', '.join(map(str, sorted(quarters)))})")
    of_some = _of_some(grouping)
    if of_some:
        asked = also(asked, " AND ".join(f"{column} = ?" for column in of_some))
    which = f"SELECT DISTINCT quarter, model, mode, geo, hour FROM {table} {asked}"
    calls = cursor.execute(which, [*of_some.values()]).fetchall()
    of_agent = {"agent": grouping.agent} if grouping.agent else {}
    period = periods(
        quarters_of(cursor, of_agent)
        if not of_some and (of_agent or (asked and quarters is None))
        else dict.fromkeys(call[0] for call in calls),
        by=grouping.by,
        tz=grouping.tz,
        since=grouping.since,
        until=grouping.until,
        week_start=grouping.week_start,
    )
    hours: dict[tuple[str, str, str], dict[int, None]] = defaultdict(dict)
    within = {row.quarter for row in period}
    for quarter, name, mode, geo, hour in calls:
        if quarter in within:
            hours[name, mode, geo][hour] = None
    kept = _kept_models({call[1] for call in calls}, book, grouping.model)
    if grouping.last is not None:
        period = _last_of(period, set(quarters_of(cursor, grouping.kept, kept)), grouping.last)
    lookup = PriceLookup(book)
    epoch_of = [
        (*call, *epoch) for call, at in hours.items() if call[0] in kept for epoch in lookup.epochs_at(call, at)
    ]
    thresholds_tok = [row[PRICE_COLUMNS.index("long_above_tok")] for row in lookup.price]
    return PriceTables(period, epoch_of, lookup.price, lookup.reasons, table_priced(cursor, table, thresholds_tok))


def _of_some(grouping: Grouping) -> dict[str, str]:
    """The columns of which one value is wanted, where nothing else follows from requests that are not wanted."""
    is_of_all = grouping.by == BLOCK or grouping.last is not None or grouping.model is not None
    return {} if is_of_all else grouping.kept


def _last_of(period: Sequence[Period], present: Collection[int], last: int) -> list[Period]:
    keys = sorted({row.key for row in period if row.quarter in present})[-last:]
    return [row for row in period if row.key in keys]


def _kept_models(names: set[str], book: PriceBook, wanted: str | None) -> set[str]:
    """The names in the logs that stand for the wanted model; all of them where none is wanted."""
    if wanted is None:
        return names
    model = book.model_of(wanted)
    kept = {name for name in names if name == wanted or (isinstance(model, str) and book.model_of(name) == model)}
    if not kept:
        raise _nothing_of("model", wanted, names)
    return kept


def _nothing_of(kind: str, wanted: str, names: set[str]) -> BadArgument:
    known = one_of(sorted(names)[:8]) or "nothing"
    return BadArgument(f'no request of {kind} "{wanted}"', where=f"--{kind}", hint=f"the logs hold {known}")


class PriceLookup:
    """Numbers each price, and each reason for having none, the first time that it is needed."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.price: list[tuple[Any, ...]] = []
        self.reasons: dict[int, str] = {}
        self._epochs: dict[tuple[Any, ...], int] = {}
        self._segments: dict[tuple[str, ...], tuple[str, list[RetailRow] | NoPrice]] = {}

    def epochs_at(self, call: tuple[str, str, str], hours: Iterable[int]) -> Iterator[tuple[int, int, int]]:
        """Each hour with what :meth:`epoch_at` says of it, looked up once between two changes of a price."""
        changes = changes_of(self.segments(*call))
        known: dict[int, tuple[int, int]] = {}
        for hour in hours:
            stretch = bisect_right(changes, hour)
            if stretch not in known:
                known[stretch] = self.epoch_at(*call, hour)
            yield hour, *known[stretch]

    def epoch_at(self, name: str, mode: str, geo: str, hour: int) -> tuple[int, int]:
        """The number of the price that holds for a call in *hour*, and 1 where that needs a word."""
        model, segments = self._known(name, mode, geo)
        if isinstance(segments, NoPrice):
            return self._no_price(model, segments.reason), 1
        found = segment_at(segments, hour)
        if isinstance(found, NoPrice):
            return self._no_price(model, found.reason), 1
        index, early = found
        return self._price(segments[index], geo), int(early)

    def segments(self, name: str, mode: str, geo: str) -> list[RetailRow] | NoPrice:
        """The price rows that may hold for a call, oldest first, or why there are none."""
        return self._known(name, mode, geo)[1]

    def _known(self, *call: str) -> tuple[str, list[RetailRow] | NoPrice]:
        if call not in self._segments:
            self._segments[call] = self._segments_of(*call)
        return self._segments[call]

    def _segments_of(self, name: str, mode: str, geo: str) -> tuple[str, list[RetailRow] | NoPrice]:
        model = self.book.model_of(name)
        return (name, model) if isinstance(model, NoPrice) else (model, self.book.segments(model, mode, geo))

    def _price(self, row: RetailRow, geo: str) -> int:
        number = self._epochs.setdefault((row.model, row.mode, geo, row.valid_from), len(self._epochs))
        if number == len(self.price):
            self.price.append(self._row(self.book.epoch(row, geo, number)))
        return number

    def _row(self, epoch: PriceEpoch) -> tuple[Any, ...]:
        prices = (*epoch.short.columns, *epoch.long.columns)
        search = self.book.search_pico_usd(self.book.provider_of(epoch.model)) or 0  # unknown ones are warned of
        return (epoch.epoch_id, epoch.model, 1, epoch.long_above_tok, search, *prices)

    def _no_price(self, model: str, reason: str) -> int:
        number = self._epochs.setdefault((model, reason), len(self._epochs))
        if number == len(self.price):
            self.reasons[number] = reason
            self.price.append((number, model, 0, NEVER, 0, *(0 for _ in (*_CLASSES, *_CLASSES))))
        return number


def _create(cursor: sqlite3.Cursor, tables: PriceTables, grouping: Grouping) -> None:
    cursor.execute("CREATE TEMP TABLE period (quarter INTEGER PRIMARY KEY, key TEXT, month TEXT)")
    cursor.execute(_EPOCH_OF)
    cursor.execute(f"CREATE TEMP TABLE price (price_epoch INTEGER PRIMARY KEY, {', '.join(PRICE_COLUMNS[1:])})")
    _insert(cursor, "period", tables.period)
    _insert(cursor, "epoch_of", tables.epoch_of)
    _insert(cursor, "price", tables.price)
    key = COLUMN_KEYS.get(grouping.by, "period.key")
    bucket = "context_bucket" if grouping.buckets else "-1"
    kept = [_keep(cursor, kind, wanted) for kind, wanted in grouping.kept.items()]
    cursor.execute(
        f"CREATE TEMP VIEW usage_keyed AS SELECT {key} AS key, period.month AS month, model AS log_model,"
        f" {bucket} AS context_bucket, {columns_of(tables.table)} FROM {tables.table} JOIN period USING (quarter)"
        f" {' '.join(kept)} {between(tables.table, grouping.from_ms, grouping.before_ms)}"
    )


def _insert(cursor: sqlite3.Cursor, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _keep(cursor: sqlite3.Cursor, kind: str, wanted: str) -> str:
    """A join that keeps the requests of one project or agent: a view cannot hold a parameter, a table can."""
    names = {row[0] for row in cursor.execute(f"SELECT DISTINCT {kind} FROM tally")}
    if wanted not in names:
        raise _nothing_of(kind, wanted, names)
    cursor.execute(f"CREATE TEMP TABLE kept_{kind} ({kind} TEXT PRIMARY KEY) WITHOUT ROWID")
    _insert(cursor, f"kept_{kind}", [(wanted,)])
    return f"JOIN kept_{kind} USING ({kind})"
