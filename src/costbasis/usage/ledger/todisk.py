"""What is written of a new ledger goes to the disk while logs are still read, so that its end need not wait for it."""

from __future__ import annotations

import _thread
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from costbasis.errors import why

PERIOD_S = 0.1
"""How long what was written may lie before it is sent on."""

OPEN_FILES = Path("/proc/self/fd")


@contextmanager
def sent_meanwhile(path: Path) -> Iterator[Callable[[], None]]:
    """Within the block, from a call of what it is given on, send what was written to *path* to the disk.

    Where the file is not open, or there is no telling (no Linux), nothing is done.

    Errors: what SQLite says of a disk that fails, at the end of the block, as it would not be told of that again.
    """
    sending = _Sending(path)
    try:
        yield sending.begin
    finally:
        sending.end()
    if sending.error is not None:
        raise sqlite3.OperationalError(f"disk I/O error ({why(sending.error)})") from sending.error


class _Sending:
    """It begins when it is told to: processes are forked before, which no other thread may see."""

    def __init__(self, path: Path) -> None:
        self.error: OSError | None = None
        self._path = path
        self._is_begun = False
        self._end: Callable[[], None] | None = None

    def begin(self) -> None:
        """Send from now on."""
        if self._is_begun:
            return
        self._is_begun = True
        file = _descriptor_of(self._path)
        if file is None:
            return
        over, ended = _thread.allocate_lock(), _thread.allocate_lock()  # threading would have to be loaded for this
        over.acquire()
        ended.acquire()

        def send() -> None:
            try:
                while not over.acquire(timeout=PERIOD_S):
                    os.fdatasync(file)
            except OSError as error:
                self.error = error
            finally:
                ended.release()

        def end() -> None:
            over.release()
            ended.acquire()

        _thread.start_new_thread(send, ())
        self._end = end

    def end(self) -> None:
        """Send nothing more; what is on its way is waited for."""
        if self._end is not None:
            self._end()


def _descriptor_of(path: Path) -> int | None:
    """The number under which this process has a file open. Another one of the same file is not opened, because closing
    it would give up every lock that the process has on it.
    """
    try:
        place, numbers = path.resolve(), list(OPEN_FILES.iterdir())
    except OSError:
        return None
    return next((int(number.name) for number in numbers if _leads_to(number) == place), None)


def _leads_to(number: Path) -> Path | None:
    try:
        return number.readlink()
    except OSError:  # that by which the folder was read
        return None
