"""How use is spread over people: log-normal, capped log-normal and Pareto, and what each says of its tail."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from costbasis.formulas.values import Value


class SigmaRoots(NamedTuple):
    """Both spreads of the logarithm that a pair of statistics allows; equal where there is one, nan where none."""

    narrow: Value
    wide: Value


def normal_below_frac(z: Value) -> Value:
    """Share of a standard normal below *z*.

    >>> float(normal_below_frac(0.0))
    0.5
    """
    share: Value = ndtr(z)
    return share


def normal_quantile(below_frac: Value) -> Value:
    """The standard normal's quantile.

    >>> round(float(normal_quantile(0.9)), 4)  # 0.9 is what "p90" means
    1.2816
    """
    z: Value = ndtri(below_frac)
    return z


def lognormal_quantile_over_mean(sigma: Value, below_frac: Value) -> Value:
    """A quantile of a log-normal over its mean.

    Edge: for the p90 it is at most exp(z²/2) = 2.27, reached at σ = z = 1.28.
    Source: the recommended spread of coding agents' use; the pair published in 2026 was 13 and 30, a ratio of 2.31.

    >>> round(float(lognormal_quantile_over_mean(1.28, 0.9)), 2)
    2.27
    """
    return np.exp(normal_quantile(below_frac) * sigma - sigma**2 / 2)


def lognormal_sigma_roots(quantile_over_mean: Value, below_frac: Value) -> SigmaRoots:
    """Every spread at which a log-normal has this quantile over its mean: none, one or two.

    Source: Claude Code costs page, 2025: mean 6 and p90 12 a developer-day.

    >>> [round(float(root), 2) for root in lognormal_sigma_roots(12 / 6, 0.9)]
    [0.78, 1.79]
    """
    z = normal_quantile(below_frac)
    inside = z**2 - 2 * np.log(quantile_over_mean)
    with np.errstate(invalid="ignore"):
        half = np.sqrt(inside)
    narrow = np.where(z - half > 0, z - half, z + half)
    return SigmaRoots(narrow, z + half)


def lognormal_mean_over_median(sigma: Value) -> Value:
    """The mean of a log-normal over its median.

    >>> round(float(lognormal_mean_over_median(1.0)), 4)
    1.6487
    """
    return np.exp(sigma**2 / 2)


def lognormal_top_share_frac(sigma: Value, top_frac: Value) -> Value:
    """Share of all use that the heaviest *top_frac* of people make, log-normal.

    Source: Viberank, 800 users: the top tenth made 51 %, the top hundredth 14 %.

    >>> round(float(lognormal_top_share_frac(1.28, 0.1)), 2), round(float(lognormal_top_share_frac(1.28, 0.01)), 2)
    (0.5, 0.15)
    """
    return normal_below_frac(sigma + normal_quantile(top_frac))


def lognormal_sigma_of_top_share(top_share_frac: Value, top_frac: Value) -> Value:
    """The spread at which the heaviest *top_frac* of people make this share of all use.

    >>> [round(float(lognormal_sigma_of_top_share(share, top)), 2) for share, top in ((0.51, 0.1), (0.14, 0.01))]
    [1.31, 1.25]
    """
    return normal_quantile(top_share_frac) - normal_quantile(top_frac)


def pareto_tail_of_top_share(top_share_frac: Value, top_frac: Value) -> Value:
    """The tail index at which the heaviest *top_frac* of a Pareto make this share of all use.

    >>> round(float(pareto_tail_of_top_share(0.51, 0.1)), 2)
    1.41
    """
    return 1 / (1 - np.log(top_share_frac) / np.log(top_frac))


def pareto_top_share_frac(tail: Value, top_frac: Value) -> Value:
    """Share of all use that the heaviest *top_frac* of people make, Pareto with this tail index (above 1).

    Source: Viberank: a Pareto that gives its top tenth 51 % gives the top hundredth 26 %, not the 14 % seen.

    >>> round(float(pareto_top_share_frac(1.413, 0.01)), 2)
    0.26
    """
    return np.exp(np.log(top_frac) * (1 - 1 / tail))


def pareto_quantile_over_mean(tail: Value, below_frac: Value) -> Value:
    """A quantile of a Pareto over its mean.

    >>> round(float(pareto_quantile_over_mean(1.413, 0.9)), 2)  # 2.0 and 2.3 were published
    1.49
    """
    return (1 - 1 / tail) * np.exp(-np.log(1 - below_frac) / tail)


def capped_lognormal_mean_frac(log_median: Value, sigma: Value) -> Value:
    """Mean of a log-normal use that cannot pass its ceiling, as a share of the ceiling.

    *log_median* is the logarithm of the median share; *sigma* the spread of the logarithm.

    >>> round(float(capped_lognormal_mean_frac(np.log(0.001), 1.0)), 6)  # far below the cap: exp(mu + 1/2)
    0.001649
    """
    below = np.exp(log_median + sigma**2 / 2) * normal_below_frac(-log_median / sigma - sigma)
    return below + normal_below_frac(log_median / sigma)


def capped_lognormal_log_median(mean_frac: Value, sigma: Value) -> Value:
    """The logarithm of the median share of a capped log-normal use with this mean share, by bisection.

    >>> mu = capped_lognormal_log_median(0.15, 1.28)
    >>> round(float(capped_lognormal_mean_frac(mu, 1.28)), 9)
    0.15
    """
    low: Value = np.log(mean_frac) - sigma**2
    high: Value = 4 * sigma + 0 * low
    while np.max(high - low) > np.finfo(float).eps ** (3 / 4):
        middle = (low + high) / 2
        too_low = capped_lognormal_mean_frac(middle, sigma) < mean_frac
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return (low + high) / 2


def capped_lognormal_below_frac(use_frac: Value, log_median: Value, sigma: Value) -> Value:
    """Share of people whose use stays under a share of the ceiling; nobody passes the ceiling.

    >>> float(capped_lognormal_below_frac(0.5, np.log(0.5), 1.0)), float(capped_lognormal_below_frac(1.0, 0.0, 1.0))
    (0.5, 1.0)
    """
    under = normal_below_frac((np.log(use_frac) - log_median) / sigma)
    return np.where(np.less(use_frac, 1), under, np.ones_like(under))


def capped_lognormal_quantile_frac(log_median: Value, sigma: Value, below_frac: Value) -> Value:
    """A quantile of a capped log-normal use, as a share of the ceiling.

    >>> float(capped_lognormal_quantile_frac(0.0, 1.0, 0.9))
    1.0
    """
    return np.minimum(np.exp(log_median + sigma * normal_quantile(below_frac)), 1)


def capped_lognormal_top_frac(log_median: Value, sigma: Value, top_frac: Value) -> Value:
    """Share of all use that the heaviest *top_frac* of people make, where use cannot pass its ceiling.

    >>> round(float(capped_lognormal_top_frac(np.log(0.001), 1.28, 0.1)), 2)  # far below the cap: as without one
    0.5
    >>> round(float(capped_lognormal_top_frac(np.log(0.2), 1.28, 0.1)), 2)  # the cap takes from the top
    0.31
    """
    z_start = -normal_quantile(top_frac)
    z_cap = np.maximum(-log_median / sigma, z_start)
    free = np.exp(log_median + sigma**2 / 2) * (normal_below_frac(z_cap - sigma) - normal_below_frac(z_start - sigma))
    at_cap = normal_below_frac(-z_cap)
    return (free + at_cap) / capped_lognormal_mean_frac(log_median, sigma)


def share_below_frac(use_frac: Value, mean_frac: Value, sigma: Value) -> Value:
    """Share of subscribers whose use stays under a share of the ceiling: capped log-normal with this mean.

    Edge: nobody passes the ceiling, so under a threshold at or above it are all.

    >>> round(float(share_below_frac(0.125, 0.15, 1.28)), 2), float(share_below_frac(1.0, 0.15, 1.28))
    (0.66, 1.0)
    """
    return capped_lognormal_below_frac(use_frac, capped_lognormal_log_median(mean_frac, sigma), sigma)


def share_above_frac(use_frac: Value, mean_frac: Value, sigma: Value) -> Value:
    """Share of subscribers whose use reaches a share of the ceiling: the rest of :func:`share_below_frac`.

    >>> round(float(share_above_frac(0.125, 0.15, 1.28)), 2)
    0.34
    """
    return 1 - share_below_frac(use_frac, mean_frac, sigma)
