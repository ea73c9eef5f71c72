"""The frontier: what tokens cost to serve against how fast each user gets them, the cheapest layout at every speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.models.served import Served
from costbasis.catalog.workloads import Workload
from costbasis.performance import Constants
from costbasis.quantity import Quantity
from costbasis.service.fleet import IN_HOUSE, PUBLIC_ENGINE, Fleet
from costbasis.service.machine import layouts_of
from costbasis.service.option import Option
from costbasis.service.posterior import fitted_constants
from costbasis.service.search import FEW, look, ranked, some_draws
from costbasis.service.units import busy_usd

TPOT_S = (0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2)
"""Times per token of the frontier: 200 down to 5 tokens a second for one user."""

SOME_TPOT_S = (0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1)
"""Fewer of them, for where the frontier is one of many answers."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the frontier: the cheapest layout at a time per token, and its middle prices, USD per token."""

    tpot_s: float
    deployment: str
    input_usd_per_tok: float
    output_usd_per_tok: float


@dataclass(frozen=True, slots=True)
class FleetFrontier:
    """The frontier of a model on the machine that most draws of its fleet use."""

    model: str
    machine: str
    precision: str
    points: Sequence[Point]


def frontier_of(
    served: Served,
    options: Sequence[Option],
    workload: Workload,
    accepted_tok: Quantity,
    constants: Constants,
    busy: Quantity,
    engine: float,
    *,
    draws: int,
    tensor: int | None = None,
    data: int | None = None,
    times_s: Sequence[float] = TPOT_S,
) -> list[Point]:
    """The cheapest layout at each time per token, on few draws, priced at the middle of a useful second."""
    few = np.arange(0, draws, max(1, draws // FEW))[:FEW]
    shape, some = some_draws(served.architecture, constants, few)
    accepted = np.asarray(accepted_tok.draws)
    is_moe = bool(served.row.get("routed_experts"))
    points = []
    for tpot_s in times_s:
        found = [
            one
            for option in options
            for one in look(
                shape, option.machine, option.precision_name, option.precision,
                layouts_of(option.machine, is_moe=is_moe, tensor=tensor, data=data), some, workload, tpot_s, engine,
                accepted[few] if accepted.ndim else float(accepted),
            )
        ]  # fmt: skip
        best = ranked(found)
        if best:
            second = busy.estimate.p50
            points.append(
                Point(
                    tpot_s,
                    best[0].choice.title,
                    best[0].prefill_accel_s / workload.new_tok * second,
                    best[0].decode_accel_s_per_tok * second,
                )
            )
    return points


def fleet_frontier(fleet: Fleet, as_of: date, catalog: Catalog) -> FleetFrontier:
    """The frontier of a vendor's fleet on its most used machine: a search of one option, not of all."""
    service = fleet.service
    chosen = service.most_used
    option = next(
        one
        for one in fleet.options.values()
        if (one.machine.name, one.precision_name) == (chosen.machine.name, chosen.precision_name)
    )
    points = frontier_of(
        service.served,
        [option],
        service.workload,
        catalog.quantity("fleet/default.step_accepted_tok"),
        fitted_constants(catalog, as_of)[0],
        busy_usd(catalog.hire(option.machine.name, as_of), catalog),
        PUBLIC_ENGINE if service.served.is_published else IN_HOUSE,
        draws=len(service.rows),
        times_s=SOME_TPOT_S,
    )
    return FleetFrontier(service.served.model, option.machine.title, option.precision_name, points)
