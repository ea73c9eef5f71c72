"""The blocks of a first scan: which of them speak of what another file speaks of too, and the sums of the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from costbasis.usage.ledger.block import Block, Packed, number_of, numbers_of, taken_out
from costbasis.usage.ledger.counting import SAID, Told, changes, count_all
from costbasis.usage.ledger.seen import COLUMNS, INSERT_COUNTED, MS_PER_HOUR, MS_PER_QUARTER, OF_BLOCK
from costbasis.usage.ledger.summed import total
from costbasis.usage.ledger.tally import INSERT, KEYS, QUARTERS_PER_HOUR, UNFOLDED, UNWATCHED, WATCHED, sums_of

_INSERT_BLOCK = (
    f"INSERT INTO block (file_id, host, {', '.join(OF_BLOCK)}, keys, rows) VALUES (?, ?{', ?' * (len(OF_BLOCK) + 2)})"
)

Conversation = tuple[str, str]
"""Session and agent's id."""

_SUM = len(KEYS) + 1
"""Where the sums begin in a row of ``tally``: behind the keys and the hour."""

_keys = itemgetter(*range(len(KEYS)))

_AHEAD = 2
"""Of the columns in a row that is filed stand file and host."""

_PLACE = itemgetter(0, _AHEAD + COLUMNS.index("request_key"))
"""By which ``seen`` is in order: what comes in order is filed in half the time."""

_said = itemgetter(*(_AHEAD + COLUMNS.index(name) for name in SAID))
_HELD_S, _TIME_MS, _HOUR_OF, _QUARTER_OF = (
    _AHEAD + COLUMNS.index(name) for name in ("held_s", "time_ms", "hour", "quarter")
)


class _Filed(NamedTuple):
    block: int
    conversation: Conversation
    host: str
    said: Block


class FirstBlocks:
    """What the files of a first scan said, block by block, until all of them are there."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._filed: list[_Filed] = []
        self._numbers: set[int] = set()
        self._twice: set[int] = set()
        self._file_of: dict[Conversation, int] = {}
        self._shared: set[Conversation] = set()

    def __bool__(self) -> bool:
        return bool(self._filed)

    def file(self, file_id: int, host: str, blocks: Iterable[Packed]) -> None:
        """Blocks of a file, into the ledger as they are."""
        for said in map(Block._make, blocks):
            *whole, _ = said
            block = self._db.execute(_INSERT_BLOCK, (file_id, host, *whole)).lastrowid
            assert block is not None
            conversation = said.session, said.agent_id
            self._tell(file_id, conversation, numbers_of(said.keys))
            self._filed.append(_Filed(block, conversation, host, said._replace(rows="")))

    def tell(self, file_id: int, conversation: Conversation, key: str) -> None:
        """A request of a file that is in no block."""
        self._tell(file_id, conversation, (number_of(key),))

    def _tell(self, file_id: int, conversation: Conversation, numbers: Sequence[int]) -> None:
        self._twice.update(self._numbers.intersection(numbers))
        self._numbers.update(numbers)
        if self._file_of.setdefault(conversation, file_id) != file_id:
            self._shared.add(conversation)

    def unfold_shared(self) -> None:
        """Make rows of the conversations in which something is of more than one file, counted by then."""
        shared = self._shared
        shared |= {one.conversation for one in self._filed if not self._twice.isdisjoint(numbers_of(one.said.keys))}
        rows = [row for one in self._filed if one.conversation in shared for row in taken_out(self._db, one.block)]
        self._filed = [one for one in self._filed if one.conversation not in shared]
        rows.sort(key=_PLACE)
        paths = dict(self._db.execute("SELECT id, path FROM file"))
        told = [Told(row[0], "", paths[row[0]], *_said(row)) for row in rows]
        with changes(self._db) as apart:
            count_all([*told, *apart])
        self._db.executemany(INSERT_COUNTED, map(_counted, rows, told))

    def sum_up(self) -> None:
        """All sums of the ledger: of what is folded, and of the rows."""
        rows = self._db.execute(sums_of(UNFOLDED)).fetchall()
        for one in self._filed:
            rows += _as_in_tally(one)
        rows.sort()
        for statement in (*UNWATCHED, "DELETE FROM tally"):
            self._db.execute(statement)
        self._db.executemany(INSERT, _added_up(rows))
        for statement in WATCHED:
            self._db.execute(statement)


def _added_up(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Sums in order of their keys; those of one key as one."""
    for _, some in groupby(rows, key=_keys):
        first, *more = some
        yield (*first[:_SUM], *total([one[_SUM:] for one in (first, *more)])) if more else first


def _counted(row: tuple[Any, ...], one: Told) -> Sequence[Any]:
    """A row as it is filed, with what was found out of it."""
    time_ms = one.time_ms
    values = [*row, one.counts, one.won_by_here]
    values[_HELD_S], values[_TIME_MS] = one.held_s, time_ms
    values[_HOUR_OF], values[_QUARTER_OF] = time_ms // MS_PER_HOUR, time_ms // MS_PER_QUARTER
    return values


def _as_in_tally(one: _Filed) -> Iterator[tuple[Any, ...]]:
    said, host = one.said, one.host
    session, project, agent = said.session, said.project, said.agent
    for quarter, model, mode, geo, api_key, user, tier, *more in said.sums:
        keys = session, quarter, project, agent, host, model, mode, geo, api_key, user, tier
        yield *keys, quarter // QUARTERS_PER_HOUR, *more
