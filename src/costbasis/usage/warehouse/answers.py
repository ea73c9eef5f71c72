"""What an engine answers, as cells, and what has to be said of their prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from costbasis.usage.events import TokenCounts, add_counts
from costbasis.usage.pricing.cells import Cell, ListValue, PriceWarning, Unpriced
from costbasis.usage.warehouse.smalltables import SmallTables

UNKNOWN = "unknown"


def cell_of(row: tuple[Any, ...], by: str, keys: tuple[str, str], held_s: float, per_s: int) -> tuple[int, Cell]:
    """A row of ``table_cells`` as a cell, with the number of the price that needs a word (-1: none)."""
    grouped, key, month, model, priced, note, bucket = row[:7]
    requests, *tokens, searches = map(int, row[7:16])
    time_key, field = keys
    if time_key:
        called = f"{key} {grouped or UNKNOWN}" if field else key
    else:
        called = (grouped or UNKNOWN) if field else model if by == "model" else "total"
    counts = TokenCounts(*tokens)
    cell = Cell(
        called,
        month,
        model,
        None if bucket < 0 else bucket,
        requests,
        counts,
        searches,
        0,
        ListValue(*map(int, row[16:24])) if priced else None,
        row[24],
        row[25],
        held_s * (counts.cache_read_tok + counts.cache_write_tok),
        row[26] // per_s * 1000,
        row[27] // per_s * 1000,
    )
    return note, cell


def notes(noted: Sequence[tuple[int, Cell]], tables: SmallTables) -> tuple[list[Unpriced], list[PriceWarning]]:
    """What has no price, and a warning for each of those and for each price that is older than its date."""
    cells: dict[int, list[Cell]] = defaultdict(list)
    for number, cell in noted:
        cells[number].append(cell)
    unpriced, warnings = [], []
    for number, found in sorted(cells.items()):
        requests, counts = sum(cell.requests for cell in found), TokenCounts()
        for cell in found:
            counts = add_counts(counts, cell.counts)
        told = tables.calls[number]
        each = list(dict.fromkeys(name for name, _, _ in told))
        names = ", ".join(each[:5]) + (", …" if len(each) > 5 else "")
        mode, geo = told[0][1], told[0][2]
        reason = tables.reasons.get(number)
        if reason is None:
            effect = f'"{names}" was called before its first known {mode} price and is priced at that one'
            warnings.append(PriceWarning("priced_before_first_date", requests, "", effect))
            continue
        missing = Unpriced(names, mode, geo, reason, requests, counts, "")
        unpriced.append(missing)
        effect = f'{missing.tokens:,} tokens of "{names}" are in no list total: {reason}'
        warnings.append(PriceWarning("unpriced", requests, "", effect))
    return unpriced, warnings
