"""List money on the catalogue that ships: every vendor's rows, repriced from the table's own text in Decimal."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import PriceBook, PricedUsage, price_usage, usd_text

from .request_rows import ledger, request, time_ms

Row = dict[str, str]

CLASSES = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output")


@cache
def rows() -> list[Row]:
    text = (files("costbasis.catalog") / "data" / "retail.csv").read_text("utf-8")
    found = list(csv.DictReader(text.splitlines()))
    names: dict[str, set[str]] = {}
    for row in found:
        names.setdefault(row["model"], set()).add(row["provider"])
    return [row for row in found if len(names[row["model"]]) == 1]


@cache
def book() -> PriceBook:
    return PriceBook.from_catalog(load_catalog())


def priced(*some: dict[str, Any]) -> PricedUsage:
    return price_usage(ledger(some), book(), Grouping())


def total_usd(usage: PricedUsage) -> Decimal:
    return sum((Decimal(usd_text(cell.value.total)) for cell in usage.cells if cell.value), Decimal(0))


def usd_per_mtok(row: Row, column: str) -> Decimal | None:
    """A price as the table has it, float noise of upstream tables cut off behind the ninth place."""
    text = row[f"{column}_usd_per_mtok"]
    return Decimal(text).quantize(Decimal("1e-9")) if text else None


def raised(price: Decimal | None, base: Decimal, long: Decimal | None) -> Decimal | None:
    """A class without a long price rises as the input does, to the whole pico-USD per token."""
    if price is None or long is None or not base:
        return None
    return Decimal(int(price * 10**6) * int(long * 10**6) // int(base * 10**6)) / 10**6


def oracle_usd(row: Row, counts: dict[str, int]) -> Decimal:
    """The whole request at one row's prices, in USD, written from the rules in the documents alone."""
    fresh, output = usd_per_mtok(row, "input"), usd_per_mtok(row, "output")
    assert fresh is not None and output is not None
    read, write = usd_per_mtok(row, "cache_read"), usd_per_mtok(row, "cache_write_5m")
    write_1h = usd_per_mtok(row, "cache_write_1h")
    prompt = sum(counts[name] for name in CLASSES if name != "output")
    above = row["long_context_above_tokens"]
    if above and prompt > float(above):
        long, long_write = usd_per_mtok(row, "long_input"), usd_per_mtok(row, "long_cache_write")
        long_write = raised(write, fresh, long) if long_write is None else long_write
        long_1h = raised(write_1h, write, long_write) if write else None
        long_read = usd_per_mtok(row, "long_cache_read")
        long_read = raised(read, fresh, long) if long_read is None else long_read
        fresh = fresh if long is None else long
        long_output = usd_per_mtok(row, "long_output")
        output = output if long_output is None else long_output
        read = read if long_read is None else long_read
        write = write if long_write is None else long_write
        if long_1h is None and row["provider"] == "anthropic":
            long_1h = 2 * fresh
        write_1h = write_1h if long_1h is None else long_1h
    read = fresh if read is None else read
    write = fresh if write is None else write
    if write_1h is None:
        write_1h = 2 * fresh if row["provider"] == "anthropic" else write
    prices = dict(zip(CLASSES, (fresh, write, write_1h, write, read, output), strict=True))
    return sum((counts[name] * prices[name] for name in CLASSES), Decimal(0)) / 10**6


def day_in(row: Row, share: float) -> date:
    first = date.fromisoformat(row["effective_from"]) if row["effective_from"] else date(2025, 1, 1)
    end = date.fromisoformat(row["effective_to"]) if row["effective_to"] else first + timedelta(days=400)
    return first + timedelta(days=int(share * max((end - first).days - 1, 0)))


counts = st.fixed_dictionaries(
    {name: st.one_of(st.just(0), st.integers(0, 400_000), st.integers(99_990, 100_010)) for name in CLASSES}
)


@settings(max_examples=250, deadline=None)
@given(st.data(), counts, st.floats(0, 1))
def test_any_request_at_any_row_of_any_vendor_is_repriced_to_the_pico_dollar(
    data: Any, tok: dict[str, int], share: float
) -> None:
    row = data.draw(st.sampled_from(rows()))
    day = day_in(row, share)
    said = {f"{name}_tok": count for name, count in tok.items()}
    moment = time_ms(f"{day.isoformat()}T12:34:56")
    usage = priced(request(model=row["model"], mode=row["mode"], time_ms=moment, **said))
    assert usage.unpriced == []
    assert total_usd(usage) == oracle_usd(row, tok)


