"""Verdict words: one table, read from the top. The first word whose test holds is the headline.

The order is the one written down in docs/decisions/0005-verdicts.md; a claim may carry several words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from costbasis.quantity import Quantity

FAILS = "internally_inconsistent"
REPRODUCES = "reproduces"
NO_WORKING = "not_reproducible_from_stated_inputs"

FAR_OFF = 10.0
"""A figure more than this many times off every basis is refuted."""

MANY, HALF = 0.75, 0.5
"""Share of draws that must satisfy an inequality for ``supported`` and for ``mostly_supported``."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the judge found. *by_basis*: the claimed quantity on every basis, in the claim's unit."""

    arithmetic: str
    trust: str
    stated: float
    rounding: float
    relation: str
    needed: Quantity | None
    by_basis: Mapping[str, Quantity]
    basis_needed: str
    guard_broken: str
    other_scope: str

    @property
    def matches_basis(self) -> list[str]:
        """The bases on which the stated figure is true (its rounding interval meets p10–p90)."""
        return [name for name, quantity in self.by_basis.items() if self.agrees(quantity)]

    def agrees(self, quantity: Quantity) -> bool:
        """Is the stated figure true of *quantity*: within its 80 % interval, or in half of its draws?"""
        if self.relation != "about":
            return self.holds_frac(quantity) >= HALF
        estimate = quantity.estimate
        return self.stated + self.rounding >= estimate.p10 and self.stated - self.rounding <= estimate.p90

    def holds_frac(self, quantity: Quantity) -> float:
        """Share of draws in which an inequality holds."""
        beyond = quantity.draws >= self.stated if self.relation == "at_least" else quantity.draws <= self.stated
        return float(np.mean(beyond))

    def is_central(self, quantity: Quantity) -> bool:
        """Is the figure within p25–p75 however it was rounded, or does the inequality hold in three draws of four?"""
        if self.relation != "about":
            return self.holds_frac(quantity) >= MANY
        low, high = self.stated - self.rounding, self.stated + self.rounding
        return quantity.quantile(0.25) <= low and high <= quantity.quantile(0.75)

    def is_far_from(self, quantity: Quantity) -> bool:
        """More than ten times too high or too low."""
        centre = quantity.estimate.p50
        return centre <= 0 or not centre / FAR_OFF <= self.stated <= centre * FAR_OFF


def _is_far_from_all(found: Evidence) -> bool:
    return bool(found.guard_broken) or all(found.is_far_from(quantity) for quantity in found.by_basis.values())


def _matches_another(found: Evidence) -> bool:
    return any(name != found.basis_needed for name in found.matches_basis)


def _is_too_high(found: Evidence) -> bool:
    centre = found.needed.estimate.p50 if found.needed else 0.0
    return found.stated > centre


Test = Callable[[Evidence], bool]

TABLE: tuple[tuple[str, Test], ...] = (
    ("internally_inconsistent", lambda found: found.arithmetic == FAILS),
    ("unverifiable", lambda found: found.trust == "E" or found.needed is None),
    ("refuted", _is_far_from_all),
    ("supported", lambda found: found.needed is not None and found.is_central(found.needed)),
    ("mostly_supported", lambda found: found.needed is not None and found.agrees(found.needed)),
    ("right_number_wrong_basis", _matches_another),
    ("right_number_wrong_scope", lambda found: bool(found.other_scope)),
    ("overstated", _is_too_high),
    ("understated", lambda found: True),
)


def verdict(found: Evidence) -> str:
    """The headline word for what was found."""
    return next(word for word, holds in TABLE if holds(found))


def rounding_of(value: float) -> float:
    """Half a unit in the last significant digit that a figure was stated with, at most a tenth of it.

    >>> rounding_of(5000), rounding_of(500), rounding_of(14186), rounding_of(0.155)
    (500.0, 50.0, 0.5, 0.0005)
    """
    digits = f"{value:.10g}"
    if "." in digits:
        unit = 10.0 ** -len(digits.partition(".")[2])
    else:
        unit = 10.0 ** (len(digits) - len(digits.rstrip("0")))
    return min(unit / 2, value / 10)
