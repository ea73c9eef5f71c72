"""Two pieces of work at once: both are done, whatever becomes of the process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from costbasis.beside import beside


def test_the_work_apart_is_done_in_another_process_while_this_one_works(tmp_path: Path) -> None:
    told, here = tmp_path / "told", list[int]()
    beside(lambda: told.write_text(str(os.getpid())), lambda: here.append(os.getpid()))
    assert here == [os.getpid()] and int(told.read_text()) != os.getpid()


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
def test_what_a_process_did_not_finish_is_done_here(tmp_path: Path, end: Callable[[], object]) -> None:
    told, parent = tmp_path / "told", os.getpid()

    def work() -> None:
        if os.getpid() != parent:
            end()
        told.write_text(str(os.getpid()))

    beside(work, lambda: None)
    assert int(told.read_text()) == parent


def test_an_error_of_the_work_apart_is_raised_here_as_it_is() -> None:
    def work() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left on device"):
        beside(work, lambda: None)


def test_an_error_here_ends_the_work_apart(tmp_path: Path) -> None:
    def apart() -> None:
        signal.pause()

    def here() -> None:
        raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        beside(apart, here)


def test_where_no_process_can_be_forked_both_are_done_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    told = tmp_path / "told"
    beside(lambda: told.write_text(str(os.getpid())), lambda: None)
    assert int(told.read_text()) == os.getpid()
