"""The catalogue: names, as-of, overrides, plans, offers, and the messages when something is not there."""

from __future__ import annotations

from datetime import date

import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.market.market import market_prices
from costbasis.catalog.retail import retail_price
from costbasis.catalog.tables import read_csv
from costbasis.errors import AmbiguousName, BadCatalogue, UnknownName
from costbasis.sampling import Sampling

MARCH = date(2026, 3, 9)


def test_an_unknown_model_names_the_nearest_known_ones() -> None:
    with pytest.raises(UnknownName) as error:
        load_catalog().find_model("opus-4-6x", where="s.jsonl:88")
    assert str(error.value) == (
        's.jsonl:88: unknown model "opus-4-6x"; did you mean "opus-4-6", "opus-4.6" or "opus-4-8"?\n'
        "hint: costbasis catalog retail lists the models, costbasis catalog aliases their other names"
    )


def test_aliases_are_exact() -> None:
    catalog = load_catalog()
    assert catalog.find_model("us.anthropic.claude-opus-4-6-v1:0") == "claude-opus-4-6"
    assert catalog.find_model("accounts/fireworks/models/kimi-k2p5") == "kimi-k2.5"
    with pytest.raises(UnknownName):
        catalog.find_model("claude-opus-4-6-fast")


def test_a_price_is_that_of_its_day() -> None:
    catalog = load_catalog()
    before, after = (catalog.retail_on("claude-opus-4-6", date(2026, month, 1)) for month in (3, 4))
    assert (before.long_above_tok, before.long_input, before.long_cache_write_5m) == (200_000, 10_000_000, 12_500_000)
    assert before.long_cache_write_1h == 20_000_000
    assert before.derived == ()
    assert after.long_above_tok is None
    assert (after.input, after.output, after.cache_read, after.cache_write_1h) == (
        5_000_000,
        25_000_000,
        500_000,
        10_000_000,
    )


def test_the_newest_fact_on_or_before_the_day_is_taken() -> None:
    catalog = load_catalog()
    key = "margin/anthropic.gross_margin_frac"
    assert catalog.fact(key, as_of=MARCH).mid == 0.50
    assert catalog.fact(key, as_of=date(2026, 6, 1)).mid == 0.65
    assert catalog.fact(key, as_of=date(2020, 1, 1)).mid == 0.50


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "max_20y",
            'unknown plan "max_20y"; did you mean "max_20x", "max_5x" or "max"?\n'
            "hint: costbasis catalog plan lists them",
        ),
        (
            "pro_plus",
            'plan "pro_plus" is ambiguous: it may be "cursor/pro_plus", "github/pro_plus", "kiro/pro_plus" or '
            '"trae/pro_plus"\nhint: name it as vendor/plan',
        ),
    ],
)
def test_a_plan_that_is_not_there_or_not_one_is_an_error_with_choices(name: str, message: str) -> None:
    with pytest.raises((UnknownName, AmbiguousName)) as error:
        load_catalog().plan(name, MARCH)
    assert str(error.value) == message


def test_a_plan_in_another_currency_is_converted_at_the_rate_of_the_day_or_refused_by_name() -> None:
    plan = load_catalog().plan("zhipu/cn_lite", MARCH)
    assert plan.price.estimate.p50 == pytest.approx(49 / (7.9977 / 1.1555), rel=0.01)
    assert "converted at" in plan.source.note
    assert "CNY per USD of 2026-03-09, European Central Bank" in plan.source.note
    with pytest.raises(BadCatalogue) as error:
        load_catalog().plan("zhipu/cn_lite", date(2023, 5, 1))
    assert str(error.value).startswith(
        "plan/zhipu/cn_lite.price_per_month: no dated exchange rate for CNY on 2023-05-01: they run from 2024-01-02 to"
    )


def test_what_a_user_measured_is_a_limit_and_no_plan() -> None:
    assert load_catalog().plan("anthropic/pro", date(2026, 10, 1)).name == "Claude Pro"
    assert not [row for row in read_csv("plan.csv") if "measured" in row["plan_name"]]


def test_a_bare_plan_id_is_enough_where_one_vendor_uses_it() -> None:
    plan = load_catalog().plan("max_20x", MARCH)
    assert (plan.vendor, plan.price.estimate.p50, plan.price.unit) == ("anthropic", 200.0, "usd/month")


def test_the_version_of_a_plan_is_that_of_the_day() -> None:
    catalog = load_catalog()
    assert catalog.plan("zai/lite", date(2025, 12, 1)).name == "GLM Coding Plan Lite (early 2026)"
    assert catalog.plan("zai/lite", date(2026, 10, 1)).price.estimate.p50 == 18.0


def test_a_plan_that_ended_some_time_in_a_year_still_held_when_it_was_last_seen() -> None:
    catalog = load_catalog()
    assert [catalog.plan("zai/lite", date(2026, month, 9)).price.estimate.p50 for month in (3, 4)] == [10.0, 18.0]


def test_before_the_first_version_of_a_plan_the_first_is_taken() -> None:
    assert load_catalog().plan("google/ultra_100", date(2020, 1, 1)).price.estimate.p50 == 99.99


def test_total_and_active_parameters_move_together_and_keep_their_ranges() -> None:
    hypothesis = load_catalog().hypothesis("gpt-4o")
    assert hypothesis is not None
    active, total = hypothesis.active_param_count, hypothesis.total_param_count
    assert (total.draws > active.draws).all()
    assert [round(value / 1e9) for value in active.estimate[:3]] == pytest.approx([14, 40, 110], rel=0.02)
    assert [round(value / 1e9) for value in total.estimate[:3]] == pytest.approx([120, 280, 700], rel=0.25)


