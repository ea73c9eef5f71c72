"""A file that is a sample of the subscribers: the middle and the spread of their use are drawn, the shape is theirs.

A sample of *n* people pins the middle of the logarithm of use to about spread / √n and the spread to about
spread / √(2n). Each draw moves everybody accordingly; means come from quantile bins, with the error of binning known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costbasis.errors import BadPopulation
from costbasis.formulas.values import Value
from costbasis.population.binned import BinnedUsers, binned, place_of
from costbasis.population.users import Users
from costbasis.sampling import Floats, Sampling, uniforms

FEWEST = 5
"""Fewer people than this say nothing of a spread."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledUsers:
    """People whose middle and spread are drawn. Shape: *log_median* and *sigma* are ``(draws,)``, *z* ``(active,)``."""

    bins: BinnedUsers
    z: Floats
    log_median: Floats
    sigma: Floats

    def mean_usd(self, cap_usd: Value) -> Floats:
        """Mean use where nobody passes the cap, by quantile bins; off by at most the bound of the bins."""
        return self.bins.mean_usd(self.log_median, self.sigma, np.asarray(cap_usd, dtype=np.float64)).value

    def error_frac(self, cap_usd: Value) -> float:
        """How far at most binning moves a mean, over it, in any draw."""
        found = self.bins.mean_usd(self.log_median, self.sigma, np.asarray(cap_usd, dtype=np.float64))
        return float(np.max(found.bound / found.value))

    def above_frac(self, use_usd: Value, cap_usd: Value) -> Floats:
        """Share of people whose use, capped, passes *use_usd*."""
        rank = np.searchsorted(self.z, (np.log(use_usd) - self.log_median) / self.sigma, side="right")
        return np.where(np.less(use_usd, cap_usd), (len(self.z) - rank) / self.bins.people, 0.0)

    def quantile_usd(self, below_frac: Value, cap_usd: Value) -> Floats:
        """The least use, capped, that at least *below_frac* of people do not pass."""
        idle = self.bins.people - len(self.z)
        rank = np.ceil(np.asarray(below_frac) * self.bins.people).astype(np.int64) - 1 - idle
        use = np.exp(self.log_median + self.sigma * self.z[np.clip(rank, 0, len(self.z) - 1)])
        return np.asarray(np.where(rank < 0, 0.0, np.minimum(use, cap_usd)), dtype=np.float64)

    def top_frac(self, top_people_frac: Value, cap_usd: Value) -> Floats:
        """Share of all use, capped, that the heaviest *top_people_frac* of people make."""
        from_usd = self.quantile_usd(1 - np.asarray(top_people_frac), cap_usd)
        floor = np.maximum(from_usd, np.finfo(float).tiny)
        above = self.mean_usd(cap_usd) - self.mean_usd(floor) + np.asarray(top_people_frac) * from_usd
        return np.asarray(np.clip(above / self.mean_usd(cap_usd), 0.0, 1.0), dtype=np.float64)


def sampled(users: Users, sampling: Sampling) -> SampledUsers:
    """The people of *users* as a sample of all subscribers.

    Errors: :class:`~costbasis.errors.BadPopulation` for too few people, or people who all use the same.
    """
    from scipy.special import ndtri

    active = users.use_usd[users.use_usd > 0]
    if len(active) < FEWEST:
        raise BadPopulation(
            f"{len(active)} people with any use are too few for a sample",
            where=users.where,
            hint=f"give at least {FEWEST}, or leave --population-is-a-sample out if they are all there are",
        )
    bins = binned(users)
    middle, spread = place_of(users)
    count = len(active)
    moved = ndtri(uniforms(f"population/{users.where}.middle", sampling)) * spread / np.sqrt(count)
    wider = np.exp(ndtri(uniforms(f"population/{users.where}.spread", sampling)) / np.sqrt(2 * count))
    return SampledUsers(bins, (np.log(active) - middle) / spread, middle + moved, spread * wider)
