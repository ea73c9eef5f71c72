"""The compiled evaluation sets are what the rules make of the tables."""

from __future__ import annotations

from costbasis.calibration.compiled import compiled, measurements
from costbasis.calibration.sets import evaluation_sets


def test_the_compiled_measurements_are_the_cleaned_ones() -> None:
    """Otherwise: python -m costbasis.calibration.compiled."""
    cleaned = evaluation_sets().measurements
    assert list(measurements()) == cleaned
    assert compiled(measurements()) == compiled(cleaned)
