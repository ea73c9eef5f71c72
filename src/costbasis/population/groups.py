"""People in groups (inactive, normal, heavy): each group log-normal, all under one cap, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.errors import BadPopulation
from costbasis.formulas.population import (
    capped_lognormal_below_frac,
    capped_lognormal_mean_frac,
    capped_lognormal_top_frac,
    normal_below_frac,
    normal_quantile,
)
from costbasis.formulas.values import Value
from costbasis.sampling import Floats

NO_CAP_USD = 1e12
"""More than anybody uses: the cap where there is none (an infinite one has no mean in closed form)."""

HALVINGS = 60
"""Of the interval in which a quantile of several groups lies: enough for a float."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Some of the people, log-normal before the cap. *log_median* is of USD; None where they use nothing.

    Shape: *log_median* and *sigma* are floats or ``(draws,)``.
    """

    name: str
    share_frac: float
    log_median: Value | None
    sigma: Value


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """All the people, by group. *share_frac* of the groups adds up to one."""

    groups: Sequence[Group]

    @property
    def active(self) -> list[Group]:
        """The groups that use anything."""
        return [group for group in self.groups if group.log_median is not None]

    def mean_usd(self, cap_usd: Value) -> Floats:
        """Mean use where nobody passes the cap: the groups' means, weighted."""
        parts = [
            group.share_frac * cap_usd * capped_lognormal_mean_frac(_under(group, cap_usd), group.sigma)
            for group in self.active
        ]
        return np.asarray(sum(parts), dtype=np.float64)

    def above_frac(self, use_usd: Value, cap_usd: Value) -> Floats:
        """Share of people whose use, capped, passes *use_usd*."""
        parts = [
            group.share_frac
            * (1 - capped_lognormal_below_frac(np.divide(use_usd, cap_usd), _under(group, cap_usd), group.sigma))
            for group in self.active
        ]
        return np.asarray(sum(parts), dtype=np.float64)

    def quantile_usd(self, below_frac: Value, cap_usd: Value) -> Floats:
        """The use, capped, that *below_frac* of people do not pass: in closed form for one group, else by halving."""
        if len(self.groups) == 1 and self.active:
            group = self.active[0]
            free = np.exp(_log_median(group) + group.sigma * normal_quantile(below_frac))
            return np.asarray(np.minimum(free, cap_usd), dtype=np.float64)
        spread = [group.sigma * normal_quantile(0.5 + 0.5 * (1 - np.finfo(float).eps)) for group in self.active]
        middles = [_log_median(group) for group in self.active]
        low = np.min(np.broadcast_arrays(*(m - s for m, s in zip(middles, spread, strict=True))), axis=0)
        high = np.max(np.broadcast_arrays(*(m + s for m, s in zip(middles, spread, strict=True))), axis=0)
        low, high, wanted = np.broadcast_arrays(low, high, np.asarray(below_frac, dtype=np.float64))
        idle = 1 - sum(group.share_frac for group in self.active)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            too_low = idle + self._active_below_frac(middle) < wanted
            low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
        return np.asarray(np.where(wanted <= idle, 0.0, np.minimum(np.exp(high), cap_usd)), dtype=np.float64)

    def _active_below_frac(self, log_use: Value) -> Floats:
        parts = [
            group.share_frac * normal_below_frac((log_use - _log_median(group)) / group.sigma) for group in self.active
        ]
        return np.asarray(sum(parts), dtype=np.float64)

    def top_frac(self, top_people_frac: Value, cap_usd: Value) -> Floats:
        """Share of all use, capped, that the heaviest *top_people_frac* of people make."""
        if len(self.groups) == 1 and self.active:
            group = self.active[0]
            return np.asarray(
                capped_lognormal_top_frac(_under(group, cap_usd), group.sigma, top_people_frac), dtype=np.float64
            )
        from_usd = self.quantile_usd(1 - np.asarray(top_people_frac), cap_usd)
        above = [group.share_frac * (_mean_usd(group, cap_usd) - _mean_usd(group, from_usd)) for group in self.active]
        top = np.asarray(sum(above)) + np.asarray(top_people_frac) * from_usd
        return np.asarray(top / self.mean_usd(cap_usd), dtype=np.float64)


def groups_of(groups: Sequence[Group], where: str = "the groups given") -> Groups:
    """The people of *groups*.

    Errors: :class:`~costbasis.errors.BadPopulation` where shares do not add up to one, or nobody uses anything.
    """
    total = sum(group.share_frac for group in groups)
    if abs(total - 1) > 1e-6 or any(group.share_frac < 0 for group in groups):
        shares = ", ".join(f"{group.name} {group.share_frac:g}" for group in groups)
        raise BadPopulation(f"the groups' shares add up to {total:g}, not 1: {shares}", where=where)
    found = Groups(groups)
    if not found.active:
        raise BadPopulation("nobody in the groups uses anything", where=where, hint="give a group a mean above 0")
    return found


def _log_median(group: Group) -> Value:
    assert group.log_median is not None
    return group.log_median


def _under(group: Group, cap_usd: Value) -> Value:
    """The logarithm of the group's median use as a share of the cap."""
    return _log_median(group) - np.log(cap_usd)


def _mean_usd(group: Group, cap_usd: Value) -> Value:
    return cap_usd * capped_lognormal_mean_frac(_under(group, cap_usd), group.sigma)
