"""Regression: is a fresh accuracy worse than the stored one? Run in the tests and by ``validate --check``.

The stored summary of a kind is ``stored/KIND.json``: pointer to number. ``python -m
costbasis.validation.regression KIND`` writes it again after a change that is meant.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

TOLERANCE = 0.005
"""How much worse a share or an error may be before it counts: numbers differ in the last digits between machines."""

LOWER_IS_BETTER = ("mdape", "p90_abs_log", "refused", "cells_differ")
HIGHER_IS_BETTER = ("n", "verdict_accepted", "basis_identified", "central_in_range")
BEST_AT = {"bias": 0.0, "coverage80": 0.8}


def stored(kind: str) -> dict[str, float]:
    """The stored summary of a kind; nothing where there is none yet."""
    path = files("costbasis.validation") / "stored" / f"{kind}.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def summary(result: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a result that are kept: its scores, those of its further sets, and those of its peers.

    >>> summary({"n": 3, "mdape": 0.25, "sets": [{"set": "chat mix", "mdape": 0.2}]})
    {'n': 3, 'mdape': 0.25, 'chat mix: mdape': 0.2}
    """
    kept = {name: result[name] for name in _scored() if isinstance(result.get(name), int | float)}
    for other in result.get("sets", []):
        kept |= {f"{other['set']}: {name}": value for name, value in summary(other).items()}
    return {name: round(value, 4) for name, value in kept.items()}


def worse(kind: str, result: Mapping[str, Any]) -> list[str]:
    """What is worse than the stored summary, one line each; a number that went missing is worse."""
    fresh = summary(result)
    return [
        f"{name}: {fresh.get(name, 'missing')}, was {was}"
        for name, was in stored(kind).items()
        if name not in fresh or _loss(name, fresh[name]) > _loss(name, was) + TOLERANCE
    ]


def _scored() -> tuple[str, ...]:
    return (*HIGHER_IS_BETTER[:1], *LOWER_IS_BETTER, *HIGHER_IS_BETTER[1:], *BEST_AT)


def _loss(name: str, value: float) -> float:
    score = name.rpartition(": ")[2]
    if score in BEST_AT:
        return abs(value - BEST_AT[score])
    return value if score in LOWER_IS_BETTER else -value


def main(kinds: list[str]) -> None:
    """Write the stored summaries of *kinds*."""
    from costbasis.catalog import load_catalog
    from costbasis.validation import discover

    for kind in kinds:
        text = json.dumps(summary(discover()[kind].validate(load_catalog(), None)), indent=1)
        path = Path(str(files("costbasis.validation") / "stored" / f"{kind}.json"))
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n", "utf-8")
        print(f"{path}: written")


if __name__ == "__main__":
    main(sys.argv[1:])
