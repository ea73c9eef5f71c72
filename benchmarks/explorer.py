"""How long a slider of the explorer takes: the ladder as HTML after one move, at 10,000 draws. ``make bench``.

Every slider of the sample is moved to values that were not asked for before, in random order; then the slow one (active
parameters) to steps that were worked out ahead. By the clock and by CPU time: on a shared machine the second is fairer.
The plain way beside it is the same ladder from a catalogue of its own, as a command line makes it.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from costbasis.catalog.load import load_catalog
from costbasis.explore import view
from costbasis.explore.answer import Explorer
from costbasis.explore.scenario import Scenario
from costbasis.explore.subjects import Subjects

MOVES = 24
GOAL_MS = 150.0


class Took(NamedTuple):
    """Milliseconds by the clock and of CPU time."""

    wall: float
    cpu: float


def main() -> None:
    """Print p50 and p95 of each slider, of a usage and of a claim."""
    subjects = Subjects((), 1)
    explorer = Explorer(load_catalog(), subjects)
    try:
        for of in ("sample", "claim:forbes-5000"):
            start = Scenario(of)
            first = timed(partial(ladder, explorer, start))
            print(f"\n{of}: first answer {first.wall:,.0f} ms (CPU {first.cpu:,.0f})")
            print(f"{'slider':<52}{'p50':>8}{'p95':>8}{'CPU p50':>10}{'p95':>8}   [ms]")
            quick: list[Took] = []
            for control in explorer.controls(start):
                values = random.Random(1).sample(list(control.values), min(MOVES, len(control.values)))
                moves = [Scenario(of, "", (f"{control.key}={value}",)) for value in values]
                took = [timed(partial(ladder, explorer, move)) for move in moves]
                show(control.key, took)
                if control.is_searched:
                    took = [timed(partial(ladder, explorer, move)) for move in moves]
                    show("  its steps again, as after working ahead", took)
                quick += took
            show("all sliders", quick)
            more = [timed(partial(rest, explorer, start)) for _ in range(3)]
            show("map, must be true, drivers", more)
        plain = timed(lambda: Explorer(load_catalog(), subjects).quick(Scenario("claim:forbes-5000")))
        print(f"\nthe claim's ladder from a catalogue of its own: {plain.wall:,.0f} ms (CPU {plain.cpu:,.0f})")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB; goal {GOAL_MS:.0f} ms")
    finally:
        subjects.close()


def ladder(explorer: Explorer, scenario: Scenario) -> str:
    """What ``/ladder`` answers."""
    return view.ladder(explorer.quick(scenario))


def rest(explorer: Explorer, scenario: Scenario) -> str:
    """What ``/more`` answers."""
    return view.more(explorer.more(scenario))


def timed(call: Callable[[], object]) -> Took:
    """One call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Took(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu))


def show(name: str, took: list[Took]) -> None:
    """One row."""
    wall, cpu = sorted(one.wall for one in took), sorted(one.cpu for one in took)

    def high(values: list[float]) -> float:
        return values[min(len(values) - 1, int(0.95 * len(values)))]

    middles = (statistics.median(wall), high(wall), statistics.median(cpu), high(cpu))
    print(f"{name:<52}{middles[0]:>8.0f}{middles[1]:>8.0f}{middles[2]:>10.0f}{middles[3]:>8.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
