"""The search: all layouts on few draws, the best of them on many, the batch chosen again in every draw.

In each draw the batch is the largest that fits in memory and keeps every user's time per token, found by false
position (time per token only grows with the batch). Layouts are compared by accelerator-seconds a request.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costbasis.catalog.workloads import Workload
from costbasis.performance import (
    Aggregated,
    Architecture,
    Constants,
    Deployment,
    Disaggregated,
    Layout,
    Precision,
    aggregated,
    decode_pass,
    disaggregated,
    largest_batch,
    prefill_pass,
)
from costbasis.sampling import Floats
from costbasis.service.bracket import largest_below
from costbasis.service.machine import Machine, title

FEW, BEST = 64, 5
"""Draws of the first look; layouts that are looked at again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A layout on a machine in a precision. *pools*: prefill and decode apart; *prefill_layout* then prefills."""

    machine: Machine
    precision_name: str
    precision: Precision
    layout: Layout
    prefill_layout: Layout | None = None

    @property
    def title(self) -> str:
        """One line: the machine, the precision, the layout."""
        how = title(self.layout)
        if self.prefill_layout is not None:
            how = f"prefill {title(self.prefill_layout)}, decode {how}"
        return f"{self.machine.title} {self.precision_name} {how}"


class Run(NamedTuple):
    """What a choice does in each draw. Shape: ``(draws,)``, or ``(layouts, draws)``; parts have their terms before it.

    Accelerator-seconds: of a request's prefill, without and with what attention adds; of an output token, without
    and with what reading its context adds. *is_met*: 1 where the batch meets the time per token. *fits*: 1 where memory
    holds a sequence. *fills_memory*: 1 where memory, not time, sets the batch.
    """

    batch: Floats
    tpot_s_per_tok: Floats
    prefill_accel_s: Floats
    prefill_attention_accel_s: Floats
    decode_accel_s_per_tok: Floats
    decode_attention_accel_s_per_tok: Floats
    request_accel_s: Floats
    prefill_parts: Floats
    decode_parts: Floats
    is_met: Floats
    fits: Floats
    fills_memory: Floats


def run(
    architecture: Architecture,
    choice_layout: Layout,
    machine: Machine,
    precision: Precision,
    constants: Constants,
    workload: Workload,
    tpot_limit_s: Floats | float,
    engine: float,
    *,
    prefill_layout: Layout | None = None,
    accepted_tok: Floats | float = 1.0,
    speed: Floats | float = 1.0,
) -> Run:
    """A layout (or several, each field ``(n, 1)``) at the largest batch of each draw.

    *speed*: true over predicted throughput, in each draw. An operator sets the batch on the real machine, so the limit
    on time is met by true times, and all times given back are true ones.
    """
    deployment = Deployment(architecture, machine.accelerator, precision, choice_layout, engine)
    context = workload.isl_tok + workload.osl_tok
    room = np.asarray(largest_batch(deployment, constants, context_tok=context), dtype=np.float64)
    fits = room >= 1
    most = np.maximum(room, 1.0)
    limit = np.asarray(tpot_limit_s * np.asarray(speed), dtype=np.float64)
    prefill = None if prefill_layout is None else deployment._replace(layout=prefill_layout)

    drafts = np.asarray(accepted_tok) - 1

    def at(batch: Floats) -> tuple[Aggregated | Disaggregated, Floats]:
        how: dict[str, Any] = {
            "input_tok": workload.isl_tok, "output_tok": workload.osl_tok, "batch": batch,
            "cached_tok": workload.cached_tok, "accepted_per_step": accepted_tok, "drafts": drafts,
        }  # fmt: skip
        found: Aggregated | Disaggregated
        if prefill is None:
            found = aggregated(deployment, constants, **how)
        else:
            found = disaggregated(prefill, deployment, constants, **how)
        return found, np.asarray(found.tpot_s_per_tok)

    widest, slowest = at(most * np.ones_like(limit))
    at_most = slowest <= limit

    alone_s = functools.cache(lambda: _prefill_alone_s(deployment, constants, workload) * widest.time_factor)

    def over(log_batch: Floats) -> Floats:
        """Logarithm of time per token over its limit; a batch short of a full chunk is taken to prefill one by one."""
        batch = np.exp(log_batch)
        step = decode_pass(deployment, constants, batch=batch, context_tok=workload.output_context_tok, drafts=drafts)
        tpot_s = step.total_s * widest.time_factor / accepted_tok
        if isinstance(widest, Aggregated):
            is_full = batch >= np.maximum(constants.chunk_tok / workload.new_tok, 1.0)
            prefill_s = np.where(is_full, widest.prefill_s_per_request, alone_s())
            tpot_s = tpot_s + batch * prefill_s / workload.osl_tok
        return np.asarray(np.log(tpot_s) - np.log(limit), dtype=np.float64)

    batch = np.exp(largest_below(over, np.log(most) * np.ones_like(slowest), np.log(slowest) - np.log(limit)))
    found, tpot = at(batch)
    factor = np.asarray(found.time_factor) / speed
    tensor = np.asarray(choice_layout.tensor)
    prefill_tensor = tensor if prefill_layout is None else np.asarray(prefill_layout.tensor)
    first, step = found.prefill, found.decode
    prompts = np.asarray(found.prompts_per_pass)
    prefill_parts = np.stack(np.broadcast_arrays(*first, tpot)[:-1]) * (factor * prefill_tensor / prompts)
    decode_parts = np.stack(np.broadcast_arrays(*step, tpot)[:-1]) * (factor * tensor / batch / accepted_tok)
    prefill_all, decode_all = prefill_parts.sum(axis=0), decode_parts.sum(axis=0)
    return Run(
        batch=batch,
        tpot_s_per_tok=tpot / speed,
        prefill_accel_s=prefill_all,
        prefill_attention_accel_s=prefill_parts[ATTENTION],
        decode_accel_s_per_tok=decode_all,
        decode_attention_accel_s_per_tok=decode_parts[ATTENTION],
        request_accel_s=prefill_all + workload.osl_tok * decode_all,
        prefill_parts=prefill_parts,
        decode_parts=decode_parts,
        is_met=np.asarray(tpot <= limit * (1 + TOLERANCE), dtype=np.float64) * fits,
        fits=np.asarray(fits * np.ones_like(tpot), dtype=np.float64),
        fills_memory=np.asarray(at_most * np.ones_like(tpot), dtype=np.float64),
    )


def _prefill_alone_s(deployment: Deployment, constants: Constants, workload: Workload) -> Floats:
    alone = prefill_pass(deployment, constants, prompts=1.0, new_tok=workload.new_tok, cached_tok=workload.cached_tok)
    return np.asarray(alone.total_s, dtype=np.float64)


ATTENTION = 3
"""The place of attention among the terms of a pass."""

TOLERANCE = 1e-9


class Looked(NamedTuple):
    """A layout after the first look: medians, and the share of draws in which it can serve at all.

    *costs*: accelerator-seconds of a request in each draw, infinite where the layout cannot serve it.
    """

    choice: Choice
    request_accel_s: float
    prefill_accel_s: float
    decode_accel_s_per_tok: float
    tpot_s_per_tok: float
    fits_frac: float
    met_frac: float
    costs: Floats


def look(
    architecture: Architecture,
    machine: Machine,
    precision_name: str,
    precision: Precision,
    layouts: Sequence[Layout],
    constants: Constants,
    workload: Workload,
    tpot_limit_s: Floats | float,
    engine: float,
    accepted_tok: Floats | float = 1.0,
    speed: tuple[Floats | float, Floats | float] = (1.0, 1.0),
) -> list[Looked]:
    """Every layout on the draws given, in one call; on large machines also prefill and decode apart.

    Apart, the layout that prefills most cheaply prefills for every decode layout beside which it fits: the two do not
    touch each other. Pools are balanced, as a fleet of many replicas can be. *speed*: true over predicted throughput in
    one pool, and in two.
    """
    table = stacked(layouts)

    def all_of(prefill: Layout | None) -> tuple[list[Looked], Run]:
        found = run(
            architecture, table, machine, precision, constants, workload, tpot_limit_s, engine,
            prefill_layout=prefill, accepted_tok=accepted_tok, speed=speed[prefill is not None],
        )  # fmt: skip
        taken = (found.request_accel_s, found.prefill_accel_s, found.decode_accel_s_per_tok, found.tpot_s_per_tok)
        request, first, step, tpot = np.median(np.stack(taken), axis=-1)
        fits, met = found.fits.mean(axis=-1), found.is_met.mean(axis=-1)
        costs = np.where(found.is_met > 0, found.request_accel_s, np.inf)
        return [
            Looked(
                Choice(machine, precision_name, precision, layout, prefill), float(request[at]), float(first[at]),
                float(step[at]), float(tpot[at]), float(fits[at]), float(met[at]), costs[at],
            )
            for at, layout in enumerate(layouts)
        ], found  # fmt: skip

    together, found = all_of(None)
    able = [index for index, one in enumerate(together) if one.fits_frac >= HALF]
    if machine.count < POOLS_FROM or not able:
        return together
    prefill = np.median(found.prefill_accel_s, axis=-1)
    best = layouts[min(able, key=lambda index: float(prefill[index]))]
    room = machine.count - best.tensor * best.data
    return together + [one for one in all_of(best)[0] if one.choice.layout.tensor * one.choice.layout.data <= room]


def stacked(layouts: Sequence[Layout]) -> Layout:
    """Layouts as one table, each field a column."""
    return Layout(*(np.array(column, dtype=np.float64)[:, None] for column in zip(*layouts, strict=True)))


POOLS_FROM = 16
"""Accelerators from which prefill and decode may have pools of their own."""

HALF = 0.5
"""A layout serves where it does so in at least half of the draws."""


def ranked(looked: Sequence[Looked]) -> list[Looked]:
    """Those that can serve within memory and time, cheapest first."""
    able = [one for one in looked if one.fits_frac >= HALF and one.met_frac >= HALF]
    return sorted(able, key=lambda one: one.request_accel_s)


def some_draws(
    architecture: Architecture, constants: Constants, rows: NDArray[np.intp]
) -> tuple[Architecture, Constants]:
    """The same on some of the draws; what is one number stays one."""

    def pick(value: Any) -> Any:
        array = np.asarray(value)
        return array[rows] if array.ndim else array

    return (
        Architecture(*(pick(value) for value in architecture)),
        Constants(*(pick(value) for value in constants)),
    )
