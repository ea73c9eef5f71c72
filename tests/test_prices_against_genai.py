"""List prices against genai-prices: every disagreement is listed with who is right and why; known spot checks."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.book.compiled import read_book
from costbasis.catalog.tables import read_csv
from costbasis.usage.pricing.epochs import PriceBook
from tests.retail_check import (
    FIRST,
    LAST,
    METERS,
    PAGE,
    cases_on,
    listed,
    on_day,
    page,
    reason_for,
    shared_models,
    states,
    sweep,
    their_model,
    their_price,
)

CATALOG = load_catalog()
BOOK = PriceBook.from_catalog(CATALOG)


def test_500_random_mixes_cost_the_same_or_differ_for_a_listed_reason() -> None:
    """A model, a day and a mix: what the whole request costs here and by genai-prices' own calculation."""
    from genai_prices import Usage

    draw = random.Random(20261125)
    models, agreed, tried = shared_models(CATALOG), 0, 0
    while tried < 500:
        model = draw.choice(models)
        day = FIRST + timedelta(days=draw.randrange((LAST - FIRST).days))
        price, entry = on_day(CATALOG, model, day), their_model(CATALOG, model)
        if price is None:
            continue
        theirs = entry.get_prices(datetime.combine(day, time(12), UTC))
        both = [meter for meter in METERS if their_price(theirs, meter, False) is not None and states(price, meter)]
        if not {"input", "output"} <= set(both):
            continue
        tried += 1
        mix = {meter: draw.choice((0, draw.randrange(1, 60_000), draw.randrange(1, 400_000))) for meter in both}
        epoch = BOOK.epoch(price, "", 0)
        prompt = sum(tokens for meter, tokens in mix.items() if meter != "output")
        ours = epoch.long if prompt > epoch.long_above_tok else epoch.short
        our_usd = sum(Decimal(getattr(ours, meter)) * tokens for meter, tokens in mix.items()) / 10**12
        writes = mix.get("cache_write_5m", 0) + mix.get("cache_write_1h", 0)
        usage = Usage(
            input_tokens=prompt,
            cache_read_tokens=mix.get("cache_read"),
            cache_write_tokens=writes or None,
            cache_write_1h_tokens=mix.get("cache_write_1h") or None,
            output_tokens=mix["output"],
        )
        their_usd = theirs.calc_price(usage)["total_price"]
        if our_usd == their_usd:
            agreed += 1
            continue
        differing = [case for case in cases_on(CATALOG, BOOK, model, day) if not case.agrees]
        assert differing, (model, day, mix, our_usd, their_usd)
        for case in differing:
            assert reason_for(case), case
    assert agreed >= 460


@pytest.mark.slow
def test_every_disagreement_of_the_sweep_is_listed_and_the_page_is_fresh() -> None:
    compared, found = sweep()
    unlisted = [case for case in found if reason_for(case) is None]
    assert unlisted == []
    needed = {id(reason_for(case)) for case in found}
    assert [row["model"] for row in listed() if id(row) not in needed] == [], "listed, and no disagreement any more"
    assert PAGE.read_text(encoding="utf-8") == page(compared, found), "write it: python -m tests.retail_check"


def test_every_mend_says_why_and_on_whose_word() -> None:
    mends = [one for one in read_book() if one.source_id == "mended"]
    assert len(mends) > 20
    for one in mends:
        assert len(one.note) > 20, one
        assert one.source_ref, one
        assert one.observed == "2026-11-25"


# ---- the spot checks


def test_opus_4_6_has_its_launch_prices_and_a_long_context_price_until_13_march() -> None:
    for day, long_input, long_output in [(date(2026, 3, 12), 10_000_000, 37_500_000), (date(2026, 3, 13), None, None)]:
        price = CATALOG.retail_on("claude-opus-4-6", day)
        assert (price.input, price.output, price.cache_read) == (5_000_000, 25_000_000, 500_000)
        assert (price.cache_write_5m, price.cache_write_1h) == (6_250_000, 10_000_000)
        assert (price.long_input, price.long_output) == (long_input, long_output)
    alternatives = {
        row["effective_from"]: row["alternatives"]
        for row in read_csv("retail.csv")
        if (row["model"], row["mode"]) == ("claude-opus-4-6", "standard")
    }
    assert alternatives["2026-03-13"] == ""


def test_fast_mode_of_opus_4_6_cost_six_times_as_much_from_april_to_august() -> None:
    fast = [price for price in CATALOG.retail("claude-opus-4-6") if price.mode == "fast"]
    assert [(price.valid_from, price.valid_to, price.input, price.output) for price in fast] == [
        (date(2026, 4, 8), date(2026, 8, 6), 30_000_000, 150_000_000)
    ]


@pytest.mark.parametrize("model", ["claude-fable-5-1", "claude-fable-5-2", "claude-mythos-5-1", "claude-mythos-5-2"])
def test_a_cached_read_is_not_always_a_tenth_of_input(model: str) -> None:
    price = CATALOG.retail_on(model, date(2026, 11, 1))
    assert price.cache_read is not None
    assert price.cache_read * 40 == price.input


def headline(model: str, first: str, last: str) -> set[tuple[float, float]]:
    """OpenRouter's headline prices of a model over some days, from its monthly archive."""
    rows = [row for row in read_csv("offer.csv.gz") if row["model"] == model and row["route"] == "openrouter_model"]
    plain = [row for row in rows if not row["variant"] and row["valid_from"]]
    holding = [row for row in plain if row["valid_from"] <= last and (not row["valid_to"] or first < row["valid_to"])]
    return {(float(row["input_usd_per_mtok"]), float(row["output_usd_per_mtok"])) for row in holding}


@pytest.mark.parametrize(
    ("month", "price"),
    [("2026-03", (0.45, 2.2)), ("2026-06", (0.4, 1.9)), ("2026-07", (0.57, 2.85)), ("2026-09", (0.45, 2.25))],
)
def test_the_headline_of_kimi_k2_5_moved_from_month_to_month(month: str, price: tuple[float, float]) -> None:
    assert price in headline("kimi-k2.5", f"{month}-01", f"{month}-28")


def test_deepinfra_prices_cached_input_of_kimi_k2_5_since_june() -> None:
    march = {offer.host: offer for offer in CATALOG.offers("kimi-k2.5", date(2026, 5, 20))}["DeepInfra"]
    june = {offer.host: offer for offer in CATALOG.offers("kimi-k2.5", date(2026, 6, 12))}["DeepInfra"]
    assert march.cache_read_usd_per_tok is None
    assert june.cache_read_usd_per_tok == pytest.approx(0.07e-6)


def test_qwen_3_5_fell_within_march() -> None:
    assert (0.55, 3.5) in headline("qwen3.5-397b-a17b", "2026-03-03", "2026-03-04")
    assert (0.39, 2.34) in headline("qwen3.5-397b-a17b", "2026-04-01", "2026-04-02")


def test_a_request_of_250_thousand_tokens_to_opus_4_6_costs_what_genai_prices_says() -> None:
    for day, usd in [(date(2026, 3, 1), Decimal("2.5375")), (date(2026, 4, 1), Decimal("1.275"))]:
        epoch = BOOK.epoch(CATALOG.retail_on("claude-opus-4-6", day), "", 0)
        prices = epoch.long if epoch.long_above_tok < 250_000 else epoch.short
        assert Decimal(prices.input * 250_000 + prices.output * 1_000) / 10**12 == usd
