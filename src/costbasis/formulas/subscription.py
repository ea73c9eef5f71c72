"""Plans: the price of a period, break-even use, and how use is spread over subscribers."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from costbasis.formulas.values import Value


def plan_price_usd(price_usd_per_month: Value, period_s: Value, s_per_month: Value) -> Value:
    """A monthly price, for the days that were looked at.

    >>> round(plan_price_usd(200.0, 30 * 86_400.0, 30.44 * 86_400.0), 2)
    197.11
    """
    return price_usd_per_month * period_s / s_per_month


def plan_months_usd(price_usd_per_month: Value, period_month: Value) -> Value:
    """A monthly price, for whole months.

    >>> plan_months_usd(200.0, 1.0)
    200.0
    """
    return price_usd_per_month * period_month


def break_even_list_usd(price_usd: Value, list_over_serving: Value) -> Value:
    """Use, at list, whose serving cost is just the price paid.

    >>> break_even_list_usd(200.0, 5.0)
    1000.0
    """
    return price_usd * list_over_serving


def mean_use_usd(ceiling_usd: Value, mean_utilisation_frac: Value) -> Value:
    """Mean use of a plan, at list, from its ceiling and the mean share of it that is used.

    >>> mean_use_usd(8000.0, 0.15)
    1200.0
    """
    return ceiling_usd * mean_utilisation_frac


def use_of_ceiling_frac(use_usd: Value, ceiling_usd: Value) -> Value:
    """Use as a share of the plan's ceiling, both at list.

    >>> use_of_ceiling_frac(5000.0, 8000.0)
    0.625
    """
    return use_usd / ceiling_usd


def normal_below_frac(z: Value) -> Value:
    """Share of a standard normal below *z*.

    >>> float(normal_below_frac(0.0))
    0.5
    """
    share: Value = ndtr(z)
    return share


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


def share_below_frac(use_frac: Value, mean_frac: Value, sigma: Value) -> Value:
    """Share of subscribers whose use stays under a share of the ceiling: capped log-normal with this mean.

    Edge: nobody passes the ceiling, so under a threshold at or above it are all.

    >>> round(float(share_below_frac(0.125, 0.15, 1.28)), 2), float(share_below_frac(1.0, 0.15, 1.28))
    (0.66, 1.0)
    """
    log_median = capped_lognormal_log_median(mean_frac, sigma)
    under = normal_below_frac((np.log(use_frac) - log_median) / sigma)
    return np.where(np.less(use_frac, 1), under, np.ones_like(under))


def share_above_frac(use_frac: Value, mean_frac: Value, sigma: Value) -> Value:
    """Share of subscribers whose use reaches a share of the ceiling: the rest of :func:`share_below_frac`.

    >>> round(float(share_above_frac(0.125, 0.15, 1.28)), 2)
    0.34
    """
    return 1 - share_below_frac(use_frac, mean_frac, sigma)
