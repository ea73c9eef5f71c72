"""Sizes of models that nobody disclosed: a prior of the model's class, weighed by speed, price and probes.

Importance weighting: draws of (active parameters, total over active) from a prior that knows neither speed nor
price are weighed by how well each explains what was observed, then drawn again as whole rows. Every likelihood is as
wide as the same evidence is wrong about open models, whose size is known; ``docs/hypotheses.md`` has the widths and the
check against those models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.sampling import Floats

PROBE_SD = 0.43
"""Width of a knowledge probe in log10 of total parameters: its own 90 % fold of 3.13 (0.30), and the twofold change
between two versions of the method (0.31)."""

MARKUP_LOG10 = 0.7
"""Log10 of a proprietary list price over a host's for an open model as large: half-way between none and 25 times."""

MARKUP_SD = 0.55
"""Its width: list over modelled marginal cost spans 21 to 244 times over makers, one decade at 80 %."""


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope · x, and the standard deviation of what is left."""

    intercept: float
    slope: float
    sd: float

    def at(self, x: Floats) -> Floats:
        """The line's y."""
        return self.intercept + self.slope * x


@dataclass(frozen=True, slots=True)
class Lines:
    """What open models teach, in log10: output speed at median and at fast hosts, and price, by active parameters."""

    speed: Line
    fast_shift: float
    fast_sd: float
    price: Line


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one model: None where nothing was.

    *has_markup*: its price is a maker's own, not a host's for open weights.
    """

    tok_per_s: float | None = None
    output_usd_per_mtok: float | None = None
    probed_params: float | None = None
    has_markup: bool = True


def fit_line(x: Sequence[float] | Floats, y: Sequence[float] | Floats) -> Line:
    """Least squares; the residual's standard deviation with two degrees of freedom taken.

    >>> line = fit_line([0, 1, 2], [1, 3, 5])
    >>> round(line.intercept, 9), round(line.slope, 9), round(line.sd, 9)
    (1.0, 2.0, 0.0)
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    slope, intercept = np.polyfit(xs, ys, 1)
    left = ys - intercept - slope * xs
    return Line(float(intercept), float(slope), float(np.sqrt((left**2).sum() / max(1, len(xs) - 2))))


def fit_lines(
    speeds: Mapping[str, tuple[float, float]],
    fast: Mapping[str, tuple[float, float]],
    prices: Mapping[str, tuple[float, float]],
) -> Lines:
    """The lines of open models: model to (active parameters, tok/s) at median and at named fast hosts, and $/MTok."""
    speed = fit_line(*_logs(speeds))
    x, y = _logs(fast)
    left = y - speed.at(x)
    return Lines(speed, float(left.mean()), float(left.std(ddof=1)), fit_line(*_logs(prices)))


def _logs(points: Mapping[str, tuple[float, float]]) -> tuple[Floats, Floats]:
    table = np.log10(np.array(list(points.values()), dtype=np.float64))
    return table[:, 0], table[:, 1]


def weights(active: Floats, total: Floats, observed: Observed, lines: Lines) -> Floats:
    """Relative weight of each draw of a prior, given what was observed. Shape: as *active*.

    Speed: the maker's hosts are as likely on the median line as on the fast one, which no one says. Price: the line
    of open models, moved and widened by the unknown mark-up. Probe: total parameters. A draw with more active
    parameters than parameters weighs nothing.
    """
    x = np.log10(active)
    weight = np.where(total >= active, 1.0, 0.0)
    if observed.tok_per_s is not None:
        left = np.log10(observed.tok_per_s) - lines.speed.at(x)
        fast = _normal(left - lines.fast_shift, lines.fast_sd)
        weight = weight * (0.5 * _normal(left, lines.speed.sd) + 0.5 * fast)
    if observed.output_usd_per_mtok is not None:
        shift, sd = (MARKUP_LOG10, MARKUP_SD) if observed.has_markup else (0.0, 0.0)
        left = np.log10(observed.output_usd_per_mtok) - lines.price.at(x) - shift
        weight = weight * _normal(left, float(np.hypot(lines.price.sd, sd)))
    if observed.probed_params is not None:
        weight = weight * _normal(np.log10(total) - np.log10(observed.probed_params), PROBE_SD)
    return weight


def effective_draws(weight: Floats) -> float:
    """How many equal draws the weighted ones are worth (Kish)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def _normal(left: Floats, sd: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (left / sd) ** 2) / sd, dtype=np.float64)
