"""Evidence: which line of which log a request was counted from, by which rule, and why other lines were not."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from costbasis.errors import UnknownName
from costbasis.usage.events import TokenCounts
from costbasis.usage.ledger.block import unfold_for_good
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import COLUMN_KEYS, Grouping, price_tables

KEYS_AT_ONCE = 500
"""How many keys one question holds; SQLite allows 32,766."""


class OtherTelling(NamedTuple):
    """Lines that spoke of a request and did not count: the first one's address, how many, and why not."""

    origin: str
    lines: int
    reason: str


@dataclass(frozen=True, slots=True)
class CountedRequest:
    """A request, the line that counts for it (*origin*, by *rule*), and the others. *time_ms*: epoch, UTC."""

    key: str
    time_ms: int
    session: str
    agent: str
    model: str
    rule: str
    origin: str
    counts: TokenCounts
    web_searches: int
    partial_output: bool
    others: Sequence[OtherTelling]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The requests of one row of a table, or one request. *skipped*: addresses and reasons, of the same files."""

    key: str
    requests: Sequence[CountedRequest]
    skipped: Sequence[tuple[str, str]]


_COUNTED = (
    "request.request_key, request.time_ms, session, request.agent, request.model, rule, path || ':' || request.offset,"
    " request.input_tok, request.cache_write_5m_tok, request.cache_write_1h_tok, request.cache_write_unknown_tok,"
    " request.cache_read_tok, request.output_tok, request.reasoning_tok, request.web_searches, request.partial_output,"
    " file.id"
)

_OF_NAME = (
    "substr(request_key, instr(request_key, ':') + 1) = :name OR request_key = :name"
    " OR substr(request_key, instr(request_key, ':') + 1, length(:name) + 1) IN (:name || '@', :name || '+')"
)
"""A request's key is a kind, a colon and its id; a time or the number of a round may follow the id."""


def evidence_of(connection: sqlite3.Connection, book: PriceBook, grouping: Grouping, key: str) -> Evidence:
    """The requests under *key*: a key of the table that *grouping* makes, else the id of a request.

    Errors: :class:`~costbasis.errors.UnknownName` where *key* is neither.
    """
    unfold_for_good(connection)
    with price_tables(connection, book, grouping) as (cursor, _):
        key_sql = _key_sql(grouping.by)
        rows = (
            "FROM request JOIN period USING (quarter) JOIN file ON file.id = file_id"
            " JOIN epoch_of ON epoch_of.log_model = request.model AND epoch_of.mode = request.mode"
            " AND epoch_of.geo = request.geo AND epoch_of.hour = request.hour JOIN price USING (price_epoch)"
            f" {' '.join(f'JOIN kept_{kind} USING ({kind})' for kind in grouping.kept)}"
        )
        found = cursor.execute(f"SELECT {_COUNTED} {rows} WHERE {key_sql} = ? ORDER BY 2, 1", (key,)).fetchall()
        if not found:
            found = cursor.execute(f"SELECT {_COUNTED} {rows} WHERE {_OF_NAME} ORDER BY 2, 1", {"name": key}).fetchall()
        if not found:
            known = [row[0] for row in cursor.execute(f"SELECT DISTINCT {key_sql} {rows}")]
            hint = f"a key of usage --by {grouping.by}, or the id of a request such as msg_…"
            raise UnknownName("row or request", key, known=known, where="--lines", hint=hint)
        others = _others(cursor, [row[0] for row in found])
        skipped = _skipped(cursor, sorted({row[-1] for row in found}))
    return Evidence(key, [_counted(row, others) for row in found], skipped)


def _key_sql(by: str) -> str:
    if by == "model":
        return "price.model"
    return f"request.{by}" if COLUMN_KEYS.get(by) == by else COLUMN_KEYS.get(by, "period.key")


def _counted(row: Sequence[Any], others: dict[str, list[OtherTelling]]) -> CountedRequest:
    key, time_ms, session, agent, model, rule, origin, *counts = row
    return CountedRequest(
        key=key,
        time_ms=time_ms,
        session=session,
        agent=agent,
        model=model,
        rule=rule,
        origin=origin,
        counts=TokenCounts(*counts[:7]),
        web_searches=counts[7],
        partial_output=bool(counts[8]),
        others=others[key],
    )


def _others(cursor: sqlite3.Cursor, keys: Sequence[str]) -> dict[str, list[OtherTelling]]:
    found: dict[str, list[OtherTelling]] = defaultdict(list)
    for part in _parts(keys):
        rows = cursor.execute(
            "SELECT request_key, path || ':' || offset, lines, reason FROM dropped JOIN file ON file.id = file_id"
            f" WHERE request_key IN ({', '.join('?' * len(part))}) ORDER BY request_key, path, offset, reason",
            part,
        )
        for key, *telling in rows:
            found[key].append(OtherTelling(*telling))
    return found


def _skipped(cursor: sqlite3.Cursor, file_ids: Sequence[int]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in _parts(file_ids):
        found += cursor.execute(
            "SELECT path || ':' || offset, reason FROM skipped JOIN file ON file.id = file_id"
            f" WHERE file_id IN ({', '.join('?' * len(part))}) ORDER BY path, offset",
            part,
        )
    return found


def _parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + KEYS_AT_ONCE] for start in range(0, len(values), KEYS_AT_ONCE)]
