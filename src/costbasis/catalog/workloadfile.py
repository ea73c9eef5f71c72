"""A workload by what names it: the catalogue's, a trace that ships, or a file (TOML, trace, an engine's metrics)."""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import TYPE_CHECKING

from costbasis.catalog.workloads import KNOWN, Workload, read_workload, workload_of
from costbasis.errors import UnknownName, UnreadableInput, why
from costbasis.quantity import Source

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog

HEAD = 1 << 16


def find_workload(name: str, default: str, catalog: Catalog) -> tuple[Workload, list[str]]:
    """A workload, and what its trace or its counters tell beside the mean request. *default*: what a TOML starts from.

    Errors: :class:`~costbasis.errors.UnknownName`, :class:`~costbasis.errors.UnreadableInput`,
    :class:`~costbasis.errors.BadArgument` with the key or the line at fault.
    """
    from costbasis.catalog.traces import shipped_trace, shipped_traces

    if name in KNOWN:
        return workload_of(name, catalog), []
    if name in shipped_traces():
        trace = shipped_trace(name)
        return trace.workload(), trace.notes()
    path = Path(name)
    if name.endswith(".toml"):
        return read_workload(path, workload_of(default, catalog)), []
    if path.is_file():
        return _of_file(path, workload_of(default, catalog))
    hint = f"known are {', '.join((*KNOWN, *shipped_traces()))}; or give a TOML file, a trace or an engine's /metrics"
    raise UnknownName("workload", name, known=[*KNOWN, *shipped_traces()], hint=hint)


def _of_file(path: Path, start: Workload) -> tuple[Workload, list[str]]:
    from costbasis.catalog.servermetrics import is_metrics, read_metrics
    from costbasis.catalog.traces import is_trace, parse_trace

    try:
        data = path.read_bytes()
        data = lzma.decompress(data) if path.suffix == ".xz" else data
    except (OSError, lzma.LZMAError) as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --workload") from error
    source = Source(str(path), trust="A", status="counted", as_of="")
    if is_trace(data[:HEAD]):
        trace = parse_trace(data, str(path), source)
        return trace.workload(), trace.notes()
    if is_metrics(data[:HEAD]):
        metrics = read_metrics(data.decode("utf-8", "replace"), str(path))
        return metrics.workload(str(path), source), metrics.notes()
    return read_workload(path, start), []
