"""The ledger: which requests a set of folders holds, each counted once, brought up to date by reading what changed."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from costbasis.errors import NoLogs, UnreadableInput, why
from costbasis.usage.ledger.block import count_where
from costbasis.usage.ledger.filing import Filing
from costbasis.usage.ledger.manyfiles import PARALLEL_BYTES, read_files
from costbasis.usage.ledger.readfile import uncollected
from costbasis.usage.ledger.scan import FileState, Problem, Scan, plan_changed, plan_scan, shown
from costbasis.usage.ledger.storage import opened, transaction, write_ahead
from costbasis.usage.ledger.told import STAMP, Told, usage_sha256
from costbasis.usage.ledger.trouble import said_plainly
from costbasis.usage.ledger.walk import handed_change, handed_roots, take_back
from costbasis.usage.ledger.where import ledger_file, ledger_folder, real_paths

if TYPE_CHECKING:
    from pathlib import Path

TABLE_ENDINGS = (".csv", ".tsv", ".parquet")
"""Of files that may hold usage which a mapping makes readable."""

SHOWN_ROOTS = 3
"""How many places a message names."""


class UpdateSummary(msgspec.Struct):
    """What an update did, and what the ledger holds after it.

    *pending*: files whose last line is torn. *history_requests*: of deleted logs. *problems*: what could not be read;
    the rest counts. What few want to know is asked of the ledger then, which must be open.
    """

    connection: sqlite3.Connection
    files: int = 0
    files_read: int = 0
    bytes_read: int = 0
    pending: int = 0
    history_files: int = 0
    history_requests: int = 0
    problems: list[Problem] = []

    @property
    def requests(self) -> int:
        """The requests that count."""
        return int(self.connection.execute("SELECT COALESCE(SUM(counted), 0) FROM tally").fetchone()[0])

    @property
    def skipped(self) -> Counter[str]:
        """Lines that could not be counted, by reason."""
        return Counter(dict(self.connection.execute("SELECT reason, COUNT(*) FROM skipped GROUP BY reason").fetchall()))


def open_ledger(roots: Sequence[Path | str], *, keep_history: bool = False, folder: Path | None = None) -> Ledger:
    """The ledger of this set of folders or files.

    *keep_history* keeps what deleted logs said, and does not mind roots that are not there. *folder*: where
    ledgers are kept (default: the user's).

    Errors: :class:`~costbasis.errors.UnreadableInput` for a path that is not there, and where no ledger can
    be written.
    """
    places = [str(root) if keep_history else _reachable(str(root)) for root in roots]
    kept_in = str(folder or ledger_folder(os.environ, os.path.expanduser("~")))
    place = os.path.join(kept_in, ledger_file(places, keep_history))
    with said_plainly(place):
        os.makedirs(kept_in, exist_ok=True)
        return Ledger(place, _real(places), keep_history)


def _real(places: list[str]) -> list[str]:
    return places if places == sorted(set(places)) == handed_roots() else real_paths(places)


def _reachable(root: str) -> str:
    try:
        os.stat(root)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise UnreadableInput("no such file or folder", where=root, hint="check the path") from error
    except OSError as error:
        raise UnreadableInput(f"unreadable ({why(error)})", where=root, hint="check its rights") from error
    return root


def _send_nothing() -> None:
    """What little is written can wait."""


class Ledger:
    """One SQLite file. Every update is one transaction: killed half-way, it leaves what was there before."""

    def __init__(self, place: Path | str, roots: Sequence[Path | str], keep_history: bool) -> None:
        self._place = str(place)
        self._roots = [str(root) for root in roots]
        self._keep_history = keep_history
        self.connection = opened(place)

    @cached_property
    def path(self) -> Path:
        """Where its file is."""
        from pathlib import Path  # here: it takes as long to load as an append takes to file

        return Path(self._place)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: an error, or a process that is killed, leaves what was there before."""
        with transaction(self.connection):
            yield

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def update(self, progress: Callable[[int, int], None] | None = None) -> UpdateSummary:
        """Read what is new or changed below the roots, and count again what it speaks of.

        Where nothing changed, nothing is locked. *progress* is told bytes done and bytes in all.

        Errors: :class:`~costbasis.errors.NoLogs` where no log is found and none was ever counted;
        :class:`~costbasis.errors.UnreadableInput` where the ledger cannot be written.
        """
        with said_plainly(self._place):
            summary = UpdateSummary(self.connection)
            seen_as, (scan, look) = self._data_version(), self._plan()
            if scan.has_work:
                with self.transaction(), uncollected():
                    if self._data_version() != seen_as:  # another process may have done it by now
                        scan, look = self._plan()
                    self._bring_up_to_date(scan, summary, progress)
                    self._note(look if not scan.problems and not summary.problems else "")
                write_ahead(self.connection)
            summary.files, summary.problems = scan.files, [*scan.problems, *summary.problems]
            self._summarise(summary)
            holds_nothing = self.connection.execute("SELECT 1 FROM file LIMIT 1").fetchone() is None
        if holds_nothing:
            self._complain(summary.problems)
        return summary

    def _data_version(self) -> int:
        """Another number after another process changed the ledger."""
        version: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def _plan(self) -> tuple[Scan, str]:
        """What is to be done, and the name of the look that says so, "" where it has none."""
        change = handed_change(self._roots)
        if change is None or change.since != self._looked():
            return plan_scan(self._roots, self._states("")), change.now if change else ""
        take_back()
        known: dict[str, FileState] = {}
        for path, *_ in change.changed:
            known |= self._states(" AND path = ?", shown(path))
        return plan_changed(change.changed, known), change.now

    def _states(self, where: str, *values: str) -> dict[str, FileState]:
        rows = self.connection.execute(
            "SELECT path, reader, size, mtime_ns, inode, head_sha256, tail_sha256, consumed, known, project, gone"
            f" FROM file WHERE source = ''{where}",
            values,
        )
        return {row[0]: FileState(*row) for row in rows}

    def _looked(self) -> str | None:
        """The name of the look that the ledger was last brought up to, with nothing left that could not be read."""
        row = self.connection.execute("SELECT tree FROM looked").fetchone()
        return None if row is None else str(row[0])

    def _bring_up_to_date(
        self, scan: Scan, summary: UpdateSummary, progress: Callable[[int, int], None] | None
    ) -> None:
        filing = Filing(self.connection)
        if self._keep_history:
            filing.keep_as_history(scan.vanished)
        else:
            filing.retract(scan.vanished)
        filing.retract(scan.rewritten)
        is_large = filing.is_first and sum(job.size for job in scan.jobs) >= PARALLEL_BYTES
        with self._sent_meanwhile() if is_large else nullcontext(_send_nothing) as send:
            for result in read_files(scan.jobs, progress):
                if result.problem:
                    summary.problems.append(Problem(result.job.name, result.problem))
                    continue
                if not result.reader:
                    scan.files -= 1
                    continue
                filing.file(result)
                send()
                summary.files_read += 1
                summary.bytes_read += result.read_bytes
            if filing.changed:
                filing.count()

    def _sent_meanwhile(self) -> AbstractContextManager[Callable[[], None]]:
        from costbasis.usage.ledger.todisk import sent_meanwhile  # here: an append has next to nothing to send

        return sent_meanwhile(self.path)

    def _note(self, look: str) -> None:
        self.connection.execute("DELETE FROM looked")
        if look:
            self.connection.execute("INSERT INTO looked VALUES (?)", (look,))

    def _complain(self, problems: Sequence[Problem]) -> None:
        from costbasis.usage.ledger.places import WHERE_LOGS_ARE

        where, here = ", ".join(map(shown, self._roots)), "here"
        if len(self._roots) > SHOWN_ROOTS:
            where, here = shown(os.path.commonpath(self._roots)), f"in {len(self._roots)} places below it"
        what = f"no agent logs that can be read: {problems[0].what}" if problems else f"no agent logs {here}"
        tables = [root for root in self._roots if root.endswith(TABLE_ENDINGS) and os.path.isfile(root)]
        hint = "check that place, or give another" if problems else WHERE_LOGS_ARE
        if tables:
            hint = f"costbasis import --guess {tables[0]} proposes what its columns mean"
        raise NoLogs(what, where=problems[0].path if problems else where, hint=hint)

    def _summarise(self, summary: UpdateSummary) -> None:
        ask = self.connection.execute
        summary.pending = ask("SELECT COUNT(*) FROM file WHERE pending > 0 AND NOT gone").fetchone()[0]
        summary.history_files, summary.history_requests = self.history()

    def history(self) -> tuple[int, int]:
        """Files that are gone and still count, and the requests that only they speak for."""
        ask = self.connection.execute
        files = ask("SELECT COUNT(*) FROM file WHERE gone").fetchone()[0]
        of_them = "file_id IN (SELECT id FROM file WHERE gone)"
        return files, count_where(self.connection, of_them) if files else 0

    @property
    def identity(self) -> str:
        """A name of its own, by which another ledger knows what came from this one."""
        return str(self.connection.execute("SELECT ledger FROM identity").fetchone()[0])

    @property
    def usage_sha256(self) -> str:
        """A hash of the requests that count; of nothing before the first of them."""
        with said_plainly(self._place):
            return usage_sha256(self.connection)

    def told(self) -> Told:
        """What the ledger holds now, to be hashed when that is asked for."""
        return Told(self._place, self.connection.execute(STAMP).fetchone())

    def skipped(self) -> list[tuple[str, int, str]]:
        """Reason, count and first address of the lines that could not be counted, the most frequent first."""
        return self._by_reason("SELECT reason, 1 AS lines, path, offset FROM skipped JOIN file ON file.id = file_id")

    def dropped(self) -> list[tuple[str, int, str]]:
        """Reason, lines and first address of what spoke of a request that another line counts for."""
        return self._by_reason("SELECT reason, lines, path, offset FROM dropped JOIN file ON file.id = file_id")

    def _by_reason(self, rows: str) -> list[tuple[str, int, str]]:
        return self.connection.execute(
            "SELECT reason, total, path || ':' || offset FROM ("
            f"SELECT *, SUM(lines) OVER (PARTITION BY reason) AS total, ROW_NUMBER() OVER first AS place FROM ({rows})"
            " WINDOW first AS (PARTITION BY reason ORDER BY path, offset)"
            ") WHERE place = 1 ORDER BY total DESC, reason"
        ).fetchall()
