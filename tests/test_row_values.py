"""Values of rows: quantiles are numpy's to the last bit, and unknown draws stay unknown."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from costbasis.rowvalues import quantiles

SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)

BLOCKS = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=30),
    elements=st.floats(-1e150, 1e150) | st.just(np.nan) | st.sampled_from([0.1, 0.2, 0.3]),
)


@given(block=BLOCKS)
@settings(max_examples=200, deadline=None)
def test_quantiles_of_rows_are_those_of_numpy_to_the_last_bit(block: np.ndarray) -> None:
    np.testing.assert_array_equal(quantiles(block, SHARES), np.quantile(block, SHARES, axis=1))


def test_quantiles_of_many_draws_are_those_of_numpy_to_the_last_bit() -> None:
    rng = np.random.default_rng(4)
    block = rng.lognormal(size=(7, 10_000))
    block[3, 17] = np.nan
    mine, theirs = quantiles(block, (0.1, 0.5, 0.9)), np.quantile(block, (0.1, 0.5, 0.9), axis=1)
    np.testing.assert_array_equal(mine, theirs)
    assert np.isnan(mine[:, 3]).all()
