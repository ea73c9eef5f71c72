"""Where a growing function meets zero, in every draw at once: false position, a few calls for all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from costbasis.sampling import Floats

STEPS = 5
"""Calls after those at both ends. In a search of layouts 99 draws in 100 are then within 0.05 % of a request's cost;
nine halvings of the bracket leave 0.4 %."""


def largest_below(function: Callable[[Floats], Floats], top: Floats, at_top: Floats) -> Floats:
    """The largest point found between 0 and *top* at which *function*, which grows, is not above zero.

    *at_top*: its values there. Where it is above zero at 0 already, 0. Shape: that of *top*.

    Source: false position with halved weights (the Illinois rule; Dowell and Jarratt, BIT 11 (1971), 168-174).

    >>> largest_below(lambda x: x**2 - 4.0, np.array([10.0, 1.0]), np.array([96.0, -3.0])).round(3).tolist()
    [1.987, 1.0]
    """
    holds = at_top <= 0
    if holds.all():
        return top
    low, high = np.where(holds, top, 0.0), top
    below, above = np.where(holds, at_top, function(np.zeros_like(top))), at_top
    is_open = ~holds & (below <= 0)
    last = np.zeros_like(top)
    for _ in range(STEPS):
        share = below / np.where(is_open, below - above, 1.0)
        middle = np.where(is_open, low + (high - low) * share, low)
        value = function(middle)
        rises, falls = is_open & (value <= 0), is_open & (value > 0)
        above = np.where(rises & (last > 0), above / 2, above)
        below = np.where(falls & (last < 0), below / 2, below)
        low, below = np.where(rises, middle, low), np.where(rises, value, below)
        high, above = np.where(falls, middle, high), np.where(falls, value, above)
        last = np.where(rises, 1.0, np.where(falls, -1.0, last))
    return low
