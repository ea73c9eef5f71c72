"""Kriging: a value predicted as a trend plus what the nearest known ones are off it, with weights one can read.

Every array is dimensionless: logarithms of prices, standardised traits. Also known as a Gaussian process with
a linear mean whose slopes have a prior.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from costbasis.sampling import Floats

LEVEL_VARIANCE = 4.0
"""Prior variance of the level of a logarithm that is centred already: wide."""


def covariance(
    left: Floats, right: Floats, alike: Floats | float, length: float, signal: float, slope: float
) -> Floats:
    """Prior covariance of two sets of points: a level, a slope in each trait, and a smooth rest near each point.

    Shape: *left* ``(n, traits)``, *right* ``(m, traits)``, *alike* ``(n, m)``: the share of the smooth rest that
    two points of different kinds have in common; the result is ``(n, m)``.

    >>> points = np.array([[0.0], [2.0]])
    >>> covariance(points, points, 1.0, 1.0, 0.5, 0.25).round(3).tolist()
    [[4.5, 4.068], [4.068, 5.5]]
    """
    squared = ((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=2) / length**2
    prior: Floats = LEVEL_VARIANCE + slope * (left @ right.T) + signal * alike * np.exp(-squared / 2)
    return prior


class Kriged(NamedTuple):
    """A prediction: its mean, its variance, and the weight of each known value. ``(m,)``, ``(m,)``, ``(m, n)``."""

    mean: Floats
    variance: Floats
    weights: Floats


def kriged(known: Floats, noise: Floats, covariances: Floats, cross: Floats, own: Floats) -> Kriged:
    """The value at new points, from *known* ones whose own noise has variance *noise*.

    Shape: *known*, *noise* ``(n,)``; *covariances* ``(n, n)`` of the known, *cross* ``(m, n)``, *own* ``(m,)``.

    Without noise a known point is met exactly:

    >>> points = np.array([[0.0], [1.0], [3.0]])
    >>> prior = covariance(points, points, 1.0, 1.0, 0.5, 0.25)
    >>> found = kriged(np.array([1.0, 2.0, 0.5]), np.zeros(3), prior, prior, np.diag(prior))
    >>> found.mean.round(6).tolist(), bool((found.variance < 1e-9).all())
    ([1.0, 2.0, 0.5], True)
    """
    weights = np.linalg.solve(covariances + np.diag(noise), cross.T).T
    variance: Floats = own - (weights * cross).sum(axis=1)
    return Kriged(weights @ known, variance, np.asarray(weights, dtype=np.float64))


def log_evidence(known: Floats, noise: Floats, covariances: Floats) -> float:
    """Logarithm of the chance of the *known* values under the prior, up to a constant: which prior fits best.

    >>> points = np.linspace(0.0, 4.0, 9)[:, None]
    >>> wavy, noise = np.sin(points[:, 0]) * 2, np.full(9, 0.01)
    >>> smooth, rough = (covariance(points, points, 1.0, length, 1.0, 0.25) for length in (1.0, 0.01))
    >>> bool(log_evidence(wavy, noise, smooth) > log_evidence(wavy, noise, rough))
    True
    """
    factor = np.linalg.cholesky(covariances + np.diag(noise))
    whitened = np.linalg.solve(factor, known)
    return float(-(whitened @ whitened) / 2 - np.log(np.diag(factor)).sum())
