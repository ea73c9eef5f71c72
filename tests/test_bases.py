"""The bases: list is exact, the pool follows its rule, unknown is not zero, and sums are as good as requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.bases import engine
from costbasis.bases.pooling import pool_weights
from costbasis.catalog import Catalog, load_catalog
from costbasis.errors import BadArgument
from costbasis.quantity import Source
from costbasis.routes import Refused, UnitValues, discover
from costbasis.usage.amounts import Amounts, amounts_of, only_row
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue
from costbasis.usage.typical import typical_use
from costbasis.valuation import ladder, valuate

LOGS = Source("logs made for a test", trust="A", status="counted")
OPUS, MISTRAL = "claude-opus-4-6", "voxtral-small-latest"
NEW = date(2026, 11, 24)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def cell(key: str = "2026-03-05", model: str = OPUS, scale: int = 1, month: str = "2026-03", **how: Any) -> Cell:
    """A cell with the measured mix of a coding agent, at Opus 4.6's prices."""
    counts = TokenCounts(70_000 * scale, 192_000 * scale, 0, 0, 9_695_000 * scale, 43_000 * scale, 0)
    prices = (5_000_000, 6_250_000, 10_000_000, 6_250_000, 500_000, 25_000_000)
    value = ListValue(*(count * price for count, price in zip(counts[:6], prices, strict=True)), 0, 0)
    sums = {
        "output_ctx_tok2": counts.output_tok * 112_000.0,
        "new_ctx_tok2": 262_000.0 * scale * 112_000.0,
        "kv_resident_tok_s": 9_887_000.0 * scale * 55.0,
    }
    whole = {
        "key": key, "month": month, "model": model, "context_bucket": None, "requests": 88 * scale, "counts": counts,
        "web_searches": 0, "partial_output": 0, "value": value, "first_time_ms": 0, "last_time_ms": 0,
    }  # fmt: skip
    return Cell(**(whole | sums | how))


def table(cells: Sequence[Cell]) -> Amounts:
    return amounts_of(cells, source=LOGS, as_of=NEW)


def test_list_of_the_matrix_is_the_exact_sum(catalog: Catalog) -> None:
    cells = [cell("a"), cell("b", scale=3), cell("b", month="2026-04", scale=2)]
    listed = engine.value(table(cells), catalog, only=["list"])["list"]
    pico = sum(one.value.tokens for one in cells if one.value)
    assert listed.total.estimate.p50 == pytest.approx(pico / 1e12, rel=1e-12)
    assert listed.total.is_exact


def test_means_of_days_add_up_to_the_mean_of_the_month(catalog: Catalog) -> None:
    amounts = table([cell(f"2026-03-{day:02d}", scale=day) for day in range(1, 9)])
    for name, valued in engine.value(amounts, catalog).items():
        days = [index for index, row in enumerate(amounts.rows) if row.model is None and row.key != "total"]
        assert valued.rows.mean[days].sum() == pytest.approx(valued.total.estimate.mean, rel=1e-6), name


def test_a_row_alone_is_worth_what_the_table_says_of_it(catalog: Catalog) -> None:
    amounts = table([cell("a"), cell("b", scale=4), cell("b", model="claude-haiku-4-5")])
    whole = engine.value(amounts, catalog)
    for index in range(len(amounts.rows)):
        alone = engine.value(only_row(amounts, index), catalog)
        for name in ("list", "market", "serving"):
            assert alone[name].total.estimate == pytest.approx(whole[name].rows.row(index), rel=1e-9)


def test_the_pool_is_the_weighted_mixture_of_its_routes(catalog: Catalog) -> None:
    serving = engine.value(table([cell()]), catalog)["serving"]
    routes = {name: total for name, total in serving.parts.items() if name.startswith("route:")}
    weights = pool_weights(
        dict.fromkeys((name.removeprefix("route:") for name in routes), "D"),
        {route.NAME: route.SHARES for route in discover()},
        catalog.trust_weights(),
    )
    mean = sum(weights[name.removeprefix("route:")] * total.estimate.mean for name, total in routes.items())
    assert serving.total.estimate.mean == pytest.approx(mean, rel=0.03)
    for level in (100.0, 5.0, 1.0):
        below = sum(
            weights[name.removeprefix("route:")] * (1 - total.share_above(level)) for name, total in routes.items()
        )
        assert 1 - serving.total.share_above(level) == pytest.approx(below, abs=0.02)


