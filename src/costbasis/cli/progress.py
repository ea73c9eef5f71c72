"""Progress bars for long work, with rate and remaining time: on a terminal only, and only where there is much to do."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from costbasis.cli.session import Session

if TYPE_CHECKING:
    from rich.progress import Progress

WORTH_SHOWING_BYTES = 32_000_000
"""Less than this is read before a bar could be looked at."""


@contextmanager
def scanning(session: Session) -> Iterator[Callable[[int, int], None] | None]:
    """A callback for bytes read and bytes to read, that draws a bar with rate and remaining time on stderr."""
    if session.quiet or not sys.stderr.isatty():
        yield None
        return
    bars: list[Progress] = []

    def shown(done_bytes: int, total_bytes: int) -> None:
        if total_bytes < WORTH_SHOWING_BYTES:
            return
        if not bars:
            bars.append(_reading(session))
            bars[0].start()
        (bar,) = bars
        bar.update(bar.task_ids[0], completed=done_bytes, total=total_bytes)
        bar.refresh()

    try:
        yield shown
    finally:
        for bar in bars:
            bar.stop()


def _reading(session: Session) -> Progress:
    """The bar of a scan. No thread refreshes it: the scan forks."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("reading logs"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, no_color=session.no_color)
    bar = Progress(*columns, console=console, transient=True, auto_refresh=False)
    bar.add_task("scan")
    return bar


@contextmanager
def counting(session: Session, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A callback for parts done and parts in all, that draws a bar with rate and remaining time on stderr."""
    if session.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True, no_color=session.no_color), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="")

        def told(done: int, total: int) -> None:
            rate = done / max(time.monotonic() - began, 1e-3)
            bar.update(task, completed=done, total=total, rate=f"{rate:.1f}/s")

        yield told
