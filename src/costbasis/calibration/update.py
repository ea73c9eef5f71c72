"""A user's own measurements update the posterior: the shipped fit is the prior, their rows are the data."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costbasis.calibration.fit import ERROR, FITTED, TAIL, Problem, log_errors
from costbasis.calibration.measurement import Measurement
from costbasis.calibration.predict import candidates
from costbasis.calibration.sets import catalogue_rows
from costbasis.catalog.posterior import EFFECT, Posterior
from costbasis.errors import UnreadableInput, why

Floats = NDArray[np.float64]

DRAWS = 512
SEED = 20_260_701
STEP = 1e-3
ROUNDS = 12
SETTLED = 1e-4


@dataclass(frozen=True, slots=True)
class Update:
    """Before and after: errors of the user's rows, the moved constants, and the new draws."""

    posterior: Posterior
    before: Floats
    after: Floats
    measurements: Sequence[Measurement]
    moved: dict[str, tuple[float, float, float, float]]
    """Constant to its value before and after, and the spread of its logarithm before and after."""


def updated(posterior: Posterior, measurements: Sequence[Measurement]) -> Update:
    """The posterior after *measurements*, by Gauss-Newton from the shipped one with heavy-tailed errors.

    Constants and the effects of the models measured are found together. Rows of one model share its effect, so
    many rows of one model teach its effect, and rows of several teach the constants. A user's set-up may differ
    from the public ones as models differ from each other, so a known model's effect is as free as a new one's.

    Errors: :class:`~costbasis.errors.UnreadableInput` where no row can be predicted.
    """
    problem = _problem(posterior, measurements)
    families = sorted({one.family for one in measurements})
    member = np.array([[one.family == family for family in families] for one in measurements], dtype=np.float64)
    told = [posterior.effect(next(one.model for one in measurements if one.family == family)) for family in families]
    centre = np.concatenate([problem.centre, [mean for mean, _ in told]])
    order = [posterior.names.index(name) for name in FITTED]
    given = np.cov(posterior.log_draws[:, order].T)
    precision = np.zeros((len(centre), len(centre)))
    precision[: len(FITTED), : len(FITTED)] = np.linalg.inv(given)
    precision[len(FITTED) :, len(FITTED) :] = np.diag([1 / (wide**2 + posterior.new_effect**2) for _, wide in told])

    def errors(point: Floats) -> Floats:
        return log_errors(problem, point[: len(FITTED)]) - member @ point[len(FITTED) :]

    before = errors(centre)
    known = np.isfinite(before)
    if not known.any():
        raise UnreadableInput("no row can be predicted: the models do not fit the accelerators given")
    point, base = centre, before
    for _ in range(ROUNDS):
        slopes = _slopes(errors, point, base)
        pull = known / ERROR**2 / (1 + (np.nan_to_num(base) / ERROR) ** 2 / TAIL)
        curve = slopes.T @ (slopes * pull[:, None]) + precision
        move = np.linalg.solve(curve, -(slopes.T @ (pull * np.nan_to_num(base)) + precision @ (point - centre)))
        point = point + np.clip(move, -1.0, 1.0)
        base = errors(point)
        if np.abs(move).max() < SETTLED:
            break
    spread = np.asarray(np.linalg.inv(curve), dtype=np.float64)
    return _result(posterior, measurements, problem, centre, point, spread, before, base, families)


def _problem(posterior: Posterior, measurements: Sequence[Measurement]) -> Problem:
    middle = np.median(posterior.log_draws, axis=0)
    order = [posterior.names.index(name) for name in FITTED]
    return Problem(
        measurements,
        candidates(measurements, *catalogue_rows()),
        np.log([one.tok_per_s_per_accel for one in measurements]),
        np.ones(len(measurements)),
        middle[order],
        np.ones(len(FITTED)),
    )


def _slopes(errors: Any, point: Floats, base: Floats) -> Floats:
    columns = [(errors(point + STEP * unit) - base) / STEP for unit in np.eye(len(point))]
    return np.asarray(np.nan_to_num(np.stack(columns, axis=1)), dtype=np.float64)


def _result(
    posterior: Posterior,
    measurements: Sequence[Measurement],
    problem: Problem,
    centre: Floats,
    point: Floats,
    spread: Floats,
    before: Floats,
    after: Floats,
    families: Sequence[str],
) -> Update:
    constants = len(FITTED)
    generator = np.random.Generator(np.random.Philox(SEED))
    draws = generator.multivariate_normal(point[:constants], spread[:constants, :constants], DRAWS)
    draws += point[:constants] - np.median(draws, axis=0)
    wide_before = np.std(posterior.log_draws, axis=0)[[posterior.names.index(name) for name in FITTED]]
    wide_after = np.sqrt(np.diag(spread))
    effects = dict(posterior.effects) | {
        family: (float(point[constants + index]), float(wide_after[constants + index]))
        for index, family in enumerate(families)
    }
    moved = {
        name: (
            float(np.exp(centre[index])),
            float(np.exp(point[index])),
            float(wide_before[index]),
            float(wide_after[index]),
        )
        for index, name in enumerate(FITTED)
    }
    new = replace(posterior, names=FITTED, log_draws=draws, effects=effects)
    return Update(new, before, after, measurements, moved)


def overlay_text(update: Update) -> str:
    """The overlay as CSV: draws of the constants, and the effects that the rows told, in the first two rows."""
    told = sorted({one.family for one in update.measurements})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*FITTED, *(f"{EFFECT}{family}" for family in told)])
    for index, row in enumerate(np.exp(update.posterior.log_draws)):
        effects = [f"{update.posterior.effects[family][index]:.5f}" if index < 2 else "" for family in told]
        writer.writerow([*(f"{value:.6g}" for value in row), *effects])
    return text.getvalue()


def write_overlay(update: Update, path: Path) -> None:
    """Write the overlay where the user asks.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a path that cannot be written.
    """
    try:
        path.write_text(overlay_text(update), encoding="utf-8")
    except OSError as error:
        raise UnreadableInput(
            f"cannot be written: {why(error)}", where=str(path), hint="choose another --out"
        ) from error
