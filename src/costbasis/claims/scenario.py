"""What would have to be true: one driver alone, and the nearest joint scenario, read off the draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.provenance import Driver, is_choice, value_that_reaches
from costbasis.quantity import Quantity
from costbasis.sampling import Z90, Floats

NEAR = 0.03
"""A draw whose result is within this share of the stated figure is a world in which the figure is right."""

FEWEST = 5
"""Fewer such draws than this are no scenario, but noise of the sampling."""


@dataclass(frozen=True, slots=True)
class MustBeTrue:
    """The value of one driver at which the stated figure would be the median; None where no draw gets there.

    *intervals*: how far from the middle that is, in half-widths of the driver's 80 % interval (1 is its end).
    """

    driver: Driver
    value: float | None
    intervals: float | None

    @property
    def outside80(self) -> bool:
        """Does it take a value outside the driver's 80 % interval, or is there none?"""
        return self.intervals is None or self.intervals > 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """The nearest world in which the figure is right: its value of each driver, and how far out it is.

    *values*: each driver, its value, and how far that lies from its middle in half-widths of its 80 % interval.
    *beyond_frac*: the share of all draws that come out as far from the middle as the figure, or farther.
    """

    values: Sequence[tuple[Driver, float, float]]
    beyond_frac: float


def alone(driver: Driver, quantity: Quantity, stated: float) -> MustBeTrue:
    """The value that this driver alone must have, other inputs as they are."""
    value = value_that_reaches(driver, quantity, stated)
    if value is None:
        return MustBeTrue(driver, None, None)
    below = float(np.mean(driver.quantity.draws < value))
    return MustBeTrue(driver, value, float(abs(_normal(np.asarray(below)))) / Z90)


def nearest(drivers: Sequence[Driver], quantity: Quantity, stated: float) -> Scenario | None:
    """Among the draws in which the figure is right, the one whose drivers lie nearest to their middles.

    None where hardly any draw comes near: no mix of the inputs inside their ranges makes the figure right.
    """
    if quantity.is_exact or not drivers:
        return None
    close = np.abs(quantity.draws / stated - 1) <= NEAR if stated else np.zeros(0, dtype=bool)
    found = np.nonzero(close)[0]
    if len(found) < FEWEST:
        return None
    settable = [driver for driver in drivers if not is_choice(driver.quantity)]
    if not settable:
        return None
    places = np.stack([_place(driver.quantity.draws) / Z90 for driver in settable])
    distance = np.sqrt((places[:, found] ** 2).mean(axis=0))
    best = int(found[int(np.argmin(distance))])
    values = [
        (driver, float(driver.quantity.draws[best]), float(places[index, best]))
        for index, driver in enumerate(settable)
    ]
    is_high = stated >= quantity.estimate.p50
    beyond = quantity.draws >= stated if is_high else quantity.draws <= stated
    return Scenario(values, float(np.mean(beyond)))


def _place(draws: Floats) -> Floats:
    """Each draw's place among all, as a standard normal value."""
    ranks = np.argsort(np.argsort(draws, kind="stable"), kind="stable")
    return _normal((ranks + 0.5) / len(draws))


def _normal(below: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.clip(below, 1e-4, 1 - 1e-4)), dtype=np.float64)
