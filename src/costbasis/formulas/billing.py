"""What is charged: list, realised and market money, and what is left between two of them."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def contribution_usd(revenue_usd: Value, cogs_usd: Value) -> Value:
    """What one sale leaves after the cost of serving it, in USD.

    >>> contribution_usd(200.0, 500.0)
    -300.0
    """
    return revenue_usd - cogs_usd


def net_value_usd(value_usd: Value, price_usd: Value) -> Value:
    """What a buyer gets above the price paid, at the value named.

    >>> net_value_usd(5000.0, 200.0)
    4800.0
    """
    return value_usd - price_usd


def realised_usd(list_usd: Value, discount_frac: Value) -> Value:
    """List less a discount, in USD.

    >>> realised_usd(5000.0, 0.1)
    4500.0
    """
    return list_usd * (1 - discount_frac)


def opportunity_usd(list_usd: Value, serving_usd: Value, lambda_frac: Value) -> Value:
    """Serving cost plus the list revenue given up where capacity was sold out, in USD.

    *lambda_frac* is scarcity: 0 where nobody at list was turned away, 1 where every token was.

    >>> opportunity_usd(5000.0, 1000.0, 0.0), opportunity_usd(5000.0, 1000.0, 1.0)
    (1000.0, 5000.0)
    """
    return serving_usd + lambda_frac * (list_usd - serving_usd)


def blended_purchase_usd(bought_usd: Value, own_usd: Value, own_frac: Value) -> Value:
    """What a reseller pays who serves a share of the tokens with a model of its own, in USD.

    >>> blended_purchase_usd(4500.0, 800.0, 0.5)
    2650.0
    """
    return bought_usd * (1 - own_frac) + own_usd * own_frac


def net_of_channel_usd(list_usd: Value, serving_usd: Value, gross_profit_share_frac: Value) -> Value:
    """What the owner is left with of a sale at list through a cloud that keeps a share of the gross profit, in USD.

    >>> net_of_channel_usd(5000.0, 1000.0, 0.5)
    3000.0
    """
    return list_usd - gross_profit_share_frac * (list_usd - serving_usd)


def host_serving_usd(market_usd: Value, gross_margin_frac: Value) -> Value:
    """What a host spends on tokens that it sells at the market's price, in USD.

    >>> host_serving_usd(800.0, 0.25)
    600.0
    """
    return market_usd * (1 - gross_margin_frac)


def self_hosted_usd(host_serving_usd: Value, host_busy_frac: Value, own_busy_frac: Value) -> Value:
    """What the same tokens cost on machines that are busy less (or more) than a host's, in USD.

    >>> self_hosted_usd(600.0, 0.4, 0.1)
    2400.0
    """
    return host_serving_usd * host_busy_frac / own_busy_frac


def list_over_serving(list_usd: Value, serving_usd: Value) -> Value:
    """How many times its serving cost the list price is: the retail mark-up people speak of, as a ratio.

    >>> list_over_serving(5000.0, 500.0)
    10.0
    """
    return list_usd / serving_usd


def cost_over_list(basis_usd: Value, list_usd: Value) -> Value:
    """A basis as a share of list, both in USD.

    Edge: of what is free at list there is no share (nan), whatever it costs.
    Source: the reply's own prices and a measured mix: $598 of $5,000.

    >>> round(float(cost_over_list(598.0, 5000.0)), 3), float(cost_over_list(598.0, 0.0))
    (0.12, nan)
    """
    return basis_usd / np.where(np.equal(list_usd, 0), np.nan, list_usd)


def scaled_usd(list_usd: Value, cost_over_list_frac: Value) -> Value:
    """USD on a basis that is known only as a share of list.

    >>> scaled_usd(5000.0, 0.155)
    775.0
    """
    return list_usd * cost_over_list_frac
