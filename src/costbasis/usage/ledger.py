"""The ledger: which requests a set of folders holds, each counted once, brought up to date by reading what changed."""

from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from costbasis.errors import NoLogs, UnreadableInput
from costbasis.usage.readers import discover
from costbasis.usage.scan import FileState, Problem, plan_scan, read_files
from costbasis.usage.schema import COUNT_REQUESTS, SEEN_COLUMNS, TABLES, VERSION

BUSY_S = 60.0
"""How long one update waits for another of the same ledger."""


@dataclass(slots=True)
class UpdateSummary:
    """What an update did. *pending*: files whose last line is torn. *history_requests*: of deleted logs."""

    files: int = 0
    files_read: int = 0
    bytes_read: int = 0
    pending: int = 0
    history_files: int = 0
    history_requests: int = 0
    problems: list[Problem] = field(default_factory=list)


def home_roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """Where every known agent keeps its logs on this machine, those that exist.

    Errors: :class:`~costbasis.errors.NoLogs` with the places looked at.
    """
    places = [root for reader in discover().values() for root in reader.roots(environ, home)]
    found = [place for place in places if place.is_dir()]
    if not found:
        raise NoLogs(
            f"no agent logs below it (looked for {', '.join(sorted(discover()))})",
            where=str(home),
            hint="give the folder that holds them, or try: costbasis report --sample; docs/agents.md lists the places",
        )
    return found


def ledger_home(environ: Mapping[str, str], home: Path) -> Path:
    """Where ledgers are kept: below ``COSTBASIS_HOME``, else ``XDG_DATA_HOME``, else ``~/.local/share``."""
    if environ.get("COSTBASIS_HOME"):
        return Path(environ["COSTBASIS_HOME"]) / "ledgers"
    data = Path(environ["XDG_DATA_HOME"]) if environ.get("XDG_DATA_HOME") else home / ".local" / "share"
    return data / "costbasis" / "ledgers"


def open_ledger(roots: Sequence[Path], *, keep_history: bool = False, folder: Path | None = None) -> Ledger:
    """The ledger of this set of folders or files.

    *keep_history* keeps what deleted logs said, in the one ledger of this machine's agents, whichever of
    them are installed. *folder*: where ledgers are kept (default: the user's).

    Errors: :class:`~costbasis.errors.UnreadableInput` for a path that is not there, and where no ledger can
    be written.
    """
    for root in roots:
        if not root.exists():
            raise UnreadableInput("no such file or folder", where=str(root), hint="check the path")
    home = folder or ledger_home(os.environ, Path.home())
    named = sorted(str(root.resolve()) for root in roots)
    name = "agents" if keep_history else hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]
    try:
        home.mkdir(parents=True, exist_ok=True)
        return Ledger(home / f"{name}.sqlite", [Path(path) for path in named], keep_history)
    except (OSError, sqlite3.OperationalError) as error:
        raise UnreadableInput(
            f"no ledger can be kept there: {error}", where=str(home), hint="set COSTBASIS_HOME to a writable folder"
        ) from error
    except sqlite3.DatabaseError as error:
        raise UnreadableInput(
            f"the ledger is damaged: {error}", where=str(home / f"{name}.sqlite"), hint="delete it; it is made again"
        ) from error


