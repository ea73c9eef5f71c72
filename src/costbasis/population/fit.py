"""Fits a log-normal use to published statistics, and says which part of it they cannot pin.

A statistic is a number as published, so it stands for every number that rounds to it. The fit scans the spread
and returns *every* solution: a mean and a p90 alone allow none, one or two spreads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.errors import BadPopulation
from costbasis.formulas.population import (
    capped_lognormal_log_median,
    capped_lognormal_mean_frac,
    capped_lognormal_top_frac,
    lognormal_mean_over_median,
    lognormal_top_share_frac,
    normal_quantile,
)
from costbasis.formulas.values import Value
from costbasis.population.statistics import Statistics, refuse_impossible, rounding_frac
from costbasis.sampling import Floats

SIGMAS = np.linspace(0.02, 4.0, 3981)
"""Spreads that are tried: from everybody alike to a top hundredth that makes 95 % of all use."""

CONTRADICTION = 0.25
"""Statistics that no log-normal meets within a quarter contradict each other."""

AT_LIMIT = 1e-3
"""Spreads this close to one another are one: the pair sits at the limit of what a log-normal allows."""

GRID_MISS = 1e-6
"""How far the spreads tried may miss a limit that lies between two of them."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A log-normal that meets the statistics. *sigma_low*, *sigma_high*: as far as their rounding lets it go.

    *misfit*: statistic to model over published, less one.
    """

    sigma: float
    median_usd: float
    mean_usd: float
    p90_usd: float
    top_decile_frac: float
    sigma_low: float
    sigma_high: float
    misfit: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """Every solution, whether there is just one, and in words what is not pinned. *missing*: what would pin it."""

    statistics: Statistics
    solutions: Sequence[Solution]
    identified: bool
    why: str
    missing: Sequence[str] = ()


def fit(statistics: Statistics, *, prior_sigma: tuple[float, float, float] | None = None) -> Fit:
    """Every log-normal (capped where a cap is given) that meets *statistics*.

    *prior_sigma* (low, mid, high) is used only where the spread is not pinned at all; the fit then says so.

    Errors: :class:`~costbasis.errors.BadPopulation` with the reason where none can meet them.

    >>> found = fit(Statistics(mean_usd=6, quantiles_usd={0.9: 12}))
    >>> found.identified, [round(solution.sigma, 2) for solution in found.solutions]
    (False, [0.78, 1.79])
    >>> found = fit(Statistics(mean_usd=13, quantiles_usd={0.9: 30}))
    >>> [round(sigma, 2) for s in found.solutions for sigma in (s.sigma_low, s.sigma, s.sigma_high)]
    [1.0, 1.28, 1.56]
    """
    refuse_impossible(statistics)
    scale, others = _parts(statistics)
    if not others:
        return _by_prior(statistics, scale, prior_sigma)
    table = _Table(statistics, scale, others)
    solutions = _exact(table) if len(others) == 1 else [_solution(table, int(np.argmin(table.worst)))]
    return _told(statistics, solutions, table)


def _parts(statistics: Statistics) -> tuple[tuple[str, float, float | None] | None, list[tuple[str, float, float]]]:
    """The statistic that sets the scale (name, value, level; level None is the mean), and the rest."""
    scales: list[tuple[str, float, float | None]] = [
        (f"p{100 * level:g}", value, level) for level, value in statistics.quantiles_usd.items()
    ]
    if statistics.mean_usd is not None:
        scales.insert(0, ("mean", statistics.mean_usd, None))
    shapes = [(f"share of the top {100 * top:g} %", share, top) for top, share in statistics.top_shares.items()]
    rest = [(name, value, level if level is not None else np.nan) for name, value, level in scales[1:]]
    return (scales[0] if scales else None), [*rest, *shapes]


class _Table:
    """At every spread tried: the middle that meets the scale, and how far each other statistic is off (logarithms)."""

    def __init__(
        self,
        statistics: Statistics,
        scale: tuple[str, float, float | None] | None,
        others: Sequence[tuple[str, float, float]],
    ) -> None:
        self.statistics = statistics
        self.sigma = SIGMAS
        self.log_median = _log_median(scale, self.sigma, statistics.cap_usd)
        model = {name: _model(name, level, self, statistics.cap_usd) for name, _, level in others}
        self.off = {name: np.log(model[name] / value) for name, value, _ in others}
        self.slack = {name: rounding_frac(value) for name, value, _ in others}
        if scale is not None:
            self.off |= {scale[0]: np.zeros_like(self.sigma)}
            self.slack |= {scale[0]: rounding_frac(scale[1])}
        self._share_the_misfit()
        self.worst = np.max([np.abs(off) for off in self.off.values()], axis=0)

    def _share_the_misfit(self) -> None:
        """With more than two statistics, the middle is where those that set a scale miss least in all."""
        scales = [name for name in self.off if not name.startswith("share")]
        if len(self.off) <= 2 or len(scales) < 2 or self.statistics.cap_usd is not None:
            return
        shift = np.mean([self.off[name] for name in scales], axis=0)
        self.log_median = self.log_median - shift
        self.off |= {name: self.off[name] - shift for name in scales}


def _log_median(scale: tuple[str, float, float | None] | None, sigma: Floats, cap_usd: float | None) -> Floats:
    if scale is None:
        return np.zeros_like(sigma)
    _, value, level = scale
    if level is not None:
        return np.asarray(np.log(value) - sigma * normal_quantile(level))
    if cap_usd is None:
        return np.asarray(np.log(value / lognormal_mean_over_median(sigma)))
    return np.asarray(np.log(cap_usd) + capped_lognormal_log_median(value / cap_usd, sigma))


def _model(name: str, level: float, table: _Table, cap_usd: float | None) -> Value:
    """What a log-normal has for the statistic at each spread."""
    if name.startswith("share") and cap_usd is None:
        return lognormal_top_share_frac(table.sigma, level)
    cap = np.inf if cap_usd is None else cap_usd
    if name.startswith("share"):
        return capped_lognormal_top_frac(table.log_median - np.log(cap), table.sigma, level)
    if name == "mean":
        return _mean(table.log_median, table.sigma, cap_usd)
    return np.minimum(np.exp(table.log_median + table.sigma * normal_quantile(level)), cap)


def _mean(log_median: Value, sigma: Value, cap_usd: float | None) -> Value:
    if cap_usd is None:
        return np.exp(log_median) * lognormal_mean_over_median(sigma)
    return cap_usd * capped_lognormal_mean_frac(log_median - np.log(cap_usd), sigma)


def _exact(table: _Table) -> list[Solution]:
    """Where the one other statistic is met: at each change of sign, else where it is missed by rounding alone."""
    found = [_solution(table, int(index)) for index in _crossings(table)]
    if not found:
        return [_solution(table, int(np.argmin(table.worst)))]
    return [one for one, after in zip(found, [*found[1:], None], strict=True) if after is None or _differ(one, after)]


def _crossings(table: _Table) -> Floats:
    """Where the one statistic beside the scale is met exactly, between a spread tried and the next."""
    off = next(iter(table.off.values()))
    return np.flatnonzero(np.sign(off[:-1]) * np.sign(off[1:]) <= 0).astype(np.float64)


def _differ(one: Solution, other: Solution) -> bool:
    return bool(other.sigma - one.sigma > 2 * (SIGMAS[1] - SIGMAS[0]) + AT_LIMIT)


def _solution(table: _Table, index: int) -> Solution:
    cap = table.statistics.cap_usd
    off = next(iter(table.off.values()))
    sigma, log_median = float(table.sigma[index]), float(table.log_median[index])
    if len(table.off) <= 2 and index + 1 < len(off) and off[index] * off[index + 1] < 0:
        part = off[index] / (off[index] - off[index + 1])
        sigma += float(part) * float(table.sigma[index + 1] - table.sigma[index])
        log_median += float(part) * float(table.log_median[index + 1] - table.log_median[index])
    low, high = _within_rounding(table, index)
    top = lognormal_top_share_frac(sigma, 0.1)
    if cap is not None:
        top = capped_lognormal_top_frac(log_median - np.log(cap), sigma, 0.1)
    p90 = float(np.exp(log_median + sigma * normal_quantile(0.9)))
    return Solution(
        sigma=sigma,
        median_usd=float(np.exp(log_median)),
        mean_usd=float(_mean(log_median, sigma, cap)),
        p90_usd=p90 if cap is None else min(p90, cap),
        top_decile_frac=float(top),
        sigma_low=low,
        sigma_high=high,
        misfit={name: float(np.expm1(values[index])) for name, values in table.off.items()},
    )


def _within_rounding(table: _Table, index: int) -> tuple[float, float]:
    """The spreads around a solution at which every statistic still rounds to what was published."""
    slack = sum(table.slack.values()) if len(table.off) <= 2 else max(table.slack.values())
    is_inside = table.worst <= slack
    low = high = index
    while low > 0 and is_inside[low - 1]:
        low -= 1
    while high + 1 < len(is_inside) and is_inside[high + 1]:
        high += 1
    return float(table.sigma[low]), float(table.sigma[high])


def _by_prior(
    statistics: Statistics,
    scale: tuple[str, float, float | None] | None,
    prior_sigma: tuple[float, float, float] | None,
) -> Fit:
    missing = ("a second statistic: a quantile, or the share of the top tenth",)
    if scale is None or prior_sigma is None:
        return Fit(statistics, (), identified=False, why="one statistic does not pin the spread", missing=missing)
    solutions = []
    for sigma in prior_sigma:
        log_median = float(_log_median(scale, np.array([sigma]), statistics.cap_usd)[0])
        solutions.append(_plain(sigma, log_median, statistics.cap_usd, prior_sigma))
    why = f"one statistic ({scale[0]}) does not pin the spread; shown at the prior's 10, 50 and 90 %"
    return Fit(statistics, solutions, identified=False, why=why, missing=missing)


def _plain(sigma: float, log_median: float, cap: float | None, prior: tuple[float, float, float]) -> Solution:
    top = lognormal_top_share_frac(sigma, 0.1)
    if cap is not None:
        top = capped_lognormal_top_frac(log_median - np.log(cap), sigma, 0.1)
    p90 = float(np.exp(log_median + sigma * normal_quantile(0.9)))
    return Solution(
        sigma=sigma,
        median_usd=float(np.exp(log_median)),
        mean_usd=float(_mean(log_median, sigma, cap)),
        p90_usd=p90 if cap is None else min(p90, cap),
        top_decile_frac=float(top),
        sigma_low=prior[0],
        sigma_high=prior[2],
        misfit={},
    )


def _told(statistics: Statistics, solutions: Sequence[Solution], table: _Table) -> Fit:
    named = " and ".join(statistics.names())
    worst = max(abs(value) for value in solutions[0].misfit.values())
    is_missed = len(table.off) <= 2 and not len(_crossings(table))
    if is_missed:
        _refuse_beyond_rounding(statistics, table, worst, named)
    if worst > CONTRADICTION:
        raise BadPopulation(
            f"no log-normal meets {named}: the nearest is {100 * worst:.0f} % off",
            where=statistics.where,
            hint="check that they are of the same people, unit and period",
        )
    if len(solutions) > 1:
        spreads = " or ".join(f"{one.sigma:.2f}" for one in solutions)
        why = f"{named} are met by {len(solutions)} spreads: {spreads}"
        return Fit(statistics, solutions, False, why, ("the share of the top tenth, or another quantile",))
    only = solutions[0]
    if is_missed:
        why = f"{named} sit at the limit of a log-normal: any spread from {only.sigma_low:.2f} to {only.sigma_high:.2f}"
        return Fit(statistics, solutions, False, why, ("the share of the top tenth, or another quantile",))
    if table.statistics.mean_usd is None and not table.statistics.quantiles_usd:
        why = f"{named} pin the spread, {only.sigma:.2f}, but not the middle"
        return Fit(statistics, solutions, False, why, ("a mean or a quantile in USD",))
    off = f", the worst {100 * worst:.0f} % off" if worst > 0.005 else ""
    return Fit(statistics, solutions, True, f"{named} pin the spread: {only.sigma:.2f}{off}")


def _refuse_beyond_rounding(statistics: Statistics, table: _Table, worst: float, named: str) -> None:
    if float(table.worst.min()) <= sum(table.slack.values()) + GRID_MISS:
        return
    z = float(normal_quantile(0.9))
    raise BadPopulation(
        f"no log-normal has this {named}: the nearest is {100 * worst:.0f} % off, more than rounding explains",
        where=statistics.where,
        hint=f"a log-normal's p90 is at most {np.exp(z * z / 2):.2f} times its mean; a cap lowers the mean",
    )
