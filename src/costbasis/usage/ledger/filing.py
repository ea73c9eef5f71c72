"""Put what was read into the ledger's tables, take out what no longer holds, and count again what that touches."""

from __future__ import annotations

import os
import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from costbasis.usage.ledger.block import folded_of, rows_of_blocks, unfold_keys, unfold_quarters, unfold_where
from costbasis.usage.ledger.counting import Moved, count_touched
from costbasis.usage.ledger.dedupe import BY_SHARE, better
from costbasis.usage.ledger.readfile import JobResult
from costbasis.usage.ledger.schema import DONE, INDEXES, TOUCH_MORE, TOUCH_SHARED, TOUCHED
from costbasis.usage.ledger.seen import COLUMNS, INSERT, MS_PER_QUARTER, event_of, rows_of
from costbasis.usage.ledger.tally import SUM_AGAIN, TALLY_ALL, TALLY_TOUCHED

if TYPE_CHECKING:
    from costbasis.usage.ledger.firstscan import FirstBlocks

_SESSION, _AGENT_ID, _RULE, _TIME_MS, _QUARTER = (
    COLUMNS.index(name) for name in ("session", "agent_id", "key_rule", "time_ms", "quarter")
)
_OF = "session = ? AND agent_id = ?"

_FILE = (
    "reader", "path", "host", "size", "mtime_ns", "inode", "head_sha256", "tail_sha256", "consumed", "pending",
    "known", "project",
)  # fmt: skip
_INSERT_FILE = f"INSERT INTO file ({', '.join(_FILE)}) VALUES (?{', ?' * (len(_FILE) - 1)})"

_COPIES = "SELECT 1 FROM touched CROSS JOIN seen USING (request_key) GROUP BY request_key HAVING COUNT(*) > 1 LIMIT 1"

_NOT_OF_FILE = f"WHERE {_OF} AND file_id != ?"
_BY_OTHERS = f"SELECT 1 FROM seen {_NOT_OF_FILE} UNION ALL SELECT 1 FROM block {_NOT_OF_FILE} LIMIT 1"
_TIMES = f"SELECT time_ms FROM seen WHERE {_OF} AND file_id = ? AND counts ORDER BY time_ms"

Conversation = tuple[str, str]
"""Session and agent's id."""


