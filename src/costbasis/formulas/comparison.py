"""Ratios that people state: value for money, growth in all and a year."""

from __future__ import annotations

from costbasis.formulas.values import Value


def value_per_usd_paid(value_usd: Value, paid_usd: Value) -> Value:
    """How many dollars of use, on the basis named, go for one dollar paid.

    Source: the magazine's own figures: $5,000 of use on a plan of $200.

    >>> value_per_usd_paid(5000.0, 200.0)
    25.0
    """
    return value_usd / paid_usd


def growth_times(before: Value, after: Value) -> Value:
    """How many times what it was a thing became; below 1 it shrank.

    >>> growth_times(9.0, 45.0)
    5.0
    """
    return after / before


def growth_per_year(before: Value, after: Value, years: Value) -> Value:
    """How many times a year, on average: the factor that compounds to the growth over the whole time.

    >>> growth_per_year(1.0, 100.0, 2.0)
    10.0
    """
    return (after / before) ** (1 / years)


def fleet_tok_per_s(fleet_accel: Value, accel_s_per_tok: Value) -> Value:
    """Tokens a second of so many accelerators, when a token takes so many accelerator-seconds.

    Source: DeepSeek's decode units: 8 accelerators at 14,800 tok/s a node.

    >>> round(fleet_tok_per_s(8.0, 8 / 14_800))
    14800
    """
    return fleet_accel / accel_s_per_tok


def tokens_list_usd(tokens_tok: Value, blended_usd_per_tok: Value) -> Value:
    """USD of so many tokens at one blended price of the mix named.

    >>> round(tokens_list_usd(5.25e9, 0.7475e-6), 2)  # 175 M tokens a day for 30 days at the measured agent's mix
    3924.38
    """
    return tokens_tok * blended_usd_per_tok