class Ledger:
    """One SQLite file. Every update is one transaction: killed half-way, it leaves what was there before."""

    def __init__(self, path: Path, roots: Sequence[Path], keep_history: bool) -> None:
        self.path = path
        self._roots = roots
        self._keep_history = keep_history
        self.connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.create_function("bucket_of", 1, _bucket, deterministic=True)
        if self.connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            self.connection.executescript(TABLES)
            self.connection.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def update(self, progress: Callable[[int, int], None] | None = None) -> UpdateSummary:
        """Read what is new or changed below the roots, and count again if anything was."""
        summary = UpdateSummary()
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            changed = self._bring_up_to_date(summary, progress)
            if changed:
                self._count()
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self._summarise(summary)
        return summary

    def _bring_up_to_date(self, summary: UpdateSummary, progress: Callable[[int, int], None] | None) -> bool:
        scan = plan_scan(self._roots, self._states())
        summary.files, summary.problems = scan.files, scan.problems
        changed = bool(scan.vanished) and self._forget(scan.vanished)
        for path in scan.rewritten:
            self.connection.execute("DELETE FROM file WHERE path = ?", (path,))
        for reading in read_files(scan.jobs, self._known_ids, progress):
            summary.files_read += 1
            summary.bytes_read += reading.bytes_read
            if reading.problem is not None:
                summary.problems.append(reading.problem)
                continue
            self._store(reading.state, reading.rows, reading.skipped)
            changed = True
        return changed or bool(scan.rewritten)

    def _states(self) -> dict[str, FileState]:
        rows = self.connection.execute(
            "SELECT path, reader, size, mtime_ns, inode, head_sha256, head_len, consumed, pending, gone FROM file"
        )
        return {row[0]: FileState(*row) for row in rows}

    def _forget(self, vanished: Sequence[str]) -> bool:
        if self._keep_history:
            self.connection.executemany("UPDATE file SET gone = 1 WHERE path = ?", [(path,) for path in vanished])
            return False
        self.connection.executemany("DELETE FROM file WHERE path = ?", [(path,) for path in vanished])
        return True

    def _known_ids(self, path: str) -> dict[str, str]:
        from costbasis.usage.readers.claude_code import id_of_key

        rows = self.connection.execute(
            "SELECT request_key FROM seen JOIN file ON file.id = file_id WHERE path = ? AND request_key LIKE 'i:%'",
            (path,),
        )
        return dict(pair for (key,) in rows if (pair := id_of_key(key)) is not None)

    def _store(self, state: FileState, rows: Sequence[tuple[object, ...]], skipped: Sequence[tuple[int, str]]) -> None:
        self.connection.execute(
            "INSERT INTO file (reader, path, host, size, mtime_ns, inode, head_sha256, head_len, consumed, pending)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET size = excluded.size,"
            " mtime_ns = excluded.mtime_ns, inode = excluded.inode, head_sha256 = excluded.head_sha256,"
            " head_len = excluded.head_len, consumed = excluded.consumed, pending = excluded.pending, gone = 0",
            (
                state.reader, state.path, socket.gethostname(), state.size, state.mtime_ns, state.inode,
                state.head_sha256, state.head_len, state.consumed, state.pending,
            ),
        )  # fmt: skip
        (file_id,) = self.connection.execute("SELECT id FROM file WHERE path = ?", (state.path,)).fetchone()
        marks = ", ".join("?" * len(SEEN_COLUMNS))
        self.connection.executemany(
            f"INSERT INTO seen ({', '.join(SEEN_COLUMNS)}) VALUES ({marks}) ON CONFLICT DO UPDATE SET {_MERGE}",
            [(file_id, *row) for row in rows],
        )
        self.connection.executemany(
            "INSERT INTO skipped VALUES (?, ?, ?)", [(file_id, offset, reason) for offset, reason in skipped]
        )

    def _count(self) -> None:
        self.connection.execute("DELETE FROM request")
        self.connection.execute(COUNT_REQUESTS)
        digest = hashlib.sha256()
        for row in self.connection.execute(
            "SELECT request_key, time_ms, model, mode, prompt_tok, output_tok, web_searches FROM request"
            " ORDER BY request_key"
        ):
            digest.update(repr(row).encode())
        self.connection.execute("DELETE FROM fingerprint")
        self.connection.execute("INSERT INTO fingerprint VALUES (?)", (digest.hexdigest(),))

    def _summarise(self, summary: UpdateSummary) -> None:
        ask = self.connection.execute
        summary.pending = ask("SELECT COUNT(*) FROM file WHERE pending > 0 AND NOT gone").fetchone()[0]
        summary.history_files = ask("SELECT COUNT(*) FROM file WHERE gone").fetchone()[0]
        summary.history_requests = ask(
            "SELECT COUNT(*) FROM request JOIN file ON file.id = file_id WHERE gone"
        ).fetchone()[0]

    @property
    def usage_sha256(self) -> str:
        """A hash of the requests that count; "" before the first of them."""
        row = self.connection.execute("SELECT sha256 FROM fingerprint").fetchone()
        return row[0] if row else ""

    def skipped(self) -> list[tuple[str, int, str]]:
        """Reason, count and first address of the lines that could not be counted, the most frequent first."""
        return self.connection.execute(
            "SELECT reason, COUNT(*), MIN(path || ':' || offset) FROM skipped JOIN file ON file.id = file_id"
            " GROUP BY reason ORDER BY COUNT(*) DESC, reason"
        ).fetchall()

    def dropped(self) -> list[tuple[str, int, str]]:
        """Reason, lines and first address of what spoke of a request that another line counts for."""
        return self.connection.execute(
            "SELECT reason, SUM(lines), MIN(path || ':' || offset) FROM dropped JOIN file ON file.id = file_id"
            " GROUP BY reason ORDER BY reason"
        ).fetchall()


_ORDER = (
    "(excluded.is_mirror, excluded.is_sidechain, -excluded.output_tok, excluded.time_ms)"
    " < (seen.is_mirror, seen.is_sidechain, -seen.output_tok, seen.time_ms)"
)
_MERGE = ", ".join(
    [
        f"{name} = CASE WHEN {_ORDER} THEN excluded.{name} ELSE seen.{name} END"
        for name in SEEN_COLUMNS
        if name not in ("file_id", "request_key", "lines", "partial_output")
    ]
    + ["lines = seen.lines + excluded.lines", "partial_output = MIN(seen.partial_output, excluded.partial_output)"]
)
"""A later stretch of a file about a request that an earlier one spoke of: the better line counts."""


def _bucket(prompt_tok: int) -> int:
    """floor(log2) of the prompt, exactly; 0 for an empty one.

    >>> [_bucket(tok) for tok in (0, 1, 2, 131_071, 131_072)]
    [0, 0, 1, 16, 17]
    """
    return max(prompt_tok.bit_length() - 1, 0)
