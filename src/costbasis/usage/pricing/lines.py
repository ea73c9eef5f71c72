"""Priced usage line by line, as a bill has it: one line a key, price and class of token, each at one unit price."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping, price_tables
from costbasis.usage.pricing.pricing import frozen_sql

CLASSES = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output")
WRITES = ("cache_write_5m", "cache_write_1h", "cache_write_unknown")
SEARCH = "web_search"

CONTEXT_OF = {
    "output_ctx_tok2": ("output",),
    "new_ctx_tok2": ("input", *WRITES),
    "kv_resident_tok_s": ("cache_read", *WRITES),
}
"""The classes whose tokens a context sum is of: it is shared among them by their tokens, so that lines add up."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """*quantity* tokens (or searches) of one class at one list price. *pico_usd_max*: at the dearer cache lifetime.

    *price_id* names the price; *cell* holds the line alone, to be valued on other bases. Priced usage only: what has no
    price is in :class:`~costbasis.usage.pricing.cells.Unpriced`.
    """

    key: str
    model: str
    mode: str
    geo: str
    is_long: bool
    kind: str
    quantity: int
    unit_pico_usd: int
    pico_usd: int
    pico_usd_max: int
    price_id: int
    cell: Cell


def price_lines(connection: sqlite3.Connection, book: PriceBook, grouping: Grouping) -> list[PricedLine]:
    """The lines of a ledger's requests, in order of key, model and price; they add up to its cells, exactly.

    Errors: as :func:`~costbasis.usage.pricing.pricing.price_usage`.
    """
    with price_tables(connection, book, grouping) as (cursor, tables):
        said = {row[4]: (row[1], row[2]) for row in tables.epoch_of}
        found = cursor.execute(frozen_sql("price_lines"))
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
    lines = [line for row in rows for line in _lines(row, *said[row["price_epoch"]])]
    return sorted(lines, key=lambda line: (line.key, line.model, line.mode, line.geo, line.price_id, line.is_long))


def _lines(row: Mapping[str, Any], mode: str, geo: str) -> Iterator[PricedLine]:
    prefix = "long_" if row["is_long"] else ""
    for name in CLASSES:
        quantity = row[f"{name}_tok"]
        if quantity:
            yield _line(
                row, mode, geo, name, quantity, row[f"{prefix}{name}_pico_usd_per_tok"], row[f"{name}_pico_usd"]
            )
    if row["web_searches"]:
        yield _line(row, mode, geo, SEARCH, row["web_searches"], row["web_search_pico_usd"], row["tools_pico_usd"])


def _line(
    row: Mapping[str, Any], mode: str, geo: str, kind: str, quantity: int, unit_pico_usd: int, pico_usd: int
) -> PricedLine:
    dearest = row["cache_write_unknown_max_pico_usd"] if kind == "cache_write_unknown" else pico_usd
    cell = _cell(row, kind, quantity, pico_usd, dearest)
    return PricedLine(
        key=row["key"],
        model=row["model"],
        mode=mode,
        geo=geo,
        is_long=bool(row["is_long"]),
        kind=kind,
        quantity=quantity,
        unit_pico_usd=unit_pico_usd,
        pico_usd=pico_usd,
        pico_usd_max=dearest,
        price_id=row["price_epoch"],
        cell=cell,
    )


def _cell(row: Mapping[str, Any], kind: str, quantity: int, pico_usd: int, dearest: int) -> Cell:
    counts = TokenCounts() if kind == SEARCH else TokenCounts(**{f"{kind}_tok": quantity})
    money = dict.fromkeys((*CLASSES, "cache_write_unknown_max", "tools"), 0)
    money["tools" if kind == SEARCH else kind] = pico_usd
    money["cache_write_unknown_max"] = dearest if kind == "cache_write_unknown" else 0
    return Cell(
        key=row["key"],
        month=row["month"],
        model=row["model"],
        context_bucket=None,
        requests=row["requests"],
        counts=counts,
        web_searches=quantity if kind == SEARCH else 0,
        partial_output=0,
        value=ListValue(**money),
        first_time_ms=row["first_time_ms"],
        last_time_ms=row["last_time_ms"],
        **{name: _part(row, name, kind, quantity) for name in CONTEXT_OF},
    )


def _part(row: Mapping[str, Any], context_sum: str, kind: str, quantity: int) -> float:
    sharing = CONTEXT_OF[context_sum]
    if kind not in sharing:
        return 0.0
    whole: int = sum(row[f"{name}_tok"] for name in sharing)
    return float(row[context_sum]) * (quantity / whole)
