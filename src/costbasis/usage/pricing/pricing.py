"""Price usage: every request at the list price of its own hour, summed exactly, in pico-USD.

The arithmetic is in ``usage/pricing/sql/sqlite/*.sql``, generated from
:mod:`costbasis.usage.pricing.tables`. Nothing is dropped: a request without a price is in a cell
without a value, and in ``unpriced`` with the reason.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import msgspec

from costbasis.errors import CostbasisError
from costbasis.units import PICO_PER_USD
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue, PricedUsage, PriceWarning, Unpriced, usd_text
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping, PriceTables, price_tables

__all__ = ["Cell", "ListValue", "PriceBook", "PriceWarning", "PricedUsage", "Unpriced", "price_usage", "usd_text"]

MOST_SESSIONS = 500
"""How many values one question names; SQLite allows 999 and more."""

SQL_FOLDER = os.path.join(os.path.dirname(__file__), "sql")


def price_usage(connection: sqlite3.Connection, book: PriceBook, grouping: Grouping) -> PricedUsage:
    """The requests of a ledger, summed by key, month and model, at the list price of each call's own hour.

    Errors: :class:`~costbasis.errors.BadArgument` for a grouping, zone or filter that cannot be used, and
    :class:`~costbasis.errors.CostbasisError` when one cell is worth more than an exact integer sum can hold.
    """
    return usage_of(price_rows(connection, book, grouping), book, grouping)


class PricedRows(msgspec.Struct, frozen=True):
    """What the query says, a row a cell, with what has no price and what is to be said beside."""

    rows: list[tuple[Any, ...]]
    unpriced: list[Unpriced]
    warnings: list[PriceWarning]


def price_rows(
    connection: sqlite3.Connection, book: PriceBook, grouping: Grouping, quarters: Collection[int] | None = None
) -> PricedRows:
    """As :func:`price_usage`, before it is made into cells; *quarters*: of those quarters of an hour alone."""
    with price_tables(connection, book, grouping, quarters) as (cursor, tables):
        return PricedRows(_rows(cursor, grouping), *_notes(cursor, tables))


def usage_of(priced: PricedRows, book: PriceBook, grouping: Grouping) -> PricedUsage:
    """Rows of the query as cells, in order."""
    cells = sorted((_cell(row, grouping) for row in priced.rows), key=_order)
    return PricedUsage(
        cells=cells,
        unpriced=priced.unpriced,
        warnings=[*priced.warnings, *unpriced_searches(cells, book)],
        first_time_ms=min((cell.first_time_ms for cell in cells), default=None),
        last_time_ms=max((cell.last_time_ms for cell in cells), default=None),
    )


@cache
def frozen_sql(name: str) -> str:
    """The text of a query that was generated for SQLite."""
    with open(os.path.join(SQL_FOLDER, "sqlite", f"{name}.sql"), encoding="utf-8") as file:
        return file.read()


def _rows(cursor: sqlite3.Cursor, grouping: Grouping) -> list[tuple[Any, ...]]:
    try:
        rows = cursor.execute(frozen_sql("price_cells")).fetchall()
    except sqlite3.OperationalError as error:
        if "integer overflow" not in str(error):
            raise
        raise _too_large(cursor, grouping) from None
    if any(type(amount) is not int for row in rows for amount in row[5:22]):  # a product that left 64 bits
        raise _too_large(cursor, grouping)
    return rows


def _cell(row: tuple[Any, ...], grouping: Grouping) -> Cell:
    key, month, model, priced, bucket, requests, *rest = row
    return Cell(
        key=model if grouping.by == "model" else key,
        month=month,
        model=model,
        context_bucket=bucket if grouping.buckets else None,
        requests=requests,
        counts=TokenCounts(*rest[:7]),
        web_searches=rest[7],
        partial_output=rest[8],
        value=ListValue(*rest[9:17]) if priced else None,
        output_ctx_tok2=rest[17],
        new_ctx_tok2=rest[18],
        kv_resident_tok_s=rest[19],
        first_time_ms=rest[20],
        last_time_ms=rest[21],
    )


def _too_large(cursor: sqlite3.Cursor, grouping: Grouping) -> CostbasisError:
    key, model, pico_usd = cursor.execute(frozen_sql("largest_cell")).fetchone()
    finer = "session" if grouping.by != "session" else "day"
    return CostbasisError(
        f"one cell is worth about {pico_usd / PICO_PER_USD:,.0f} USD, more than an exact sum can hold (9.2 million)",
        where=f'{grouping.by} "{key or model}", model "{model}"',
        hint=f"group finer, for example --by {finer}, or narrow it with --since and --until",
    )


def _order(cell: Cell) -> tuple[str, str, str, bool, int]:
    bucket = -1 if cell.context_bucket is None else cell.context_bucket
    return (cell.key, cell.month, cell.model, not cell.is_priced, bucket)


def _notes(cursor: sqlite3.Cursor, tables: PriceTables) -> tuple[list[Unpriced], list[PriceWarning]]:
    """What has no price, and a warning for each of those and for each price that is older than its date."""
    if not any(noted for *_, noted in tables.epoch_of):
        return [], []
    unpriced, warnings = [], []
    for row in sorted(cursor.execute(frozen_sql("price_notes")).fetchall()):
        model, mode, geo, price_epoch, requests = row[:5]
        counts, first = TokenCounts(*row[5:12]), _origin(cursor, model, mode, geo, row[-1])
        reason = tables.reasons.get(price_epoch)
        if reason is None:
            effect = f'"{model}" was called before its first known {mode} price and is priced at that one'
            warnings.append(PriceWarning("priced_before_first_date", requests, first, effect))
            continue
        missing = Unpriced(model, mode, geo, reason, requests, counts, first)
        unpriced.append(missing)
        effect = f'{missing.tokens:,} tokens of "{model}" are in no list total: {reason}'
        warnings.append(PriceWarning("unpriced", requests, first, effect))
    return unpriced, warnings


def unpriced_searches(cells: Sequence[Cell], book: PriceBook) -> list[PriceWarning]:
    """A warning a model whose web searches cost something that is not known; its tokens are priced."""
    searches: Counter[str] = Counter()
    for cell in cells:
        if cell.web_searches and cell.value is not None and book.search_pico_usd(book.provider_of(cell.model)) is None:
            searches[cell.model] += cell.web_searches
    effect = 'web searches of "{}" are in no list total: no price of a search is known for its provider'
    return [PriceWarning("unpriced web searches", count, "", effect.format(model)) for model, count in searches.items()]


def _origin(cursor: sqlite3.Cursor, model: str, mode: str, geo: str, time_ms: int) -> str:
    """Where the first of some requests is in the logs, as ``file:offset``: by the sessions that the sums name."""
    found = (
        "SELECT DISTINCT session FROM tally WHERE model = ? AND mode = ? AND geo = ? AND ? BETWEEN first_ms AND last_ms"
    )
    whose = model, mode, geo, time_ms
    sessions = [session for (session,) in cursor.execute(found, whose)]
    of_sessions = f"session IN ({', '.join('?' * len(sessions))}) AND" if len(sessions) <= MOST_SESSIONS else ""
    path, offset = cursor.execute(
        f"SELECT path, request.offset FROM request JOIN file ON file.id = file_id WHERE {of_sessions}"
        " model = ? AND mode = ? AND geo = ? AND time_ms = ? ORDER BY path, request.offset LIMIT 1",
        (*(sessions if of_sessions else ()), *whose),
    ).fetchone()
    return f"{path}:{offset}"
