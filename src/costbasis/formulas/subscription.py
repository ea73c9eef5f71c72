"""Plans: the price of a period, what payment takes of it, break-even use, the price or cap that reaches a margin."""

from __future__ import annotations

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


def price_net_of_payment_usd(
    price_usd: Value,
    tax_frac: Value,
    app_store_share_frac: Value,
    app_store_rate_frac: Value,
    card_rate_frac: Value,
    card_fixed_usd: Value,
) -> Value:
    """What reaches the seller of a price paid: less included tax, app-store cuts and card fees.

    *tax_frac* is on top of the net price and included in the one paid; *app_store_share_frac* of subscribers pay
    through a store that keeps *app_store_rate_frac*; the rest by card, at a rate and a fixed fee.

    >>> round(price_net_of_payment_usd(200.0, 0.0, 0.0, 0.3, 0.029, 0.3), 2)
    193.9
    """
    taxed = price_usd / (1 + tax_frac)
    by_store = app_store_share_frac * taxed * (1 - app_store_rate_frac)
    by_card = (1 - app_store_share_frac) * (taxed - card_rate_frac * price_usd - card_fixed_usd)
    return by_store + by_card


def break_even_utilisation_frac(price_usd: Value, cost_over_list_frac: Value, ceiling_usd: Value) -> Value:
    """Mean share of the ceiling at which the serving cost of use is just the price.

    Source: a plan study of June 2026: at a cost of 25 % of list, Max 20x (200, ceiling 8,000) breaks even at 10 %.

    >>> break_even_utilisation_frac(200.0, 0.25, 8000.0), break_even_utilisation_frac(200.0, 0.1, 8000.0)
    (0.1, 0.25)
    """
    return price_usd / (cost_over_list_frac * ceiling_usd)


def use_at_cost_usd(cost_usd: Value, cost_over_list_frac: Value) -> Value:
    """Use, at list, that costs just this.

    >>> use_at_cost_usd(200.0, 0.25)
    800.0
    """
    return cost_usd / cost_over_list_frac


def price_for_margin_usd(mean_cost_usd: Value, target_margin_frac: Value) -> Value:
    """The price at which the mean user leaves this gross margin.

    >>> price_for_margin_usd(150.0, 0.25)
    200.0
    """
    return mean_cost_usd / (1 - target_margin_frac)


def affordable_use_usd(price_usd: Value, cost_over_list_frac: Value, target_margin_frac: Value) -> Value:
    """Mean use, at list, that a price can carry at this gross margin.

    >>> affordable_use_usd(200.0, 0.25, 0.25)
    600.0
    """
    return price_usd * (1 - target_margin_frac) / cost_over_list_frac


def request_list_usd(list_usd_per_tok: Value, context_tok: Value) -> Value:
    """The list value of one request of this context, at the blended price of a token.

    >>> round(request_list_usd(0.7e-6, 100_000.0), 3)
    0.07
    """
    return list_usd_per_tok * context_tok


def limit_list_usd(amount_count: Value, requests_each: Value, request_usd: Value) -> Value:
    """The list value of a limit in a plan's own unit: units × requests each × list value of a request.

    >>> limit_list_usd(900.0, 4.0, 0.1)
    360.0
    """
    return amount_count * requests_each * request_usd


def use_at_limit_usd(window_usd: Value, window_s: Value, period_s: Value) -> Value:
    """Use of a period in which every window of a limit is used up.

    Source: a measured week of Max 20x, 1,900 at list, is about 8,260 a month.

    >>> round(use_at_limit_usd(1900.0, 7 * 86_400.0, 30.44 * 86_400.0))
    8262
    """
    return window_usd * period_s / window_s
