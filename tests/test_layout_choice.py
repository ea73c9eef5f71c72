"""Who takes which layout: in each draw the cheapest that serves it, of a few that together serve the draws best."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from costbasis.service.search import Looked, Run
from costbasis.service.worlds import best_together, chosen, missed_frac, shares_of

Floats = NDArray[np.float64]
COST = st.one_of(st.floats(0.1, 1e3), st.just(np.inf))
COSTS = st.lists(st.lists(COST, min_size=6, max_size=6), min_size=2, max_size=9)


def run_at(cost: Floats, tpot: Floats) -> Run:
    """A run that serves the draws whose cost is finite."""
    served = np.isfinite(cost)
    filled = np.where(served, cost, 1.0)
    fields = dict.fromkeys(Run._fields, filled) | {
        "request_accel_s": filled, "tpot_s_per_tok": tpot, "is_met": served.astype(float),
        "prefill_parts": np.stack([filled, 2 * filled]), "decode_parts": np.stack([3 * filled, 4 * filled]),
    }  # fmt: skip
    return Run(**fields)


def looked_at(costs: list[list[float]]) -> list[Looked]:
    return [Looked(cast(Any, index), 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, np.array(one)) for index, one in enumerate(costs)]


@given(costs=COSTS)
def test_each_draw_takes_the_cheapest_layout_that_serves_it(costs: list[list[float]]) -> None:
    table = np.array(costs)
    found = chosen([run_at(one, np.ones(6)) for one in table])
    able = np.isfinite(table).any(axis=0)
    assert (found.run.request_accel_s[able] == table.min(axis=0)[able]).all()
    assert (found.run.is_met > 0).tolist() == able.tolist()
    assert np.array_equal(found.run.prefill_parts[1], 2 * found.run.prefill_parts[0])
    assert np.array_equal(found.run.decode_parts[1], 4 * found.run.request_accel_s)
    assert (found.regret >= 0).all()


def test_a_draw_that_nothing_serves_is_on_the_fastest_layout() -> None:
    nothing = np.array([np.inf, 1.0])
    found = chosen([run_at(nothing, np.array([3.0, 1.0])), run_at(nothing, np.array([2.0, 1.0]))])
    assert found.taken.tolist() == [1, 0]
    assert found.run.is_met.tolist() == [0.0, 1.0]


def test_one_layout_for_all_draws_is_dearer_by_the_regret() -> None:
    first, second = np.array([1.0, 1.0, 4.0]), np.array([2.0, 2.0, 2.0])
    found = chosen([run_at(first, np.ones(3)), run_at(second, np.ones(3))])
    assert found.taken.tolist() == [0, 0, 1]
    assert found.regret.tolist() == [0.0, 0.0, 1.0]


@given(costs=COSTS, count=st.integers(1, 9))
def test_more_layouts_never_miss_more_and_all_of_them_miss_nothing(costs: list[list[float]], count: int) -> None:
    looked = looked_at(costs)
    if not np.isfinite(np.array(costs)).any():
        return
    few, all_of_them = best_together(looked, count), best_together(looked, len(looked))
    assert len(few) <= count
    assert missed_frac(looked, all_of_them) <= 1e-4
    served = [np.isfinite([one.costs for one in some]).any(axis=0) for some in (few, all_of_them, looked)]
    assert (served[0] <= served[1]).all()
    assert (served[1] == served[2]).all()


def test_layouts_are_kept_for_the_draws_that_only_they_serve() -> None:
    """Five of one kind are the best alone, and leave the last draw to nobody."""
    alike = [[1.0 + 0.01 * index, 1.0, 1.0, np.inf] for index in range(5)]
    kept = best_together(looked_at([*alike, [5.0, 5.0, 5.0, 5.0]]), 5)
    assert [one.choice for one in kept] == [0, 5]


def test_shares_name_what_is_taken_most_first() -> None:
    names = cast(Any, ["a", "b", "c"])
    assert shares_of(names, np.array([2, 2, 0, 2])) == {"c": 0.75, "a": 0.25}
