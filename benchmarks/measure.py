"""What benchmarks share: one process with its children, by the clock, by CPU time, and by memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Wall and CPU seconds of a process and its children, and the most memory that they held together, in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def cost_of(command: Sequence[str], environ: Mapping[str, str], stdin: bytes = b"", *, memory: bool = False) -> Cost:
    """Run a command. CPU time is the kernel's account of the process and of all that it waited for.

    Memory, where asked for, is the sum of the proportional set sizes of the whole process group every 20 ms: pages
    that two processes share count once. Looking takes time, so it is asked for in runs of its own.
    """
    began, peak = time.perf_counter(), 0.0
    child = subprocess.Popen(
        command, env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert child.stdin is not None and child.stderr is not None
    said: list[bytes] = []
    listener = threading.Thread(target=lambda: said.append(child.stderr.read() if child.stderr else b""))
    listener.start()
    child.stdin.write(stdin)
    child.stdin.close()
    if memory:
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            peak = max(peak, _group_mb(child.pid))
            time.sleep(0.02)
    _, status, used = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    listener.join()
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{said[0].decode()}")
    return Cost(wall_s, used.ru_utime + used.ru_stime, peak)


def _group_mb(group: int) -> float:
    kilobytes = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) != group:
                continue
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        except (OSError, ValueError):
            continue
    return kilobytes / 1000


def best(costs: Sequence[Cost]) -> Cost:
    """The least of each: what the machine can do when it is left alone."""
    return Cost(min(cost.wall_s for cost in costs), min(cost.cpu_s for cost in costs), max(c.peak_mb for c in costs))


def _with_jvm() -> list[Path]:
    """This process and the JVM that it started, if it did."""
    own = Path(f"/proc/{os.getpid()}")
    below = [path for path in Path("/proc").glob("[0-9]*") if _comm(path) == "java" and _parent(path) == os.getpid()]
    return [own, *below]


def _comm(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""


def _parent(process: Path) -> int:
    """The Python that a JVM comes of: a shell may stand between them."""
    try:
        stat = (process / "stat").read_text()
        parent = int(stat.rpartition(") ")[2].split()[1])
    except OSError:
        return 0
    return parent if parent in (0, 1, os.getpid()) else _parent(Path(f"/proc/{parent}"))


def cpu_s_here() -> float:
    """Seconds of CPU of this process and its JVM so far."""
    ticks = 0
    for process in _with_jvm():
        fields = (process / "stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mb_here() -> float:
    """Peak resident sets, of this process and its JVM."""
    lines = [line for process in _with_jvm() for line in (process / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000
