"""A choice by the month: subscribe, buy tokens, switch to an open model, host it; what price cuts do to margins."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def monthly_usd_per_month(period_usd: Value, period_s: Value, s_per_month: Value) -> Value:
    """Money of a period, at the same rate for a month.

    >>> round(monthly_usd_per_month(1450.0, 29 * 86_400.0, 30.44 * 86_400.0))
    1522
    """
    return period_usd * s_per_month / period_s


def per_month_usd_per_month(month_usd: Value, period_month: Value) -> Value:
    """Money that is stated for a month, as a rate.

    >>> per_month_usd_per_month(8000.0, 1.0)
    8000.0
    """
    return month_usd / period_month


def subscription_usd_per_month(
    price_usd_per_month: Value, use_usd_per_month: Value, ceiling_usd_per_month: Value
) -> Value:
    """A plan, and what passes its ceiling bought at list beside it.

    >>> [float(subscription_usd_per_month(200.0, use, 8000.0)) for use in (9000.0, 500.0)]
    [1200.0, 200.0]
    """
    return price_usd_per_month + np.maximum(use_usd_per_month - ceiling_usd_per_month, 0 * use_usd_per_month)


def switched_usd_per_month(market_usd_per_month: Value, tokens_per_task: Value) -> Value:
    """The market's price of the same work by an open model that takes so many times the tokens.

    >>> switched_usd_per_month(800.0, 1.5)
    1200.0
    """
    return market_usd_per_month * tokens_per_task


def switched_over_list(market_over_list: Value, tokens_per_task: Value) -> Value:
    """The open model's bill for the same work over list: its price over list times the tokens it takes.

    >>> switched_over_list(0.16, 1.5)
    0.24
    """
    return market_over_list * tokens_per_task


def full_load_usd_per_month(market_usd_per_month: Value, gross_margin_frac: Value, host_busy_frac: Value) -> Value:
    """Machine time that tokens take, in money, were every hired hour busy: price less margin, at a host's busy share.

    >>> full_load_usd_per_month(1000.0, 0.5, 0.4)
    200.0
    """
    return market_usd_per_month * (1 - gross_margin_frac) * host_busy_frac


def replica_accel(
    param_count: Value, bytes_per_param: Value, hbm_bytes_per_accel: Value, weights_frac: Value, node_accel: Value
) -> Value:
    """Accelerators that hold one copy of the weights, in whole nodes. *weights_frac*: share of memory left to weights.

    >>> float(replica_accel(1e12, 0.5625, 141e9, 0.6, 8.0))
    8.0
    """
    nodes = np.ceil(param_count * bytes_per_param / (hbm_bytes_per_accel * weights_frac * node_accel))
    return node_accel * nodes


def hire_usd_per_month(replica_accel: Value, hire_usd_per_accel_s: Value, s_per_month: Value) -> Value:
    """A month's hire of so many accelerators.

    >>> round(hire_usd_per_month(8.0, 2.5 / 3600, 30.44 * 86_400.0))
    14611
    """
    return replica_accel * hire_usd_per_accel_s * s_per_month


def hosting_usd_per_month(hire_usd_per_month: Value, full_load_usd_per_month: Value, reachable_frac: Value) -> Value:
    """Hosting it oneself: at least one replica's hire, and as many as the work fills at the busy share one can reach.

    >>> float(hosting_usd_per_month(14_600.0, 200.0, 0.75)), float(hosting_usd_per_month(14_600.0, 30_000.0, 0.75))
    (14600.0, 40000.0)
    """
    return np.maximum(hire_usd_per_month, full_load_usd_per_month / reachable_frac)


def filled_frac(full_load_usd_per_month: Value, hire_usd_per_month: Value) -> Value:
    """Share of a replica's hours that the work fills.

    >>> filled_frac(730.0, 14_600.0)
    0.05
    """
    return full_load_usd_per_month / hire_usd_per_month


def hosting_wins_frac(full_load_usd_per_month: Value, other_usd_per_month: Value) -> Value:
    """The busy share above which hosting costs less than another way of getting the same work done.

    Edge: above 1 it never does.

    >>> hosting_wins_frac(200.0, 1000.0)
    0.2
    """
    return full_load_usd_per_month / other_usd_per_month


def break_even_use_usd_per_month(cost_usd_per_month: Value, over_list: Value) -> Value:
    """The list value a month at which a way that costs *over_list* of it comes to just this much.

    >>> break_even_use_usd_per_month(200.0, 0.25)
    800.0
    """
    return cost_usd_per_month / over_list


def margin_after_cut_frac(cost_over_price: Value, cut_frac: Value) -> Value:
    """The margin left of a seller whose price falls by a share, its cost unchanged.

    >>> round(margin_after_cut_frac(0.2, 0.5), 9)
    0.6
    """
    return 1 - cost_over_price / (1 - cut_frac)


def margin_at_cheaper_inputs_frac(cost_over_revenue: Value, cut_frac: Value) -> Value:
    """The margin of a seller whose price holds while what it buys falls by a share.

    Source: a reseller at −23 % in the quarter to January 2026 spent 1.23 a dollar of revenue.

    >>> round(margin_at_cheaper_inputs_frac(1.23, 0.4), 3)
    0.262
    """
    return 1 - cost_over_revenue * (1 - cut_frac)
