"""Verdict words: one table, read from the top. The first word whose test holds is the headline.

The order is the one written down in docs/decisions/0005-verdicts.md; a claim may carry several words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.quantity import Quantity

FAILS = "internally_inconsistent"
REPRODUCES = "reproduces"
CORRECTED = "reproduces_with_correction"
NO_WORKING = "not_reproducible_from_stated_inputs"

FAR_OFF = 10.0
"""A figure more than this many times off every basis is refuted."""

MANY, HALF = 0.75, 0.5
"""Share of draws that must satisfy an inequality for ``supported`` and for ``mostly_supported``."""


EDGE_FRAC = 0.001
"""Draws know the edge of an interval to a thousandth of it, which is also how it is printed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the judge found, in the claim's unit.

    *least*, *most*: the stated figure, or the range it was stated as; *low*, *high*: how far it may have been rounded.
    *by_basis*: the figure on every basis; *needed*: the
    one it needs (None where nothing gives it). *scopes*: the same for other populations, periods or parts.
    *rests_on_e*: a key input of the claim is a rumour or unknown. *guards*: broken limits. *other_scope*: whom the
    inputs describe, where the claim speaks of somebody else. *is_independent*: something else than the claim's
    own inputs gives the needed figure.
    """

    arithmetic: str
    stated: float
    least: float
    most: float
    low: float
    high: float
    relation: str
    needed: Quantity | None
    basis_needed: str
    by_basis: Mapping[str, Quantity]
    scopes: Mapping[str, Quantity]
    guards: Sequence[str]
    rests_on_e: str
    other_scope: str
    is_independent: bool

    @property
    def matches_basis(self) -> list[str]:
        """The bases on which the stated figure is true."""
        return [name for name, quantity in self.by_basis.items() if self.agrees(quantity)]

    @property
    def matches_scope(self) -> list[str]:
        """The other populations, periods or parts of which the stated figure is true."""
        return [name for name, quantity in self.scopes.items() if self.agrees(quantity)]

    def agrees(self, quantity: Quantity) -> bool:
        """Is the stated figure true of *quantity*: inside p10–p90, or not to be told from its median as it was rounded?

        A range is inside where any part of it is. An inequality is true where half of the draws satisfy it.
        """
        if self.relation != "about":
            return self.holds_frac(quantity) >= HALF
        estimate = quantity.estimate
        low = estimate.p10 - EDGE_FRAC * abs(estimate.p10)
        high = estimate.p90 + EDGE_FRAC * abs(estimate.p90)
        is_inside = low <= self.most and self.least <= high
        return is_inside or self.low <= estimate.p50 <= self.high

    def borders(self, quantity: Quantity) -> bool:
        """Is the figure outside p10–p90 by less than it may have been rounded?"""
        if self.relation != "about" or self.agrees(quantity):
            return False
        return self.low <= quantity.estimate.p90 and quantity.estimate.p10 <= self.high

    def holds_frac(self, quantity: Quantity) -> float:
        """Share of draws in which an inequality holds."""
        beyond = quantity.draws >= self.stated if self.relation == "at_least" else quantity.draws <= self.stated
        return float(np.mean(beyond))

    def is_central(self, quantity: Quantity) -> bool:
        """Is the figure within p25–p75 however it was rounded, or does the inequality hold in three draws of four?

        Of a number that is known exactly, it is central where the number lies within the rounding.
        """
        if self.relation != "about":
            return self.holds_frac(quantity) >= MANY
        if quantity.is_exact:
            return self.agrees(quantity)
        return quantity.quantile(0.25) <= self.low and self.high <= quantity.quantile(0.75)

    def is_far_from(self, quantity: Quantity) -> bool:
        """More than ten times too high or too low, or on the other side of zero by as much as it is."""
        centre = quantity.estimate.p50
        if centre * self.stated <= 0:
            return abs(self.stated - centre) > FAR_OFF * max(abs(centre), 1e-12)
        return not abs(centre) / FAR_OFF <= abs(self.stated) <= abs(centre) * FAR_OFF


def _is_far_from_all(found: Evidence) -> bool:
    everything = [*found.by_basis.values(), *found.scopes.values()]
    return bool(found.guards) or all(found.is_far_from(quantity) for quantity in everything)


def _is_supported(found: Evidence) -> bool:
    return found.needed is not None and found.is_central(found.needed) and found.is_independent


def _matches_another(found: Evidence) -> bool:
    return any(name != found.basis_needed for name in found.matches_basis)


def _is_of_another_scope(found: Evidence) -> bool:
    return bool(found.other_scope) and found.arithmetic in (REPRODUCES, CORRECTED)


def _is_too_high(found: Evidence) -> bool:
    return found.needed is not None and found.stated > found.needed.estimate.p50


Test = Callable[[Evidence], bool]

TABLE: tuple[tuple[str, Test], ...] = (
    ("internally_inconsistent", lambda found: found.arithmetic == FAILS),
    ("unverifiable", lambda found: bool(found.rests_on_e) or found.needed is None),
    ("refuted", _is_far_from_all),
    ("right_number_wrong_scope", _is_of_another_scope),
    ("supported", _is_supported),
    ("mostly_supported", lambda found: found.needed is not None and found.agrees(found.needed)),
    ("right_number_wrong_basis", _matches_another),
    ("right_number_wrong_scope", lambda found: bool(found.matches_scope)),
    ("overstated", _is_too_high),
    ("understated", lambda found: True),
)


def verdict(found: Evidence) -> str:
    """The headline word for what was found."""
    return next(word for word, holds in TABLE if holds(found))


def others(found: Evidence) -> list[str]:
    """Other words that are true of the claim beside its headline.

    The two that only say on which side the figure lies are none of them; nor is another basis, where the figure is
    true on the one it needs.
    """
    words = dict.fromkeys(word for word, holds in TABLE[:-2] if holds(found))
    headline = verdict(found)
    agrees = found.needed is not None and found.agrees(found.needed)
    idle = {headline, "supported" if headline == "mostly_supported" else "mostly_supported"}
    if agrees:
        idle.add("right_number_wrong_basis")
    return [word for word in words if word not in idle]


def rounding_of(value: float) -> float:
    """Half a unit in the last significant digit that a figure was stated with, at most a tenth of it.

    >>> rounding_of(5000), rounding_of(500), rounding_of(14186), rounding_of(0.155), rounding_of(-0.23)
    (500.0, 50.0, 0.5, 0.0005, 0.005)
    """
    digits = f"{abs(value):.10g}"
    if "." in digits:
        unit = 10.0 ** -len(digits.partition(".")[2])
    else:
        unit = 10.0 ** (len(digits) - len(digits.rstrip("0")))
    return min(unit / 2, abs(value) / 10)
