"""Work that processes share: each piece is done once, and whoever is killed takes one piece along and no more."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from costbasis.usage.ledger import processes
from costbasis.usage.ledger.processes import Shared, begun

from .needed import missing

if TYPE_CHECKING:
    from costbasis.usage.ledger.processes import Work


@pytest.fixture(autouse=True)
def _a_system_that_forks() -> None:
    if sys.platform != "linux":
        missing("a system on which it is safe to fork")


def shared(pieces: int, work: Callable[[int], bytes], most: int = 3, words: bytes = b"") -> Shared:
    found = begun(lambda: (pieces, work, most, words), most)
    assert found is not None
    return found


def both(piece: int) -> bytes:
    return f"{piece} {os.getpid()}".encode()


def slowly(piece: int) -> bytes:
    time.sleep(0.01)
    return both(piece)


def test_each_piece_is_done_once_and_by_all_processes() -> None:
    said = [tuple(map(int, some.split())) for some in shared(60, slowly).said()]
    assert sorted(piece for piece, _ in said) == list(range(60))
    assert len({process for _, process in said} - {os.getpid()}) == 3


@pytest.mark.parametrize("size", [0, 1, 4096, 3 * processes.PIPE_BYTES + 1])
def test_what_is_said_may_be_longer_than_a_pipe_or_nothing(size: int) -> None:
    work = shared(5, lambda piece: bytes([piece]) * size, words=b"first")
    assert work.first_words() == b"first"
    assert sorted(work.said()) == [bytes([piece]) * size for piece in range(5)]


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
def test_a_process_that_ends_early_takes_its_piece_along_and_no_other(end: Callable[[], object]) -> None:
    def work(piece: int) -> bytes:
        if piece == 4:
            end()
        return slowly(piece)

    assert sorted(int(some.split()[0]) for some in shared(12, work).said()) == [*range(4), *range(5, 12)]


def test_where_all_are_killed_nothing_is_waited_for() -> None:
    assert list(shared(9, lambda piece: os.kill(os.getpid(), signal.SIGKILL) or b"").said()) == []


def test_a_plan_that_fails_says_nothing() -> None:
    def fails() -> Work:
        raise ZeroDivisionError

    failed = begun(fails, 2)
    assert failed is not None
    assert failed.first_words() is None
    assert list(failed.said()) == []


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("leave", [lambda work, said: work.close(), lambda work, said: said.close()])
def test_whoever_is_still_at_work_ends_when_nobody_wants_more(leave: Callable[[Shared, object], None]) -> None:
    def work(piece: int) -> bytes:
        if piece > 1:
            time.sleep(60)
        return both(piece)

    at_work = shared(4, work, 2)
    said = at_work.said()
    at_it = {int(next(said).split()[1]), int(next(said).split()[1])}
    leave(at_work, said)
    deadline = time.monotonic() + 10
    while any(map(is_alive, at_it)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_alive, at_it))
    at_work.close()


def test_where_no_process_can_be_forked_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_fork() -> int:
        raise OSError(11, "Resource temporarily unavailable")

    before = open_files()
    monkeypatch.setattr(os, "fork", no_fork)
    assert begun(lambda: (1, both, 1, b""), 2) is None
    assert open_files() == before


def test_all_that_the_processes_used_is_counted_as_this_ones_children() -> None:
    def work(piece: int) -> bytes:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        return both(piece)

    before = sum(os.times()[2:4])
    at_work = shared(6, work)
    said = list(at_work.said())
    at_work.close()
    assert len({some.split()[1] for some in said}) > 1, "one process did all of it"
    assert sum(os.times()[2:4]) - before > 0.55
