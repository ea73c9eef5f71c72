"""Compares the book's list prices with genai-prices, meter by meter and day by day, where both have the fact."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from costbasis.catalog import Catalog, RetailPrice, load_catalog
from costbasis.catalog.book.compiled import read_book
from costbasis.usage.pricing.epochs import ClassPrices, PriceBook

PROVIDERS = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google": "google",
    "xai": "x-ai",
    "mistral": "mistral",
    "cursor": "cursor",
    "meta": "meta",
}
METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
THEIRS = {
    "input": "input_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
    "output": "output_mtok",
}
FIRST, LAST = date(2025, 7, 1), date(2026, 11, 23)
LONG_TOK = 1_000_000


@dataclass(frozen=True)
class Case:
    """One price: a meter of a model on a day, of a short or of a long request. Prices in USD per million tokens."""

    model: str
    day: date
    meter: str
    is_long: bool
    ours: Decimal
    theirs: Decimal

    @property
    def agrees(self) -> bool:
        return self.ours == self.theirs


def shared_models(catalog: Catalog) -> list[str]:
    """Models that both price by list, in the standard mode."""
    return [model for model in catalog.retail_models() if their_model(catalog, model) is not None]


@cache
def _snapshot() -> Any:
    from genai_prices.data_snapshot import get_snapshot

    return get_snapshot()


def their_model(catalog: Catalog, model: str) -> Any:
    """genai-prices' entry of the model, found as it finds one, or None."""
    return _find(PROVIDERS.get(catalog.vendor(model) or "", ""), model)


@cache
def _find(provider_id: str, model: str) -> Any:
    provider = next((one for one in _snapshot().providers if one.id == provider_id), None)
    return provider.find_model(model) if provider else None


def their_prices(entry: Any, day: date) -> Any:
    """Its standard prices on a day."""
    return entry.get_prices(datetime.combine(day, time(12), UTC))


def their_price(prices: Any, meter: str, is_long: bool) -> Decimal | None:
    """What it charges for a token of a meter: None where it has no price of its own."""
    value = getattr(prices, THEIRS[meter])
    if value is None or isinstance(value, Decimal):
        return value
    tiers = [tier.price for tier in value.tiers if tier.start <= LONG_TOK]
    return tiers[-1] if is_long and tiers else value.base


def our_price(book: PriceBook, price: RetailPrice, meter: str, is_long: bool) -> Decimal:
    """What a request of ours is charged for a token of a meter, fallbacks applied."""
    epoch = book.epoch(price, "", 0)
    prices: ClassPrices = epoch.long if is_long and price.long_above_tok is not None else epoch.short
    return Decimal(getattr(prices, meter)) / 10**6


def states(price: RetailPrice, meter: str) -> bool:
    """True where our row has a price of its own for a meter."""
    return getattr(price, meter) is not None


def on_day(catalog: Catalog, model: str, day: date) -> RetailPrice | None:
    """Our standard price on a day, None where no row holds then."""
    for price in catalog.retail(model):
        begun = price.valid_from is None or price.valid_from <= day
        if price.mode == "standard" and begun and (price.valid_to is None or day < price.valid_to):
            return price
    return None


def cases_on(catalog: Catalog, book: PriceBook, model: str, day: date) -> Iterator[Case]:
    """Every price that both state for a model on a day."""
    price, entry = on_day(catalog, model, day), their_model(catalog, model)
    if price is None or entry is None:
        return
    theirs = their_prices(entry, day)
    for meter in METERS:
        for is_long in (False, True):
            stated = their_price(theirs, meter, is_long)
            if stated is not None and states(price, meter):
                yield Case(model, day, meter, is_long, our_price(book, price, meter, is_long), stated)
    tiers = getattr(theirs.input_mtok, "tiers", [])
    if tiers and price.long_above_tok and abs(tiers[0].start - price.long_above_tok) > 1:
        yield Case(model, day, "long_above_tok", True, Decimal(price.long_above_tok), Decimal(tiers[0].start))


def sweep_days(catalog: Catalog, model: str) -> list[date]:
    """Days that see every segment: starts of ours, the days before, and one day in ten of the whole time."""
    starts = [price.valid_from for price in catalog.retail(model) if price.valid_from and price.valid_from > FIRST]
    ends = [start - timedelta(days=1) for start in starts]
    tenth = [FIRST + timedelta(days=10 * step) for step in range((LAST - FIRST).days // 10 + 1)]
    return sorted({*starts, *ends, *tenth, LAST})


LISTED = Path(__file__).parent / "fixtures" / "retail_disagreements.csv"
PAGE = Path(__file__).parents[1] / "docs" / "prices-vs-genai.md"


@cache
def listed() -> list[dict[str, str]]:
    """The disagreements that were looked into: who is right, and why."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reason_for(case: Case) -> dict[str, str] | None:
    """The listed row that a disagreement falls under, None where nobody has looked into it."""
    for row in listed():
        in_time = (row["first"] or "0") <= case.day.isoformat() <= (row["last"] or "9")
        if row["model"] == case.model and in_time and row["meters"] in ("*", case.meter):
            return row
    return None


def page(compared: int, found: list[Case]) -> str:
    """``docs/prices-vs-genai.md``."""
    agreed, models = compared - len(found), len(shared_models(load_catalog()))
    mends = [one for one in read_book() if one.source_id == "mended"]
    lines = [
        "# List prices against genai-prices",
        "",
        "Generated by `python -m tests.retail_check` from the book and from genai-prices 0.2.3; a test fails where a",
        "disagreement appears that is not listed here.",
        "",
        f"Of {compared:,} prices that both state ({models} models, every segment and one day in ten from {FIRST} to",
        f"{LAST}, short and long requests), {agreed:,} agree ({agreed / compared:.1%}).",
        "",
        "## Who is right where they differ",
        "",
        "| model | from | to | price | who is right | why |",
        "|---|---|---|---|---|---|",
    ]
    for row in listed():
        meters = "every one" if row["meters"] == "*" else row["meters"].replace("_", " ")
        cells = (row["model"], row["first"] or "the start", row["last"] or "today", meters, row["who"], row["why"])
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "## Where genai-prices was right: mended in the book",
        "",
        "Each is a dated row of `catalog/data/book/mended.csv` that stands in the place of the series in its days.",
        "",
        "| model | from | to | what | source |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.model} | {one.valid_from} | {one.valid_to or 'on'} | {one.note} | {one.source_ref} |" for one in mends
    ]
    return "\n".join(lines) + "\n"


def sweep() -> tuple[int, list[Case]]:
    """How many prices were compared, and the disagreements."""
    catalog = load_catalog()
    book = PriceBook.from_catalog(catalog)
    cases = [
        case
        for model in shared_models(catalog)
        for day in sweep_days(catalog, model)
        for case in cases_on(catalog, book, model, day)
    ]
    return len(cases), [case for case in cases if not case.agrees]


if __name__ == "__main__":
    PAGE.write_text(page(*sweep()), encoding="utf-8")
