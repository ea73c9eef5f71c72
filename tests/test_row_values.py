"""Values of rows: quantiles are numpy's to the last bit, and unknown draws stay unknown."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from costbasis.rowvalues import quantiles, rows_of_draws

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


@given(block=BLOCKS, numerator=st.floats(0, 1e6) | st.floats(-1e6, 0), scale=st.sampled_from([1.0, 0.0, 2.5]))
@settings(max_examples=200, deadline=None)
def test_a_numerator_over_rows_has_the_quantiles_and_the_mean_of_all_its_ratios(
    block: np.ndarray, numerator: float, scale: float
) -> None:
    draws = block[0]
    amounts, listed = np.array([1.0, scale, 0.0]), np.array([numerator, 1.0, numerator])
    found = rows_of_draws({"a_tok": amounts}, {"a_tok": draws}, numerator=listed)
    with np.errstate(all="ignore"):
        worth = amounts[:, None] @ draws[None, :]
        ratios = np.where(worth > 0, listed[:, None] / worth, np.nan)
        for mine, theirs in ((found.value, worth), (found.over, ratios)):
            np.testing.assert_array_equal(np.vstack(mine[:3]), np.quantile(theirs, (0.1, 0.5, 0.9), axis=1))
            np.testing.assert_array_equal(mine.mean, theirs.mean(axis=1))
