"""One model in service: the layout that was found for each option, and what it does in every draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costbasis.catalog import Catalog
from costbasis.catalog.models.served import Served
from costbasis.catalog.workloads import Workload
from costbasis.performance import Architecture, Constants
from costbasis.provenance import leaves
from costbasis.quantity import Given, Quantity, Source, given_rows
from costbasis.sampling import Floats, stream_for
from costbasis.service.machine import layouts_of, machine
from costbasis.service.option import Option, normalised, option
from costbasis.service.posterior import error_quantity, speed_factor
from costbasis.service.refusals import MEMORY, NARROWER, Turned, turned_away
from costbasis.service.search import BEST, FEW, HALF, Choice, Looked, Run, look, ranked, run, some_draws

Rows = NDArray[np.intp]

ASSUMED_MIX = Source(
    "machines of the hypothesis equally likely, precisions as likely as it says",
    trust="D",
    status="assumed",
    as_of="2026-11-24",
)


@dataclass(frozen=True, slots=True)
class Service:
    """The answer of the search. *run* has one value a draw; *picked* is the option of each draw.

    *inputs*: what it was computed from (constants, hypothesis). *rows*: the draw that each draw came from: of a
    hypothesis, those that no layout serves as fast as was observed are drawn again (*redrawn_frac* of them).
    *regret_frac*: how much dearer the chosen layout is, on average, than the best of the five in each draw; None where
    the machine itself is a draw: then each machine's best layout of the first look is taken.
    """

    served: Served
    workload: Workload
    choices: Mapping[int, Choice]
    run: Run
    picked: Quantity
    inputs: Mapping[str, Quantity]
    rows: Rows
    redrawn_frac: float
    looked: Sequence[Looked]
    turned: Sequence[Turned]
    regret_frac: float | None

    @property
    def most_used(self) -> Choice:
        """The choice of most draws."""
        option = np.broadcast_to(np.asarray(self.picked.draws, dtype=int), self.rows.shape)
        return self.choices[max(self.choices, key=lambda index: int((option == index).sum()))]


def find_service(
    served: Served,
    options: Sequence[Option],
    workload: Workload,
    fitted: tuple[Constants, Mapping[str, Quantity]],
    catalog: Catalog,
    tpot_limit_s: Floats | float,
    *,
    engine: float,
    accepted_tok: Floats | float = 1.0,
    tensor: int | None = None,
    data: int | None = None,
) -> Service | Turned:
    """Search every option, then let each draw be served by its option's best layout, with the batch of that draw.

    *fitted*: the constants and the quantities behind them. A hypothesis is conditioned on its speed here: the model is
    sold at *tpot_limit_s*, so draws that cannot be served that fast are not what it is.

    Where no option can serve, the refusal that is nearest to serving.
    """
    constants = fitted[0]
    draws = catalog.sampling.draws
    few = np.arange(0, draws, max(1, draws // FEW))[:FEW]
    looked: list[Looked] = []
    turned: list[Turned] = []
    best: dict[int, list[Looked]] = {}
    is_moe = bool(served.row.get("routed_experts"))
    speeds = [
        tuple(speed_factor(served, one, engine, catalog, pools=pools) for pools in (False, True)) for one in options
    ]
    few_shape, few_constants = some_draws(served.architecture, constants, few)
    for index, one in enumerate(options):
        found = look(
            few_shape, one.machine, one.precision_name, one.precision,
            layouts_of(one.machine, is_moe=is_moe, tensor=tensor, data=data), few_constants, workload,
            _some(tpot_limit_s, few), engine, _some(accepted_tok, few),
            (_some(speeds[index][0], few), _some(speeds[index][1], few)),
        )  # fmt: skip
        looked += found
        turned += turned_away(found, served, one, _middle(tpot_limit_s))
        if ranked(found):
            best[index] = ranked(found)
    if not best:
        refused = min(turned, key=lambda one: one.times)
        if refused.limit != MEMORY:
            return refused
        at = next(one for one in options if refused.deployment.startswith(f"{one.machine.title} {one.precision_name} "))
        return replace(refused, nearest=_roomier(at, served, few_shape, few_constants, workload, catalog, engine))
    picked = _picked(served, {i: options[i] for i in best}, catalog)
    rows = np.broadcast_to(picked.draws.astype(int), (draws,))
    runs: dict[int, Run] = {}
    choices: dict[int, Choice] = {}
    regrets: list[Floats] = []
    speed = np.ones(draws)
    for index, candidates in best.items():
        mine = np.flatnonzero(rows == index)
        if not len(mine):
            continue
        shape, some = some_draws(served.architecture, constants, mine)
        tried = [
            run(
                shape, one.choice.layout, one.choice.machine, one.choice.precision, some, workload,
                _some(tpot_limit_s, mine), engine, prefill_layout=one.choice.prefill_layout,
                accepted_tok=_some(accepted_tok, mine),
                speed=speeds[index][one.choice.prefill_layout is not None][mine],
            )
            for one in candidates[: BEST if len(best) == 1 else 1]
        ]  # fmt: skip
        table = np.stack([np.broadcast_to(one.request_accel_s, mine.shape) for one in tried])
        first = int(np.argmin(np.median(table, axis=1)))
        runs[index], choices[index] = tried[first], candidates[first].choice
        speed[mine] = speeds[index][choices[index].prefill_layout is not None][mine]
        regrets.append(table[first] / table.min(axis=0) - 1)
    whole = _joined(runs, rows, draws)
    inputs = {**fitted[1], **served.inputs, "true_over_predicted": error_quantity(speed)}
    kept = np.arange(draws)
    if served.hypothesis is not None and 0 < whole.is_met.sum() < draws:
        kept = _served_as_fast(whole.is_met, catalog)
        whole = Run(*(np.asarray(field)[..., kept] for field in whole))
        picked = _redrawn(picked, kept)
        inputs = {name: _redrawn(quantity, kept) for name, quantity in inputs.items()}
    redrawn = float(np.mean(kept != np.arange(draws)))
    regret = float(regrets[0].mean()) if len(best) == 1 else None
    return Service(served, workload, choices, whole, picked, inputs, kept, redrawn, looked, turned, regret)


def _roomier(
    refused: Option, served: Served, shape: Architecture, constants: Constants, workload: Workload, catalog: Catalog,
    engine: float,
) -> str:  # fmt: skip
    """What would hold the model: more of the machine, or a narrower format on it; each was tried."""

    def holds(one: Option) -> bool:
        layouts = layouts_of(one.machine, is_moe=bool(served.row.get("routed_experts")))
        found = look(
            shape, one.machine, one.precision_name, one.precision, layouts, constants, workload, np.inf, engine
        )
        return any(layout.fits_frac >= HALF for layout in found)

    tried = []
    count = refused.machine.count
    while count < MOST_SUGGESTED:
        count *= 2
        larger = option(served, machine(refused.machine.name, count, catalog), refused.precision_name)
        if holds(larger):
            tried.append(f"--on {larger.machine.title}")
            break
    for narrower in NARROWER.get(refused.precision_name, ()):
        if holds(option(served, refused.machine, narrower)):
            tried.append(f"--precision {narrower}")
            break
    return " or ".join(tried) or "an accelerator with more memory, such as --on 8xb300-sxm"


MOST_SUGGESTED = 512
"""More accelerators than this are not suggested."""


def _served_as_fast(is_met: Floats, catalog: Catalog) -> Rows:
    """For each draw the draw that takes its place: itself where it can be served, else one that can."""
    able = np.flatnonzero(is_met > 0)
    stream = stream_for("service/served as fast as observed", catalog.sampling)
    return np.where(is_met > 0, np.arange(len(is_met)), stream.choice(able, size=len(is_met)))


def _redrawn(quantity: Quantity, rows: Rows) -> Quantity:
    """The same quantity in other draws; what is exact stays."""
    if quantity.is_exact:
        return quantity
    leaf = next(iter(leaves(quantity).values())).past
    assert isinstance(leaf, Given)
    past = Given(leaf.key, leaf.source, rows=rows.astype(float))
    return Quantity(quantity.name, quantity.unit, quantity.draws[rows], past, quantity.label)


def _picked(served: Served, options: Mapping[int, Option], catalog: Catalog) -> Quantity:
    chances = normalised(list(options.values()))
    rows = given_rows(
        f"machine/{served.model if served.hypothesis is None else served.hypothesis.slug}",
        {"option": [float(index) for index in options]},
        ASSUMED_MIX,
        catalog.sampling,
        weights=list(chances.values()),
    )
    return rows["option"].labelled("accelerator and precision")


def _some(values: Floats | float, rows: Any) -> Any:
    array = np.asarray(values)
    return array[rows] if array.ndim else float(array)


def _middle(values: Floats | float) -> float:
    return float(np.median(values))


def _joined(runs: Mapping[int, Run], rows: Any, draws: int) -> Run:
    """The runs of the options, each in its own draws."""
    fields = []
    for position in range(len(Run._fields)):
        first = np.asarray(next(iter(runs.values()))[position])
        shape = (*first.shape[:-1], draws) if first.ndim > 1 else (draws,)
        whole = np.empty(shape)
        for index, one in runs.items():
            mine = rows == index
            whole[..., mine] = np.broadcast_to(one[position], (*shape[:-1], int(mine.sum())))
        fields.append(whole)
    return Run(*fields)
