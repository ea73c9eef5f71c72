"""Slips of unit and period: which common factor lies between what a step gives and what its author says it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from costbasis.catalog.tables import read_csv
from costbasis.claims.working import Worked

CLOSE = 0.08
"""How near a slip's factor must come to the gap to be named, as a share of it."""

LOOSE = 2.0
"""Up to this many times off, a step is loosely rounded (it reproduces with a correction); beyond, it fails."""

ROUNDED = 0.1
"""How far a figure may be from its step and still be its rounding."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A step beside its statement. *times*: what it gives over what is said, 1 where they agree."""

    step: Worked
    times: float
    slip: str

    @property
    def agrees(self) -> bool:
        """Is the statement what the step gives, rounded?"""
        return self.times == 1.0

    @property
    def fails(self) -> bool:
        """Is it off by more than loose words allow?"""
        return not 1 / LOOSE <= self.times <= LOOSE


class Slip(NamedTuple):
    """A factor that people forget or apply twice, in words."""

    factor: float
    words: str


def check(step: Worked) -> Checked | None:
    """The step beside its statement, or None where its author states nothing.

    Where both are ranges, they agree when they overlap; else the gap is between the near ends.
    """
    low, high = step.stated_low, step.stated_high
    if low is None or high is None:
        return None
    given = step.result.estimate
    if low * (1 - ROUNDED) <= given.p90 and given.p10 <= high * (1 + ROUNDED):
        return Checked(step, 1.0, "")
    times = given.p50 / ((low + high) / 2)
    return Checked(step, times, _named(times))


def _named(times: float) -> str:
    """The slip whose factor is the gap, either way, or ""."""
    gap = max(times, 1 / times) if times > 0 else 0.0
    near = [slip for slip in known() if abs(slip.factor / gap - 1) <= CLOSE] if gap else []
    if not near:
        return ""
    best = min(near, key=lambda slip: abs(slip.factor / gap - 1))
    return f"a factor of {gap:.3g} lies between them, about {best.words}"


def known() -> list[Slip]:
    """The slips of ``catalog/data/slip.csv``."""
    return [Slip(float(row["factor"]), row["words"]) for row in read_csv("slip.csv")]
