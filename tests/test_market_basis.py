"""The market basis: who stands in and why, faithful hosts, two bands, the fitted margin, and what a user may set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.bases import engine
from costbasis.catalog import Catalog, load_catalog
from costbasis.catalog.market.comparables import Target, nearest
from costbasis.catalog.market.margins import KEY
from costbasis.catalog.market.market import MarketPrices, faithful_offers, is_faithful, market_prices
from costbasis.catalog.market.mixes import agent_mix
from costbasis.catalog.market.traits import Traits
from costbasis.catalog.offers import headline_on, offers_on
from costbasis.provenance import leaves
from costbasis.quantity import Given
from costbasis.sampling import Floats

from .test_bases import OPUS, cell, table

MARCH, NOW = date(2026, 3, 9), date(2026, 11, 24)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def band(model: str, day: date, catalog: Catalog, *, cached: bool = True) -> MarketPrices:
    found = market_prices(model, day, catalog, cached=cached)
    assert found is not None
    return found


def mix_usd(prices: MarketPrices, catalog: Catalog) -> Floats:
    shares = agent_mix(catalog).shares
    return np.asarray(sum(share * prices.usd_per_tok[column].draws for column, share in shares.items()))


@pytest.mark.parametrize("model", [OPUS, "claude-haiku-4-5", "gpt-5.5", "mixtral-8x22b"])
@pytest.mark.parametrize("day", [MARCH, NOW])
def test_weights_are_shares_heaviest_first(model: str, day: date, catalog: Catalog) -> None:
    found = catalog.comparables(model, day)
    weights = [one.weight for one in found]
    if not found:
        assert catalog.hypothesis(model) is None
        return
    assert sum(weights) == pytest.approx(1.0)
    assert weights == sorted(weights, reverse=True)
    assert all(faithful_offers(one.model, day, catalog) for one in found)
    assert all(catalog.offered_models[one.model] <= day for one in found)


def test_a_large_model_stands_beside_larger_ones_than_a_small_one_does(catalog: Catalog) -> None:
    def active(model: str) -> float:
        rows = [(one, catalog.architecture(one.model)) for one in catalog.comparables(model, NOW)]
        sizes = [
            (one.weight, float(row["active_params_b"] or row["active_params_b_computed"])) for one, row in rows if row
        ]
        return sum(weight * np.log(size) for weight, size in sizes)

    assert active(OPUS) > active("claude-sonnet-4-6") > active("claude-haiku-4-5")


def test_without_a_hypothesis_the_table_of_names_decides_and_says_so(catalog: Catalog) -> None:
    assert catalog.hypothesis("o3-mini") is None
    found = catalog.comparables("o3-mini", date(2026, 10, 1))
    assert [one.model for one in found] == ["minimax-m2.5", "gpt-oss-120b"]
    assert {one.why for one in found} == {"named for its tier: small"}


SIZES = st.floats(1e9, 1e12)


@st.composite
def candidates(draw: st.DrawFn) -> list[Traits]:
    count = draw(st.integers(1, 6))
    return [
        Traits(
            model=f"m{index}",
            total_param_count=draw(SIZES) * 2,
            active_param_count=draw(SIZES),
            kv_bytes_per_tok=draw(st.floats(1e4, 5e5)),
            attention=draw(st.sampled_from(["full", "latent"])),
            context_tok=draw(st.sampled_from([None, 200_000])),
            listed=NOW - timedelta(days=draw(st.integers(0, 900))),
        )
        for index in range(count)
    ]


def like(one: Traits, attention: str | None = None) -> Target:
    sizes = (one.total_param_count, one.active_param_count, one.kv_bytes_per_tok)
    return Target(*(np.asarray(size) for size in sizes), attention)


@given(found=candidates())
@settings(max_examples=40, deadline=None)
def test_a_version_more_of_a_line_adds_no_weight_to_the_line(found: list[Traits]) -> None:
    catalog = load_catalog()
    target = like(found[0])
    twin = replace(found[0], model="twin")
    size = (twin.active_param_count, twin.kv_bytes_per_tok)
    line = {"twin", *(one.model for one in found if (one.active_param_count, one.kv_bytes_per_tok) == size)}

    def weight(models: list[Traits]) -> float:
        return sum(one.weight for one in nearest(target, models, NOW, catalog) if one.model in line)

    if len(line) == 2:
        assert weight([*found, twin]) == pytest.approx(weight(found), abs=0.03)


@given(found=candidates())
@settings(max_examples=40, deadline=None)
def test_of_two_models_the_nearer_in_size_weighs_more_and_so_does_the_newer(found: list[Traits]) -> None:
    catalog = load_catalog()
    one = replace(found[0], context_tok=None)
    far = replace(one, model="far", active_param_count=one.active_param_count * 3)
    old = replace(
        one, model="old", listed=one.listed - timedelta(days=400), kv_bytes_per_tok=one.kv_bytes_per_tok * 1.001
    )
    weight = {row.model: row.weight for row in nearest(like(one), [one, far, old], NOW, catalog)}
    assert weight[one.model] > weight.get("far", 0.0)
    assert weight[one.model] > weight.get("old", 0.0)


def test_a_model_whose_window_is_too_short_stands_for_nobody(catalog: Catalog) -> None:
    one = Traits("short", 1e11, 1e10, 1e5, "full", 40_960, NOW)
    assert nearest(like(one), [one], NOW, catalog) == []


def test_another_attention_class_halves_the_weight(catalog: Catalog) -> None:
    same = Traits("same", 1e11, 1e10, 1e5, "full", None, NOW)
    other = replace(same, model="other", attention="latent", kv_bytes_per_tok=1.0001e5)
    weight = {one.model: one.weight for one in nearest(like(same, "full"), [same, other], NOW, catalog)}
    assert weight["same"] / weight["other"] == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("model", "precision", "counts"),
    [
        ("llama-3.3-70b", "fp8", False),
        ("llama-3.3-70b", "bf16", True),
        ("deepseek-v3.2", "fp8", True),
        ("deepseek-v3.2", "nvfp4", False),
        ("kimi-k2.5", "int4", True),
        ("llama-3.3-70b", "", True),
        ("deepseek-v4.1-flash", "fp8", True),
        ("deepseek-v4.1-flash", "fp4", False),
    ],
)
def test_a_host_below_the_models_own_precision_is_not_faithful(
    model: str, precision: str, counts: bool, catalog: Catalog
) -> None:
    offer = replace(catalog.offers(model, NOW)[0], precision=precision)
    assert is_faithful(offer, catalog) is counts


def offer_row(**cells: str) -> dict[str, str]:
    plain = {
        "model": "m", "provider": "Host", "route": "direct", "variant": "", "quality_flags": "", "quantisation": "",
        "input_usd_per_mtok": "1", "cached_input_usd_per_mtok": "0.1", "cache_write_usd_per_mtok": "",
        "output_usd_per_mtok": "4", "valid_from": "2026-01-01", "valid_to": "", "observed": "2026-01-01",
        "source": "s", "source_ref": "", "confidence": "medium", "date_basis": "documented", "note": "",
    }  # fmt: skip
    return plain | cells


def test_one_host_at_two_precisions_is_two_offers_and_an_unstated_row_joins_the_one_stated() -> None:
    both = [offer_row(quantisation="fp8"), offer_row(quantisation="fp4", input_usd_per_mtok="0.5")]
    assert [one.precision for one in offers_on(both, MARCH)] == ["fp4", "fp8"]
    joined = offers_on([offer_row(quantisation="fp8"), offer_row(source="other")], MARCH)
    assert [(one.precision, one.agreeing) for one in joined] == [("fp8", 2)]


def test_the_headline_is_never_a_host() -> None:
    rows = [offer_row(), offer_row(provider="OpenRouter", route="openrouter_model", input_usd_per_mtok="0.04")]
    assert [one.host for one in offers_on(rows, MARCH)] == ["Host"]
    headline = headline_on(rows, MARCH)
    assert headline is not None
    assert headline.host == "OpenRouter"
    assert headline_on([offer_row()], MARCH) is None


def test_kimi_alone_is_the_rung_of_the_debate(catalog: Catalog) -> None:
    """The debate's rungs: Kimi K2.5 in the book of March 2026 is about 17 % of list, 68 % without a cached price."""
    price = catalog.retail_on(OPUS, MARCH)
    by_column = {
        "input_tok": price.input,
        "cache_write_5m_tok": price.cache_write_5m,
        "cache_read_tok": price.cache_read,
    }
    shares = agent_mix(catalog).shares
    listed = sum(share * (by_column.get(column) or price.output) for column, share in shares.items()) / 1e12
    cached, uncached = (mix_usd(band("kimi-k2.5", MARCH, catalog, cached=priced), catalog) for priced in (True, False))
    assert np.median(cached) / listed == pytest.approx(0.17, abs=0.02)
    assert np.median(uncached) / listed == pytest.approx(0.68, abs=0.08)


