"""What is published of people's use, and the ways in which it can contradict itself before any fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from costbasis.errors import BadPopulation
from costbasis.formulas.population import lognormal_top_share_frac, normal_quantile


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was published of people's use, in USD of list value a month (or a day: the unit carries over).

    *quantiles_usd*: level to use (``{0.9: 12}``). *top_shares*: share of people to the share of all use they make.
    *cap_usd*: nobody passes it. *selection_bias*: who the people are, where they are not the ones asked about.
    """

    mean_usd: float | None = None
    quantiles_usd: Mapping[float, float] = field(default_factory=dict)
    top_shares: Mapping[float, float] = field(default_factory=dict)
    cap_usd: float | None = None
    selection_bias: str = ""
    where: str = "the statistics given"

    def names(self) -> list[str]:
        """What is known, for people."""
        said = ["mean"] if self.mean_usd is not None else []
        said += [f"p{100 * level:g}" for level in self.quantiles_usd]
        return said + [f"share of the top {100 * top:g} %" for top in self.top_shares]


def rounding_frac(value: float) -> float:
    """Half a unit of the last digit written, over the value: at most a tenth.

    >>> round(rounding_frac(13), 3), round(rounding_frac(0.51), 4), rounding_frac(1)
    (0.038, 0.0098, 0.1)
    """
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    unit = 10.0 ** min(int(exponent), 0)
    return min(unit / 2 / value, 0.1)


def refuse_impossible(statistics: Statistics) -> None:
    """Errors: :class:`~costbasis.errors.BadPopulation` for numbers that contradict themselves before any fit."""
    where, mean = statistics.where, statistics.mean_usd
    amounts = {f"p{100 * level:g}": value for level, value in statistics.quantiles_usd.items()}
    if not statistics.names():
        raise BadPopulation("no statistic is given", where=where, hint="give a mean, quantiles or a top share")
    for name, value in (amounts | ({} if mean is None else {"mean": mean})).items():
        if not value > 0 or not np.isfinite(value):
            raise BadPopulation(f"the {name} must be above zero, not {value:g}", where=where)
    for level in [*statistics.quantiles_usd, *statistics.top_shares]:
        if not 0 < level < 1:
            raise BadPopulation(f"a level must lie between 0 and 1, not {level:g}", where=where, hint="p90 is 0.9")
    for top, share in statistics.top_shares.items():
        if not top < share < 1:
            raise BadPopulation(
                f"the top {100 * top:g} % cannot make {100 * share:g} % of all use",
                where=where,
                hint="a top share lies above the share of people and below 1",
            )
    levels = sorted(statistics.quantiles_usd)
    values = [statistics.quantiles_usd[level] for level in levels]
    if values != sorted(values):
        raise BadPopulation("a higher quantile is below a lower one", where=where, hint="check which is which")
    _refuse_mean(statistics, amounts)
    cap = statistics.cap_usd
    if cap is not None and max([*amounts.values(), mean or 0.0]) > cap:
        raise BadPopulation(f"a statistic is above the cap, {cap:g}", where=where, hint="nobody passes the cap")


def _refuse_mean(statistics: Statistics, amounts: Mapping[str, float]) -> None:
    mean = statistics.mean_usd
    if mean is None:
        return
    for level, value in statistics.quantiles_usd.items():
        name = f"p{100 * level:g}"
        if level >= 0.9 and value < mean:
            z = float(normal_quantile(level))
            top = float(lognormal_top_share_frac(2 * z, 1 - level))
            raise BadPopulation(
                f"the {name}, {value:g}, is below the mean, {mean:g}: a log-normal needs a spread above {2 * z:.2f} "
                f"for that, with {100 * top:.0f} % of all use in the top {100 * (1 - level):.0f} %",
                where=statistics.where,
                hint="check which is which, and that they are of the same people and period",
            )
        if level == 0.5 and value >= mean:
            raise BadPopulation(
                f"the median, {value:g}, is not below the mean, {mean:g}: no log-normal has that",
                where=statistics.where,
                hint="check which is which",
            )
