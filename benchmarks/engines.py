"""A warehouse's table priced where it lies, on each engine: seconds, memory, and whether the integers are the same.

``python benchmarks/run.py engines [--millions 1 10 100] [--engines duckdb spark clickhouse] [--folder KEPT]``. The
table is Parquet with the columns of the mapping ``plain``: a row is one request of 5,000 users over three months, 40
models and two modes, in the order of time, ten million rows a file. Each engine runs in a process of its own with two
threads; its memory is the peak of that process and of its JVM. ``scan`` sums or compares every column that pricing
reads and does nothing else: a floor for any query of that table. ``sums`` groups the same columns by day, model and
mode, and neither checks nor prices: a floor for any such answer. ``value`` is all that ``costbasis value --by day``
asks of the engine, and its cells made of the answer. On Spark, ``by hand`` is the same sums by a plain Spark SQL
statement over a table of prices by model, mode and day, in the same session and in turns with ours.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from one_engine import THREADS, USERS

MILLIONS = (1, 10)
ROUNDS = 3
ENGINES = ("duckdb", "spark", "clickhouse")
CHILD = Path(__file__).with_name("one_engine.py")

VM, EMR = "vm/aws-m7g.hire_usd_per_vcpu_hour", "warehouse/emr.surcharge_frac"
CLOUD = "warehouse/clickhouse-cloud.compute_usd_per_vcpu_hour"
PRICED_BY = {"duckdb": (VM,), "spark": (VM, EMR), "clickhouse": (CLOUD,)}
"""The facts that price a second of CPU: a machine of a cloud, what a managed Spark adds to it, a managed ClickHouse."""


def main(
    millions: Sequence[int] = MILLIONS,
    rounds: int = ROUNDS,
    engines: Sequence[str] = ENGINES,
    folder: str | None = None,
) -> None:
    """Print a line an engine and size; exit 1 where engines do not agree on an integer."""
    print(f"engines: {THREADS} threads, best of {rounds}; 40 models, 2 modes, {USERS:,} users, 92 days, sums by day\n")
    heads = (
        "rows [M]",
        "engine",
        "scan CPU [s]",
        "sums CPU [s]",
        "value wall [s]",
        "value CPU [s]",
        "CPU / sums",
        "CPU ns/row",
        "peak [MB]",
    )
    print("".join(f"{head:>16}" for head in heads))
    agreed = True
    lines: dict[str, list[tuple[int, float]]] = {}
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as place:
        for million in millions:
            table = Path(place) / f"requests-{million}m"
            made(table, million * 1_000_000)
            found = {name: line for name in engines if (line := measured(name, table, million, rounds))}
            agreed &= same(found)
            for name, line in found.items():
                lines.setdefault(name, []).append((million, line["value"][1]))
    billed(lines)
    if not agreed:
        raise SystemExit("engines do not agree")


def made(table: Path, rows: int) -> None:
    """Write the table, unless it is there whole."""
    if (table / "_SUCCESS").exists():
        return
    subprocess.run([sys.executable, CHILD, "make", str(table), str(rows)], check=True)


def measured(engine: str, table: Path, million: int, rounds: int) -> dict[str, Any] | None:
    """What the engine's process says of itself, and its line of the table; None where the engine is not there."""
    words = [sys.executable, CHILD, "value", engine, str(table), str(rounds)]
    child = subprocess.run(words, capture_output=True, text=True)
    if child.returncode:
        lines = [line for line in child.stderr.splitlines() if line.strip() and "Stage" not in line]
        said = (lines or [f"status {child.returncode}"])[-1]
        print(f"{million:>16,}{engine:>16}  not measured: {said}", flush=True)
        return None
    found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    (_, scan_s), (_, sums_s), (wall_s, cpu_s) = found["scan"], found["grouped"], found["value"]
    rows = million * 1_000_000
    print(
        f"{million:>16,}{engine:>16}{scan_s:>16.2f}{sums_s:>16.2f}{wall_s:>16.2f}{cpu_s:>16.2f}"
        f"{cpu_s / sums_s:>16.1f}{cpu_s / rows * 1e9:>16.0f}{found['peak_mb']:>16,.0f}",
        flush=True,
    )
    if "by_hand" in found:
        wall, cpu = found["by_hand"]
        print(
            f"{'':>32}by hand: {wall:.2f} s on the clock, {cpu:.2f} of CPU; ours is {wall_s / wall:.2f} and"
            f" {cpu_s / cpu:.2f} times that; sums equal: {found['hand_equal']}",
            flush=True,
        )
    return found


def same(found: dict[str, dict[str, Any]]) -> bool:
    """Whether all engines gave the same integers, said."""
    digests = {line["digest"] for line in found.values()}
    is_same = len(digests) == 1 and all(line.get("hand_equal", True) for line in found.values())
    if len(found) > 1:
        word = "the same" if is_same else "NOT the same"
        cells = next(iter(found.values()))["cells"]
        print(f"{'':>16}{', '.join(found)}: {word} integers in {cells:,} cells\n", flush=True)
    return is_same or not found


def billed(lines: dict[str, list[tuple[int, float]]]) -> None:
    """What a further billion rows takes and costs, from the CPU seconds of the smallest and the largest size."""
    from costbasis.catalog import load_catalog

    catalog = load_catalog()
    for engine, sizes in lines.items():
        (few, less_s), (many, more_s) = sizes[0], sizes[-1]
        if many > few:
            cpu_s = (more_s - less_s) / (many - few) * 1_000
            price, *surcharge = (catalog.quantity(key).estimate.p50 for key in PRICED_BY[engine])
            usd = cpu_s * price * (1 + sum(surcharge))
            facts = ", ".join(PRICED_BY[engine])
            print(f"{engine}: a further billion rows takes {cpu_s:,.0f} s of CPU, {usd:.4f} USD ({facts})")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--millions", type=int, nargs="+", default=list(MILLIONS))
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    asked.add_argument("--folder", help="where tables are made and kept [a temporary folder]")
    main(**vars(asked.parse_args()))
