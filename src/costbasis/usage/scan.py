"""What changed below a set of folders, and reading it: by offsets where a file grew, in processes where it is much."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from costbasis.usage.events import UsageEvent
from costbasis.usage.readers import discover

HEAD_BYTES = 4096
LOG_ENDINGS = (".jsonl", ".json", ".db", ".sqlite", ".sqlite3")
"""Files with another ending are not opened."""

PARALLEL_BYTES = 64_000_000
"""New bytes above which processes are worth their start."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was last read. *head_sha256* is of its first *head_len* bytes."""

    path: str
    reader: str
    size: int
    mtime_ns: int
    inode: int
    head_sha256: str
    head_len: int
    consumed: int
    pending: int
    gone: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something on the disk that could not be read, and what happened."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read, from *start* on."""

    path: str
    reader: str
    start: int
    size: int


@dataclass(slots=True)
class Scan:
    """What is to be done. *rewritten* files are retracted before they are read again."""

    files: int = 0
    jobs: list[Job] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a file said, as rows of the table ``seen`` (without the file's id), or the problem met."""

    state: FileState
    rows: list[tuple[object, ...]]
    skipped: list[tuple[int, str]]
    bytes_read: int
    problem: Problem | None = None


def plan_scan(roots: Sequence[Path], known: Mapping[str, FileState]) -> Scan:
    """Compare the files below *roots* with what is *known* of them. Unchanged files are not opened."""
    scan = Scan()
    present: set[str] = set()
    for root in roots:
        for path in _files_below(root, scan.problems):
            if path in present or not path.endswith(LOG_ENDINGS):
                continue
            if not _is_utf8(path):
                scan.problems.append(Problem(ascii(path), "a name that is not UTF-8; rename it to have it counted"))
                continue
            state = known.get(path)
            reader = state.reader if state is not None else _reader_of(path, scan.problems)
            if reader is not None:
                present.add(path)
                _plan_file(Path(path), reader, state, scan)
    scan.files = len(present)
    unreadable = tuple(problem.path for problem in scan.problems)
    scan.vanished = [
        path
        for path, state in known.items()
        if path not in present and not state.gone and not path.startswith(unreadable)
    ]
    return scan


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reader_of(path: str, problems: list[Problem]) -> str | None:
    """The first reader that claims a new file by its name and its first bytes."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        problems.append(Problem(path, f"unreadable file ({error.strerror})"))
        return None
    return next((name for name, reader in discover().items() if reader.claims(path, head)), None)


def _files_below(root: Path, problems: list[Problem]) -> Iterator[str]:
    """Every file below *root*, sorted, or *root* itself; a folder that cannot be read is a problem, not an end."""

    def refused(error: OSError) -> None:
        problems.append(Problem(str(error.filename or root), f"unreadable folder ({error.strerror})"))

    if root.is_file():
        yield str(root)
        return
    for folder, below, files in os.walk(root, onerror=refused):
        below.sort()
        for name in sorted(files):
            yield str(Path(folder, name))


def _plan_file(path: Path, reader: str, state: FileState | None, scan: Scan) -> None:
    try:
        size, mtime_ns, inode = _stat(path)
    except OSError as error:
        scan.problems.append(Problem(str(path), f"unreadable file ({error.strerror})"))
        return
    if state is None:
        scan.jobs.append(Job(str(path), reader, 0, size))
        return
    if (state.size, state.mtime_ns, state.inode, state.gone) == (size, mtime_ns, inode, 0):
        return
    resumes = discover()[reader].RESUMES and _goes_on(path, state, size)
    start = state.consumed if resumes else 0
    if start == 0:
        scan.rewritten.append(str(path))
    scan.jobs.append(Job(str(path), reader, start, size - start))


def _stat(path: Path) -> tuple[int, int, int]:
    """Size, time and inode; of a database, with its write-ahead log, where recent rows are."""
    now = path.stat()
    try:
        log = Path(f"{path}-wal").stat()
    except OSError:
        return now.st_size, now.st_mtime_ns, now.st_ino
    return now.st_size + log.st_size, max(now.st_mtime_ns, log.st_mtime_ns), now.st_ino


def _goes_on(path: Path, state: FileState, size: int) -> bool:
    """True where the file still begins as it did and is at least as long as what was read of it."""
    if size < state.consumed:
        return False
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(state.head_len)).hexdigest() == state.head_sha256
    except OSError:
        return False


def read_files(
    jobs: Sequence[Job], known_ids: Callable[[str], dict[str, str]], progress: Callable[[int, int], None] | None
) -> Iterator[JobResult]:
    """The result of every job. *known_ids*: ids that earlier stretches of a file have keys for."""
    total = sum(job.size for job in jobs)
    done = 0
    for result in _results(jobs, known_ids, total):
        done += result.bytes_read
        if progress is not None:
            progress(done, total)
        yield result


def _results(jobs: Sequence[Job], known_ids: Callable[[str], dict[str, str]], total: int) -> Iterator[JobResult]:
    workers = min(os.cpu_count() or 1, 8)
    can_fork = "fork" in multiprocessing.get_all_start_methods()  # spawn would run a caller's script again
    if total < PARALLEL_BYTES or workers < 2 or len(jobs) < 2 or not can_fork:
        for job in jobs:
            yield read_job(job, known_ids(job.path) if job.start else {})
        return
    largest_first = sorted(jobs, key=lambda job: -job.size)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        pending = [pool.submit(read_job, job, known_ids(job.path) if job.start else {}) for job in largest_first]
        for finished in as_completed(pending):
            yield finished.result()


def read_job(job: Job, known: Mapping[str, str]) -> JobResult:
    """Read one file from its start offset on. Nothing raised: a problem is a value."""
    path = Path(job.path)
    reader = discover()[job.reader]
    try:
        size, mtime_ns, inode = _stat(path)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(job.start)
            data = file.read() if reader.WANTS_BYTES else b""
        reading = reader.read(data, job.path, job.start, known)
    except OSError as error:
        nothing = FileState(job.path, job.reader, 0, 0, 0, "", 0, 0, 0, 0)
        return JobResult(nothing, [], [], 0, Problem(job.path, f"unreadable file ({error.strerror or error})"))
    head = head[: reading.consumed]
    state = FileState(
        path=job.path,
        reader=job.reader,
        size=job.start + len(data) if reader.WANTS_BYTES else size,
        mtime_ns=mtime_ns,
        inode=inode,
        head_sha256=hashlib.sha256(head).hexdigest(),
        head_len=len(head),
        consumed=reading.consumed,
        pending=reading.pending,
        gone=0,
    )
    skipped = [(int(skip.origin.rpartition(":")[2]), skip.reason) for skip in reading.skipped]
    return JobResult(state, [_row(event) for event in reading.events], skipped, len(data))


def _row(event: UsageEvent) -> tuple[object, ...]:
    return (
        event.request_key,
        event.key_rule,
        event.offset,
        event.lines,
        event.time_ms,
        event.session,
        event.agent_id,
        event.project,
        event.agent,
        event.model,
        event.provider,
        event.mode,
        event.geo,
        *event.counts,
        event.web_searches,
        int(event.is_sidechain),
        int(event.is_mirror),
        int(event.partial_output),
    )
