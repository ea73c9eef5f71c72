"""Amounts: priced usage as a matrix, ready to be valued on any basis.

A row is what a report prints (a day, a session, a model of a day, the total); a column is a unit of usage of
one model in one month, because prices and hosts are looked up by month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costbasis.quantity import Source
from costbasis.sampling import Floats
from costbasis.units import PICO_PER_USD
from costbasis.usage.pricing.cells import Cell

TOKEN_COLUMNS = (
    "input_tok",
    "cache_write_5m_tok",
    "cache_write_1h_tok",
    "cache_write_unknown_tok",
    "cache_read_tok",
    "output_tok",
)
"""The six disjoint token classes."""

UNIT_COLUMNS = (*TOKEN_COLUMNS, "output_ctx_tok2", "new_ctx_tok2", "kv_resident_tok_s", "list_usd")
"""What a serving value may be charged on. ``list_usd`` is tokens at list, without tools."""


@dataclass(frozen=True, slots=True)
class Group:
    """One model in one month, and the day whose facts it is valued with."""

    model: str
    month: str
    as_of: date

    @property
    def prefix(self) -> str:
        """What the group's column names begin with."""
        return f"{self.model}@{self.month}"


@dataclass(frozen=True, slots=True)
class Row:
    """What a row sums: a key, all its models or one of them."""

    key: str
    model: str | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """Rows × columns of usage. Shape: each column is ``(rows,)``; row 0 is the total."""

    rows: Sequence[Row]
    groups: Sequence[Group]
    columns: dict[str, Floats]
    list_by_class: Mapping[str, Mapping[str, float]]
    source: Source

    def of_group(self, group: Group) -> dict[str, Floats]:
        """The columns of one group, by unit, those that are not zero everywhere."""
        found = {unit: self.columns.get(f"{group.prefix}:{unit}") for unit in UNIT_COLUMNS}
        return {unit: column for unit, column in found.items() if column is not None and column.any()}

    def billed_usd(self, group: Group) -> dict[str, float]:
        """Total list USD of each token class of one group, by unit, of the classes that occur."""
        tokens = self.of_group(group)
        return {unit: usd for unit, usd in self.list_by_class[group.prefix].items() if unit in tokens}

    def list_usd(self, groups: Iterable[Group]) -> Floats:
        """Tokens at list, in USD, of those groups, row by row (a float: for ratios, never for money of record)."""
        total = np.zeros(len(self.rows))
        for group in groups:
            total = total + self.columns.get(f"{group.prefix}:list_usd", 0.0)
        return total


TOTAL = Row("total", None)


def amounts_of(cells: Sequence[Cell], *, source: Source, as_of: date, models: bool = True) -> Amounts:
    """The matrix of the priced *cells*: one row for the total, one a key, and one a model of each key where asked.

    *as_of* is the newest day that facts may be looked up for; a month that ended before it is valued
    with the facts of its own last day. Cells without a list price are not in it: the report counts them.
    """
    priced = [cell for cell in cells if cell.value is not None]
    rows = [TOTAL, *dict.fromkeys(Row(cell.key, None) for cell in priced)]
    if models:
        rows += dict.fromkeys(Row(cell.key, cell.model) for cell in priced)
    position = {row: index for index, row in enumerate(rows)}
    groups = {(cell.model, cell.month): Group(cell.model, cell.month, _facts_day(cell.month, as_of)) for cell in priced}
    sums: dict[str, list[float]] = {}
    billed: dict[str, dict[str, float]] = {}
    for cell in priced:
        prefix = groups[cell.model, cell.month].prefix
        targets = [0, position[Row(cell.key, None)]]
        targets += [position[Row(cell.key, cell.model)]] if models else []
        for unit in UNIT_COLUMNS:
            column = sums.setdefault(f"{prefix}:{unit}", [0.0] * len(rows))
            amount = cell.amount(unit)
            if amount:
                for target in targets:
                    column[target] += amount
        _add_billed(billed.setdefault(prefix, {}), cell)
    columns = {name: np.array(column) for name, column in sums.items()}
    return Amounts(rows, sorted(groups.values(), key=lambda group: group.prefix), columns, billed, source)


def _add_billed(billed: dict[str, float], cell: Cell) -> None:
    for unit in TOKEN_COLUMNS:
        pico_usd = getattr(cell.value, unit.removesuffix("_tok"))
        billed[unit] = billed.get(unit, 0.0) + pico_usd / PICO_PER_USD


def only_row(amounts: Amounts, index: int) -> Amounts:
    """The usage of one row alone, as a table of one row: to explain a number of that row.

    The list value by class is that of the whole table, scaled to the row's tokens: right wherever a class
    has one price in a month.
    """
    columns = {name: column[index : index + 1] for name, column in amounts.columns.items()}
    billed = {
        group.prefix: {
            unit: usd * float(columns[f"{group.prefix}:{unit}"][0] / amounts.columns[f"{group.prefix}:{unit}"][0])
            for unit, usd in amounts.billed_usd(group).items()
        }
        for group in amounts.groups
    }
    present = [group for group in amounts.groups if columns[f"{group.prefix}:list_usd"].any()]
    return Amounts([amounts.rows[index]], present, columns, billed, amounts.source)


def _facts_day(month: str, as_of: date) -> date:
    year, number = (int(part) for part in month.split("-"))
    first_of_next = date(year + number // 12, number % 12 + 1, 1)
    last = date.fromordinal(first_of_next.toordinal() - 1)
    return min(last, as_of)
