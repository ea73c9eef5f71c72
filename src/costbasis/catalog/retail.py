"""Retail prices: dated segments of one model and mode, in integer pico-USD per token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costbasis.catalog.tables import Row, source_of
from costbasis.errors import BadCatalogue
from costbasis.quantity import Source
from costbasis.units import PICO_PER_USD, TOK_PER_MTOK

REPAIRED_PLACES = Decimal("1e-9")
"""Prices per million tokens are rounded here first: upstream tables carry float noise beyond it."""


@dataclass(frozen=True, slots=True)
class RetailPrice:
    """One segment, valid from *valid_from* to before *valid_to* (None: open). pico-USD per token.

    None where the vendor publishes no price of that class. Above *long_above_tok* prompt tokens the whole
    request is at the ``long_`` prices; a class without a long price keeps its own.
    """

    provider: str
    model: str
    mode: str
    valid_from: date | None
    valid_to: date | None
    input: int
    output: int
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    long_above_tok: int | None
    long_input: int | None
    long_output: int | None
    long_cache_read: int | None
    long_cache_write_5m: int | None
    long_cache_write_1h: int | None
    source: Source


def retail_price(row: Row) -> RetailPrice:
    """A row of the retail table.

    The table has one long write price, the 5-minute one; the 1-hour one keeps the base tier's ratio to it.
    """
    where = f"retail/{row['model']}.{row['mode']}"

    def price(column: str) -> int | None:
        return pico_usd_per_tok(row[f"{column}_usd_per_mtok"], where) if row[f"{column}_usd_per_mtok"] else None

    write_5m, write_1h, long_write = price("cache_write_5m"), price("cache_write_1h"), price("long_cache_write")
    base = {"input": price("input"), "output": price("output")}
    if base["input"] is None or base["output"] is None:
        raise BadCatalogue("a retail price needs input and output", where=where)
    return RetailPrice(
        provider=row["provider"],
        model=row["model"],
        mode=row["mode"],
        valid_from=_day(row["effective_from"]),
        valid_to=_day(row["effective_to"]),
        input=base["input"],
        output=base["output"],
        cache_read=price("cache_read"),
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        long_above_tok=int(float(row["long_context_above_tokens"])) if row["long_context_above_tokens"] else None,
        long_input=price("long_input"),
        long_output=price("long_output"),
        long_cache_read=price("long_cache_read"),
        long_cache_write_5m=long_write,
        long_cache_write_1h=_same_ratio(long_write, write_5m, write_1h),
        source=source_of(row, "retail"),
    )


def pico_usd_per_tok(usd_per_mtok: str, where: str) -> int:
    """A price in USD per million tokens as whole pico-USD per token; float noise is repaired, finer prices refused.

    >>> pico_usd_per_tok("0.5", "x"), pico_usd_per_tok("0.6799999999999999", "x")
    (500000, 680000)

    Errors: :class:`~costbasis.errors.BadCatalogue` for a price finer than a pico-USD per token.
    """
    pico = Decimal(usd_per_mtok).quantize(REPAIRED_PLACES) * PICO_PER_USD / TOK_PER_MTOK
    if pico != pico.to_integral_value():
        raise BadCatalogue(f"{usd_per_mtok} USD per million tokens is finer than a pico-USD per token", where=where)
    return int(pico)


def _same_ratio(long_write: int | None, write_5m: int | None, write_1h: int | None) -> int | None:
    if long_write is None or not write_5m or write_1h is None:
        return None
    return long_write * write_1h // write_5m


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
