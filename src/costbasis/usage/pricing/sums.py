"""What pricing adds up: the ledger's sums, where none of them is cut by what is asked; else its requests."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

from costbasis.usage.ledger.summed import TIERS_TOK
from costbasis.usage.ledger.tally import SUMMED
from costbasis.usage.pricing.epochs import NEVER

TALLY, REQUEST = "tally", "request"

_OWN_NAMES = {
    TALLY: {"time_ms": "first_ms", "last_time_ms": "last_ms", "prompt_tok": "longest_tok"},
    REQUEST: {"last_time_ms": "time_ms"},
}

PASSED_ON = ("mode", "geo", "hour", "time_ms", "last_time_ms", "prompt_tok", *SUMMED)
"""What a priced row brings along, be it a request or a sum: *time_ms* is then the first of its requests, and
*prompt_tok* the longest of its prompts."""


def columns_of(table: str) -> str:
    """``PASSED_ON`` as a table has it."""
    own = _OWN_NAMES[table]
    return ", ".join(f"{own[name]} AS {name}" if name in own else name for name in PASSED_ON)


def between(table: str, from_ms: int | None, before_ms: int | None) -> str:
    """What keeps the rows of a table from one moment on and before another. Moments are whole numbers, and stand in
    the text, for a view cannot hold a parameter."""
    first = _OWN_NAMES[table].get("time_ms", "time_ms")
    since = [] if from_ms is None else [f"{first} >= {int(from_ms)}"]
    before = [] if before_ms is None else [f"{first} < {int(before_ms)}"]
    return f"WHERE {' AND '.join([*since, *before])}" if since or before else ""


def table_for(cursor: sqlite3.Cursor, moments_ms: Collection[int | None], by_bucket: bool) -> str:
    """The table that answers exactly: the requests where a moment cuts a sum, or where a row is of one bucket."""
    if by_bucket:
        return REQUEST
    for moment in moments_ms:
        if moment is not None and _holds(cursor, "first_ms < ? AND last_ms >= ?", moment):
            return REQUEST
    return TALLY


def table_priced(cursor: sqlite3.Cursor, table: str, thresholds_tok: Collection[int]) -> str:
    """*table*; the requests where a sum holds prompts on both sides of a threshold, which is none of ``TIERS_TOK``."""
    if table == REQUEST:
        return REQUEST
    for threshold in {*thresholds_tok} - {*TIERS_TOK, NEVER}:
        if _holds(cursor, "shortest_tok <= ? AND longest_tok > ?", threshold):
            return REQUEST
    return TALLY


def _holds(cursor: sqlite3.Cursor, condition: str, number: int) -> bool:
    found = cursor.execute(f"SELECT 1 FROM tally WHERE {condition} LIMIT 1", (number, number)).fetchone()
    return found is not None


def also(asked: str, wanted: str) -> str:
    """A condition on rows, and one more."""
    return f"{asked} AND {wanted}" if asked else f"WHERE {wanted}"


def quarters_of(cursor: sqlite3.Cursor, kept: Mapping[str, str], models: Collection[str] = ()) -> list[int]:
    """The quarters of an hour in which there are such requests; *models*: names in the logs, any where empty."""
    wanted = [f"{column} = ?" for column in kept]
    if models:
        wanted.append(f"model IN ({', '.join('?' * len(models))})")
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    rows = cursor.execute(f"SELECT DISTINCT quarter FROM tally {where}", [*kept.values(), *models])
    return [row[0] for row in rows]
