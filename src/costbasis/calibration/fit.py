"""The fit: global constants to all measurements at once, robustly, and again without each model or system.

Rows of one model are repeats of one experiment with other batch sizes, so a row does not count as an independent
observation: a family of n rows weighs as √n, and all of them together are tempered by :data:`ROWS_PER_OBSERVATION`.
The posterior is Laplace's: normal in the logarithms of the constants, around the fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costbasis.calibration.measurement import Measurement
from costbasis.calibration.predict import Candidates, predict, subset
from costbasis.performance import Constants, constants_of
from costbasis.performance.constants import PRIOR

Floats = NDArray[np.float64]

FITTED = tuple(name for name, (_, spread, _) in PRIOR.items() if spread > 0)
ERROR = 0.15
"""Scale of the logarithm of predicted over measured, within which a row counts in full."""
TAIL = 3.0
"""Degrees of freedom of the errors: 3 is heavy-tailed, so that a misread row cannot pull the fit."""
ROWS_PER_OBSERVATION = 40.0
IMMATURE = 0.3
"""Weight of rows on accelerators and models whose software was young when measured."""
YOUNG_MODELS = ("deepseek-v4-pro",)
FIT_SETS = (
    "aggregated",
    "inferencex",
    "tensorrt-llm offline",
    "disaggregated",
    "mlperf offline",
    "mlperf server",
    "large-scale experts",
    "load study",
)
STEP = 1e-3


@dataclass(frozen=True, slots=True)
class Problem:
    """Measurements as tables, the logarithm of what was measured, and the weight of each."""

    measurements: Sequence[Measurement]
    tables: Sequence[Candidates]
    log_measured: Floats
    weight: Floats
    centre: Floats
    spread: Floats


def problem_of(measurements: Sequence[Measurement], tables: Sequence[Candidates]) -> Problem:
    """The fitting problem of all measurements."""
    sizes = Counter((one.family, one.set) for one in measurements)
    weight = np.array([_weight(one, sizes[one.family, one.set]) for one in measurements])
    return Problem(
        measurements,
        tables,
        np.log([one.tok_per_s_per_accel for one in measurements]),
        weight / weight[weight > 0].mean(),
        np.log([PRIOR[name][0] for name in FITTED]),
        np.array([PRIOR[name][1] for name in FITTED]),
    )


def _weight(one: Measurement, size: int) -> float:
    if one.set not in FIT_SETS:
        return 0.0
    young = one.vendor == "amd" or one.model in YOUNG_MODELS
    return float(size**-0.5) * (IMMATURE if young else 1.0)


def constants_at(log_values: Floats) -> Constants:
    """Constants at a point of the fit, given the logarithms of those that are fitted."""
    return constants_of(dict(zip(FITTED, np.exp(log_values), strict=True)))


def log_errors(problem: Problem, log_values: Floats, keep: NDArray[np.bool_] | None = None) -> Floats:
    """Logarithm of predicted over measured, NaN where refused; only the kept rows, in their order."""
    tables = problem.tables if keep is None else subset(problem.tables, keep)
    predicted = predict(tables, constants_at(log_values), len(problem.measurements))
    errors = np.asarray(np.log(predicted) - problem.log_measured, dtype=np.float64)
    return errors if keep is None else errors[keep]


def fit(
    problem: Problem, keep: NDArray[np.bool_] | None = None, start: Floats | None = None, rounds: int = 12
) -> Floats:
    """The logarithms of the fitted constants: the mode of the posterior given the kept rows."""
    from scipy.optimize import least_squares

    use = problem.weight > 0 if keep is None else keep & (problem.weight > 0)
    tables = subset(problem.tables, use)
    weight = np.sqrt(problem.weight[use] / ROWS_PER_OBSERVATION)
    count = len(problem.measurements)

    def misfit(log_values: Floats) -> Floats:
        error = (np.log(predict(tables, constants_at(log_values), count)) - problem.log_measured)[use]
        scaled = np.nan_to_num(error / ERROR)
        robust = np.sign(scaled) * np.sqrt(TAIL * np.log1p(scaled * scaled / TAIL)) * weight
        return np.concatenate([robust, (log_values - problem.centre) / problem.spread])

    found = least_squares(misfit, problem.centre if start is None else start, diff_step=STEP, max_nfev=rounds)
    return np.asarray(found.x, dtype=np.float64)


def covariance(problem: Problem, log_values: Floats) -> Floats:
    """Laplace's covariance of the logarithms at the fit."""
    use = problem.weight > 0
    base = log_errors(problem, log_values, use)
    slopes: Floats = np.stack(
        [(log_errors(problem, log_values + STEP * unit, use) - base) / STEP for unit in np.eye(len(log_values))], axis=1
    )
    known = np.isfinite(base)
    pull = problem.weight[use] / ROWS_PER_OBSERVATION / (1 + (base / ERROR) ** 2 / TAIL) / ERROR**2
    weighted = slopes[known] * pull[known, None]
    precision = slopes[known].T @ weighted + np.diag(problem.spread**-2.0)
    return np.asarray(np.linalg.inv(precision), dtype=np.float64)


def left_out(
    problem: Problem, start: Floats, group: Callable[[Measurement], str], rounds: int = 3
) -> tuple[Floats, dict[str, Floats]]:
    """Errors of each row under constants fitted without any row of its group, and those constants by group."""
    groups = np.array([group(one) for one in problem.measurements])
    errors = np.full(len(groups), np.nan)
    without: dict[str, Floats] = {}
    for name in sorted(set(groups.tolist())):
        held = groups == name
        without[name] = fit(problem, ~held, start, rounds)
        errors[held] = log_errors(problem, without[name], held)
    return errors, without
