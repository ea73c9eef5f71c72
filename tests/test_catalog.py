"""The catalogue: names, as-of, overrides, plans, offers, and the messages when something is not there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.market import market_prices
from costbasis.errors import AmbiguousName, BadCatalogue, BadOverride, UnknownName, UnreadableInput
from costbasis.sampling import Sampling

MARCH = date(2026, 3, 9)


def test_an_unknown_model_names_the_nearest_known_ones() -> None:
    with pytest.raises(UnknownName) as error:
        load_catalog().find_model("opus-4-6x", where="s.jsonl:88")
    assert str(error.value) == (
        's.jsonl:88: unknown model "opus-4-6x"; did you mean "opus-4-6", "opus-4.6" or "opus-4-8"?\n'
        "hint: costbasis catalog retail lists the models"
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


def test_a_plan_in_another_currency_is_refused_by_name() -> None:
    with pytest.raises(BadCatalogue, match="the price is in CNY"):
        load_catalog().plan("zhipu/cn_lite", MARCH)


def test_a_bare_plan_id_is_enough_where_one_vendor_uses_it() -> None:
    plan = load_catalog().plan("max_20x", MARCH)
    assert (plan.vendor, plan.price.estimate.p50, plan.price.unit) == ("anthropic", 200.0, "usd/month")


def test_the_version_of_a_plan_is_that_of_the_day() -> None:
    catalog = load_catalog()
    assert catalog.plan("zai/lite", date(2025, 12, 1)).name == "GLM Coding Plan Lite (early 2026)"
    assert catalog.plan("zai/lite", date(2026, 10, 1)).price.estimate.p50 == 18.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", '--set: "nonsense" sets nothing\nhint: write --set fleet/default.mbu_frac=0.7..0.9'),
        (
            "fleet/default.mbu_frac=a..b",
            '--set: "a..b" is not a value for fleet/default.mbu_frac\n'
            "hint: write one number, low..high, or low..mid..high",
        ),
        (
            "fleet/default.mbu_frac=0.9..0.7",
            '--set: "0.9..0.7" is not a value for fleet/default.mbu_frac\n'
            "hint: write one number, low..high, or low..mid..high",
        ),
    ],
)
def test_an_override_that_cannot_be_read_shows_the_form_that_is_meant(text: str, message: str) -> None:
    with pytest.raises(BadOverride) as error:
        load_catalog(overrides=[text])
    assert str(error.value) == message


def test_an_override_of_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        load_catalog(overrides=["fleet/default.mbu=0.7"])
    assert error.value.nearest[0].startswith("fleet/default.mbu_frac")


def test_an_override_moves_the_value_the_hash_and_the_source() -> None:
    plain, laid = load_catalog(), load_catalog(overrides=["fleet/default.mbu_frac=0.6..0.7"])
    assert laid.quantity("fleet/default.mbu_frac").estimate.p50 == pytest.approx(0.65, abs=0.01)
    assert plain.sha256 != laid.sha256
    assert laid.fact("fleet/default.mbu_frac").source.citation == "set by the user"


def test_a_share_set_outside_its_range_is_refused_with_its_key() -> None:
    with pytest.raises(BadCatalogue) as error:
        load_catalog(overrides=["fleet/default.mbu_frac=0.5..1.5"]).quantity("fleet/default.mbu_frac")
    assert str(error.value).startswith("fleet/default.mbu_frac: a share must lie in 0..1, not 0.5..1.5")


def test_a_cell_of_a_table_can_be_set() -> None:
    catalog = load_catalog(
        overrides=["retail/claude-opus-4-6.standard.input_usd_per_mtok=6", "plan/anthropic/max_20x.price_per_month=100"]
    )
    assert catalog.retail_on("claude-opus-4-6", MARCH).input == 6_000_000
    assert catalog.retail_on("claude-opus-4-6", MARCH).source.status == "override"
    assert catalog.plan("max_20x", MARCH).price.estimate.p50 == 100.0


def test_a_hypothesis_can_be_set() -> None:
    catalog = load_catalog(overrides=["hypothesis/opus-4.5-4.7.active_params_b=90..100..110"])
    hypothesis = catalog.hypothesis("claude-opus-4-6")
    assert hypothesis is not None
    assert hypothesis.active_param_count.estimate.p50 == pytest.approx(100e9, rel=0.01)


def test_a_scenario_file_is_overrides_by_key(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('"fleet/default.mbu_frac" = "0.6..0.7"\n["opportunity"]\n"x" = 1\n')
    with pytest.raises(UnknownName):
        load_catalog(scenario=path)
    path.write_text('"fleet/default.mbu_frac" = [0.6, 0.65, 0.7]\n')
    assert load_catalog(scenario=path).fact("fleet/default.mbu_frac").low == 0.6
    path.write_text("not toml at all =\n")
    with pytest.raises(BadOverride, match="not valid TOML"):
        load_catalog(scenario=path)
    with pytest.raises(UnreadableInput):
        load_catalog(scenario=tmp_path / "nowhere.toml")


def test_total_and_active_parameters_move_together_and_keep_their_ranges() -> None:
    hypothesis = load_catalog().hypothesis("claude-opus-4-6")
    assert hypothesis is not None
    active, total = hypothesis.active_param_count, hypothesis.total_param_count
    assert (total.draws > active.draws).all()
    assert [round(value / 1e9) for value in active.estimate[:3]] == pytest.approx([28, 75, 200], rel=0.02)
    assert [round(value / 1e9) for value in total.estimate[:3]] == pytest.approx([700, 1700, 4500], rel=0.15)


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
    read = cached.usd_per_tok["cache_read_tok"]
    assert read.estimate.p90 < cached.usd_per_tok["input_tok"].estimate.p10
    assert (uncached.usd_per_tok["cache_read_tok"].draws == uncached.usd_per_tok["input_tok"].draws).all()


def test_an_open_model_is_its_own_comparable() -> None:
    assert [row.model for row in load_catalog().comparables("kimi-k2.5", MARCH)] == ["kimi-k2.5"]


def test_the_seed_moves_the_draws_and_not_the_facts() -> None:
    one, other = (load_catalog(sampling=Sampling(seed=seed)) for seed in (1, 2))
    key = "fleet/default.mbu_frac"
    assert (one.quantity(key).draws != other.quantity(key).draws).any()
    assert one.quantity(key).estimate.p50 == pytest.approx(other.quantity(key).estimate.p50, rel=1e-3)
    assert one.sha256 == other.sha256
