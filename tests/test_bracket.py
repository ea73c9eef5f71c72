"""False position: the largest point below zero, never above it, in every draw at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from costbasis.service.bracket import largest_below

Floats = NDArray[np.float64]


@given(
    root=st.lists(st.floats(-2.0, 12.0), min_size=1, max_size=8),
    bend=st.floats(0.2, 1.5),
    top=st.floats(0.0, 10.0),
)
def test_the_point_found_is_not_above_zero_and_close_to_where_zero_is(
    root: list[float], bend: float, top: float
) -> None:
    at = np.array(root)

    def function(x: Floats) -> Floats:
        """Flat, then steep, as time per token is in the logarithm of the batch: at most in proportion to it."""
        return np.asarray(np.logaddexp(0, bend * (x - 3)) - np.logaddexp(0, bend * (at - 3)))

    ends = np.full(at.shape, top)
    found = largest_below(function, ends, function(ends))
    assert ((found >= 0) & (found <= top)).all()
    assert (function(found)[at >= 0] <= 1e-9).all()
    assert (found[function(np.zeros(at.shape)) > 0] == 0).all()
    assert (found[function(ends) <= 0] == top).all()
    inside = (at >= 0) & (at < top)
    assert (np.abs(function(found)[inside]) <= 0.02 * np.abs(function(ends)[inside]) + 1e-9).all()


def test_a_point_that_both_ends_hold_is_the_top_without_a_call() -> None:
    def never(x: Floats) -> Floats:
        raise AssertionError("called")

    assert largest_below(never, np.array([2.0]), np.array([-1.0])).tolist() == [2.0]
