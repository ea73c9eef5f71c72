"""Read many files of logs: one by one, or in processes where it is much."""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from costbasis.usage.ledger.processes import AHEAD, begun, most_processes
from costbasis.usage.ledger.readfile import Job, JobResult, read_batch

if TYPE_CHECKING:
    from costbasis.usage.ledger.processes import Work

PARALLEL_BYTES = 20_000_000
"""New bytes above which processes are worth their start: on 2 cores they break even at 10 MB."""

START_METHOD = "fork" if sys.platform == "linux" else "spawn"
BATCHES_A_WORKER = 40
"""Many, so that they end at about the same time, and what they read last is soon filed."""


def read_files(jobs: Sequence[Job], progress: Callable[[int, int], None] | None) -> Iterator[JobResult]:
    """The result of every job. *progress* is told bytes done and bytes in all."""
    total = sum(job.size for job in jobs)
    done = 0
    for result in _results(jobs, total):
        done += result.job.size
        if progress is not None:
            progress(done, total)
        yield result


def _results(jobs: Sequence[Job], total: int) -> Iterator[JobResult]:
    left = {job.path: job for job in jobs}
    yield from _read_ahead(left)
    if len(left) < len(jobs):
        jobs = list(left.values())
        total = sum(job.size for job in jobs)
    workers = min(most_processes(), len(jobs))
    if total < PARALLEL_BYTES or workers < 2 or _is_in_a_pool():
        yield from _one_by_one(jobs)
        return
    batches = _batches(jobs, total / (workers * BATCHES_A_WORKER))
    if START_METHOD == "fork":
        shared = begun(lambda: in_pieces(batches, workers), workers)
        if shared is not None:
            yield from _taken(shared.said(), left)
            shared.close()
    else:
        yield from _taken(_in_a_pool(batches, workers), left)
    yield from _one_by_one(list(left.values()))  # of a process that was killed, or where none can be begun


def _read_ahead(left: dict[str, Job]) -> Iterator[JobResult]:
    """What :func:`plan_ahead` reads by now in processes that were begun before anybody asked."""
    for ahead in AHEAD:
        if left and all(job.folds and not job.start for job in left.values()):
            yield from _taken(ahead.said(), left)  # whoever began it waits for its end
        else:
            ahead.close()


def _is_in_a_pool() -> bool:
    """Whether this process is one of many already; what starts them is not loaded for the question."""
    multiprocessing = sys.modules.get("multiprocessing")
    return multiprocessing is not None and multiprocessing.parent_process() is not None


def _one_by_one(jobs: Sequence[Job]) -> Iterator[JobResult]:
    for job in jobs:
        yield from read_batch([job])


def in_pieces(batches: Sequence[Sequence[Job]], processes: int, words: bytes = b"") -> Work:
    """Reading as work that processes share; *words*: what the first of them says before."""
    return len(batches), lambda piece: _read_packed(batches[piece]), processes, words


def plan_ahead(jobs: Sequence[Job], words: bytes) -> Work:
    """The reading of a first scan, in one process where it is little."""
    total = sum(job.size for job in jobs)
    processes = most_processes() if total >= PARALLEL_BYTES else 1
    return in_pieces(_batches(jobs, total / (processes * BATCHES_A_WORKER)), processes, words)


def _taken(said: Iterable[bytes], left: dict[str, Job]) -> Iterator[JobResult]:
    """What was said of jobs, which are no longer left."""
    for packed in said:
        for path, *result in marshal.loads(packed):
            job = left.pop(path, None)
            if job is not None:
                yield JobResult(job, *result)


def _in_a_pool(batches: Sequence[Sequence[Job]], workers: int) -> Iterator[bytes]:
    """Where a fork is not to be had, or not safe."""
    import multiprocessing  # here: what starts processes takes long to load
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context(START_METHOD)
    try:
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
            pending = {pool.submit(_read_packed, batch) for batch in batches}
            try:
                for finished in as_completed(pending):
                    pending.remove(finished)
                    yield finished.result()
            except BaseException:  # what was not begun is given up; a pool that ends well is waited for
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool:  # a process was killed, or none can be started here: what is left is read without
        return


_SAID = tuple(name for name in JobResult.__struct_fields__ if name != "job")
_said = attrgetter("job.path", *_SAID)


def _read_packed(jobs: Sequence[Job]) -> bytes:
    """What a batch said, as plain tuples: written and read in a fifth of the time that pickle takes for objects."""
    return marshal.dumps([_said(result) for result in read_batch(jobs)])


def _end_with_parent() -> None:
    """In a worker: when the parent is killed, do not wait for work for ever."""
    import multiprocessing
    import threading
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _batches(jobs: Sequence[Job], batch_bytes: float) -> list[list[Job]]:
    """The largest first, small ones together, so that the workers end at about the same time."""
    batches: list[list[Job]] = [[]]
    held = 0
    for job in sorted(jobs, key=lambda job: (-job.size, job.name)):
        if held and held + job.size > batch_bytes:
            batches.append([])
            held = 0
        batches[-1].append(job)
        held += job.size
    return batches