def test_a_model_without_hypothesis_has_none() -> None:
    assert load_catalog().hypothesis("swe-2-max") is None


def test_offers_are_one_a_host_and_hold_on_their_day() -> None:
    catalog = load_catalog()
    march = {offer.host: offer for offer in catalog.offers("kimi-k2.5", MARCH)}
    later = {offer.host: offer for offer in catalog.offers("kimi-k2.5", date(2026, 6, 20))}
    assert march["DeepInfra"].cache_read_usd_per_tok is None
    assert later["DeepInfra"].cache_read_usd_per_tok == pytest.approx(0.07e-6)
    assert "OpenRouter" not in march
    assert all(offer.valid_from is None or offer.valid_from <= MARCH for offer in march.values())
    assert catalog.offers("kimi-k2.5", date(2025, 1, 1)) == []


def test_the_two_market_bands_never_share_a_host() -> None:
    catalog = load_catalog()
    cached = market_prices("claude-opus-4-6", MARCH, catalog, cached=True)
    uncached = market_prices("claude-opus-4-6", MARCH, catalog, cached=False)
    assert cached is not None
    assert uncached is not None
    assert (cached.usd_per_tok["cache_read_tok"].draws < cached.usd_per_tok["input_tok"].draws).all()
    assert (uncached.usd_per_tok["cache_read_tok"].draws == uncached.usd_per_tok["input_tok"].draws).all()


def test_an_open_model_is_its_own_comparable() -> None:
    assert [row.model for row in load_catalog().comparables("kimi-k2.5", MARCH)] == ["kimi-k2.5"]


def test_the_seed_moves_the_draws_and_not_the_facts() -> None:
    one, other = (load_catalog(sampling=Sampling(seed=seed)) for seed in (1, 2))
    key = "fleet/default.slo_headroom_frac"
    assert (one.quantity(key).draws != other.quantity(key).draws).any()
    assert one.quantity(key).estimate.p50 == pytest.approx(other.quantity(key).estimate.p50, rel=1e-3)
    assert one.sha256 == other.sha256


def test_a_class_without_a_long_price_rises_as_the_input_does_and_says_so() -> None:
    named = [row for row in read_csv("retail.csv") if (row["model"], row["mode"]) == ("gpt-5.5", "flex")]
    tier = retail_price(named[0] | {"long_cache_read_usd_per_mtok": ""})
    assert (tier.input, tier.long_input, tier.cache_read) == (2_500_000, 5_000_000, 250_000)
    assert tier.long_cache_read == 500_000
    assert tier.derived == ("long_cache_read",)
    assert load_catalog().retail_on("gpt-5.5", date(2026, 11, 1), mode="flex").derived == ()
    assert load_catalog().retail_on("gpt-5.5", date(2026, 11, 1)).derived == ()


def test_a_host_that_lists_nothing_for_cached_reads_is_no_market_price() -> None:
    hosts = {offer.host: offer for offer in load_catalog().offers("qwen3.5-397b-a17b", date(2026, 11, 23))}
    assert "TensorMesh" not in hosts
    assert hosts["Wafer"].cache_write_usd_per_tok is None


def test_a_small_model_stands_beside_small_ones_and_an_unknown_one_beside_none() -> None:
    catalog = load_catalog()
    day = date(2026, 10, 1)
    assert [row.model for row in catalog.comparables("o3-mini", day)] == ["minimax-m2.5", "gpt-oss-120b"]
    assert catalog.comparables("gpt-4o-2024-11-20", day) == catalog.comparables("gpt-4o", day)
    assert catalog.comparables("swe-2-max", day) == []


def test_a_cell_of_a_table_is_a_quantity_in_base_units_too() -> None:
    catalog = load_catalog()
    bandwidth = catalog.quantity("accelerator/h200-sxm.hbm_bandwidth_gb_s")
    assert (bandwidth.name, bandwidth.unit) == ("hbm_bandwidth_bytes_per_s_per_accel", "bytes/(accel*s)")
    assert bandwidth.estimate.p50 == 4.8e12
    assert catalog.quantity("disclosure_line/oai25_rev.value").estimate.p50 == pytest.approx(13.07e9)
    context = catalog.quantity("workload/coding_agent.context_per_request_mean")
    assert context.unit == "tok"
    assert context.estimate[:3] == pytest.approx((122_000, 153_700, 236_000), rel=0.01)
    with pytest.raises(UnknownName) as error:
        catalog.quantity("accelerator/h200-sxm.hbm_gb_per_s")
    assert "accelerator/h200-sxm.hbm_gb" in error.value.nearest


def test_a_price_of_a_table_is_that_of_its_day() -> None:
    key = "retail/claude-opus-4-6.standard.long_input_usd_per_mtok"
    assert load_catalog().quantity(key, as_of=date(2026, 3, 1)).estimate.p50 == pytest.approx(10e-6)


def test_a_fact_that_is_newer_than_the_day_says_so() -> None:
    catalog = load_catalog()
    key = "margin/anthropic.gross_margin_frac"
    assert catalog.fact(key, as_of=date(2020, 1, 1)).source.note.endswith("newer than the day asked for, 2020-01-01")
    assert "newer" not in catalog.fact(key, as_of=MARCH).source.note


def test_a_total_that_its_owner_stated_keeps_its_range() -> None:
    hypothesis = load_catalog().hypothesis("grok-4.20-0309-reasoning")
    assert hypothesis is not None
    assert [value / 1e9 for value in hypothesis.total_param_count.estimate[:3]] == pytest.approx([450, 500, 700], 0.01)
    assert [value / 1e9 for value in hypothesis.active_param_count.estimate[:3]] == pytest.approx([10, 28, 75], 0.01)
