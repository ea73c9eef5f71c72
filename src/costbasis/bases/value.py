"""What a basis gives back for a usage table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from costbasis.quantity import Quantity, counted
from costbasis.rowvalues import RowEstimates, RowValues, value_rows, value_total
from costbasis.sampling import Floats
from costbasis.usage.amounts import Amounts, Group


@dataclass(frozen=True, slots=True)
class Unvalued:
    """Usage that a basis cannot value, and why. It is left out of the basis and of its ratios, and counted."""

    group: Group
    reason: str


UnitPrices = Mapping[Group, Mapping[str, Quantity]]
"""Group to unit (``cache_read_tok``, ``output_ctx_tok2``, ``list_usd``, …) to the value of one unit."""


@dataclass(frozen=True, slots=True)
class BasisValue:
    """A usage table on one basis.

    *total*: USD of all valued rows. *rows*: USD a row. *over*: list over this basis, a row. *covered_list_usd*:
    list value of what was valued, a row: the only list that may stand beside it. *groups*: what was valued.
    *parts*: other totals of the same basis by name (bands, routes, the pool with one route left out). *prices*: what
    one unit of each group was valued at, where the basis is a price a unit.
    """

    basis: str
    total: Quantity
    rows: RowEstimates
    over: RowEstimates | None
    covered_list_usd: Floats
    groups: Sequence[Group]
    unvalued: Sequence[Unvalued] = ()
    parts: Mapping[str, Quantity] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    prices: UnitPrices = field(default_factory=dict)


def rows_at(prices: UnitPrices, workload: Amounts, *, name: str) -> RowValues:
    """Every row of *workload* at *prices*, with list over it. Units that no price mentions are not charged."""
    columns, values = _priced_columns(prices, workload)
    return value_rows(columns, values, name=name, numerator=workload.list_usd(prices))


def total_at(prices: UnitPrices, workload: Amounts, *, name: str) -> Quantity:
    """The total row of *workload* at *prices*, with its past."""
    columns, values = _priced_columns(prices, workload)
    totals = {column: float(amounts[0]) for column, amounts in columns.items()}
    return value_total(totals, values, name=name, source=workload.source)


def _priced_columns(prices: UnitPrices, workload: Amounts) -> tuple[dict[str, Floats], dict[str, Quantity]]:
    columns: dict[str, Floats] = {}
    values: dict[str, Quantity] = {}
    for group, by_unit in prices.items():
        for unit, column in workload.of_group(group).items():
            if unit in by_unit:
                columns[f"{group.prefix}:{unit}"] = column
                values[f"{group.prefix}:{unit}"] = by_unit[unit]
    return columns, values


def list_beside(listed: BasisValue, other: BasisValue, workload: Amounts) -> Quantity:
    """The list value of just what *other* could value: the only list that may be compared with it."""
    if not other.unvalued:
        return listed.total
    return counted("list_usd", float(other.covered_list_usd[0]), workload.source)
