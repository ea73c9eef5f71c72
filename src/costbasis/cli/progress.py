"""A progress bar for long scans: on a terminal only, and only when there is much to read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from costbasis.cli.common import Session

WORTH_SHOWING_BYTES = 32_000_000
"""Less than this is read before a bar could be looked at."""


@contextmanager
def scanning(session: Session) -> Iterator[Callable[[int, int], None] | None]:
    """A callback for bytes read and bytes to read, that draws a bar with rate and remaining time on stderr."""
    if session.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("reading logs"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True, no_color=session.no_color), transient=True, auto_refresh=False
    ) as bar:
        task = bar.add_task("scan", visible=False)  # no refresh thread: the scan forks

        def shown(done_bytes: int, total_bytes: int) -> None:
            bar.update(task, completed=done_bytes, total=total_bytes, visible=total_bytes >= WORTH_SHOWING_BYTES)
            bar.refresh()

        yield shown
