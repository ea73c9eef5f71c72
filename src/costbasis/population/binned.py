"""People whose spread itself is drawn: quantile bins of their place in the spread, with the error of binning stated.

Each person keeps a place z (how many spreads above the middle); a draw of the middle and the spread moves everybody.
Sorting then holds, but no prefix sum does, so people are binned by z. A bin's sum of exponentials lies between its
count times the exponential of its mean z (Jensen) and the chord over its ends, so each result has a bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costbasis.errors import BadPopulation
from costbasis.population.users import Users
from costbasis.sampling import Floats

QUANTILE_BINS = 128
"""Bins of equally many people."""

WIDEST = 0.05
"""No bin is wider than this, in spreads: wide bins of the tails are split."""

CHUNK_DRAWS = 500
"""Draws held at one time: × bins × 8 bytes stays in a few megabytes."""


class WithBound(NamedTuple):
    """A value a draw, and how far at most the exact one is from it. Shape: ``(draws,)`` each."""

    value: Floats
    bound: Floats


@dataclass(frozen=True, slots=True, eq=False)
class BinnedUsers:
    """People in bins of z. Shape: *count* and *mean_z* are ``(bins,)``, *edge_z* ``(bins + 1,)``.

    *people* counts those with no use too: they are in every mean.
    """

    count: Floats
    mean_z: Floats
    edge_z: Floats
    people: int

    def mean_usd(self, log_median: Floats, sigma: Floats, cap_usd: Floats) -> WithBound:
        """Mean of ``min(exp(log_median + sigma z), cap)`` over all people, a draw, with its bound."""
        draws = np.broadcast_arrays(np.atleast_1d(log_median), sigma, cap_usd)
        parts = [
            self._chunk(*(column[start : start + CHUNK_DRAWS, None] for column in draws))
            for start in range(0, len(draws[0]), CHUNK_DRAWS)
        ]
        low, high = (np.concatenate(side) for side in zip(*parts, strict=True))
        return WithBound((low + high) / 2, (high - low) / 2)

    def _chunk(self, log_median: Floats, sigma: Floats, cap_usd: Floats) -> tuple[Floats, Floats]:
        middle, edge = np.exp(log_median + sigma * self.mean_z), np.exp(log_median + sigma * self.edge_z)
        bottom, top = edge[:, :-1], edge[:, 1:]
        slope = (self.mean_z - self.edge_z[:-1]) / np.diff(self.edge_z)
        chord = bottom + (top - bottom) * slope
        is_under, is_over = top <= cap_usd, bottom >= cap_usd
        low = np.where(is_under, middle, np.where(is_over, cap_usd, np.minimum(bottom, cap_usd)))
        high = np.where(is_under, np.maximum(chord, middle), np.minimum(chord, cap_usd))
        high = np.where(is_over, cap_usd, high)
        return low @ self.count / self.people, high @ self.count / self.people


def binned(users: Users) -> BinnedUsers:
    """The people of *users* by their place in the spread of the logarithm of use.

    Errors: :class:`~costbasis.errors.BadPopulation` where fewer than two people use anything, or all use the same.
    """
    active = users.use_usd[users.use_usd > 0]
    logs = np.log(active)
    spread = float(logs.std()) if len(logs) else 0.0
    if spread == 0:
        raise BadPopulation(
            "a spread needs people who differ", where=users.where, hint="give more than one use above zero"
        )
    z = (logs - logs.mean()) / spread
    edges = z[np.linspace(0, len(z) - 1, QUANTILE_BINS + 1).astype(np.int64)]
    steps = np.maximum(np.ceil(np.diff(edges) / WIDEST).astype(np.int64), 1)
    inner = [np.linspace(a, b, n, endpoint=False) for a, b, n in zip(edges[:-1], edges[1:], steps, strict=True)]
    cut = np.unique(np.searchsorted(z, np.concatenate([*inner])))
    ends = np.append(cut[1:], len(z))
    counts = (ends - cut).astype(np.float64)
    sums = np.add.reduceat(z, cut)
    return BinnedUsers(
        count=counts,
        mean_z=sums / counts,
        edge_z=np.append(z[cut], np.nextafter(z[-1], np.inf)),
        people=len(users),
    )


def place_of(users: Users) -> tuple[float, float]:
    """The mean and the spread of the logarithm of use above zero: the draw at which binned people are themselves."""
    logs = np.log(users.use_usd[users.use_usd > 0])
    return float(logs.mean()), float(logs.std())
