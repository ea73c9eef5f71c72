"""Priced cells kept in the ledger: after a change, only the days, weeks or months that it touched are priced again.

The ledger itself notes in which quarters of an hour a sum came or went (``usage/ledger/tally.py``). A key of time is a
set of quarters, so all other keys are as they were; those that hold a noted quarter are priced from all their sums.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec

from costbasis.usage.periods import DAY_KEYS, periods, zone_stamp
from costbasis.usage.pricing.cells import PricedUsage
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import PricedRows, price_rows, price_usage, usage_of

GROUPINGS = 8
"""Of which cells are kept, the newest."""

LONGEST_WAIT_MS = 200

QUARTERS_PER_DAY = 96
REACH_DAYS = {"day": 2, "week": 8, "month": 33}
"""How far from a quarter another of the same key may be, and a little more."""

Rows = list[tuple[Any, ...]]


def price_kept(connection: sqlite3.Connection, book: PriceBook, grouping: Grouping, of: str) -> PricedUsage:
    """As :func:`~costbasis.usage.pricing.pricing.price_usage`, from cells kept in the ledger where they can serve.

    *of*: what the prices follow from. Cells are kept where all of the ledger is asked for by day, week or month and
    every request has a price; what days are wanted of it is chosen from them.

    Errors: as there.
    """
    if not _is_kept(grouping):
        return price_usage(connection, book, grouping)
    periods((), by=grouping.by, tz=grouping.tz, since=grouping.since, until=grouping.until)  # for its complaints
    whole = Grouping(by=grouping.by, tz=grouping.tz, week_start=grouping.week_start)
    name = f"{of} {grouping.by} {grouping.week_start or ''} {grouping.tz} {zone_stamp(grouping.tz)}"
    version = _version(connection)
    with _as_it_is(connection):
        rows = _read(connection, name)
        if rows is None:
            priced, is_new = price_rows(connection, book, grouping), grouping == whole
        else:
            priced, is_new = _brought_up_to_date(connection, book, whole, name, rows)
    is_plain = not priced.unpriced and not priced.warnings
    if is_new:
        _keep(connection, name, priced.rows if is_plain else None, version)
    if rows is None:
        return usage_of(priced, book, grouping)
    wanted = _between(priced.rows, grouping) if is_plain else None
    if wanted is None:
        return price_usage(connection, book, grouping)
    return usage_of(PricedRows(wanted, [], []), book, grouping)


@contextmanager
def _as_it_is(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything that is read within the block is of one moment."""
    connection.execute("SAVEPOINT one_moment")
    try:
        yield
    finally:
        connection.execute("RELEASE one_moment")


def _is_kept(grouping: Grouping) -> bool:
    plain = Grouping(
        by=grouping.by, tz=grouping.tz, since=grouping.since, until=grouping.until, week_start=grouping.week_start
    )
    return grouping.by in DAY_KEYS and grouping == plain


def _brought_up_to_date(
    connection: sqlite3.Connection, book: PriceBook, whole: Grouping, name: str, rows: Rows
) -> tuple[PricedRows, bool]:
    """Kept rows with those of the touched keys made again, and whether any was."""
    moved = [row[0] for row in connection.execute("SELECT quarter FROM moved WHERE of = ?", (name,))]
    if not moved:
        return PricedRows(rows, [], []), False
    keys, quarters = _touched(connection, whole, moved)
    again = price_rows(connection, book, whole, quarters) if quarters else PricedRows([], [], [])
    return msgspec.structs.replace(again, rows=[*(row for row in rows if row[0] not in keys), *again.rows]), True


def _touched(connection: sqlite3.Connection, whole: Grouping, quarters: Iterable[int]) -> tuple[set[str], set[int]]:
    """The keys that hold some of the *quarters*, and all quarters with usage that those keys hold."""
    moved = sorted(quarters)
    keys = {period.key for period in _periods(whole, moved)}
    reach = REACH_DAYS[whole.by] * QUARTERS_PER_DAY
    near: set[int] = set()
    end = None
    for quarter in moved:
        if end is None or quarter > end:
            end = quarter + reach
            within = "SELECT DISTINCT quarter FROM tally WHERE quarter BETWEEN ? AND ?"
            near.update(row[0] for row in connection.execute(within, (quarter - reach, quarter + 2 * reach)))
    return keys, {period.quarter for period in _periods(whole, near) if period.key in keys}


def _periods(whole: Grouping, quarters: Iterable[int]) -> Any:
    return periods(quarters, by=whole.by, tz=whole.tz, week_start=whole.week_start)


def _between(rows: Rows, grouping: Grouping) -> Rows | None:
    """The rows from the first day wanted to the last; None where a day cuts a row."""
    if grouping.by == "day":
        since, until = _text(grouping.since, "0"), _text(grouping.until, "~")
        return [row for row in rows if since <= row[0] <= until]
    return rows if grouping.since is None and grouping.until is None else None


def _text(day: date | None, other: str) -> str:
    return other if day is None else day.isoformat()


def _version(connection: sqlite3.Connection) -> int:
    """Another number after another connection changed the ledger."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _read(connection: sqlite3.Connection, name: str) -> Rows | None:
    found = connection.execute("SELECT cells FROM priced WHERE of = ?", (name,)).fetchone()
    if found is None:
        return None
    try:
        return msgspec.msgpack.decode(found[0], type=list[tuple[Any, ...]])
    except (msgspec.MsgspecError, TypeError):  # damaged: made again
        return None


def _keep(connection: sqlite3.Connection, name: str, rows: Rows | None, version: int) -> None:
    """Write the rows down, or that there are none to keep, unless the ledger has changed since they were read.

    Where that cannot be done now, all is priced again the next time.
    """
    waits_ms = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {LONGEST_WAIT_MS}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == version:
                _write(connection, name, rows)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    except sqlite3.Error:
        return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {waits_ms}")


def _write(connection: sqlite3.Connection, name: str, rows: Rows | None) -> None:
    connection.execute("DELETE FROM priced WHERE of = ?", (name,))
    if rows is not None:
        connection.execute("INSERT INTO priced VALUES (?, ?)", (name, msgspec.msgpack.encode(rows)))
    oldest = "SELECT rowid FROM priced ORDER BY rowid DESC LIMIT -1 OFFSET ?"
    connection.execute(f"DELETE FROM priced WHERE rowid IN ({oldest})", (GROUPINGS,))
    connection.execute("DELETE FROM moved WHERE of = ? OR of NOT IN (SELECT of FROM priced)", (name,))
