"""Laws of the grammar: draws belong to their key, units are checked, means add, pasts are complete."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from costbasis.errors import BadCatalogue, UnitMismatch
from costbasis.formulas.billing import contribution_usd, list_over_serving
from costbasis.provenance import drivers, explain, leaves, value_that_reaches
from costbasis.quantity import Quantity, Source, choose, counted, derive, given, given_rows
from costbasis.rowvalues import value_rows, value_total
from costbasis.sampling import Sampling, Spread, draw, exactly, uniforms

PAGE = Source("a price page", place="example.org", trust="B", as_of="2026-03-01")
SAMPLING = Sampling(seed=7, draws=4_000)
KEYS = st.text("abcdefghij/._", min_size=1, max_size=12)
POSITIVE = st.floats(1e-6, 1e6, allow_nan=False)


def positive(name: str, low: float, mid: float, high: float, key: str = "") -> Quantity:
    return given(name, Spread("positive", low, mid, high), PAGE, SAMPLING, key=key)


@for_all(key=KEYS, seed=st.integers(0, 99), draws=st.integers(2, 500))
def test_every_slice_of_the_unit_interval_holds_one_draw(key: str, seed: int, draws: int) -> None:
    points = uniforms(key, Sampling(seed, draws))
    assert sorted((points * draws).astype(int)) == list(range(draws))


@for_all(key=KEYS, other=KEYS)
def test_adding_an_input_moves_no_other(key: str, other: str) -> None:
    before = uniforms(key, SAMPLING)
    uniforms(other, SAMPLING)
    assert (uniforms(key, SAMPLING) == before).all()


def test_the_same_key_is_the_same_draw_wherever_it_is_used() -> None:
    once = positive("a_usd", 1, 2, 4, key="kind/name.a")
    again = positive("b_usd", 1, 2, 4, key="kind/name.a")
    net = derive(contribution_usd, revenue_usd=once, cogs_usd=again)
    assert net.estimate.p90 == 0.0


@for_all(low=POSITIVE, up=st.floats(1.01, 50), more=st.floats(1.01, 50))
def test_a_positive_spread_has_its_p10_median_and_p90(low: float, up: float, more: float) -> None:
    spread = Spread("positive", low, low * up, low * up * more)
    values = draw(spread, "k", Sampling(1, 10_000))
    got = np.quantile(values, [0.1, 0.5, 0.9])
    assert np.allclose(got, [spread.low, spread.mid, spread.high], rtol=0.01)


@for_all(ends=st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3, unique=True))
def test_a_share_stays_inside_and_has_its_quantiles(ends: list[float]) -> None:
    low, mid, high = sorted(ends)
    values = draw(Spread("bounded", low, mid, high), "k", Sampling(1, 10_000))
    assert ((values > 0) & (values < 1)).all()
    assert np.allclose(np.quantile(values, [0.1, 0.5, 0.9]), [low, mid, high], rtol=0.01)


def test_a_margin_may_be_negative_and_never_reaches_one() -> None:
    values = draw(Spread("margin", -0.05, 0.35, 0.70), "k", Sampling(1, 10_000))
    assert (values < 1).all()
    assert np.allclose(np.quantile(values, [0.1, 0.5, 0.9]), [-0.05, 0.35, 0.70], atol=0.005)


@pytest.mark.parametrize(
    ("shape", "low", "mid", "high", "message"),
    [
        ("positive", 2.0, 1.0, 3.0, "mid 1 lies outside 2..3"),
        ("positive", 0.0, 1.0, 3.0, "a positive number cannot reach down to 0"),
        ("bounded", 0.1, 0.5, 1.2, "a share must lie in 0..1, not 0.1..1.2"),
        ("margin", 0.1, 0.5, 1.0, "a margin stays under 1, not 1"),
    ],
)
def test_a_spread_that_breaks_a_rule_is_refused_by_name(
    shape: Any, low: float, mid: float, high: float, message: str
) -> None:
    with pytest.raises(BadCatalogue) as error:
        Spread(shape, low, mid, high)
    assert error.value.what == message


def test_a_quantity_has_no_arithmetic() -> None:
    one = positive("a_usd", 1, 2, 4)
    for operation in ("__add__", "__sub__", "__mul__", "__truediv__", "__lt__", "__radd__"):
        assert not hasattr(one, operation) or getattr(object, operation, None) is not None


def test_a_wrong_unit_is_refused_and_both_are_named() -> None:
    tokens = counted("input_tok", 5.0, PAGE)
    with pytest.raises(UnitMismatch) as error:
        derive(contribution_usd, revenue_usd=tokens, cogs_usd=counted("a_usd", 1.0, PAGE))
    assert str(error.value) == 'contribution_usd: "input_tok" is in tok, "revenue_usd" must be in usd'


def test_a_missing_or_unknown_input_is_refused() -> None:
    money = counted("a_usd", 1.0, PAGE)
    with pytest.raises(UnitMismatch, match="needs cogs_usd"):
        derive(contribution_usd, revenue_usd=money)
    with pytest.raises(UnitMismatch, match='has no input "extra_usd"'):
        derive(contribution_usd, revenue_usd=money, cogs_usd=money, extra_usd=money)


def test_every_leaf_of_an_explained_tree_has_source_date_and_trust() -> None:
    ratio = derive(
        list_over_serving, list_usd=counted("list_usd", 10.0, PAGE), serving_usd=positive("serving_usd", 1, 2, 4)
    )
    found = []

    def visit(node: dict[str, Any]) -> None:
        if "inputs" in node:
            for child in node["inputs"].values():
                visit(child)
        else:
            found.append(node)

    visit(explain(ratio))
    assert len(found) == 2
    assert all(node["source"] and node["date"] and node["trust"] for node in found)


def test_columns_of_a_joint_table_stay_together() -> None:
    rows = given_rows(
        "market/hosts", {"in_usd_per_tok": [1.0, 2.0, 3.0], "out_usd_per_tok": [10.0, 20.0, 30.0]}, PAGE, SAMPLING
    )
    assert (rows["out_usd_per_tok"].draws == 10 * rows["in_usd_per_tok"].draws).all()


@for_all(weights=st.lists(st.floats(0.05, 1.0), min_size=2, max_size=5))
@settings(max_examples=25)
def test_a_linear_pool_takes_each_option_with_its_weight(weights: list[float]) -> None:
    index = {"route": [float(position) for position in range(len(weights))]}
    choice = given_rows("pool/test", index, PAGE, SAMPLING, weights=weights)["route"]
    options = {f"r{position}": counted("serving_usd", float(position), PAGE) for position in range(len(weights))}
    pooled = choose(choice, options, name="serving_usd")
    for position, weight in enumerate(weights):
        assert np.mean(pooled.draws == position) == pytest.approx(weight / sum(weights), abs=0.01)


@for_all(amounts=st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=8))
@settings(max_examples=30)
def test_means_of_rows_add_up_to_the_mean_of_the_total(amounts: list[tuple[float, float]]) -> None:
    table = {"a_tok": np.array([row[0] for row in amounts]), "b_tok": np.array([row[1] for row in amounts])}
    values = {
        "a_tok": positive("a_usd_per_tok", 1e-7, 2e-7, 9e-7),
        "b_tok": positive("b_usd_per_tok", 1e-6, 3e-6, 4e-6),
    }
    rows = value_rows(table, values, name="serving_usd").value
    sums = {column: float(column_amounts.sum()) for column, column_amounts in table.items()}
    total = value_total(sums, values, name="serving_usd", source=PAGE)
    assert rows.mean.sum() == pytest.approx(total.estimate.mean, rel=1e-9)


def test_a_row_is_worth_what_its_total_alone_would_be() -> None:
    price = {"a_tok": positive("a_usd_per_tok", 1e-7, 2e-7, 9e-7)}
    rows = value_rows({"a_tok": np.array([5.0, 7.0])}, price, name="list_usd", numerator=np.array([1.0, 2.0]))
    alone = value_total({"a_tok": 7.0}, price, name="list_usd", source=PAGE)
    assert rows.value.row(1) == pytest.approx(alone.estimate)
    ratio = derive(list_over_serving, list_usd=counted("list_usd", 2.0, PAGE), serving_usd=alone)
    assert rows.over is not None
    assert rows.over.row(1) == pytest.approx(ratio.estimate)


def test_nothing_is_free_and_no_unit_is_mixed() -> None:
    price = positive("a_usd_per_tok", 1e-7, 2e-7, 9e-7)
    with pytest.raises(UnitMismatch, match="do not match: b_tok"):
        value_rows({"a_tok": np.ones(1), "b_tok": np.ones(1)}, {"a_tok": price}, name="list_usd")
    with pytest.raises(UnitMismatch, match="does not give usd"):
        value_rows({"a_tok2": np.ones(1)}, {"a_tok2": price}, name="list_usd")


def test_drivers_rank_the_input_that_moves_most_first() -> None:
    wide = positive("serving_usd", 1, 10, 100, key="wide")
    narrow = positive("list_usd", 5, 10, 20, key="narrow")
    ratio = derive(list_over_serving, list_usd=narrow, serving_usd=wide)
    ranked = drivers(ratio)
    assert [driver.key for driver in ranked] == ["wide", "narrow"]
    assert sum(driver.share_frac for driver in ranked) == pytest.approx(1.0, abs=0.02)


def test_the_value_that_reaches_a_target_is_found_by_draws() -> None:
    wide = positive("serving_usd", 1, 10, 100, key="wide")
    ratio = derive(list_over_serving, list_usd=counted("list_usd", 100.0, PAGE), serving_usd=wide)
    driver = drivers(ratio)[0]
    assert value_that_reaches(driver, ratio, 5.0) == pytest.approx(20.0, rel=0.1)
    assert value_that_reaches(driver, ratio, 1e9) is None


def test_an_exact_number_has_no_spread_and_no_drivers() -> None:
    one = given("price_usd", exactly(200.0), PAGE, SAMPLING)
    assert one.is_exact
    assert one.estimate.p10 == one.estimate.p90 == 200.0
    assert drivers(one) == []
    assert list(leaves(one)) == ["price_usd"]
