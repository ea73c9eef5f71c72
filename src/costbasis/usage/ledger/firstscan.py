"""The blocks of a first scan: which of them speak of what another file speaks of too, and the sums of the others."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from costbasis.usage.ledger.block import INSERT as INSERT_BLOCK
from costbasis.usage.ledger.block import Packed, as_row, fold_again, number_of, numbers_of, packed
from costbasis.usage.ledger.counting import Telling, changes, count_all
from costbasis.usage.ledger.dedupe import IN_TOTAL
from costbasis.usage.ledger.opened import Opened, opened
from costbasis.usage.ledger.seen import INSERT_COUNTED
from costbasis.usage.ledger.summed import sums_of_rows, total
from costbasis.usage.ledger.tally import INSERT, KEYS, QUARTERS_PER_HOUR, UNFOLDED, UNWATCHED, WATCHED, sums_of

Conversation = tuple[str, str]
"""Session and agent's id."""

_KEYS = len(KEYS)
_SUM = _KEYS + 1
"""Where the sums begin in a row of ``tally``: behind the keys and the hour."""

_QUARTER = KEYS.index("quarter")
_OWN_KEYS = _KEYS - KEYS.index("model")
"""How many keys a sum of a block has behind its quarter."""

_place = itemgetter(0, 2)
"""File and key, by which ``seen`` is in order."""


class _Filed(NamedTuple):
    """A block that was filed. *whose*: the values of ``OF_BLOCK``; *sums*: rows of ``tally``."""

    block: int
    file_id: int
    host: str
    whose: tuple[str, ...]
    keys: bytes
    sums: list[tuple[Any, ...]]

    @property
    def conversation(self) -> Conversation:
        return self.whose[0], self.whose[1]


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
        for *whose, keys, rows, sums in blocks:
            block = self._db.execute(INSERT_BLOCK, (file_id, host, *whose, keys, rows, 1)).lastrowid
            assert block is not None
            filed = _Filed(block, file_id, host, tuple(whose), keys, _in_tally(whose, host, sums))
            self._tell(file_id, filed.conversation, numbers_of(keys))
            self._filed.append(filed)

    def tell(self, file_id: int, conversation: Conversation, key: str) -> None:
        """A request of a file that is in no block."""
        self._tell(file_id, conversation, (number_of(key),))

    def _tell(self, file_id: int, conversation: Conversation, numbers: Sequence[int]) -> None:
        self._twice.update(self._numbers.intersection(numbers))
        self._numbers.update(numbers)
        if self._file_of.setdefault(conversation, file_id) != file_id:
            self._shared.add(conversation)

    def settle_shared(self) -> None:
        """Find out what counts where something is of more than one file. What does not is put into other blocks."""
        shared = self._shared
        shared |= {one.conversation for one in self._filed if not self._twice.isdisjoint(numbers_of(one.keys))}
        paths = dict(self._db.execute("SELECT id, path FROM file"))
        open_blocks = [(one, _open(self._db, one, paths)) for one in self._filed if one.conversation in shared]
        self._filed = [one for one in self._filed if one.conversation not in shared]
        conversations: defaultdict[Conversation, list[Telling]] = defaultdict(list)
        with changes(self._db) as apart:
            for row in apart:
                conversations[row.session, row.agent_id].append(row)
            for one, told in open_blocks:
                conversations[one.conversation] += told
            before = [[(telling.time_ms, telling.held_s) for telling in told] for _, told in open_blocks]
            count_all(conversations.values())
        every = chain.from_iterable(conversations.values())
        in_total = {telling.request_key for telling in every if telling.won_by_here == IN_TOTAL}
        as_rows: list[tuple[Any, ...]] = []
        for (one, told), was in zip(open_blocks, before, strict=True):
            self._filed += self._settled(one, told, was, in_total, as_rows)
        as_rows.sort(key=_place)
        self._db.executemany(INSERT_COUNTED, as_rows)

    def _settled(
        self,
        filed: _Filed,
        told: Sequence[Opened],
        was: Sequence[tuple[int, float]],
        in_total: Collection[str],
        as_rows: list[tuple[Any, ...]],
    ) -> Iterator[_Filed]:
        """A block of what counts of it by now, if anything does; what does not is in a block of its own.

        What a total holds is looked for among rows later. *was*: the date of each request, and how long it was held,
        before that was found out.
        """
        counting: list[Sequence[Any]] = []
        aside: list[Sequence[Any]] = []
        for one in told:
            if one.request_key in in_total:
                said = as_row(one.values, filed.whose, one.counts, one.won_by_here)
                as_rows.append((filed.file_id, filed.host, *said))
            else:
                (counting if one.counts else aside).append(one.values)
        is_as_it_was = was == [(one.time_ms, one.held_s) for one in told]
        if not counting and not aside:
            self._db.execute("DELETE FROM block WHERE id = ?", (filed.block,))
        elif len(aside) == len(told) and is_as_it_was:
            self._db.execute("UPDATE block SET counts = 0 WHERE id = ?", (filed.block,))
        elif not counting:
            fold_again(self._db, filed.block, aside, counts=0)
        elif aside:
            self._db.execute(INSERT_BLOCK, (filed.file_id, filed.host, *filed.whose, *packed(aside), 0))
        if not counting:
            return
        is_as_it_was = is_as_it_was and len(counting) == len(told)
        if not is_as_it_was or any(one.won_by_here for one in told):
            fold_again(self._db, filed.block, counting)
        yield filed if is_as_it_was else filed._replace(sums=_in_tally(filed.whose, filed.host, sums_of_rows(counting)))

    def sum_up(self) -> None:
        """All sums of the ledger: of what is folded, and of the rows."""
        of_sessions: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for row in self._db.execute(sums_of(UNFOLDED)):
            of_sessions[row[0]].append(row)
        for one in self._filed:
            of_sessions[one.whose[0]] += one.sums
        for statement in (*UNWATCHED, "DELETE FROM tally"):
            self._db.execute(statement)
        self._db.executemany(INSERT, _added_up(of_sessions))
        for statement in WATCHED:
            self._db.execute(statement)


def _added_up(of_sessions: Mapping[str, list[tuple[Any, ...]]]) -> Iterator[tuple[Any, ...]]:
    """Sums in order of their keys; those of one key as one."""
    for session in sorted(of_sessions):
        rows = of_sessions[session]
        rows.sort()
        last, *others = rows
        for row in others:
            if row[_QUARTER] == last[_QUARTER] and row[:_KEYS] == last[:_KEYS]:
                last = *last[:_SUM], *total([last[_SUM:], row[_SUM:]])
            else:
                yield last
                last = row
        yield last


def _open(db: sqlite3.Connection, filed: _Filed, paths: Mapping[int, str]) -> list[Opened]:
    told, path, agent = opened(db, filed.block), paths[filed.file_id], filed.whose[-1]
    for one in told:
        one.file_id, one.path, one.agent = filed.file_id, path, agent
    return told


def _in_tally(whose: Sequence[str], host: str, sums: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    session, _, project, agent = whose
    return [
        (session, quarter, project, agent, host, *more[:_OWN_KEYS], quarter // QUARTERS_PER_HOUR, *more[_OWN_KEYS:])
        for quarter, *more in sums
    ]
