"""What changed below a set of folders: which files to read from where, which to retract, and what cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from costbasis.errors import why
from costbasis.usage.ledger.readfile import MARK_BYTES, Job, mark_of, marks_of, open_without_waiting
from costbasis.usage.ledger.walk import handed_or_new, trace_of
from costbasis.usage.readers import Reader, reader_named, reader_of

if TYPE_CHECKING:
    from pathlib import Path

    from costbasis.usage.ledger.walk import Seen


class FileState(msgspec.Struct, frozen=True):
    """A file as it was when it was last read up to *consumed*: *head_sha256* and *tail_sha256* are of the first and
    the last bytes of that part. *known* and *project* are what its reader said to keep."""

    path: str
    reader: str
    size: int
    mtime_ns: int
    inode: int
    head_sha256: str
    tail_sha256: str
    consumed: int
    known: str
    project: str
    gone: int

    def is_as_it_was(self, now: os.stat_result) -> bool:
        """Whether nothing tells that the file changed."""
        return (self.size, self.mtime_ns, self.inode) == trace_of(self.path, now) and not self.gone


class Problem(msgspec.Struct, frozen=True):
    """Something on the disk that could not be read: a "file" or a "folder", and what happened."""

    path: str
    what: str
    kind: str = "file"


class Scan(msgspec.Struct):
    """What is to be done. *rewritten* files are retracted before they are read again."""

    files: int = 0
    jobs: list[Job] = []
    rewritten: list[str] = []
    vanished: list[str] = []
    problems: list[Problem] = []

    @property
    def has_work(self) -> bool:
        """Whether the ledger will change."""
        return bool(self.jobs or self.vanished)


def plan_scan(roots: Sequence[Path | str], known: Mapping[str, FileState]) -> Scan:
    """Compare the files below *roots* with what is *known* of them. Unchanged files are not opened.

    Files below a folder that cannot be looked into are neither here nor gone. Where nothing is known, no file is
    opened: whether one is a log, and whose, is told where it is read.
    """
    return plan_seen(handed_or_new(map(str, roots)), known)


def plan_seen(seen: Sequence[Seen], known: Mapping[str, FileState]) -> Scan:
    """As :func:`plan_scan`, of a look that is at hand."""
    scan = Scan()
    shut: list[str] = []
    present: set[str] = set()

    for path, now, error, is_folder in seen:
        name = shown(path)
        if is_folder and error is not None:
            shut.append(f"{name}/")
            scan.problems.append(Problem(name, f"unreadable folder ({why(error)})", "folder"))
        elif name not in present and _plan_file(path, name, now or error, known.get(name), scan, not known):
            present.add(name)
    scan.files = len(present)
    scan.vanished = [
        path
        for path, state in known.items()
        if path not in present and not state.gone and not path.startswith(tuple(shut))
    ]
    return scan


def plan_changed(changed: Sequence[Seen], known: Mapping[str, FileState]) -> Scan:
    """As :func:`plan_scan`, where nothing else changed and no file came or went."""
    scan = Scan(files=len(changed))
    for path, now, error, _ in changed:
        name = shown(path)
        _plan_file(path, name, now or error, known.get(name), scan)
    return scan


def shown(path: str) -> str:
    r"""The path as text that can be stored and printed: a byte that is no UTF-8 becomes its code.

    >>> shown("/logs/caf\udce9.jsonl")
    '/logs/caf\\udce9.jsonl'
    """
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()


def _plan_file(
    path: str,
    name: str,
    now: os.stat_result | OSError | None,
    state: FileState | None,
    scan: Scan,
    is_first: bool = False,
) -> bool:
    """Add what is to be done with a file; whether it is a log at all, or one that cannot be looked into now."""
    try:
        if not isinstance(now, os.stat_result):
            raise now or FileNotFoundError
        if state is not None and state.is_as_it_was(now):
            return True
        if not stat.S_ISREG(now.st_mode):
            scan.problems.append(Problem(name, "not a regular file"))
            return True
        if is_first:
            scan.jobs.append(Job(path, name, "", 0, now.st_size, folds=True))
            return True
        with os.fdopen(open_without_waiting(path), "rb") as file:
            head = file.read(MARK_BYTES)
            reader = _reader_again(state, head) or reader_of(name, head)
            goes_on = reader is not None and state is not None and _goes_on(file, state, reader, now)
    except OSError as error:
        scan.problems.append(Problem(name, f"unreadable file ({why(error)})"))
        return True
    if reader is None:
        return False
    if state is not None and goes_on:
        scan.jobs.append(Job(path, name, reader.NAME, state.consumed, now.st_size - state.consumed, state.known))
        return True
    if state is not None:
        scan.rewritten.append(name)
    scan.jobs.append(Job(path, name, reader.NAME, 0, now.st_size))
    return True


def _reader_again(state: FileState | None, head: bytes) -> Reader | None:
    """The reader of a file that begins as it did, where all was there by which readers are told apart."""
    if state is None or state.consumed < MARK_BYTES or mark_of(head) != state.head_sha256:
        return None
    return reader_named(state.reader)


def _goes_on(file: BinaryIO, state: FileState, reader: Reader, now: os.stat_result) -> bool:
    """True where what was read of the file is still there: its first bytes, and the last ones before the new part."""
    if state.reader != reader.NAME or not reader.RESUMES or now.st_size < state.consumed:
        return False
    return marks_of(file, state.consumed) == (state.head_sha256, state.tail_sha256)
