"""What is printed of a distribution. Apart from quantities, because a table of what was worked out needs no draws."""

from __future__ import annotations

from typing import NamedTuple


class Estimate(NamedTuple):
    """The four numbers that are printed of a distribution."""

    p10: float
    p50: float
    p90: float
    mean: float
