"""Two pieces of work at the same time, one of them in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable


def beside(apart: Callable[[], object], here: Callable[[], object]) -> None:
    """Do *apart* in a forked process and *here* in this one, and wait for both; what *apart* returns is lost.

    Where there is one processor, or no process can be forked, or it does not end well, *apart* is done here: it must
    be something that can be done again. Its error is then raised here, as it is.

    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     note = Path(folder, "note")
    ...     beside(lambda: note.write_text("written"), lambda: None)
    ...     note.read_text()
    'written'
    """
    child = _started(apart)
    try:
        here()
    except BaseException:
        if child is not None:
            child.kill()
        raise
    finally:
        if child is not None:
            child.join()
    if child is None or child.exitcode != 0:
        apart()


def _started(work: Callable[[], object]) -> multiprocessing.process.BaseProcess | None:
    is_alone = (os.cpu_count() or 1) < 2 or multiprocessing.parent_process() is not None
    if is_alone or sys.platform != "linux":  # a fork is not to be had elsewhere, or not safe
        return None
    child = multiprocessing.get_context("fork").Process(target=_quietly, args=(work,), daemon=True)
    try:
        child.start()
    except OSError:
        return None
    return child


def _quietly(work: Callable[[], object]) -> None:
    """In the child: it says nothing, and the person who stops the command stops the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)