def test_the_interval_of_the_market_is_wider_than_one_side(catalog: Catalog) -> None:
    p10, p50, p90 = np.quantile(mix_usd(band(OPUS, MARCH, catalog), catalog), (0.1, 0.5, 0.9))
    assert p10 * 1.2 < p50
    assert p50 * 1.2 < p90


def test_the_weights_and_the_hosts_are_in_the_source_of_the_price(catalog: Catalog) -> None:
    found = band(OPUS, MARCH, catalog)
    past = found.usd_per_tok["cache_read_tok"].past
    assert isinstance(past, Given)
    for one in found.comparables:
        assert f"{one.model} {one.weight:.1%}: " in past.source.note
    for offer in found.offers:
        assert offer.host in past.source.note


@pytest.mark.slow
def test_more_tokens_a_task_raise_the_market_alone() -> None:
    plain, twice = (
        engine.value(table([cell()]), load_catalog(overrides=overrides))
        for overrides in ((), ("market/default.tokens_per_task=2",))
    )
    assert twice["market"].total.estimate.p50 == pytest.approx(2 * plain["market"].total.estimate.p50)
    assert twice["serving"].total.estimate == plain["serving"].total.estimate


def test_the_margin_is_the_fit_of_the_audited_disclosures(catalog: Catalog) -> None:
    """Student's t with four degrees of freedom has its p90 at 1.533; the five margins are those of the filings."""
    cost = np.log(1 - np.array([0.761, 0.31, 0.034, -0.004, 0.694]))
    wide = 1.5332 * cost.std(ddof=1) * np.sqrt(1.2)
    fact = catalog.fact(KEY)
    expected = [1 - np.exp(cost.mean() + step) for step in (wide, 0.0, -wide)]
    assert [fact.low, fact.mid, fact.high] == pytest.approx(expected, rel=1e-3)
    assert fact.source.place.count("disclosure_line/") == 5
    for place in fact.source.place.split("; "):
        assert catalog.fact(place).source.trust == "A"


def test_the_fitted_margin_can_be_set_like_any_fact() -> None:
    catalog = load_catalog(overrides=[f"{KEY}=0.2..0.4"])
    assert catalog.quantity(KEY).estimate.p10 == pytest.approx(0.2, abs=0.01)
    market = engine.value(table([cell()]), catalog)["serving"].parts["route:market"]
    assert any(
        isinstance(leaf.past, Given) and leaf.past.source.status == "override" for leaf in leaves(market).values()
    )


def test_a_dearer_stand_in_rule_can_be_set_and_moves_the_weights() -> None:
    wide: Any = load_catalog(overrides=["comparable/kernel.active_fold=8", "comparable/kernel.total_fold=8"])
    assert len(wide.comparables(OPUS, MARCH)) > len(load_catalog().comparables(OPUS, MARCH))
