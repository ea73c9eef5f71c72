"""Retail prices: dated segments of one model and mode, in integer pico-USD per token."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import msgspec

from costbasis.catalog.tables import Row, source_of
from costbasis.errors import BadCatalogue
from costbasis.source import Source
from costbasis.units import PICO_PER_USD, TOK_PER_MTOK

REPAIRED_PLACES = Decimal("1e-9")
"""Prices per million tokens are rounded here first: upstream tables carry float noise beyond it."""


class RetailPrice(msgspec.Struct, frozen=True):
    """One segment, valid from *valid_from* to before *valid_to* (None: open). pico-USD per token.

    None where the vendor publishes no price of that class. Above *long_above_tok* prompt tokens the whole
    request is at the ``long_`` prices. *derived* names those of them that the row does not carry.
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
    derived: tuple[str, ...] = ()


def retail_price(row: Row) -> RetailPrice:
    """A row of the retail table.

    A cached read or write without a long price rises as the row's input does, which is what nearly all rows with
    a long price of their own say; a 1-hour write without one keeps the base tier's ratio to the 5-minute write.
    """
    where = f"retail/{row['model']}.{row['mode']}"

    def price(column: str) -> int | None:
        return pico_usd_per_tok(row[f"{column}_usd_per_mtok"], where) if row[f"{column}_usd_per_mtok"] else None

    base_input, base_output, long_input = price("input"), price("output"), price("long_input")
    if base_input is None or base_output is None:
        raise BadCatalogue("a retail price needs input and output", where=where)
    read, write_5m, write_1h = price("cache_read"), price("cache_write_5m"), price("cache_write_1h")
    long_read, long_write = price("long_cache_read"), price("long_cache_write")
    risen_read = _in_ratio(read, base_input, long_input) if long_read is None else long_read
    risen_write = _in_ratio(write_5m, base_input, long_input) if long_write is None else long_write
    long_1h = price("long_cache_write_1h")
    risen_1h = _in_ratio(risen_write, write_5m, write_1h) if long_1h is None else long_1h
    carried = {"long_cache_read": long_read, "long_cache_write_5m": long_write, "long_cache_write_1h": long_1h}
    used = {"long_cache_read": risen_read, "long_cache_write_5m": risen_write, "long_cache_write_1h": risen_1h}
    return RetailPrice(
        provider=row["provider"],
        model=row["model"],
        mode=row["mode"],
        valid_from=_day(row["effective_from"]),
        valid_to=_day(row["effective_to"]),
        input=base_input,
        output=base_output,
        cache_read=read,
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        long_above_tok=int(float(row["long_context_above_tokens"])) if row["long_context_above_tokens"] else None,
        long_input=long_input,
        long_output=price("long_output"),
        long_cache_read=used["long_cache_read"],
        long_cache_write_5m=used["long_cache_write_5m"],
        long_cache_write_1h=used["long_cache_write_1h"],
        source=source_of(row, "retail"),
        derived=tuple(name for name, value in used.items() if value is not None and carried[name] is None),
    )


@cache
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


def _in_ratio(price: int | None, base: int | None, risen: int | None) -> int | None:
    """*price* times *risen* over *base*, in whole pico-USD; None where one of them is not there."""
    if price is None or not base or risen is None:
        return None
    return price * risen // base


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
