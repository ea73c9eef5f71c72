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
from costbasis.service.refusals import MEMORY, NARROWER, Turned, nearest_refusal, turned_away
from costbasis.service.search import BEST, FEW, HALF, Choice, Looked, Run, look, ranked, some_draws
from costbasis.service.worlds import best_together, chosen, looked_again, missed_frac, shares_of

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
    *choices*: the machine and format of each option. *shares*: what is taken, and in which share of the draws.
    *regret_frac*: how much dearer one layout for all draws of an option would be, on average over draws; *missed_frac*:
    how much dearer the layouts of the second look are than all of them, on the draws of the first.
    """

    served: Served
    workload: Workload
    choices: Mapping[int, Choice]
    shares: Mapping[Choice, float]
    run: Run
    picked: Quantity
    inputs: Mapping[str, Quantity]
    rows: Rows
    redrawn_frac: float
    looked: Sequence[Looked]
    turned: Sequence[Turned]
    regret_frac: float
    missed_frac: float

    @property
    def most_used(self) -> Choice:
        """The choice of most draws."""
        return next(iter(self.shares))


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
    """Search every option, then let each draw be served by the best of its option's layouts, its batch chosen there.

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
    missed: list[float] = []
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
            best[index] = best_together(found, BEST)
            missed.append(missed_frac(found, best[index]))
    if not best:
        refused = nearest_refusal(turned)
        if refused.limit != MEMORY:
            return refused
        at = next(one for one in options if refused.deployment.startswith(f"{one.machine.title} {one.precision_name} "))
        return replace(refused, nearest=_roomier(at, served, few_shape, few_constants, workload, catalog, engine))
    picked = _picked(served, {i: options[i] for i in best}, catalog)
    rows = np.broadcast_to(picked.draws.astype(int), (draws,))
    runs: dict[int, Run] = {}
    laid: list[Choice] = []
    taken = np.zeros(draws, dtype=np.intp)
    regrets: list[Floats] = []
    speed = np.ones(draws)
    for index, candidates in best.items():
        mine = np.flatnonzero(rows == index)
        if not len(mine):
            continue
        shape, some = some_draws(served.architecture, constants, mine)
        tried = looked_again(
            candidates, shape, some, workload, _some(tpot_limit_s, mine), engine, _some(accepted_tok, mine),
            (speeds[index][0][mine], speeds[index][1][mine]),
        )  # fmt: skip
        found_here = chosen(tried)
        runs[index] = found_here.run
        pools = np.array([one.choice.prefill_layout is not None for one in candidates])[found_here.taken]
        speed[mine] = np.where(pools, speeds[index][1][mine], speeds[index][0][mine])
        taken[mine] = found_here.taken + len(laid)
        laid += [one.choice for one in candidates]
        regrets.append(found_here.regret)
    whole = _joined(runs, rows, draws)
    inputs = {**fitted[1], **served.inputs, "true_over_predicted": error_quantity(speed)}
    kept = np.arange(draws)
    if served.hypothesis is not None and 0 < whole.is_met.sum() < draws:
        kept = _served_as_fast(whole.is_met, catalog)
        whole = Run(*(np.asarray(field)[..., kept] for field in whole))
        picked = _redrawn(picked, kept)
        inputs = {name: _redrawn(quantity, kept) for name, quantity in inputs.items()}
    redrawn = float(np.mean(kept != np.arange(draws)))
    apart = np.concatenate(regrets)
    return Service(
        served, workload, {i: best[i][0].choice for i in runs}, shares_of(laid, taken[kept]), whole, picked, inputs,
        kept, redrawn, looked, turned, float(apart.mean()) if len(apart) else 0.0, float(np.mean(missed)),
    )  # fmt: skip


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
        whole = np.empty((*next(iter(runs.values()))[position].shape[:-1], draws))
        for index, one in runs.items():
            whole[..., rows == index] = one[position]
        fields.append(whole)
    return Run(*fields)
