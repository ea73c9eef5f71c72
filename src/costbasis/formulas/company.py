"""From a company's margins to what its list price costs to produce."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def cost_over_list_frac(gross_margin_frac: Value, realised_over_list_frac: Value) -> Value:
    """Serving cost as a share of list, from a gross margin on *realised* revenue.

    Edge: without the second factor a company margin would be read as if every token sold at list.
    Source: an analyst's 75 % API margin at list gives 25 %.

    >>> cost_over_list_frac(0.75, 1.0)
    0.25
    """
    return (1 - gross_margin_frac) * realised_over_list_frac


def disclosed_cost_over_list_frac(serving_usd_per_s: Value, list_usd_per_s: Value) -> Value:
    """Serving cost as a share of list, from one operator's own books over the same period.

    Source: DeepSeek, 27–28 February 2025: $87,072 of accelerators against $562,027 at its list price.

    >>> round(disclosed_cost_over_list_frac(87_072, 562_027), 3)
    0.155
    """
    return serving_usd_per_s / list_usd_per_s


def transferred_cost_over_list_frac(disclosed_cost_over_list_frac: Value, transfer: Value) -> Value:
    """One operator's cost over list, carried to another by a factor that owns the uncertainty.

    >>> transferred_cost_over_list_frac(0.155, 2.0)
    0.31
    """
    return disclosed_cost_over_list_frac * transfer


def loaded_usd(serving_usd: Value, costs_over_serving: Value) -> Value:
    """Serving with everything else that the company spends per dollar of it, in USD.

    >>> loaded_usd(800.0, 4.5)
    3600.0
    """
    return serving_usd * costs_over_serving


def margin_frac(revenue_usd: Value, cost_usd: Value) -> Value:
    """What is left of revenue after a cost, as a share of revenue.

    Source: OpenAI FY2025, in billions: cost of revenue 7.50 of 13.07.

    >>> round(margin_frac(13.07, 7.50), 3)
    0.426
    """
    return (revenue_usd - cost_usd) / revenue_usd


def cost_at_margin_usd(revenue_usd: Value, margin_frac: Value) -> Value:
    """The cost that a margin takes off revenue.

    Source: OpenAI, October 2025: a compute margin of 70 % on paying users.

    >>> round(cost_at_margin_usd(13.07, 0.70), 2)
    3.92
    """
    return revenue_usd * (1 - margin_frac)


def list_value_usd(revenue_usd: Value, realised_over_list_frac: Value) -> Value:
    """What realised revenue would have been at list.

    >>> list_value_usd(9.0, 0.9)
    10.0
    """
    return revenue_usd / realised_over_list_frac


def net_of_share_usd(gross_usd: Value, share_frac: Value) -> Value:
    """Revenue net of a channel's share of it.

    Source: a rival's memo of April 2026: 30 gross are 22 net.

    >>> net_of_share_usd(32.0, 0.25)
    24.0
    """
    return gross_usd * (1 - share_frac)


def amortised_usd(spend_usd: Value, period_month: Value, life_month: Value) -> Value:
    """The charge of a period for spending that is written off evenly over its life.

    >>> float(amortised_usd(10.0, 12.0, 24.0)), float(amortised_usd(10.0, 12.0, 4.0))
    (5.0, 10.0)
    """
    return spend_usd * np.minimum(period_month / life_month, 1)


def sum_of_usd(**part_usd: Value) -> Value:
    """The sum of parts, in USD.

    Source: OpenAI FY2025, in billions: all operating costs.

    >>> round(sum_of_usd(cost_of_revenue=7.5, research=19.18, marketing=5.73, admin=1.57), 2)
    33.98
    """
    parts = list(part_usd.values())
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def converted_usd(amount_count: Value, rate_usd: Value) -> Value:
    """An amount of another currency in USD, at so many USD a unit.

    >>> converted_usd(1000.0, 0.125)
    125.0
    """
    return amount_count * rate_usd
