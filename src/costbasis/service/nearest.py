"""The published measurements nearest to a fleet, and how the performance model did on each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costbasis.calibration.compiled import measurements
from costbasis.calibration.measurement import Measurement
from costbasis.calibration.predict import candidates, predict
from costbasis.catalog import Catalog
from costbasis.catalog.hardware.machines import accelerator_rows
from costbasis.catalog.tables import Row
from costbasis.errors import Infeasible
from costbasis.formulas.serving import carried_usd_per_tok, carried_usd_per_tok2
from costbasis.performance import Constants
from costbasis.quantity import Derived, Quantity, Source, derive, given_rows
from costbasis.service.fleet import Fleet, NoFleet, fleet_of, machines_of
from costbasis.service.posterior import fitted_constants, software_month
from costbasis.service.search import some_draws

NEAREST = 8
"""Measurements that are looked at: of each model the nearest one on each machine, so that a model that was
measured a thousand times, and is itself off, does not decide alone."""

LENGTH_WEIGHT, MACHINE_WEIGHT, PRECISION_WEIGHT = 0.25, 0.5, 0.3
"""Distance is the logarithm of active parameters apart, half that of total ones, and these: of the logarithms of input
and output length, of another machine than any of the fleet's, of another format. Judged, before any result was seen."""

BASE_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Near:
    """A measurement, how far it is from what is asked (0: the same), and its date as far as it is known."""

    measurement: Measurement
    distance: float

    @property
    def date(self) -> str:
        """Year and month of the software; empty where the table holds a median over time."""
        if self.measurement.month is None:
            return ""
        months = int(self.measurement.month) + 11
        return f"{BASE_YEAR + months // 12}-{months % 12 + 1:02d}"

    @property
    def title(self) -> str:
        """One line."""
        one = self.measurement
        day = f", {self.date}" if self.date else ""
        return f"{one.model} on {one.accelerator} in {one.precision} ({one.set}{day})"


def nearest(fleet: Fleet, catalog: Catalog) -> list[Near]:
    """The nearest measurements, best first: of models as large, on the fleet's machines, at its load.

    Runs with speculative decoding, and those whose layout is not known, are not in the sets that are searched.
    """
    served, workload = fleet.service.served, fleet.service.workload
    shape = served.architecture
    total = shape.moe_layers * shape.experts * shape.expert_param_count
    routed = shape.moe_layers * shape.active_experts * shape.expert_param_count
    others = shape.attention_param_count + shape.dense_param_count + shape.vocab * shape.hidden
    size = (float(np.median(routed + others)), float(np.median(total + others)))
    rows = {row["model"]: row for row in catalog.rows("architecture")}
    machines = {one.machine.name for one in fleet.options.values()}
    formats = {one.precision_name for one in fleet.options.values()}
    best: dict[tuple[str, str], Near] = {}
    for one in catalog.remembered("measurements", measurements):
        apart = _apart(rows[one.model], size)
        if apart is None:
            continue
        lengths = abs(np.log(one.input_tok / workload.isl_tok)) + abs(np.log(one.output_tok / workload.osl_tok))
        distance = apart + LENGTH_WEIGHT * float(lengths)
        distance += MACHINE_WEIGHT * (one.accelerator not in machines)
        distance += PRECISION_WEIGHT * (one.precision not in formats)
        key = (one.model, one.accelerator)
        if key not in best or distance < best[key].distance:
            best[key] = Near(one, distance)
    return sorted(best.values(), key=lambda near: near.distance)[:NEAREST]


def _apart(row: Row, size: tuple[float, float]) -> float | None:
    active, total = row["active_params_b_computed"], row["total_params_b_computed"]
    if not active or not total:
        return None
    return abs(float(np.log(float(active) * 1e9 / size[0]))) + abs(float(np.log(float(total) * 1e9 / size[1]))) / 2


def measured_throughput_over_the_models(**inputs: Quantity) -> None:
    """What was measured over what the performance model says of the same run, with the constants of the draw."""