@given(grades=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("ABCDE"), min_size=1))
def test_pool_weights_are_a_share_and_a_group_counts_as_one(grades: dict[str, str]) -> None:
    weight = {"A": 1.0, "B": 0.8, "C": 0.6, "D": 0.4, "E": 0.1}
    shares = {name: "one" if name in "abc" else name for name in grades}
    weights = pool_weights(grades, shares, weight)
    assert sum(weights.values()) == pytest.approx(1.0)
    group = [name for name in grades if name in "abc"]
    alone = [name for name in grades if name not in "abc"]
    if group and alone:
        mean = sum(weight[grades[name]] for name in group) / len(group)
        other = alone[0]
        ratio = sum(weights[name] for name in group) / weights[other]
        assert ratio == pytest.approx(mean / weight[grades[other]])


def test_every_route_is_shown_and_so_is_the_pool_without_it(catalog: Catalog) -> None:
    parts = engine.value(table([cell()]), catalog)["serving"].parts
    names = {route.NAME for route in discover()}
    assert {name.partition(":")[2] for name in parts if name.startswith("route:")} == names
    assert {name.partition(":")[2] for name in parts if name.startswith("without:")} == names
    assert len(names) >= 4


def test_a_model_that_no_route_reaches_is_left_out_and_counted(catalog: Catalog) -> None:
    amounts = table([cell("a"), cell("a", model="swe-2-max")])
    bases = engine.value(amounts, catalog)
    market = bases["market"]
    assert [item.group.model for item in market.unvalued] == ["swe-2-max"]
    covered = float(market.covered_list_usd[0])
    assert covered == pytest.approx(bases["list"].total.estimate.p50 / 2)
    only_opus = engine.value(table([cell("a")]), catalog)["market"]
    assert market.total.estimate == pytest.approx(only_opus.total.estimate)


@pytest.mark.slow
def test_opportunity_is_serving_until_scarcity_is_set() -> None:
    bases = engine.value(table([cell()]), load_catalog())
    assert bases["opportunity"].total.estimate == bases["serving"].total.estimate
    scarce = engine.value(table([cell()]), load_catalog(overrides=["opportunity/default.lambda_frac=1"]))
    assert scarce["opportunity"].total.estimate.p50 == pytest.approx(scarce["list"].total.estimate.p50)


@pytest.mark.slow
def test_more_idle_machines_cost_more_and_dearer_list_does_not() -> None:
    def roofline(*overrides: str) -> float:
        bases = engine.value(table([cell()]), load_catalog(overrides=overrides))
        return bases["serving"].parts["route:roofline"].estimate.p50

    assert roofline("fleet/default.load_factor_frac=0.2") > roofline() > roofline("fleet/default.load_factor_frac=0.8")
    assert roofline("retail/claude-opus-4-6.standard.input_usd_per_mtok=50") == roofline()


def test_the_short_month_warns_and_the_price_is_by_days(catalog: Catalog) -> None:
    plan = catalog.plan("max_20x", date(2026, 3, 5))
    valued = valuate(table([cell()]), catalog, first=date(2026, 3, 1), last=date(2026, 3, 7), plan=plan)
    assert valued.plan is not None
    assert valued.plan.is_short
    assert valued.plan.price_usd.estimate.p50 == pytest.approx(200 * 7 / 30.44)
    answers = {stake.party.name: stake.answer for stake in valued.stakes}
    assert {name: answers[name] for name in ("subscriber", "API buyer", "reseller", "model owner")} == {
        "subscriber": "no",
        "API buyer": "not a side of this plan",
        "reseller": "yes",
        "model owner": "yes",
    }
    assert valued.average_answer == "cannot be determined"


