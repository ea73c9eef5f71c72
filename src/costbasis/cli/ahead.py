"""Columns of a usage table worked out in a second process, which loads numpy while this one reads logs and prices them.

To load numpy takes as long as all else that a warm table needs. So where a table with estimates is asked for, a process
is forked before anything is loaded. It is sent the priced cells, and sends back the estimates of each row, from kept
values of one unit alone. Where it cannot (a value is not kept yet, one processor, no fork), it says nothing, and all is
done here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from costbasis.estimate import Estimate
from costbasis.lane.question import ESTIMATED

if TYPE_CHECKING:
    from datetime import date

    from costbasis.kept import Kept
    from costbasis.usage.pricing.cells import Cell


class Estimates(NamedTuple):
    """As :class:`costbasis.rowvalues.RowEstimates`."""

    p10: Sequence[float]
    p50: Sequence[float]
    p90: Sequence[float]
    mean: Sequence[float]

    def row(self, index: int) -> Estimate:
        """The estimate of one row."""
        return Estimate(self.p10[index], self.p50[index], self.p90[index], self.mean[index])


class Column(NamedTuple):
    """As :class:`costbasis.bases.table.Column`."""

    rows: Estimates
    over: Estimates | None
    covered_list_usd: Sequence[float]


class Row(NamedTuple):
    """As :class:`costbasis.usage.amounts.Row`."""

    key: str
    model: str | None


class Table(NamedTuple):
    """What was worked out: the rows, and a column for each basis that values anything."""

    rows: Sequence[Row]
    columns: dict[str, Column]


class _Worker(NamedTuple):
    process: int
    sends: int
    reads: int


_STARTED: list[_Worker] = []


def start() -> None:
    """Fork the process, where that can be done. Nothing may be open or loaded yet."""
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return
    try:
        child_reads, sends = os.pipe()
        reads, child_sends = os.pipe()
        process = os.fork()
    except OSError:
        return
    if process == 0:
        try:
            os.close(sends)
            os.close(reads)
            _work(child_reads, child_sends)
        finally:
            os._exit(0)
    os.close(child_reads)
    os.close(child_sends)
    _STARTED[:] = [_Worker(process, sends, reads)]


def table_of(cells: Sequence[Cell], as_of: date, asked: Sequence[str], kept: Kept | None) -> Table | None:
    """The rows and columns of priced cells from the process that was started; None where it has no answer.

    *as_of*: the newest day whose facts may be used.
    """
    if not _STARTED:
        return None
    worker = _STARTED.pop()
    try:
        if kept is None or not set(asked) <= {*ESTIMATED}:
            os.close(worker.sends)
        else:
            import msgspec

            with os.fdopen(worker.sends, "wb") as sends:
                sends.write(msgspec.msgpack.encode((kept.place, kept.of, list(asked), as_of, cells)))
        with os.fdopen(worker.reads, "rb") as reads:
            said = reads.read()
        os.waitpid(worker.process, 0)
        return _read(said) if said else None
    except (OSError, ValueError):
        return None


def _read(said: bytes) -> Table:
    import msgspec

    rows, columns = msgspec.msgpack.decode(said, type=tuple[list[Row], dict[str, Column]])
    return Table(rows, columns)


class _NotKept(Exception):
    """A value of one unit is to be drawn, which needs the catalogue."""


def _work(reads: int, sends: int) -> None:
    """In the process: what :func:`table_of` asks for, or nothing."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever stops the command stops this, without a word
    import msgspec

    from costbasis.bases.table import columns
    from costbasis.kept import Kept
    from costbasis.quantity import Source
    from costbasis.usage.amounts import amounts_of

    with os.fdopen(reads, "rb") as file:
        said = file.read()
    if not said:
        return
    place, of, asked, as_of, cells = msgspec.msgpack.decode(said, type=_asked())
    amounts = amounts_of(cells, source=Source("the logs read"), as_of=as_of)
    try:
        found = columns(amounts, _no_catalog, asked, Kept(place, of))
    except _NotKept:
        return
    made = {
        name: ([each.tolist() for each in one.rows], one.over and [each.tolist() for each in one.over], _list(one))
        for name, one in found.items()
    }
    with os.fdopen(sends, "wb") as out:
        out.write(msgspec.msgpack.encode(([(row.key, row.model) for row in amounts.rows], made)))


def _list(column: Any) -> list[float]:
    listed: list[float] = column.covered_list_usd.tolist()
    return listed


def _asked() -> Any:
    from datetime import date

    from costbasis.usage.pricing.cells import Cell

    return tuple[str, str, list[str], date, list[Cell]]


def _no_catalog() -> Any:
    raise _NotKept
