"""Scores: predicted against published numbers, as the field states them, in all and by group.

One case is one published number with the 80 % interval that was predicted for it. Errors are ratios, because
prices and speeds span orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

Step = Callable[[int, int], None]
"""Told after each part of long work: parts done, and parts in all."""


def stepped(parts: Sequence[T], step: Step | None) -> Iterator[T]:
    """The parts in order, *step* told after each.

    >>> list(stepped("ab", lambda done, of: print(done, "of", of)))
    1 of 2
    2 of 2
    ['a', 'b']
    """
    for done, part in enumerate(parts, 1):
        yield part
        if step is not None:
            step(done, len(parts))


@dataclass(frozen=True, slots=True)
class Case:
    """One published number (*actual*) and what was predicted for it: median, p10 and p90, all in one unit.

    *groups*: kind of group to its name, such as ``{"model": "kimi-k2.5", "date": "2026"}``.
    """

    name: str
    actual: float
    p10: float
    p50: float
    p90: float
    groups: Mapping[str, str]


def score(cases: Sequence[Case]) -> dict[str, Any]:
    """Median absolute error, p90 of |log|, bias, and how often the 80 % interval holds the truth.

    ``mdape``: median of \\|predicted / actual - 1\\|. ``p90_abs_log``: nine in ten are within this factor's
    natural logarithm. ``bias``: median of the logarithm of predicted over actual; above 0 predicts too much.

    >>> found = score([Case("a", 2.0, 1.0, 2.0, 4.0, {}), Case("b", 1.0, 1.4, 1.5, 1.6, {})])
    >>> found["n"], found["mdape"], found["coverage80"]
    (2, 0.25, 0.5)

    Edge: of no case every score is None; unknown is not zero.
    """
    if not cases:
        return {"n": 0, "mdape": None, "p90_abs_log": None, "bias": None, "coverage80": None}
    actual, p10, p50, p90 = (
        np.array([getattr(case, name) for case in cases]) for name in ("actual", "p10", "p50", "p90")
    )
    log = np.log(p50 / actual)
    return {
        "n": len(cases),
        "mdape": float(np.median(np.abs(p50 / actual - 1))),
        "p90_abs_log": float(np.quantile(np.abs(log), 0.9)),
        "bias": float(np.median(log)),
        "coverage80": float(np.mean((p10 <= actual) & (actual <= p90))),
    }


def by_group(cases: Sequence[Case], kind: str) -> list[dict[str, Any]]:
    """The score of each group of one kind, largest first.

    >>> cases = [Case("a", 1.0, 0.5, 1.0, 2.0, {"date": "2025"}), Case("b", 1.0, 0.5, 1.0, 2.0, {"date": "2026"})]
    >>> [(row["by"], row["group"], row["n"]) for row in by_group(cases, "date")]
    [('date', '2025', 1), ('date', '2026', 1)]
    """
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.groups[kind], []).append(case)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"by": kind, "group": name, **score(found)} for name, found in ordered]
