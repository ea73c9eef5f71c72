"""Draws: one stratified sample an input, the same wherever that input is used.

Each input owns a counter-based random stream keyed by hash(seed, key), so adding an input moves no
other, and two results that use the same input stay correlated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from costbasis.errors import BadCatalogue
from costbasis.sha256 import sha256

Floats = NDArray[np.float64]
Shape = Literal["exact", "positive", "bounded", "margin"]

Z90 = 1.2815515655446004
"""The standard normal's p90: low and high of a spread are its p10 and p90."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How many draws, from which seed."""

    seed: int = 1
    draws: int = 10_000


@dataclass(frozen=True, slots=True)
class Spread:
    """A number with its 80 % interval: *low* is p10, *mid* the median, *high* p90.

    Shapes: ``exact`` (mid only), ``positive`` (two-piece log-normal), ``bounded`` (a share: two-piece
    normal of its log-odds; of itself, clipped, where an end is 0 or 1), ``margin`` (one less a positive
    number: a gross margin may be negative and never reaches 1). *assumed* marks a spread that was not
    published but taken from the trust grade.

    Errors: :class:`~costbasis.errors.BadCatalogue` when mid lies outside low..high, a share outside
    0..1, or a positive number is not positive.
    """

    shape: Shape
    low: float
    mid: float
    high: float
    assumed: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise BadCatalogue(f"mid {self.mid:g} lies outside {self.low:g}..{self.high:g}")
        if self.shape == "positive" and self.low <= 0:
            raise BadCatalogue(f"a positive number cannot reach down to {self.low:g}")
        if self.shape == "margin" and self.high >= 1:
            raise BadCatalogue(f"a margin stays under 1, not {self.high:g}")
        if self.shape == "bounded" and not (self.low >= 0 and self.high <= 1):
            raise BadCatalogue(f"a share must lie in 0..1, not {self.low:g}..{self.high:g}")


def exactly(value: float) -> Spread:
    """The spread of a number that is known."""
    return Spread("exact", value, value, value)


def uniforms(key: str, sampling: Sampling) -> Floats:
    """One stratified permutation of 0..1 for *key*: each of ``draws`` equal slices holds one point.

    >>> u = uniforms("fleet/default.busy_frac", Sampling(seed=1, draws=4))
    >>> sorted(int(x * 4) for x in u)
    [0, 1, 2, 3]
    """
    n = sampling.draws
    stream = stream_for(key, sampling)
    uniform: Floats = (stream.permutation(n) + stream.random(n)) / n
    return uniform


def stream_for(key: str, sampling: Sampling) -> np.random.Generator:
    """The counter-based random stream that belongs to *key* under this seed."""
    digest = sha256(f"{sampling.seed}:{key}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def draw(spread: Spread, key: str, sampling: Sampling) -> Floats:
    """Draws of *spread* for *key*; an exact number is one value of shape ``()``.

    >>> x = draw(Spread("positive", 50.0, 100.0, 400.0), "example", Sampling(1, 10_000))
    >>> [float(round(q)) for q in np.quantile(x, [0.1, 0.5, 0.9])]
    [50.0, 100.0, 400.0]
    """
    if spread.shape == "exact" or spread.low == spread.high:
        return np.asarray(spread.mid, dtype=np.float64)
    from scipy.special import expit, logit, ndtri

    z = ndtri(uniforms(key, sampling)) / Z90
    if spread.shape == "positive":
        return np.exp(_two_piece(z, *np.log((spread.low, spread.mid, spread.high))))
    if spread.shape == "bounded" and spread.low > 0 and spread.high < 1:
        return np.asarray(expit(_two_piece(z, *logit((spread.low, spread.mid, spread.high)))), dtype=np.float64)
    if spread.shape == "margin":
        return 1 - np.exp(_two_piece(-z, *np.log((1 - spread.high, 1 - spread.mid, 1 - spread.low))))
    return np.clip(_two_piece(z, spread.low, spread.mid, spread.high), 0.0, 1.0)


def _two_piece(z: Floats, low: float, mid: float, high: float) -> Floats:
    """A normal with its own width on each side of the middle; *z* is in units of p90."""
    return np.asarray(mid + np.where(z < 0, z * (mid - low), z * (high - mid)), dtype=np.float64)


def draw_rows(weights: Floats, key: str, sampling: Sampling) -> NDArray[np.int64]:
    """One row index a draw, row *i* with probability proportional to ``weights[i]``."""
    edges = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(edges, uniforms(key, sampling), side="right"), len(weights) - 1)
