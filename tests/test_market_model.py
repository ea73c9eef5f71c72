"""The market price model: no leak of the model's own price, no dependence on the currency, as good as stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.catalog import Catalog, load_catalog
from costbasis.catalog.market.kriging import covariance, kriged
from costbasis.catalog.market.mixes import agent_mix, chat_mix
from costbasis.catalog.market.pricemodel import Predicted, Sold, predict
from costbasis.catalog.market.sold import sold_on, traits
from costbasis.catalog.offers import Offer
from costbasis.sampling import Sampling
from costbasis.validation import discover, regression
from costbasis.validation.market import headline

from .command import Run

FEW = Sampling(1, 400)
NAMES = ("kimi-k2.5", "qwen3-32b", "deepseek-v4-flash")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def today(catalog: Catalog) -> list[Sold]:
    return sold_on(catalog.newest_observation, catalog)


@pytest.fixture(scope="module")
def scores(catalog: Catalog, today: list[Sold]) -> tuple[dict[str, Any], dict[str, Any]]:
    return headline(catalog, today, agent_mix(catalog).shares, chat_mix(catalog).shares)


def dearer(offer: Offer, times: float) -> Offer:
    read = offer.cache_read_usd_per_tok
    write = offer.cache_write_usd_per_tok
    return replace(
        offer,
        input_usd_per_tok=offer.input_usd_per_tok * times,
        output_usd_per_tok=offer.output_usd_per_tok * times,
        cache_read_usd_per_tok=None if read is None else read * times,
        cache_write_usd_per_tok=None if write is None else write * times,
    )


def predicted(name: str, sold: list[Sold], catalog: Catalog) -> Predicted:
    target = traits(name, catalog)
    assert target is not None
    found = predict(target, sold, agent_mix(catalog).shares, FEW)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_models_own_offers_are_never_used(name: str, catalog: Catalog, today: list[Sold]) -> None:
    odd = [
        replace(sold, offers=[dearer(offer, 1000.0) for offer in sold.offers]) if sold.traits.model == name else sold
        for sold in today
    ]
    assert np.array_equal(predicted(name, odd, catalog).median_usd, predicted(name, today, catalog).median_usd)
    without = [sold for sold in today if sold.traits.model != name]
    assert np.array_equal(predicted(name, without, catalog).median_usd, predicted(name, today, catalog).median_usd)
    assert name not in predicted(name, today, catalog).weights


@given(times=st.floats(0.01, 100))
@settings(max_examples=5, deadline=None)
def test_prices_in_another_currency_give_the_same_market_in_that_currency(times: float) -> None:
    catalog = load_catalog()
    sold = sold_on(date(2026, 6, 30), catalog)
    other = [replace(one, offers=[dearer(offer, times) for offer in one.offers]) for one in sold]
    plain, scaled = predicted(NAMES[0], sold, catalog), predicted(NAMES[0], other, catalog)
    assert scaled.median_usd == pytest.approx(plain.median_usd * times, rel=1e-6)
    assert scaled.cached_share == pytest.approx(plain.cached_share)


def test_the_median_lies_between_the_two_bands_and_cached_hosts_are_cheaper_for_an_agent(
    catalog: Catalog, today: list[Sold]
) -> None:
    for name in NAMES:
        found = predicted(name, today, catalog)
        low = np.minimum(found.cached.median_usd, found.uncached.median_usd)
        high = np.maximum(found.cached.median_usd, found.uncached.median_usd)
        assert (found.median_usd >= low * 0.999).all()
        assert (found.median_usd <= high * 1.001).all()
        assert np.median(found.cached.median_usd) < np.median(found.uncached.median_usd)
        assert ((found.cached_share > 0) & (found.cached_share < 1)).all()


def test_too_few_models_say_nothing(catalog: Catalog, today: list[Sold]) -> None:
    target = traits(NAMES[0], catalog)
    assert target is not None
    assert predict(target, today[:5], agent_mix(catalog).shares, FEW) is None
    assert predict(target, [], agent_mix(catalog).shares, FEW) is None


@given(
    values=st.lists(st.floats(-3, 3), min_size=2, max_size=8),
    shift=st.floats(-5, 5),
    length=st.floats(0.3, 3),
)
@settings(deadline=None)
def test_kriging_is_linear_in_what_is_known_and_more_noise_is_never_less_doubt(
    values: list[float], shift: float, length: float
) -> None:
    known = np.array(values)
    points = np.arange(len(known), dtype=float)[:, None]
    prior = covariance(points, points, 1.0, length, 1.0, 0.25)
    new = covariance(points + 0.4, points, 1.0, length, 1.0, 0.25)
    own = np.diag(covariance(points + 0.4, points + 0.4, 1.0, length, 1.0, 0.25))
    quiet, loud = (kriged(known, np.full(len(known), noise), prior, new, own) for noise in (0.1, 1.0))
    moved = kriged(known + shift, np.full(len(known), 0.1), prior, new, own)
    assert moved.mean - quiet.mean == pytest.approx(quiet.weights.sum(axis=1) * shift, abs=1e-6)
    assert (loud.variance >= quiet.variance - 1e-9).all()


def test_the_mixes_are_shares_of_all_tokens(catalog: Catalog) -> None:
    for mix in (agent_mix(catalog), chat_mix(catalog)):
        assert sum(mix.shares.values()) == pytest.approx(1.0)
    assert agent_mix(catalog).shares["cache_read_tok"] == pytest.approx(0.9695)


@pytest.mark.slow
def test_the_model_is_as_good_as_promised_and_no_worse_than_stored(
    scores: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """At most 40 % off for an agent's mix and 28 % for chat's; 80 % intervals hold 70 to 90 % of the truths."""
    agent, chat = scores
    assert agent["n"] >= 50
    assert agent["mdape"] <= 0.40
    assert chat["mdape"] <= 0.28
    assert 0.7 <= agent["coverage80"] <= 0.9
    assert 0.7 <= chat["coverage80"] <= 0.9
    fresh = regression.summary(agent | {"sets": [chat]})
    stored = regression.stored("market")
    assert {name: stored[name] for name in fresh} == pytest.approx(fresh, abs=0.01), (
        "numbers moved: say so in the changelog and run python -m costbasis.validation.regression market"
    )


@pytest.mark.slow
def test_the_model_beats_the_baselines_one_would_try_first(scores: tuple[dict[str, Any], dict[str, Any]]) -> None:
    agent, _ = scores
    assert {peer["name"] for peer in agent["peers"]} >= {"nearest in size", "a tenth of claude-opus-4-6 list"}
    assert all(agent["mdape"] < peer["mdape"] for peer in agent["peers"])


@pytest.mark.slow
def test_no_set_of_the_whole_validation_is_worse_than_stored(catalog: Catalog) -> None:
    result = discover()["market"].validate(catalog, None)
    assert regression.worse("market", result) == []
    ever = {one["set"]: one for one in result["sets"]}
    assert ever["agent mix, all rows ever listed"]["mdape"] <= 0.40
    assert ever["chat mix, all rows ever listed"]["mdape"] <= 0.28
    assert [row["by"] for row in result["groups"]].count("model") == result["n"]


def test_a_file_of_measurements_is_refused_with_a_reason(tmp_path: Path) -> None:
    run = Run(tmp_path, "validate", "market", "--measured", "x.csv")
    assert run.status == 2
    assert run.err == (
        "costbasis: --measured: the market is validated on the catalogue's own offers\nhint: leave --measured out\n"
    )
