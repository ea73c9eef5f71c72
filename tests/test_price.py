"""``costbasis price``: exact list money over time, every host, two bands or a labelled prediction, clear refusals."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.catalog import Catalog, load_catalog
from costbasis.cli.price import count
from costbasis.errors import BadArgument
from costbasis.mixprice.hosted import host_prices, market_of
from costbasis.mixprice.listed import history, list_on, list_over_time
from costbasis.mixprice.mix import token_mix
from costbasis.usage.events import TokenCounts

from .command import Run

MARCH, APRIL, NOW = date(2026, 3, 1), date(2026, 4, 1), date(2026, 11, 24)
OPUS = "claude-opus-4-6"
TOKENS = st.integers(0, 10**9)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def list_usd(counts: TokenCounts, day: date, catalog: Catalog, *, context_tok: int = 1000) -> float:
    found = list_on(list_over_time(OPUS, token_mix(counts, context_tok, catalog), catalog), day)
    assert found is not None
    return found.value.tokens / 1e12


def test_published_spot_checks_of_a_long_prompt(catalog: Catalog) -> None:
    """250,000 input and 1,000 output tokens of Opus 4.6: the tier above 200,000 ended on 2026-03-13."""
    counts = TokenCounts(input_tok=250_000, output_tok=1_000)
    assert list_usd(counts, MARCH, catalog, context_tok=250_000) == 2.5375
    assert list_usd(counts, APRIL, catalog, context_tok=250_000) == 1.275
    assert list_usd(counts, MARCH, catalog, context_tok=200_000) == 1.275


def test_a_mix_costs_what_its_request_costs_in_the_walk(catalog: Catalog) -> None:
    """docs/walk.md prices the same request from a log line."""
    counts = TokenCounts(input_tok=700, cache_write_5m_tok=1_920, cache_read_tok=96_950, output_tok=430)
    assert list_usd(counts, APRIL, catalog) == 0.074725


@given(counts=st.builds(TokenCounts, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS), times=st.integers(2, 50))
@settings(max_examples=25, deadline=None)
def test_list_is_exact_and_linear_in_the_mix(counts: TokenCounts, times: int) -> None:
    catalog = load_catalog()
    if not sum(counts):
        return
    more = TokenCounts(*(times * one for one in counts))
    plain, scaled = (list_over_time(OPUS, token_mix(one, 1000, catalog), catalog) for one in (counts, more))
    assert [one.value.tokens * times for one in plain] == [one.value.tokens for one in scaled]
    assert all(one.value.total <= one.value.total_max for one in plain)


@given(value=st.integers(0, 10**15))
def test_a_count_reads_back_however_it_is_written(value: int) -> None:
    assert count(str(value), "--input") == count(f"{value:_}", "--input") == count(f"{value:,}", "--input") == value
    assert count(f"{value / 1000:.3f}k", "--input") == value if value < 10**12 else True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-5", "--input: -5 tokens are fewer than none\nhint: leave out what there is none of"),
        ("abc", '--input: "abc" is no count of tokens\nhint: write it as 1M, 250k or 1_000_000'),
        ("1e6", '--input: "1e6" is no count of tokens\nhint: write it as 1M, 250k or 1_000_000'),
        ("", '--input: "" is no count of tokens\nhint: write it as 1M, 250k or 1_000_000'),
        ("nan", '--input: "nan" is no count of tokens\nhint: write it as 1M, 250k or 1_000_000'),
        ("1.5", '--input: "1.5" is not a whole number of tokens\nhint: write it as 1M or 250k'),
        ("9999T", '--input: "9999T" is more than 1,000,000,000,000,000 tokens\nhint: check the letter behind it'),
    ],
)
def test_what_is_no_count_is_refused_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(BadArgument) as error:
        count(text, "--input")
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("opus-4-6x",),
            'costbasis: unknown model "opus-4-6x"; did you mean "opus-4-6", "opus-4.6" or "opus-4-8"?\n'
            "hint: costbasis catalog retail lists the models, costbasis catalog aliases their other names\n",
        ),
        (
            (OPUS, "--input", "0"),
            "costbasis: the mix holds no tokens\n"
            "hint: give one, such as --input 1M, or none for a coding agent's mix\n",
        ),
        (
            (OPUS, "--as-of", "2020-01-01"),
            "costbasis: --as-of: claude-opus-4-6 has no price on 2020-01-01: the first one known is of 2026-02-05\n"
            "hint: ask for 2026-02-05 or later\n",
        ),
        (
            ("kimi-k2.5", "--as-of", "2025-01-01"),
            "costbasis: --as-of: kimi-k2.5 has no price on 2025-01-01: the first one known is of 2026-01-27\n"
            "hint: ask for 2026-01-27 or later\n",
        ),
    ],
)
def test_bad_input_ends_in_three_parts_and_status_2(words: tuple[str, ...], message: str, home: Path) -> None:
    run = Run(home, "price", *words)
    assert (run.status, run.out, run.err) == (2, "", message)


FIELDS = {"model", "mix", "list", "offers", "market", "serving_usd", "list_over_serving", "history", "list_now_usd"}
ESTIMATE = {"p10", "p50", "p90", "mean"}


def test_the_json_keeps_its_contract(home: Path) -> None:
    price: Any = Run(home, "price", OPUS, "--json").json
    assert price["schema"] == "costbasis.price/1"
    assert set(price) >= FIELDS | {"as_of", "version", "seed", "catalogue_sha256", "warnings"}
    assert price["mix"]["cache_read"] == 969_500
    assert price["mix"]["is_default"] is True
    for row in price["list"]:
        assert set(row) >= {"from", "to", "mode", "usd"}
        assert isinstance(row["usd"], str)
    assert {row["mode"] for row in price["list"]} == {"standard", "batch", "fast"}
    for row in price["offers"]:
        assert set(row) >= {"host", "precision", "usd", "cached", "from", "observed", "source"}
    market = price["market"]
    assert set(market["cached_hosts"]) == set(market["uncached_hosts"]) == ESTIMATE
    counted = [row for row in price["offers"] if row["weight_frac"] > 0]
    assert sum(row["cached"] for row in counted) == market["n_cached"]
    assert sum(not row["cached"] for row in counted) == market["n_uncached"]
    assert sum(row["weight_frac"] for row in counted if row["cached"]) == pytest.approx(1.0)
    assert sum(row["weight_cached_frac"] for row in market["comparables"]) == pytest.approx(1.0)
    assert market["predicted"] is False
    assert set(price["serving_usd"]) == set(price["list_over_serving"]) == ESTIMATE


@pytest.mark.slow
@pytest.mark.parametrize("model", [OPUS, "kimi-k2.5", "mixtral-8x22b", "gpt-5.4"])
def test_the_text_fits_80_columns(model: str, home: Path) -> None:
    lines = Run(home, "price", model).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("Market") for line in lines)


@pytest.mark.slow
def test_a_model_that_no_host_sells_is_predicted_and_says_so(home: Path) -> None:
    price: Any = Run(home, "price", "mixtral-8x22b", "--json").json
    market = price["market"]
    assert market["predicted"] is True
    assert (market["n_cached"], market["n_uncached"], price["offers"]) == (0, 0, [])
    assert market["cached_hosts"]["p50"] < market["uncached_hosts"]["p50"]
    assert 0 < market["cached_share_frac"] < 1
    assert [warn["kind"] for warn in price["warnings"]] == ["market_predicted"]
    assert price["serving_usd"]["p10"] > 0
    assert price["list_over_serving"] is None
    assert price["list"] == []


def test_every_host_of_an_open_model_is_listed_and_the_headline_is_apart(catalog: Catalog) -> None:
    mix = token_mix(None, None, catalog)
    rows = host_prices("kimi-k2.5", mix, NOW, market_of("kimi-k2.5", mix, NOW, catalog), catalog)
    offers = catalog.offers("kimi-k2.5", NOW)
    assert {(row.offer.host, row.offer.precision) for row in rows} == {(one.host, one.precision) for one in offers}
    assert [row.usd for row in rows] == sorted(row.usd for row in rows)
    headline = catalog.headline("kimi-k2.5", NOW)
    assert headline is not None
    assert headline.host not in {row.offer.host for row in rows}
    assert all(row.weight > 0 for row in rows if row.is_faithful)


@pytest.mark.slow
def test_segments_at_the_same_price_are_one_line_of_the_text(home: Path) -> None:
    said = Run(home, "price", "claude-opus-4-6", "--as-of", "2026-04-01").out
    assert "standard   2026-02-05 – now                0.7472 ████" in said
    long = Run(home, "price", "claude-opus-4-6", "--as-of", "2026-04-01", "--context", "300k").out
    assert "2026-02-05 – 2026-03-13" in long and "2026-03-13 – now" in long


def test_what_changed_and_when_in_words(catalog: Catalog) -> None:
    said = {(str(one.day), one.mode): one.says for one in history(OPUS, catalog)}
    assert said["2026-02-05", "standard"] == "first known price: input 5, cached 0.5, output 25 $/MTok"
    assert said["2026-03-13", "standard"] == "long prompts (above 200,000 tokens) cost no more"
    assert said["2026-04-08", "fast"] == "first known price: input 30, cached 3, output 150 $/MTok"
    assert said["2026-08-06", "fast"] == "ends"
    days = [one.day or date.min for one in history(OPUS, catalog)]
    assert days == sorted(days)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pointer", "needle"),
    [
        ("/serving_usd", "one_of_these_in_each_draw"),
        ("/market/cached_hosts", "tokens_per_task"),
        ("/list/0/usd", "model-prices"),
        ("/list_over_serving/p50", "list_over_serving"),
    ],
)
def test_every_number_of_a_price_can_be_explained(pointer: str, needle: str, home: Path) -> None:
    run = Run(home, "explain", "--of", f"price {OPUS}", pointer, "--json")
    assert run.status == 0, run.err
    assert needle in run.out
    assert run.json["tree"]["value"]["p50"] > 0


@pytest.mark.slow
def test_an_open_model_without_a_list_price_has_its_serving_and_no_mark_up(home: Path) -> None:
    """Routes that take a share of list are not walked: what is not known is not 0."""
    told = Run(home, "price", "glm-4.6", "--json")
    assert told.json["list"] == []
    assert told.json["list_over_serving"] is None
    serving = told.json["serving_usd"]
    assert 0 < serving["p10"] < serving["p50"] < serving["p90"]
    text = Run(home, "price", "glm-4.6").out
    assert "no list price to set against it" in text


def test_a_model_that_nobody_knows_the_inside_of_and_nobody_lists_has_no_serving(home: Path) -> None:
    told = Run(home, "price", "kimi-k3.1-pro", "--json")
    assert told.json["list"] == []
    assert told.json["serving_usd"] is None or told.json["serving_usd"]["p10"] > 0