def host_name() -> str:
    """The name of this machine."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket  # where there is no uname; it takes long to load

    return socket.gethostname()


class Filing:
    """The changes of one update, inside its transaction. A first update touches everything, and so keeps no list."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._host = host_name()
        self.is_first = connection.execute("SELECT 1 FROM file LIMIT 1").fetchone() is None
        self._moved: Moved = set()
        self._apart: dict[Conversation, int] = {}
        self.changed = False
        connection.execute("DELETE FROM answer")
        self._execute(*TOUCHED, *SUM_AGAIN)

    @cached_property
    def _first(self) -> FirstBlocks:
        from costbasis.usage.ledger.firstscan import FirstBlocks  # here: a later update does without

        return FirstBlocks(self._db)

    def keep_as_history(self, paths: Sequence[str]) -> None:
        """Files that are gone, and still count."""
        self._db.executemany("UPDATE file SET gone = 1 WHERE source = '' AND path = ?", [(path,) for path in paths])

    def retract(self, paths: Sequence[str]) -> None:
        """Files that are gone, or are another file by now: what they said no longer holds."""
        for path in paths:
            (file_id,) = self._db.execute("SELECT id FROM file WHERE source = '' AND path = ?", (path,)).fetchone()
            self.touch_file(file_id)
            self._db.execute("DELETE FROM file WHERE id = ?", (file_id,))

    def file(self, result: JobResult) -> None:
        """What a file said in the stretch that was read of it."""
        file_id, project = self._file_row(result)
        if self.is_first:
            self._first.file(file_id, self._host, result.blocks)
        times = {} if self.is_first else self._unfold_around(file_id, result.rows)
        if project != result.project:
            unfold_where(self._db, "file_id = ?", (file_id,))
            self._db.execute("UPDATE seen SET project = ? WHERE file_id = ?", (result.project, file_id))
            self.touch_file(file_id)
        rows = self._with_what_was_said(file_id, result) if result.job.start else result.rows
        if not self.is_first:
            rows = [*rows, *rows_of_blocks(result.blocks)]
            self._moved.update((row[_SESSION], row[_QUARTER]) for row in rows)
            for row in rows:
                whose = row[_SESSION], row[_AGENT_ID]
                if row[_TIME_MS] not in times.get(whose, ()):  # together with what was said before, of another date
                    self._apart.pop(whose, None)
        if rows:
            self._db.executemany(INSERT, [(file_id, self._host, *row) for row in rows])
        if result.skipped:
            self._db.executemany(
                "INSERT OR IGNORE INTO skipped VALUES (?, ?, ?)",
                [(file_id, offset, reason) for offset, reason in result.skipped],
            )
        if not self.is_first:
            self._db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(row[0],) for row in rows])
        else:
            for row in rows:
                self._first.tell(file_id, (row[_SESSION], row[_AGENT_ID]), row[0])
        self.changed = self.changed or bool(rows or result.blocks)

    def count(self) -> None:
        """Count again: at first what several files speak of, later what was touched and its conversations."""
        if not self.is_first:
            self.count_touched()
        elif not self._first:
            self._execute(*INDEXES, *TOUCH_SHARED, *TOUCH_MORE)
            count_touched(self._db)
            self._execute(*TALLY_ALL, *DONE)
        else:
            self._first.settle_shared()
            self._execute(*INDEXES)
            self._first.sum_up()

    def count_touched(self) -> None:
        """Count what was touched, and sum its quarters again: all of that is rows by then."""
        self._execute(*INDEXES)
        unfold_keys(self._db, [key for (key,) in self._db.execute("SELECT request_key FROM touched")])
        self._execute(*TOUCH_MORE)
        has_copies = self._db.execute(_COPIES).fetchone() is not None
        for whose in self._db.execute("SELECT session, agent_id FROM conversation").fetchall():
            if has_copies or not self._is_told_by_one(whose):
                unfold_where(self._db, _OF, whose)
        self._moved |= count_touched(self._db)
        quarters: dict[str, set[int]] = {}
        for session, quarter in self._moved:
            quarters.setdefault(session, set()).add(quarter)
        for session, some in quarters.items():
            unfold_quarters(self._db, "session = ?", (session,), some)
        self._db.executemany("INSERT OR IGNORE INTO summed_again VALUES (?, ?)", self._moved)
        self._moved = set()
        self._execute(*TALLY_TOUCHED, *DONE)

    def _is_told_by_one(self, whose: Conversation) -> bool:
        """Whether one file alone tells a conversation, of which all that may change was unfolded."""
        file_id = self._apart.get(whose)
        return file_id is not None and not self._db.execute(_BY_OTHERS, (*whose, file_id) * 2).fetchone()

    def _unfold_around(self, file_id: int, came: Sequence[tuple[Any, ...]]) -> dict[Conversation, set[int]]:
        """Make rows of the quarters of a file's blocks that *came* moves, before it is filed; the times looked at.

        The last request before one that came is held until that came. A conversation is unfolded whole where more of it
        may change.
        """
        keys = {row[0] for row in came}
        unfold_keys(self._db, keys, "file_id = ? AND NOT counts", (file_id,))
        times: dict[Conversation, set[int]] = {}
        for row in came:
            times.setdefault((row[_SESSION], row[_AGENT_ID]), set()).add(row[_TIME_MS])
        has_totals = any(row[_RULE] == BY_SHARE for row in came)
        for whose, told in folded_of(self._db, "file_id = ?", (file_id,)).items():
            again_ms = [one.time_ms for one in told if one.key in keys]
            if whose not in times and not again_ms:
                continue
            if whose not in times or has_totals or any(one.rule == BY_SHARE for one in told):
                unfold_where(self._db, f"file_id = ? AND {_OF}", (file_id, *whose))
                continue
            times[whose].update(again_ms)
            rows_ms = [ms for (ms,) in self._db.execute(_TIMES, (*whose, file_id))]
            folded_ms = [one.time_ms for one in told]
            moved_ms = set(times[whose])
            for ms in times[whose]:
                last_ms = _last_before(ms, folded_ms)
                if last_ms is not None and last_ms > (_last_before(ms, rows_ms) or -1):
                    moved_ms.add(last_ms)
            quarters = {ms // MS_PER_QUARTER for ms in moved_ms}
            unfold_quarters(self._db, f"file_id = ? AND {_OF}", (file_id, *whose), quarters)
            self._apart[whose] = file_id
        return times

    def _execute(self, *statements: str) -> None:
        for statement in statements:
            self._db.execute(statement)

    def touch_file(self, file_id: int) -> None:
        """What a file speaks of is to be counted again, with the conversations that it is part of."""
        unfold_where(self._db, "file_id = ?", (file_id,))
        whose = "FROM seen WHERE file_id = ?"
        self._db.execute(f"INSERT OR IGNORE INTO touched SELECT request_key {whose}", (file_id,))
        self._db.execute(f"INSERT OR IGNORE INTO conversation SELECT session, agent_id {whose}", (file_id,))
        self._moved.update(self._db.execute(f"SELECT DISTINCT session, quarter {whose}", (file_id,)))
        self.changed = True

    def _file_row(self, result: JobResult) -> tuple[int, str]:
        """The file's id, and the project it was of until now."""
        values = (
            result.reader, result.job.name, self._host, result.size, result.mtime_ns, result.inode,
            result.head_sha256, result.tail_sha256, result.consumed, result.pending, result.known, result.project,
        )  # fmt: skip
        if self.is_first:
            return self._db.execute(_INSERT_FILE, values).lastrowid or 0, result.project
        was = self._db.execute("SELECT project FROM file WHERE source = '' AND path = ?", (result.job.name,)).fetchone()
        sets = ", ".join(f"{name} = excluded.{name}" for name in _FILE if name not in ("path", "host"))
        (file_id,) = self._db.execute(
            f"{_INSERT_FILE} ON CONFLICT (source, path) DO UPDATE SET {sets}, gone = 0 RETURNING id", values
        ).fetchone()
        return file_id, was[0] if was else result.project

    def _with_what_was_said(self, file_id: int, result: JobResult) -> list[tuple[Any, ...]]:
        """The rows of a later stretch, each together with what earlier ones said of the same request."""
        rows: list[tuple[Any, ...]] = []
        for row in result.rows:
            earlier = self._db.execute(
                f"DELETE FROM seen WHERE file_id = ? AND request_key = ? RETURNING {', '.join(COLUMNS)}",
                (file_id, row[0]),
            ).fetchone()
            if earlier is None:
                rows.append(row)
                continue
            self._moved.add((earlier[_SESSION], earlier[_QUARTER]))
            whose = dict(zip(COLUMNS, earlier, strict=True))
            self._db.execute("INSERT OR IGNORE INTO conversation VALUES (?, ?)", (whose["session"], whose["agent_id"]))
            rows += rows_of([better(event_of(earlier, result.job.name), event_of(row, result.job.name))])
        return rows


def _last_before(time_ms: int, times_ms: Sequence[int]) -> int | None:
    place = bisect_left(times_ms, time_ms)
    return times_ms[place - 1] if place else None