def request_usd(unit_usd: dict[str, float], prompt: int, cached: int, new: int, output: int, held_s: float) -> float:
    """One request costed token by token: each new token attends to all before it, each output token to all so far."""
    keys_of_new = sum(cached + position for position in range(new))
    keys_of_output = sum(prompt + position for position in range(output))
    return (
        new * unit_usd["input_tok"]
        + cached * unit_usd["cache_read_tok"]
        + output * unit_usd["output_tok"]
        + keys_of_new * unit_usd["new_ctx_tok2"]
        + keys_of_output * unit_usd["output_ctx_tok2"]
        + cached * held_s * unit_usd["kv_resident_tok_s"]
    )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_costing_by_sums_is_costing_by_request_within_half_a_per_cent(seed: int) -> None:
    """2,000 requests an example, 10,000 in all."""
    rng = np.random.default_rng(seed)
    catalog = load_catalog()
    route = next(route for route in discover() if route.NAME == "roofline")
    found = route.unit_values(OPUS, date(2026, 3, 9), catalog)
    assert isinstance(found, UnitValues)
    unit_usd = {unit: quantity.estimate.mean for unit, quantity in found.values.items()}
    by_request = by_sums = 0.0
    for _ in range(2000):
        cached, new = int(rng.integers(0, 180_000)), int(rng.integers(1, 3000))
        output, held = int(rng.lognormal(5.8, 1.1)) + 1, float(rng.uniform(1, 300))
        prompt = cached + new
        by_request += request_usd(unit_usd, prompt, cached, new, output, held)
        sums = {
            "input_tok": new,
            "cache_read_tok": cached,
            "output_tok": output,
            "new_ctx_tok2": new * (cached + new / 2),
            "output_ctx_tok2": output * (prompt + output / 2),
            "kv_resident_tok_s": cached * held,
        }
        by_sums += sum(amount * unit_usd[unit] for unit, amount in sums.items())
    assert by_sums == pytest.approx(by_request, rel=0.005)


def test_a_route_that_cannot_be_walked_says_why(catalog: Catalog) -> None:
    reasons = {
        route.NAME: found.reason
        for route in discover()
        if isinstance(found := route.unit_values("swe-2-max", NEW, catalog), Refused)
    }
    assert reasons == {
        "margin": "no reported margin of cognition",
        "market": "no comparable open model with a priced cached read at that date",
        "measured": "no architecture, published or hypothesised",
        "roofline": "no architecture, published or hypothesised",
    }


def test_a_share_of_list_says_nothing_of_what_was_free_at_list(catalog: Catalog) -> None:
    """swe-1-7 was free in August 2026; its vendor reports margins, and no other route reaches it."""
    free = cell(model="swe-1-7", month="2026-08", value=ListValue(*[0] * len(ListValue.__struct_fields__)))
    alone = engine.value(table([free]), catalog)
    assert "serving" not in alone
    assert np.isnan(ladder(alone, table([free]))[0].cost_over_list.estimate.p50)
    beside = engine.value(table([cell(), free]), catalog)["serving"]
    assert [(one.group.model, one.reason) for one in beside.unvalued] == [("swe-1-7", "no route reaches it")]
    assert beside.total.estimate == engine.value(table([cell()]), catalog)["serving"].total.estimate


def test_no_use_of_a_free_model_has_the_list_value_asked_for(catalog: Catalog) -> None:
    with pytest.raises(BadArgument, match="swe-1-7: it was free at list on 2026-08-01"):
        typical_use("swe-1-7", 1_000.0, date(2026, 8, 1), catalog)
    used = typical_use("arena-fast", 1_000.0, date(2026, 8, 1), catalog)
    (billed,) = used.list_by_class.values()
    assert billed["cache_read_tok"] == 0.0
    assert sum(billed.values()) == pytest.approx(1_000.0)
