"""The ``costbasis.usage/1`` object: a usage table on the bases asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from costbasis.reports.head import Identity, Warn, head
from costbasis.reports.leaf import Estimated, ExactUsd
from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.cells import Cell, ListValue, Unpriced

if TYPE_CHECKING:
    from costbasis.bases.table import Column
    from costbasis.bases.value import BasisValue
    from costbasis.catalog import Catalog
    from costbasis.quantity import Quantity
    from costbasis.usage.amounts import Amounts, Row

SCHEMA = "costbasis.usage/1"

CLASSES = {
    "input": "input_tok",
    "cache_write_5m": "cache_write_5m_tok",
    "cache_write_1h": "cache_write_1h_tok",
    "cache_write_unknown": "cache_write_unknown_tok",
    "cache_read": "cache_read_tok",
    "output": "output_tok",
    "reasoning": "reasoning_tok",
}
"""JSON name of a token class to its count. Reasoning is a part of output."""

Of = tuple[str, str | None]
"""A row of the table: its key, and one model or all of them."""


class Table(msgspec.Struct, frozen=True):
    """A priced and valued usage table, as a report needs it. *amounts* are asked for where something is estimated,
    the *catalog* where a number is explained. *rows*: those of the amounts, where they can be had before them.
    """

    by: str
    tz: str
    cells: Sequence[Cell]
    unpriced: Sequence[Unpriced]
    skipped: Mapping[str, int]
    amounts: Callable[[], Amounts]
    bases: Mapping[str, Column | BasisValue]
    catalog: Callable[[], Catalog]
    rows: Callable[[], Sequence[Row]] | None = None


def usage_object(
    table: Table, catalog: Catalog | Identity, as_of: date, warnings: Sequence[Warn], *, order: str = "asc"
) -> dict[str, Any]:
    """The table as ``costbasis.usage/1``. A basis that cannot be had is absent from its row.

    *order* of the rows: "asc" and "desc" by key, "most" by list value.
    """
    shown = _Shown(table)
    cells_of: dict[str, list[Cell]] = {}
    for cell in table.cells:
        cells_of.setdefault(cell.key, []).append(cell)
    return head(SCHEMA, catalog, as_of, warnings) | {
        "by": table.by,
        "tz": table.tz,
        "rows": [shown.row(key, cells) for key, cells in _ordered(cells_of, order)],
        "total": shown.sums(("total", None), list(table.cells)),
        "skipped": {"lines": sum(table.skipped.values()), "reasons": dict(table.skipped)},
        "unpriced": [
            {"model": row.model, "tokens": row.tokens, "requests": row.requests, "reason": row.reason}
            for row in table.unpriced
        ],
    }


def _ordered(cells_of: dict[str, list[Cell]], order: str) -> list[tuple[str, list[Cell]]]:
    """Rows that have no price come last by value, whatever they hold."""
    rows = sorted(cells_of.items(), key=lambda row: row[0], reverse=order == "desc")
    if order == "most":
        rows.sort(key=lambda row: -sum(cell.value.total for cell in row[1] if cell.value is not None))
    return rows


def _tokens(cells: Sequence[Cell]) -> dict[str, int]:
    """All counts at once, a column each: there are thousands of cells, most of them alone in their row."""
    if len(cells) == 1:
        return dict(zip(CLASSES, _classes(cells[0].counts), strict=True))
    counts = [cell.counts for cell in cells] or [TokenCounts()]
    return dict(zip(CLASSES, _classes([*map(sum, zip(*counts, strict=True))]), strict=True))


_classes = itemgetter(*map(TokenCounts._fields.index, CLASSES.values()))


class _Shown(msgspec.Struct, frozen=True, dict=True):
    table: Table

    @cached_property
    def index_of(self) -> dict[Of, int]:
        """Where a row is in the matrix."""
        rows = self.table.rows() if self.table.rows is not None else self.table.amounts().rows
        return {(row.key, row.model): index for index, row in enumerate(rows)}

    def row(self, key: str, cells: list[Cell]) -> dict[str, Any]:
        of_model: dict[str, list[Cell]] = {}
        for cell in cells:
            of_model.setdefault(cell.model, []).append(cell)
        parts = [{"model": model} | self.sums((key, model), some) for model, some in of_model.items()]
        return {"key": key} | self.sums((key, None), cells) | {"models": parts}

    def sums(self, row: Of, cells: list[Cell]) -> dict[str, Any]:
        return {
            "requests": sum([cell.requests for cell in cells]),
            "unpriced_requests": sum([max(cell.requests, 1) for cell in cells if cell.value is None]),
            "tokens": _tokens(cells),
            "web_searches": sum([cell.web_searches for cell in cells]),
            "bases": self.bases(row, [cell.value for cell in cells if cell.value is not None]),
        }

    def bases(self, row: Of, values: list[ListValue]) -> dict[str, Any]:
        """Every basis of one row; nothing where no cell of it has a list price."""
        if not values:
            return {}
        listed = partial(self.explained, "list", row)
        tokens, tools = sum([value.tokens for value in values]), sum([value.tools for value in values])
        more = sum([value.cache_write_unknown_max - value.cache_write_unknown for value in values])
        total = ExactUsd(tokens + tools, listed)
        found: dict[str, Any] = {
            "list_usd": total,
            "list_usd_max": ExactUsd(total.pico_usd + more, listed) if more else total,
            "parts_usd": {"tokens": ExactUsd(tokens, listed) if tools else total, "tools": ExactUsd(tools, listed)},
        }
        if not self.table.bases:
            return found
        for name in ("realised", "market", "serving", "opportunity"):
            valued = self.table.bases.get(name)
            index = None if valued is None else self.index_of.get(row)  # none: too many rows to estimate each
            if valued is not None and index is not None and valued.covered_list_usd[index] > 0:
                found[f"{name}_usd"] = Estimated(valued.rows.row(index), partial(self.explained, name, row))
        serving = self.table.bases.get("serving")
        if "serving_usd" in found and serving is not None and serving.over is not None:
            found["list_over_serving"] = Estimated(serving.over.row(self.index_of[row]), partial(self.ratio, row))
        return found

    def explained(self, basis: str, row: Of) -> Quantity:
        """The quantity behind one cell of the table, made again for that row alone."""
        return self.valued(row, [basis])[basis].total

    def ratio(self, row: Of) -> Quantity:
        """List over serving of one row."""
        from costbasis.formulas.billing import list_over_serving
        from costbasis.quantity import derive

        bases = self.valued(row, ["list", "serving"])
        ratio: Quantity = derive(list_over_serving, list_usd=bases["list"].total, serving_usd=bases["serving"].total)
        return ratio

    def valued(self, row: Of, bases: Sequence[str]) -> dict[str, BasisValue]:
        """One row on some bases, with the past of each number."""
        from costbasis.bases import engine
        from costbasis.errors import BadArgument
        from costbasis.usage.amounts import only_row

        if row not in self.index_of:
            raise BadArgument("too many rows to explain one", where="--by", hint="group coarser, or explain the total")
        return engine.value(only_row(self.table.amounts(), self.index_of[row]), self.table.catalog(), only=bases)
