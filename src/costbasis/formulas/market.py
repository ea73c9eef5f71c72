"""What the market says: how alike two models are, what a mix costs, and what is left when a host's margin comes off."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def fold_kernel(value: Value, other: Value, fold: Value) -> Value:
    """How alike two positive numbers are: 1 where equal, falling as a normal curve of the logarithm of their ratio.

    *fold* is the factor at which it has fallen to exp(-1/2).

    >>> float(fold_kernel(1e9, 1e9, 2.0)), round(float(fold_kernel(2e9, 1e9, 2.0)), 4)
    (1.0, 0.6065)

    The order does not matter, and neither does the unit:

    >>> bool(fold_kernel(3.0, 7.0, 2.0) == fold_kernel(7.0, 3.0, 2.0))
    True
    """
    steps = np.log(value / other) / np.log(fold)
    return np.exp(-(steps**2) / 2)


def age_kernel(age_s: Value, scale_s: Value) -> Value:
    """How current a model of some age is: 1 when new, falling as a normal curve; *scale_s* is where exp(-1/2) is.

    >>> float(age_kernel(0.0, 365.0)), round(float(age_kernel(365.0, 365.0)), 4)
    (1.0, 0.6065)
    """
    return np.exp(-((age_s / scale_s) ** 2) / 2)


def substituted_usd_per_tok(market_usd_per_tok: Value, tokens_per_task: Value) -> Value:
    """What a token at list becomes at market, where the substitute needs *tokens_per_task* times as many.

    >>> substituted_usd_per_tok(1e-7, 1.5)
    1.5e-07
    """
    return market_usd_per_tok * tokens_per_task


def unmargined_usd_per_tok(market_usd_per_tok: Value, gross_margin_frac: Value, comparability: Value) -> Value:
    """What a token costs to serve, from what a host charges for a comparable model.

    The host's margin comes off; *comparability* says how many times dearer the model in question is to
    serve than the comparable one.

    >>> round(unmargined_usd_per_tok(1e-7, 0.35, 1.4), 12)
    9.1e-08
    """
    return market_usd_per_tok * (1 - gross_margin_frac) * comparability


def fitted_margin_frac(mean_log_cost: Value, sd_log_cost: Value, steps: Value) -> Value:
    """A gross margin *steps* standard deviations from the middle of log-normal costs over prices.

    A margin is one less a positive number, so its cost share is fitted, not the margin: it may be negative and never
    reaches one.

    >>> round(float(fitted_margin_frac(np.log(0.5), 0.5, 0.0)), 3)
    0.5
    >>> bool(fitted_margin_frac(np.log(0.5), 0.5, -1.0) > 0.5 > fitted_margin_frac(np.log(0.5), 0.5, 2.0))
    True
    """
    return 1 - np.exp(mean_log_cost + sd_log_cost * steps)