def measured_over_modelled(fleet: Fleet, near: Sequence[Near], catalog: Catalog) -> Quantity | None:
    """The ratio in each draw, of one of the nearest measurements; the nearer, the likelier. None: none can be modelled.

    The same constants model the measurement and the fleet, so what they get wrong of both cancels. The fleet's
    modelled cost carries the model's own error already; the measurements stand in its place, so it is taken off.
    """
    architectures = {row["model"]: row for row in catalog.rows("architecture")}
    accelerators = accelerator_rows(catalog.rows("accelerator"))
    constants, drawn = fitted_constants(catalog)
    _, mine = some_draws(fleet.service.served.architecture, constants, fleet.service.rows)
    table = _modelled([one.measurement for one in near], architectures, accelerators, mine)
    measured = np.array([one.measurement.tok_per_s_per_accel for one in near])
    able = [index for index in range(len(near)) if np.isfinite(table[index]).all() and (table[index] > 0).all()]
    if not able:
        return None
    rows = given_rows(
        f"measured/{fleet.service.served.model}",
        {"nearest_measurement": [float(index) for index in able]},
        [_source(near[index]) for index in able],
        catalog.sampling,
        weights=[float(np.exp(-near[index].distance)) for index in able],
    )["nearest_measurement"].labelled("which measurement is like it")
    picked = np.broadcast_to(rows.draws.astype(int), fleet.service.rows.shape)
    taken = fleet.service.inputs["true_over_predicted"]
    ratio = measured[picked] / table[picked, np.arange(len(picked))] / taken.draws
    inputs = {**drawn, "nearest_measurement": rows, "true_over_predicted": taken}
    past = Derived(measured_throughput_over_the_models, inputs)
    return Quantity("measured_over_modelled", "", ratio, past, "measured over modelled throughput")


def _modelled(
    measurements: Sequence[Measurement],
    architectures: Mapping[str, Row],
    accelerators: Mapping[str, Row],
    constants: Constants,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    found = predict(candidates(measurements, architectures, accelerators), constants, len(measurements))
    return found if found.ndim == 2 else found[:, None]


def _source(near: Near) -> Source:
    return Source(
        f"{near.measurement.set}: {near.measurement.id}",
        place="catalog/data/benchmarks",
        trust="C",
        status="measured",
        as_of=near.date or "2026-07",
        note=f"distance {near.distance:.2f}",
    )


NOT_MEASURED = ("cache_read_tok", "kv_resident_tok_s")
"""Loading and keeping caches: no published run measures them, so they stay as modelled."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The nearest measurements, and measured over modelled throughput; None where nothing like it was measured."""

    near: Sequence[Near]
    measured_over_modelled: Quantity | None


def ratio_of(fleet: Fleet, catalog: Catalog) -> Ratio:
    """What the measurements nearest to *fleet* say of the model's predictions."""
    near = nearest(fleet, catalog)
    return Ratio(near, measured_over_modelled(fleet, near, catalog) if near else None)


def ratio_of_model(model: str, as_of: date, catalog: Catalog) -> Ratio:
    """The same for the fleet of a model's vendor, the same in every month of a quarter.

    Errors: :class:`~costbasis.errors.Infeasible` for a model without a fleet.
    """

    def found() -> Ratio:
        fleet = fleet_of(model, as_of, catalog)
        if isinstance(fleet, NoFleet):
            raise Infeasible(fleet.reason, where=model)
        return ratio_of(fleet, catalog)

    return catalog.remembered(("nearest", model, software_month(as_of), machines_of(model, as_of, catalog)), found)


@dataclass(frozen=True, slots=True)
class Carried:
    """USD per unit of usage by the nearest measurements, and which they are."""

    usd: Mapping[str, Quantity]
    says: str


def carried(usd: Mapping[str, Quantity], by: Ratio) -> Carried | None:
    """*usd* of a fleet, corrected by measured over modelled throughput; None where nothing like it was measured."""
    near, ratio = by.near, by.measured_over_modelled
    if ratio is None:
        return None
    values = {unit: value if unit in NOT_MEASURED else _divided(unit, value, ratio) for unit, value in usd.items()}
    return Carried(values, f"{near[0].title}, distance {near[0].distance:.2f}, and {len(near) - 1} more")


def _divided(unit: str, usd: Quantity, ratio: Quantity) -> Quantity:
    if unit.endswith("tok2"):
        by_pair: Quantity = derive(carried_usd_per_tok2, modelled_usd_per_tok2=usd, measured_over_modelled=ratio)
        return by_pair
    by_tok: Quantity = derive(carried_usd_per_tok, modelled_usd_per_tok=usd, measured_over_modelled=ratio)
    return by_tok
