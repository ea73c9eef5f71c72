"""Put what was read into the ledger's tables, take out what no longer holds, and count again what that touches."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from costbasis.usage.ledger.block import rows_of_blocks, unfold_keys, unfold_where
from costbasis.usage.ledger.counting import count_touched
from costbasis.usage.ledger.dedupe import better
from costbasis.usage.ledger.firstscan import FirstBlocks
from costbasis.usage.ledger.readfile import JobResult
from costbasis.usage.ledger.schema import DONE, INDEXES, TOUCH_MORE, TOUCH_SHARED, TOUCHED
from costbasis.usage.ledger.seen import COLUMNS, INSERT, event_of, rows_of
from costbasis.usage.ledger.tally import TALLY_ALL, TALLY_TOUCHED

_SESSION, _AGENT_ID = COLUMNS.index("session"), COLUMNS.index("agent_id")

_FILE = (
    "reader", "path", "host", "size", "mtime_ns", "inode", "head_sha256", "tail_sha256", "consumed", "pending",
    "known", "project",
)  # fmt: skip
_INSERT_FILE = f"INSERT INTO file ({', '.join(_FILE)}) VALUES (?{', ?' * (len(_FILE) - 1)})"

_SESSIONS = "SELECT session FROM conversation UNION SELECT session FROM touched CROSS JOIN seen USING (request_key)"
"""What is summed again (``TALLY_TOUCHED``)."""


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
        self._is_first = connection.execute("SELECT 1 FROM file LIMIT 1").fetchone() is None
        self._first = FirstBlocks(connection)
        self.changed = False
        connection.execute("DELETE FROM answer")
        for statement in TOUCHED:
            connection.execute(statement)

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
        if self._is_first:
            self._first.file(file_id, self._host, result.blocks)
        else:
            unfold_where(self._db, "file_id = ?", (file_id,))
        if project != result.project:
            self._db.execute("UPDATE seen SET project = ? WHERE file_id = ?", (result.project, file_id))
            self.touch_file(file_id)
        rows = self._with_what_was_said(file_id, result) if result.job.start else result.rows
        if not self._is_first:
            rows = [*rows, *rows_of_blocks(result.blocks)]
        if rows:
            self._db.executemany(INSERT, [(file_id, self._host, *row) for row in rows])
        if result.skipped:
            self._db.executemany(
                "INSERT OR IGNORE INTO skipped VALUES (?, ?, ?)",
                [(file_id, offset, reason) for offset, reason in result.skipped],
            )
        if not self._is_first:
            self._db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", [(row[0],) for row in rows])
        else:
            for row in rows:
                self._first.tell(file_id, (row[_SESSION], row[_AGENT_ID]), row[0])
        self.changed = self.changed or bool(rows or result.blocks)

    def count(self) -> None:
        """Count again: at first what several files speak of, later what was touched and its conversations."""
        if not self._is_first:
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
        """Count what was touched, and sum it again: its sessions are rows by then, whole."""
        self._execute(*INDEXES)
        unfold_keys(self._db, [key for (key,) in self._db.execute("SELECT request_key FROM touched")])
        self._execute(*TOUCH_MORE)
        unfold_where(self._db, f"session IN ({_SESSIONS})")
        count_touched(self._db)
        self._execute(*TALLY_TOUCHED, *DONE)

    def _execute(self, *statements: str) -> None:
        for statement in statements:
            self._db.execute(statement)

    def touch_file(self, file_id: int) -> None:
        """What a file speaks of is to be counted again, with the conversations that it is part of."""
        unfold_where(self._db, "file_id = ?", (file_id,))
        whose = "FROM seen WHERE file_id = ?"
        self._db.execute(f"INSERT OR IGNORE INTO touched SELECT request_key {whose}", (file_id,))
        self._db.execute(f"INSERT OR IGNORE INTO conversation SELECT session, agent_id {whose}", (file_id,))
        self.changed = True

    def _file_row(self, result: JobResult) -> tuple[int, str]:
        """The file's id, and the project it was of until now."""
        values = (
            result.reader, result.job.name, self._host, result.size, result.mtime_ns, result.inode,
            result.head_sha256, result.tail_sha256, result.consumed, result.pending, result.known, result.project,
        )  # fmt: skip
        if self._is_first:
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
            whose = dict(zip(COLUMNS, earlier, strict=True))
            self._db.execute("INSERT OR IGNORE INTO conversation VALUES (?, ?)", (whose["session"], whose["agent_id"]))
            rows += rows_of([better(event_of(earlier, result.job.name), event_of(row, result.job.name))])
        return rows
