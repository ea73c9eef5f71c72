"""A file of per-user use: a million people against ten thousand draws of cost and cap, by sorted prefix sums.

Where draws act on the cost of use and on the cap, the people stay sorted, so the sum of ``min(use, cap)`` is a
prefix sum and a product, and the share above a threshold is a rank: a draw costs a binary search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from costbasis.errors import BadPopulation
from costbasis.formulas.values import Value
from costbasis.sampling import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Users:
    """Monthly use of people, in USD of list value.

    Shape: *use_usd* is ``(n,)``, sorted; *below_usd* is ``(n + 1,)``, its prefix sums. *where*: the file it is from.
    """

    use_usd: Floats
    below_usd: Floats
    where: str

    def __len__(self) -> int:
        return len(self.use_usd)

    def mean_usd(self, cap_usd: Value) -> Floats:
        """Mean use where nobody passes the cap, by prefix sums over the sorted people."""
        rank = np.searchsorted(self.use_usd, cap_usd, side="right")
        total: Floats = np.asarray(self.below_usd[rank]) + _capped(len(self) - rank, cap_usd)
        return total / len(self)

    def above_frac(self, use_usd: Value, cap_usd: Value) -> Floats:
        """Share of people whose use, capped, passes *use_usd*, by their rank."""
        rank = np.searchsorted(self.use_usd, use_usd, side="right")
        return np.where(np.less(use_usd, cap_usd), 1 - rank / len(self), 0.0)

    def quantile_usd(self, below_frac: Value, cap_usd: Value) -> Floats:
        """The least use, capped, that at least *below_frac* of people do not pass."""
        rank = np.clip(np.ceil(np.asarray(below_frac) * len(self)).astype(np.int64) - 1, 0, len(self) - 1)
        return np.asarray(np.minimum(self.use_usd[rank], cap_usd))

    def top_frac(self, top_people_frac: Value, cap_usd: Value) -> Floats:
        """Share of all use, capped, that the heaviest *top_people_frac* of people make."""
        first = len(self) - np.maximum(np.round(np.asarray(top_people_frac) * len(self)).astype(np.int64), 1)
        rank = np.maximum(np.searchsorted(self.use_usd, cap_usd, side="right"), first)
        top = self.below_usd[rank] - self.below_usd[first] + _capped(len(self) - rank, cap_usd)
        whole = self.mean_usd(cap_usd) * len(self)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(whole > 0, top / whole, np.nan)


def users_of(use_usd: Floats, where: str = "the people given") -> Users:
    """The people of these monthly uses, in any order.

    Errors: :class:`~costbasis.errors.BadPopulation` for nobody, a negative use or one that is no number.
    """
    values = np.sort(np.asarray(use_usd, dtype=np.float64))
    if not len(values):
        raise BadPopulation("the population is empty", where=where, hint="give one line a user with its use_usd")
    if not np.isfinite(values).all():
        raise BadPopulation("a use is not a number", where=where, hint="leave a user out rather than writing nan")
    if values[0] < 0:
        raise BadPopulation(f"a use is negative: {values[0]:g}", where=where, hint="use is list value, at least 0")
    return Users(values, np.concatenate(([0.0], np.cumsum(values))), where)


def _capped(people: Any, cap_usd: Value) -> Floats:
    """The use of those at the cap; nobody is at a cap that is not there."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.equal(people, 0), 0.0, np.multiply(people, cap_usd)), dtype=np.float64)
