"""Read a file of logs: from where it was stopped, and in bounded memory."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec
from stringzilla import sha256

from costbasis.errors import why
from costbasis.usage.events import UsageEvent
from costbasis.usage.ledger.block import Packed, fold
from costbasis.usage.ledger.dedupe import better
from costbasis.usage.ledger.seen import InEntries, rows_of
from costbasis.usage.ledger.walk import trace_of
from costbasis.usage.readers import Reader, discover, reader_named, reader_of

MARK_BYTES = 4096
CHUNK_BYTES = 64 << 20
"""How much of a file is held at once; a line that is longer is held whole."""


class Job(msgspec.Struct, frozen=True):
    """A file to read: *path* for the system, *name* for people; *size* bytes from *start* on. *folds*: into blocks.

    *reader*: "" where who reads it is to be told from its first bytes.
    """

    path: str
    name: str
    reader: str
    start: int
    size: int
    known: str = "{}"
    folds: bool = False


class JobResult(msgspec.Struct):
    """What a file said, as rows of the ledger, as blocks of rows, or the problem met (then nothing else is set).

    *reader*: who read it; "" for a file that no reader claims, which is no log (then nothing else is set).
    """

    job: Job
    problem: str = ""
    reader: str = ""
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    head_sha256: str = ""
    tail_sha256: str = ""
    consumed: int = 0
    pending: int = 0
    known: str = "{}"
    project: str = ""
    read_bytes: int = 0
    rows: list[tuple[Any, ...]] = []
    blocks: list[Packed] = []
    skipped: list[tuple[int, str]] = []


def read_batch(jobs: Sequence[Job]) -> list[JobResult]:
    """Several files, one after the other."""
    with uncollected():
        return [read_job(job) for job in jobs]


@contextmanager
def uncollected() -> Iterator[None]:
    """Nothing read holds itself, so the collector would look in vain."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def read_job(job: Job) -> JobResult:
    """Read one file from its start offset on. Nothing raised: a problem is a value."""
    result = JobResult(job)
    try:
        with os.fdopen(open_without_waiting(job.path), "rb", buffering=0) as file:
            now = os.fstat(file.fileno())
            if not stat.S_ISREG(now.st_mode):
                return JobResult(job, "not a regular file")
            reader = _reader_for(job, file)
            if reader is None:
                return result
            result.reader = reader.NAME
            size, result.mtime_ns, result.inode = trace_of(job.path, now)
            whole = _read_stretches(file, reader, job, result)
            result.size = result.size if job.name.endswith(".jsonl") else size
            result.head_sha256, result.tail_sha256 = (
                marks_of(file, result.consumed) if whole is None else _marks_in(whole, result.consumed)
            )
    except OSError as error:
        return JobResult(job, f"unreadable file ({why(error)})")
    return result


def _reader_for(job: Job, file: BinaryIO) -> Reader | None:
    if job.reader:
        return reader_named(job.reader) or discover()[job.reader]
    return reader_of(job.name, file.read(MARK_BYTES))


_known = msgspec.json.Decoder(dict[str, str]).decode


def _read_stretches(file: BinaryIO, reader: Reader, job: Job, result: JobResult) -> bytes | None:
    """Read a stretch after the other. The file's bytes, where it was read from its start and in one stretch."""
    told: Sequence[UsageEvent] | dict[str, UsageEvent] = ()
    known = _known(job.known)
    at, want = job.start, min(job.size + 1, CHUNK_BYTES) if reader.RESUMES else job.size + 1
    while True:
        file.seek(at)
        data = _all_of(file, want) if reader.WANTS_BYTES else b""
        reading = reader.read(data, job.name, at, known)
        if len(data) == want and (reading.consumed == at or not reader.RESUMES):
            want *= 2
            continue
        told = _together(told, reading.requests)
        result.skipped += [(int(skip.origin.rpartition(":")[2]), skip.reason) for skip in reading.skipped]
        result.size = at + len(data) if reader.WANTS_BYTES else job.size
        known, is_all, at = reading.known, at == 0, reading.consumed
        if len(data) < want:
            break
    result.read_bytes = result.size - job.start
    result.consumed, result.pending = at, reading.pending
    result.known, result.project = msgspec.json.encode(known).decode(), reading.project
    events = told.values() if isinstance(told, dict) else told
    if job.folds:
        result.blocks, result.rows = fold(events)
    else:
        result.rows = rows_of(events)
    return data if is_all and reader.WANTS_BYTES else None


def _all_of(file: BinaryIO, size: int) -> bytes:
    """What a file without a buffer holds from where it stands, up to a size: asked once, the system may tell less."""
    data = file.read(size)
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def _together(
    before: Sequence[UsageEvent] | dict[str, UsageEvent], events: Sequence[UsageEvent]
) -> Sequence[UsageEvent] | dict[str, UsageEvent]:
    """What stretches said by now, with what one more says; nearly always there is one, and it tells a request once."""
    if not before and (isinstance(events, InEntries) or len({event.request_key for event in events}) == len(events)):
        return events
    best = before if isinstance(before, dict) else {event.request_key: event for event in before}
    for event in events:
        earlier = best.get(event.request_key)
        best[event.request_key] = event if earlier is None else better(earlier, event)
    return best


def marks_of(file: BinaryIO, consumed: int) -> tuple[str, str]:
    """Hashes of the first and the last bytes of the part up to *consumed*: they tell a grown file from another one."""
    file.seek(0)
    head = file.read(min(MARK_BYTES, consumed))
    if consumed <= MARK_BYTES:
        return _marks(head, head)
    file.seek(consumed - MARK_BYTES)
    return _marks(head, file.read(MARK_BYTES))


def _marks_in(data: bytes, consumed: int) -> tuple[str, str]:
    """The same, where the file's first stretch is at hand and goes as far."""
    return _marks(data[: min(MARK_BYTES, consumed)], data[max(consumed - MARK_BYTES, 0) : consumed])


def _marks(head: bytes, tail: bytes) -> tuple[str, str]:
    first = mark_of(head)
    return first, first if tail is head else mark_of(tail)


def mark_of(some: bytes) -> str:
    """The hash of some bytes."""
    return str(sha256(some).hex())


def open_without_waiting(path: str) -> int:
    """Open for reading; where the path has become a pipe by now, do not wait for its writer."""
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
