"""The blocks of a first scan: which of them speak of what another file speaks of too, and the sums of the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from costbasis.usage.ledger.block import Block, Packed, number_of, numbers_of, unfold
from costbasis.usage.ledger.seen import OF_BLOCK
from costbasis.usage.ledger.summed import Sum, total
from costbasis.usage.ledger.tally import INSERT, KEYS, UNFOLDED, sums_of

_INSERT_BLOCK = (
    f"INSERT INTO block (file_id, host, {', '.join(OF_BLOCK)}, keys, rows) VALUES (?, ?{', ?' * (len(OF_BLOCK) + 2)})"
)

Conversation = tuple[str, str]
"""Session and agent's id."""

_KEYS = len(KEYS)
_HOUR = _KEYS
"""The place of the hour in a row of ``tally``: behind the keys."""

_QUARTERS = 4
"""Of an hour."""


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
        """Make rows of the conversations in which something is of more than one file."""
        shared = self._shared
        shared |= {one.conversation for one in self._filed if not self._twice.isdisjoint(numbers_of(one.said.keys))}
        unfold(self._db, [one.block for one in self._filed if one.conversation in shared])
        self._filed = [one for one in self._filed if one.conversation not in shared]

    def sum_up(self) -> None:
        """All sums of the ledger: of what is folded, and of the rows."""
        sums: dict[tuple[Any, ...], list[Sum]] = {}
        for row in self._db.execute(sums_of(UNFOLDED)):
            sums.setdefault(row[:_KEYS], []).append(row[_HOUR + 1 :])
        for one in self._filed:
            for key, more in _as_in_tally(one):
                sums.setdefault(key, []).append(more)
        self._db.execute("DELETE FROM tally")
        rows = ((*key, key[1] // _QUARTERS, *total(some)) for key, some in sorted(sums.items()))
        self._db.executemany(INSERT, rows)


def _as_in_tally(one: _Filed) -> Iterator[tuple[tuple[Any, ...], Sum]]:
    said, host = one.said, one.host
    for quarter, model, mode, geo, api_key, user, tier, *more in said.sums:
        key = said.session, quarter, said.project, said.agent, host, model, mode, geo, api_key, user, tier
        yield key, more
