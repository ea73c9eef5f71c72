"""The search of layouts: every layout on 64 draws, the best five on 10,000 with the batch chosen again in each draw.

    python benchmarks/search.py [--rounds 3]

Best of the rounds; processor time is what a busy machine does not lengthen. *Regret*: how much dearer one layout for
all draws is than the best of the five in each. *Missed*: how much dearer the five are than all, on the 64 draws.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from costbasis.catalog import Catalog, load_catalog
from costbasis.catalog.models.served import Served, served_model
from costbasis.catalog.workloads import workload_of
from costbasis.service.machine import machine_of
from costbasis.service.option import Option, fleet_options, option
from costbasis.service.plan import Service, find_service
from costbasis.service.posterior import fitted_constants
from costbasis.service.search import BEST, FEW

ROUNDS = 3
ASKED = (
    ("deepseek-v3", "8xh200-sxm"),
    ("deepseek-v3", "64xh200-sxm"),
    ("kimi-k2.5", "72xgb200"),
    ("llama-3.3-70b", "8xh100-sxm"),
    ("claude-opus-4-6", ""),
)
"""Model and machine; without a machine, the machines and formats that the model's hypothesis allows."""


@dataclass(frozen=True)
class Timed:
    """One search: its seconds, and what it found."""

    wall_s: float
    cpu_s: float
    service: Service


def main(rounds: int = ROUNDS) -> None:
    """Print a line a search."""
    catalog = load_catalog()
    fitted_constants(catalog)
    draws = catalog.sampling.draws
    print(f"search: {FEW} draws of every layout, then up to {BEST} layouts at {draws:,} draws, best of {rounds}\n")
    heads = {"model": -18, "machine": -14, "layouts": 9, "wall [s]": 10, "CPU [s]": 9, "regret": 9, "missed": 9}
    print("".join(f"{head:<{-width}}" if width < 0 else f"{head:>{width}}" for head, width in heads.items()))
    for model, on in ASKED:
        served = served_model(model, catalog)
        assert served is not None
        options = options_of(served, on, catalog)
        best = min((timed(served, options, catalog) for _ in range(rounds)), key=lambda one: one.cpu_s)
        found, where = best.service, on or f"{len(options)} machines"
        print(
            f"{model:<18}{where:<14}{len(found.looked):>9}{best.wall_s:>10.2f}{best.cpu_s:>9.2f}"
            f"{found.regret_frac:>9.1%}{found.missed_frac:>9.1%}",
            flush=True,
        )


def options_of(served: Served, on: str, catalog: Catalog) -> list[Option]:
    """The machine asked for in the model's own format, or all that its hypothesis allows."""
    if not on:
        return fleet_options(served, catalog.newest_observation, catalog)
    own = next(iter(served.precisions))
    return [option(served, machine_of(on, catalog), own)]


def timed(served: Served, options: list[Option], catalog: Catalog) -> Timed:
    """One search, at 50 ms a token."""
    workload = workload_of("coding_agent", catalog)
    wall, cpu = time.perf_counter(), time.process_time()
    found = find_service(served, options, workload, fitted_constants(catalog), catalog, 0.05, engine=1.0)
    taken = time.perf_counter() - wall, time.process_time() - cpu
    assert isinstance(found, Service), found
    return Timed(*taken, found)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    main(**vars(asked.parse_args()))