def long_rows() -> list[Row]:
    """The newest row with a long-context tier of each vendor and mode."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in rows():
        if row["long_context_above_tokens"]:
            found[row["provider"], row["mode"], row["long_context_above_tokens"]] = row
    return list(found.values())


@pytest.mark.parametrize("row", long_rows(), ids=lambda row: f"{row['provider']} {row['model']} {row['mode']}")
def test_one_token_above_the_threshold_prices_the_whole_request_as_long(row: Row) -> None:
    above = int(float(row["long_context_above_tokens"]))
    moment = time_ms(f"{day_in(row, 0).isoformat()}T12:00:00")
    spent = []
    for prompt in (above, above + 1):
        said = {"input_tok": 1_000, "cache_read_tok": prompt - 1_000, "output_tok": 1_000}
        usage = priced(request(model=row["model"], mode=row["mode"], time_ms=moment, **said))
        counts = dict.fromkeys(CLASSES, 0) | {name.removesuffix("_tok"): count for name, count in said.items()}
        assert total_usd(usage) == oracle_usd(row, counts)
        spent.append(total_usd(usage))
    assert spent[1] > spent[0] * Decimal("1.2")  # not the excess alone: every token of the request


def test_more_than_two_vendors_have_long_context_tiers() -> None:
    assert {row["provider"] for row in long_rows()} >= {"anthropic", "google", "openai", "xai"}


EXAMPLES = (
    # vendor's page: Opus 4.6 5/25, read 0.1x, 5-minute write 1.25x, 1-hour write 2x of input, per million
    ("claude-opus-4-6", "standard", "2026-04-02", {"cache_write_1h_tok": 1_000_000}, "10"),
    ("claude-opus-4-6", "standard", "2026-04-02", {"cache_write_5m_tok": 1_000_000}, "6.25"),
    ("claude-opus-4-6", "batch", "2026-04-02", {"input_tok": 1_000_000, "output_tok": 100_000}, "3.75"),
    ("claude-opus-4-6", "fast", "2026-05-02", {"input_tok": 100_000, "output_tok": 100_000}, "18"),
    # Sonnet 4.6 above 200k until 13 March: 6/22.50, whole request (ccusage takes the excess alone and says 1.20)
    ("claude-sonnet-4-6", "standard", "2026-03-01", {"input_tok": 300_000}, "1.8"),
    ("claude-sonnet-4-6", "standard", "2026-03-01", {"input_tok": 150_000, "cache_read_tok": 150_000}, "0.99"),
    ("claude-sonnet-4-6", "standard", "2026-03-01", {"input_tok": 200_000}, "0.6"),
)


@pytest.mark.parametrize(("model", "mode", "day", "tok", "usd"), EXAMPLES)
def test_published_prices_come_out(model: str, mode: str, day: str, tok: dict[str, int], usd: str) -> None:
    assert total_usd(priced(request(model=model, mode=mode, time_ms=time_ms(f"{day}T00:00:00"), **tok))) == Decimal(usd)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 900_000), st.integers(0, 90_000), st.integers(0, 9))
def test_a_pinned_region_costs_a_tenth_more_and_a_search_a_cent_whatever_the_request(
    fresh: int, output: int, searches: int
) -> None:
    said = {
        "model": "claude-opus-4-6",
        "time_ms": time_ms("2026-04-02T00:00:00"),
        "input_tok": fresh,
        "output_tok": output,
    }
    plain, pinned = (total_usd(priced(request(**said, geo=geo, web_searches=searches))) for geo in ("", "us"))
    tools = Decimal(searches) / 100
    assert pinned - tools == (plain - tools) * Decimal("1.1")


def test_searches_of_a_vendor_whose_price_is_unknown_are_warned_of_and_not_priced_at_anothers() -> None:
    usage = priced(request(model="gpt-5.4", input_tok=1_000_000, web_searches=3))
    assert usage.cells[0].value is not None
    assert usage.cells[0].value.tools == 0
    (warning,) = [warn for warn in usage.warnings if warn.kind == "unpriced web searches"]
    assert (warning.count, "gpt-5.4" in warning.effect) == (3, True)
    known = priced(request(model="claude-opus-4-6", web_searches=3)).cells[0].value
    assert known is not None and known.tools == 3 * 10**10


def test_what_has_no_price_is_listed_with_its_tokens_and_is_never_zero() -> None:
    usage = priced(
        request(model="nobody-7b", request_key="a", input_tok=5, output_tok=7),
        request(model="claude-opus-4-6", mode="priority", request_key="b", input_tok=11),
        request(model="gpt-5.4", geo="us", request_key="c", input_tok=13),
        request(model="claude-opus-4-6", request_key="d", input_tok=1_000_000),
    )
    assert {(row.model, row.mode): row.tokens for row in usage.unpriced} == {
        ("nobody-7b", "standard"): 12,
        ("claude-opus-4-6", "priority"): 11,
        ("gpt-5.4", "standard"): 13,
    }
    assert all(cell.value is None for cell in usage.cells if cell.counts.input_tok != 1_000_000)
    assert total_usd(usage) == 5
    assert sum(cell.requests for cell in usage.cells) == 4


def test_yesterdays_usage_keeps_yesterdays_price_when_a_new_one_begins() -> None:
    """Every change of a standard price in the table: a call in the last hour before it, and one in its first."""
    changes = [
        (row, date.fromisoformat(row["effective_to"]))
        for row in rows()
        if row["effective_from"] and row["effective_to"] and row["effective_from"] < row["effective_to"]
    ]
    assert len(changes) > 5
    for row, end in changes:
        last = datetime(end.year, end.month, end.day, tzinfo=UTC) - timedelta(milliseconds=1)
        tok = dict.fromkeys(CLASSES, 0) | {"input": 1000, "output": 1000}
        call = request(
            model=row["model"], mode=row["mode"], time_ms=int(last.timestamp() * 1000), input_tok=1000, output_tok=1000
        )
        assert total_usd(priced(call)) == oracle_usd(row, tok), (row["model"], end)
