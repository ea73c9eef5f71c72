"""Every request is priced at its own hour, exactly, and nothing is lost on the way."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.errors import BadArgument, BadCatalogue, CostbasisError, UnknownName
from costbasis.usage.pricing.priceview import BY, Grouping
from costbasis.usage.pricing.pricing import PriceBook, PricedUsage, price_usage, usd_text

from .request_rows import CHANGE, GPT, HAIKU, OPUS, PRICES, Price, ledger, request, time_ms

NAMES = {OPUS: OPUS, "anthropic/claude-opus-4.6": OPUS, HAIKU: HAIKU, GPT: GPT}


def resolve(name: str) -> str:
    if name not in NAMES:
        raise UnknownName("model", name, known=NAMES)
    return NAMES[name]


BOOK = PriceBook(PRICES, resolve, web_search_pico_usd=10_000_000_000, us_geo_permille=1100)


def list_usd(usage: PricedUsage) -> Decimal:
    return Decimal(usd_text(sum(cell.value.total for cell in usage.cells if cell.value)))


def list_usd_max(usage: PricedUsage) -> Decimal:
    return Decimal(usd_text(sum(cell.value.total_max for cell in usage.cells if cell.value)))


def priced(*rows: Mapping[str, Any], book: PriceBook = BOOK, **options: Any) -> PricedUsage:
    return price_usage(ledger(rows), book, Grouping(**options))


# --- published examples -------------------------------------------------------------------------------


@pytest.mark.parametrize(("time", "expected"), [("2026-03-01T09:00:00", "2.5375"), ("2026-04-01T09:00:00", "1.275")])
def test_a_quarter_million_tokens_of_opus_cost_what_genai_prices_says(time: str, expected: str) -> None:
    """genai-prices 0.2.3, calc_price(250,000 in, 1,000 out, claude-opus-4-6) at these two dates."""
    usage = priced(request(time_ms=time_ms(time), input_tok=250_000, output_tok=1_000))
    assert list_usd(usage) == Decimal(expected)


def test_the_price_changes_at_midnight_utc_of_the_day_and_not_before() -> None:
    long_prompt = {"input_tok": 250_000, "output_tok": 1_000}
    before = priced(request(time_ms=time_ms("2026-03-12T23:59:59"), **long_prompt))
    after = priced(request(time_ms=time_ms("2026-03-13T00:00:00"), **long_prompt))
    assert (list_usd(before), list_usd(after)) == (Decimal("2.5375"), Decimal("1.275"))


def test_a_cached_request_costs_what_genai_prices_says() -> None:
    """genai-prices 0.2.3: 23,000 fresh, 5,000 written, 40,000 read and 1,000 out are 0.19125 USD."""
    tokens = {"input_tok": 23_000, "cache_write_5m_tok": 5_000, "cache_read_tok": 40_000, "output_tok": 1_000}
    assert list_usd(priced(request(**tokens))) == Decimal("0.19125")


# --- the oracle: request by request, in Decimal, from the price rows ----------------------------------


def oracle_usd(row: Mapping[str, Any], *, dearer_writes: bool = False) -> Decimal | None:
    """What one request costs in USD, written independently of the package; None where it has no price."""
    model = NAMES.get(row["model"])
    day = datetime.fromtimestamp(row["time_ms"] / 1000, UTC).date()
    known = [p for p in PRICES if (p.model, p.mode) == (model, row["mode"])]
    if not known or (row["geo"] and known[0].provider != "anthropic"):
        return None
    valid = [p for p in known if p.valid_from and p.valid_from <= day and (p.valid_to is None or day < p.valid_to)]
    if not valid and day >= min(p.valid_from for p in known if p.valid_from):
        return None
    price = valid[0] if valid else min(known, key=lambda p: p.valid_from or date.min)
    long = price.long_above_tok is not None and row["prompt_tok"] > price.long_above_tok
    fresh = price.long_input if long and price.long_input else price.input
    output = price.long_output if long and price.long_output else price.output
    read = (price.long_cache_read if long else None) or price.cache_read or fresh
    write_5m = (price.long_cache_write_5m if long else None) or price.cache_write_5m or fresh
    twice = 2 * fresh if price.provider == "anthropic" else write_5m
    write_1h = (None if long else price.cache_write_1h) or twice
    micro = Decimal(0)
    for column, pico in (
        ("input_tok", fresh),
        ("cache_write_5m_tok", write_5m),
        ("cache_write_1h_tok", write_1h),
        ("cache_write_unknown_tok", write_1h if dearer_writes else write_5m),
        ("cache_read_tok", read),
        ("output_tok", output),
    ):
        micro += Decimal(row[column]) * Decimal(pico) / Decimal(10**6)
    surcharge = Decimal("1.1") if row["geo"] else Decimal(1)
    search = Decimal("0.01") if price.provider == "anthropic" else Decimal(0)  # unknown, and warned of
    return micro * surcharge / Decimal(10**6) + Decimal(row["web_searches"]) * search


def small(most: int) -> st.SearchStrategy[int]:
    return st.one_of(st.just(0), st.integers(0, most))


minutes = st.integers(0, 60 * 24 * 220)
requests = st.builds(
    lambda minute, **given: request(time_ms=time_ms("2026-01-20T00:00:00") + minute * 60_000, **given),
    minute=minutes,
    model=st.sampled_from([*NAMES, "gpt-unheard-of"]),
    mode=st.sampled_from(["standard", "standard", "batch", "fast", "priority"]),
    geo=st.sampled_from(["", "", "us"]),
    session=st.sampled_from(["s1", "s2"]),
    project=st.sampled_from(["/p", "/q"]),
    agent=st.sampled_from(["claude-code", "codex"]),
    host=st.sampled_from(["here", "there"]),
    input_tok=small(300_000),
    cache_write_5m_tok=small(50_000),
    cache_write_1h_tok=small(50_000),
    cache_write_unknown_tok=small(50_000),
    cache_read_tok=small(300_000),
    output_tok=small(60_000),
    web_searches=st.integers(0, 3),
    partial_output=st.integers(0, 1),
)
logs = st.lists(requests, max_size=12)


@settings(max_examples=150, deadline=None)
@given(logs)
def test_list_value_equals_an_independent_repricing_to_the_pico_dollar(rows: list[dict[str, Any]]) -> None:
    usage = priced(*rows)
    values = [oracle_usd(row) for row in rows]
    dearer = [oracle_usd(row, dearer_writes=True) for row in rows]
    assert list_usd(usage) == sum(value for value in values if value is not None)
    assert list_usd_max(usage) == sum(value for value in dearer if value is not None)
    assert sum(missing.requests for missing in usage.unpriced) == values.count(None)


@settings(max_examples=60, deadline=None)
@given(logs, st.sampled_from(BY), st.booleans(), st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
def test_groups_add_up_to_the_total_whatever_the_key(
    rows: list[dict[str, Any]], by: str, buckets: bool, tz: str
) -> None:
    total, grouped = priced(*rows), priced(*rows, by=by, tz=tz, buckets=buckets)
    for unit in ("requests", "input_tok", "cache_read_tok", "output_tok", "web_searches", "partial_output"):
        assert sum(cell.amount(unit) for cell in grouped.cells) == sum(cell.amount(unit) for cell in total.cells)
    for unit in ("output_ctx_tok2", "new_ctx_tok2", "kv_resident_tok_s"):
        summed = sum(cell.amount(unit) for cell in total.cells)
        assert sum(cell.amount(unit) for cell in grouped.cells) == pytest.approx(summed)
    assert list_usd(grouped) == list_usd(total)
    assert sum(cell.requests for cell in grouped.cells) == len(rows)
    assert grouped.unpriced == total.unpriced


@settings(max_examples=40, deadline=None)
@given(logs, st.sampled_from(["UTC", "Pacific/Auckland"]))
def test_a_day_holds_the_requests_of_that_local_day(rows: list[dict[str, Any]], tz: str) -> None:
    expected: dict[str, int] = defaultdict(int)
    for row in rows:
        expected[str(datetime.fromtimestamp(row["time_ms"] / 1000, ZoneInfo(tz)).date())] += 1
    found: dict[str, int] = defaultdict(int)
    for cell in priced(*rows, by="day", tz=tz).cells:
        found[cell.key] += cell.requests
        assert cell.month == cell.key[:7]
    assert found == expected


@settings(max_examples=40, deadline=None)
@given(logs, st.dates(date(2026, 1, 20), date(2026, 8, 1)), st.integers(0, 60))
def test_what_is_before_within_and_after_a_range_of_days_is_everything(
    rows: list[dict[str, Any]], since: date, days: int
) -> None:
    one, until = timedelta(days=1), since + timedelta(days=days)
    parts: list[dict[str, Any]] = [{"until": since - one}, {"since": since, "until": until}, {"since": until + one}]
    assert sum((list_usd(priced(*rows, **part)) for part in parts), Decimal(0)) == list_usd(priced(*rows))


# --- rules, one by one --------------------------------------------------------------------------------


def test_one_token_over_the_threshold_prices_every_class_of_the_request_at_the_long_price() -> None:
    march = time_ms("2026-03-01T00:00:00")
    at = priced(request(time_ms=march, input_tok=100_000, cache_read_tok=100_000, output_tok=1_000))
    over = priced(request(time_ms=march, input_tok=100_001, cache_read_tok=100_000, output_tok=1_000))
    assert list_usd(at) == Decimal("0.575")
    assert list_usd(over) == Decimal("1.13751")


def test_writes_of_unknown_lifetime_are_at_least_the_short_price_and_at_most_the_long_one() -> None:
    usage = priced(request(cache_write_unknown_tok=1_000_000))
    assert (list_usd(usage), list_usd_max(usage)) == (Decimal("6.25"), Decimal("10.00"))


def test_a_missing_one_hour_price_is_twice_the_input_price_where_that_is_documented() -> None:
    assert list_usd(priced(request(model=HAIKU, cache_write_1h_tok=1_000_000))) == Decimal(2)
    assert list_usd(priced(request(model=GPT, cache_write_1h_tok=1_000))) == Decimal("0.0025")


def test_a_request_pinned_to_the_united_states_costs_a_tenth_more_for_tokens_and_not_for_tools() -> None:
    assert list_usd(priced(request(geo="us", output_tok=1_000, web_searches=2))) == Decimal("0.0475")


def test_a_surcharge_that_is_no_whole_pico_usd_is_refused() -> None:
    book = PriceBook([Price("anthropic", OPUS, "standard", CHANGE, None, 5_000_001, 10)], resolve, 0, 1100)
    with pytest.raises(BadCatalogue) as caught:
        priced(request(geo="us"), book=book)
    assert str(caught.value) == (
        "retail/claude-opus-4-6: the input price 5000001 × 1100/1000 is not a whole pico-USD per token\n"
        "hint: give the region its own price row"
    )


def test_a_mode_without_a_price_is_unpriced_and_never_priced_as_standard() -> None:
    usage = priced(request(mode="priority", output_tok=100), request(output_tok=7))
    (missing,) = usage.unpriced
    assert (missing.model, missing.mode, missing.requests, missing.tokens) == (OPUS, "priority", 1, 100)
    assert missing.reason == "no priority price (known: batch, fast, standard)"
    assert [(cell.is_priced, cell.requests) for cell in usage.cells] == [(True, 1), (False, 1)]
    assert list_usd(usage) == Decimal("0.000175")


def test_an_unknown_model_is_unpriced_with_its_tokens_and_its_first_line() -> None:
    rows = [request(model="gpt-5.44", input_tok=10, file_id=3, offset=40 - n, time_ms=n) for n in range(3)]
    (missing,) = priced(*rows).unpriced
    assert missing.reason == 'unknown model "gpt-5.44"; did you mean "gpt-5.4"?'
    assert (missing.requests, missing.tokens, missing.first_origin) == (3, 30, "/logs/3.jsonl:40")


def test_a_call_after_the_last_day_of_a_price_is_unpriced() -> None:
    usage = priced(request(mode="fast", time_ms=time_ms("2026-08-06T00:00:00"), output_tok=1))
    assert usage.unpriced[0].reason == "no fast price from 2026-08-06 on"


def test_a_call_before_the_first_known_price_has_that_price_and_a_warning() -> None:
    usage = priced(request(time_ms=time_ms("2026-02-01T00:00:00"), output_tok=1_000_000))
    assert list_usd(usage) == Decimal(25)
    (warning,) = usage.warnings
    assert (warning.kind, warning.count, warning.first) == ("priced_before_first_date", 1, "/logs/0.jsonl:0")
    assert warning.effect == (
        '"claude-opus-4-6" was called before its first known standard price and is priced at that one'
    )


def test_two_names_of_one_model_are_one_cell() -> None:
    usage = priced(request(), request(model="anthropic/claude-opus-4.6"), by="model")
    assert [(cell.key, cell.requests) for cell in usage.cells] == [(OPUS, 2)]


def test_two_prices_that_hold_at_once_are_refused() -> None:
    doubled = [Price("anthropic", OPUS, "standard", day, None, 1, 1) for day in (CHANGE, date(2026, 5, 1))]
    with pytest.raises(BadCatalogue, match="two standard prices hold on 2026-05-01"):
        priced(request(), book=PriceBook(doubled, resolve, 0, 1100))


def test_buckets_keep_how_long_the_prompts_were() -> None:
    rows = [request(input_tok=tokens) for tokens in (0, 1_000, 1_023, 1_024, 150_000)]
    kept, collapsed = priced(*rows, buckets=True), priced(*rows)
    assert {cell.context_bucket: cell.requests for cell in kept.cells} == {0: 1, 9: 2, 10: 1, 17: 1}
    assert [(cell.context_bucket, cell.requests) for cell in collapsed.cells] == [(None, 5)]


def test_weeks_are_iso_weeks() -> None:
    usage = priced(request(time_ms=time_ms("2026-03-01T23:59:00")), by="week")
    assert usage.cells[0].key == "2026-W09"


def test_filters_keep_one_project_agent_or_model() -> None:
    rows = [request(project="/p"), request(project="/q", agent="codex", model=GPT, output_tok=2)]
    filters: list[dict[str, Any]] = [{"project": "/q"}, {"agent": "codex"}, {"model": GPT}]
    for only in filters:
        assert [cell.model for cell in priced(*rows, **only).cells] == [GPT]
    assert len(priced(*rows, model="anthropic/claude-opus-4.6").cells) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "moon"}, r'--by: cannot group by "moon"\nhint: one of day, week, month, block, total, session, '),
        ({"tz": "Mars/Olympus"}, r'--tz: unknown time zone "Mars/Olympus"\nhint: use an IANA name '),
        ({"project": "/z"}, r'--project: no request of project "/z"\nhint: the logs hold "/p"'),
        ({"model": "opus"}, r'--model: no request of model "opus"\nhint: the logs hold "claude-opus-4-6"'),
        (
            {"since": date(2026, 2, 2), "until": date(2026, 2, 1)},
            r"--since: 2026-02-02 is after 2026-02-01\nhint: swap --since and --until",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_way_out(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadArgument) as caught:
        priced(request(), **options)
    assert re.match(message, str(caught.value))


def test_a_cell_that_an_exact_sum_cannot_hold_is_refused_by_name() -> None:
    book = PriceBook([Price("anthropic", OPUS, "standard", CHANGE, None, 1, 5 * 10**9)], resolve, 0, 1100)
    connection = ledger(request(output_tok=10**9, session=f"s{n}") for n in range(2))
    assert len(price_usage(connection, book, Grouping(by="session")).cells) == 2
    with pytest.raises(CostbasisError) as caught:
        price_usage(connection, book, Grouping())
    assert str(caught.value) == (
        'total "total", model "claude-opus-4-6": one cell is worth about 10,000,000 USD, more than an exact sum'
        " can hold (9.2 million)\nhint: group finer, for example --by session, or narrow it with --since and --until"
    )


def test_one_request_that_is_worth_too_much_is_refused_and_not_rounded() -> None:
    book = PriceBook([Price("anthropic", OPUS, "standard", CHANGE, None, 1, 10**12)], resolve, 0, 1100)
    with pytest.raises(CostbasisError, match="more than an exact sum can hold"):
        priced(request(output_tok=10**9 + 1), book=book)


def test_pricing_leaves_nothing_behind_in_the_ledger() -> None:
    connection = ledger([request(output_tok=5)])
    price_usage(connection, BOOK, Grouping(project="/p"))
    assert not connection.in_transaction
    assert connection.execute("SELECT name FROM sqlite_temp_master").fetchall() == []


def test_pricing_reads_a_ledger_that_cannot_be_written(tmp_path: Any) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as copy:
        ledger([request(output_tok=1_000)]).backup(copy)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert list_usd(price_usage(connection, BOOK, Grouping())) == Decimal("0.025")


def test_no_requests_are_no_cells() -> None:
    usage = priced()
    assert (usage.cells, usage.unpriced, usage.warnings, usage.first_time_ms) == ([], [], [], None)
