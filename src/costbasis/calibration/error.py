"""How wide an honest interval is: the spread between models, and the scale of what is left, from left-out errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from costbasis.catalog.posterior import FEATURES, TAIL

Floats = NDArray[np.float64]

REGULAR = 0.5
"""Spread of the prior on each part of the log scale: a feature must earn its widening."""
BASE = np.log(0.13)


def error_scale(errors: Floats, features: Floats, weight: Floats) -> Floats:
    """Coefficients of the log scale of a Student-t for left-out errors, given features of shape (rows, features).

    *weight* tempers the rows, as in the fit. The result holds for models that were not in the fit.
    """
    from scipy.optimize import minimize

    centre = np.zeros(features.shape[1])
    centre[0] = BASE

    def misfit(parts: Floats) -> float:
        log_scale = features @ parts
        size = (errors / np.exp(log_scale)) ** 2
        density = log_scale + (TAIL + 1) / 2 * np.log1p(size / TAIL)
        return float(weight @ density + np.sum(((parts - centre) / REGULAR) ** 2) / 2)

    return np.asarray(minimize(misfit, centre, method="BFGS").x, dtype=np.float64)


def widened(errors: Floats, scale: Floats) -> float:
    """The factor on the scale with which 80 % of the errors lie within the 80 % interval."""
    from scipy.special import stdtrit

    return float(np.quantile(np.abs(errors) / scale, 0.8) / stdtrit(TAIL, 0.9))


def family_effects(
    errors: Floats, families: NDArray[np.str_], scale: Floats, between: float
) -> dict[str, tuple[float, float]]:
    """Mean and spread of each family's effect: the centre of its errors in the fit, shrunk to 0 by how few they are.

    Rows of a family count as their square root, as in the fit.
    """
    found = {}
    for family in sorted(set(families.tolist())):
        mine = (families == family) & np.isfinite(errors)
        if not mine.any():
            continue
        spread = float(np.median(scale[mine])) / float(np.sqrt(mine.sum()) ** 0.5)
        trust = between**2 / (between**2 + spread**2)
        found[family] = (float(np.median(errors[mine])) * trust, float(np.sqrt(trust)) * spread)
    return found


def between_families(errors: Floats, families: NDArray[np.str_]) -> float:
    """Spread of the centres of the families' left-out errors."""
    known = np.isfinite(errors)
    centres = [np.median(errors[known & (families == family)]) for family in set(families[known].tolist())]
    return float(np.sqrt(np.mean(np.square(np.clip(centres, -0.5, 0.5)))))


def feature_table(parts: Mapping[str, Floats]) -> Floats:
    """Features by name as columns in their fixed order."""
    return np.stack([np.asarray(parts[name], dtype=np.float64) for name in FEATURES], axis=1)
