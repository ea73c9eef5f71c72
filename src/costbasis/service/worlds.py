"""What each draw's operator does: the cheapest of the layouts looked at twice, in the world of that draw.

Draws are our ignorance of the model, the machine and the constants; an operator knows all three. Why so, and what
the two regrets mean: ``docs/decisions/0012-layouts-and-routes.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from costbasis.catalog.workloads import Workload
from costbasis.performance import Architecture, Constants
from costbasis.sampling import Floats
from costbasis.service.search import Choice, Looked, Run, run, stacked

Rows = NDArray[np.intp]


def looked_again(
    looked: Sequence[Looked],
    architecture: Architecture,
    constants: Constants,
    workload: Workload,
    tpot_limit_s: Floats | float,
    engine: float,
    accepted_tok: Floats | float,
    speed: tuple[Floats, Floats],
) -> list[Run]:
    """The run of each layout of one machine and format; those that share a prefill layout in one call.

    *speed*: true over predicted throughput in one pool, and in two.
    """
    found: dict[int, Run] = {}
    for prefill in dict.fromkeys(one.choice.prefill_layout for one in looked):
        mine = [index for index, one in enumerate(looked) if one.choice.prefill_layout == prefill]
        first = looked[mine[0]].choice
        together = run(
            architecture, stacked([looked[index].choice.layout for index in mine]), first.machine, first.precision,
            constants, workload, tpot_limit_s, engine, prefill_layout=prefill, accepted_tok=accepted_tok,
            speed=speed[prefill is not None],
        )  # fmt: skip
        found |= {index: Run(*(field[..., row, :] for field in together)) for row, index in enumerate(mine)}
    return [found[index] for index in range(len(looked))]


class Chosen(NamedTuple):
    """The run of each draw on the layout taken there; *taken* indexes the layouts tried. Shape: ``(draws,)``."""

    run: Run
    taken: Rows
    regret: Floats
    """How much dearer the one layout that is cheapest in the middle would be, in the draws that it can serve."""


def chosen(tried: Sequence[Run]) -> Chosen:
    """The cheapest layout of each draw that serves it; where none does, the fastest one, which serves it best."""
    cost = np.stack([np.where(one.is_met > 0, one.request_accel_s, np.inf) for one in tried])
    speed = np.stack([one.tpot_s_per_tok for one in tried])
    is_served = np.isfinite(cost).any(axis=0)
    taken = np.where(is_served, np.argmin(cost, axis=0), np.argmin(speed, axis=0))
    fields = []
    for values in zip(*tried, strict=True):
        wide = np.stack(values)
        fields.append(np.take_along_axis(wide, taken.reshape(1, *(1,) * (wide.ndim - 2), -1), axis=0)[0])
    fixed = cost[int(np.argmin(np.median(cost, axis=1)))]
    able = np.isfinite(fixed)
    return Chosen(Run(*fields), taken, fixed[able] / cost[:, able].min(axis=0) - 1)


UNSERVED = 10.0
"""A world that no layout kept serves weighs as one served at so many times the dearest cost."""


def best_together(looked: Sequence[Looked], count: int) -> list[Looked]:
    """Up to *count* layouts that together serve the draws of the first look at the least cost, found one by one.

    The first is the best alone, each next one what helps the most beside those before it; fewer where nothing helps.
    """
    able = [one for one in looked if np.isfinite(one.costs).any()]
    costs = np.stack([one.costs for one in able])
    dearest = np.log(UNSERVED * costs[np.isfinite(costs)].max())
    logs = np.where(np.isfinite(costs), np.log(costs), dearest)
    held = np.full(logs.shape[1], dearest)
    found: list[Looked] = []
    while len(found) < count:
        scores = np.minimum(held, logs).mean(axis=1)
        pick = int(np.argmin(scores))
        if found and scores[pick] >= held.mean() - LEAST_HELP:
            break
        found.append(able[pick])
        held = np.minimum(held, logs[pick])
    return found


LEAST_HELP = 1e-6
"""A layout that takes less than this off the logarithm of the cost is not worth a second look."""


def missed_frac(looked: Sequence[Looked], kept: Sequence[Looked]) -> float:
    """How much dearer the layouts kept are than all of them, on average over the draws of the first look.

    Holds: of draws that one of those kept serves; the others are in neither.
    """
    best, ours = (np.min([one.costs for one in some], axis=0) for some in (looked, kept))
    able = np.isfinite(ours)
    return float((ours[able] / best[able] - 1).mean()) if able.any() else 0.0


def shares_of(choices: Sequence[Choice], taken: Rows) -> dict[Choice, float]:
    """Each choice and the share of draws that it was taken in, the most taken first."""
    counts = np.bincount(taken, minlength=len(choices)) / len(taken)
    return {choices[index]: float(counts[index]) for index in np.argsort(-counts, kind="stable") if counts[index]}
