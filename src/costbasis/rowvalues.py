"""Tables are matrices: value every row of a usage table in one call, or its total with its past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from costbasis.errors import UnitMismatch
from costbasis.quantity import Derived, Estimate, Quantity, Source, counted
from costbasis.sampling import Floats
from costbasis.units import unit_of

CHUNK_VALUES = 4_000_000
"""Rows × draws held at one time (32 MB)."""


class RowEstimates(NamedTuple):
    """p10, p50, p90 and mean of every row. Shape: ``(rows,)`` each; nan where a row has no value."""

    p10: Floats
    p50: Floats
    p90: Floats
    mean: Floats

    def row(self, index: int) -> Estimate:
        """The estimate of one row."""
        return Estimate(*(float(column[index]) for column in self))


class RowValues(NamedTuple):
    """What each row is worth, and a numerator over that worth where one was given."""

    value: RowEstimates
    over: RowEstimates | None


def value_rows(
    amounts: Mapping[str, Floats],
    values: Mapping[str, Quantity],
    *,
    name: str,
    numerator: Floats | None = None,
) -> RowValues:
    """Value a table in one call: rows × units times units × draws, with quantiles a row.

    *amounts*: column (ending in its unit) to one number a row. *values*: the same columns to the value
    of one unit. *numerator* (one number a row) asks for numerator over value as well.

    >>> price = counted("read_usd_per_tok", 0.5e-6, Source("price page"))
    >>> table = {"read_tok": np.array([1e6, 3e6])}
    >>> value_rows(table, {"read_tok": price}, name="list_usd").value.p50.tolist()
    [0.5, 1.5]

    Errors: :class:`~costbasis.errors.UnitMismatch` for a column without a value or a value without a
    column (nothing is free), and for a product that is not in the unit of *name*.
    """
    _check_columns(amounts, values, name)
    return rows_of_draws(amounts, {column: value.draws for column, value in values.items()}, numerator=numerator)


def rows_of_draws(
    amounts: Mapping[str, Floats], draws: Mapping[str, Floats], *, numerator: Floats | None = None
) -> RowValues:
    """As :func:`value_rows`, of draws whose units were checked before."""
    columns = sorted(amounts)
    table = np.column_stack([np.asarray(amounts[column], dtype=np.float64) for column in columns])
    shape = np.broadcast_shapes(*(draws[column].shape for column in columns))
    unit_draws = np.vstack([np.broadcast_to(draws[column], shape or (1,)) for column in columns])
    return _estimates(table, unit_draws, numerator)


def value_total(amounts: Mapping[str, float], values: Mapping[str, Quantity], *, name: str, source: Source) -> Quantity:
    """Value one row and keep its past: Σ amount × value of one unit.

    *source* says where the amounts were counted. A total over several rows is the value of their summed
    amounts: totals come from summed draws, never from summed quantiles.

    >>> price = counted("read_usd_per_tok", 0.5e-6, Source("price page"))
    >>> value_total({"read_tok": 4e6}, {"read_tok": price}, name="list_usd", source=Source("logs")).estimate.mean
    2.0
    """
    columns = _check_columns(amounts, values, name)
    worth = sum(amounts[column] * values[column].draws for column in columns)
    inputs: dict[str, Quantity] = {}
    for column in columns:
        inputs[column] = counted(column, amounts[column], source)
        inputs[f"value of {column}"] = values[column]
    return Quantity(name, unit_of(name), np.asarray(worth, dtype=np.float64), Derived(sum_of_amounts_by_value, inputs))


def sum_of_amounts_by_value(**amounts_and_values: Floats) -> None:
    """Σ over units of (amount counted × value of one unit)."""


def _estimates(table: Floats, unit_draws: Floats, numerator: Floats | None) -> RowValues:
    found, over = np.full((4, len(table)), np.nan), np.full((4, len(table)), np.nan)
    step = max(1, CHUNK_VALUES // unit_draws.shape[1])
    for start in range(0, len(table), step):
        rows = slice(start, start + step)
        block = table[rows] @ unit_draws
        found[3, rows] = block.mean(axis=1)
        if numerator is None:
            block.sort(axis=1)
        else:
            over[:, rows] = _sort_and_divide(numerator[rows, None], block)
        found[:3, rows] = _of_ordered(block, SHARES)
    return RowValues(RowEstimates(*found), None if numerator is None else RowEstimates(*over))


SHARES = (0.1, 0.5, 0.9)


def _sort_and_divide(numerator: Floats, block: Floats) -> Floats:
    """p10, p50, p90 and mean of *numerator* over every row of *block*, which is in order after it.

    What is divided by the larger is the smaller: one order serves both. Shape: ``(4, rows)``; nan where a row has a
    draw that nothing can be divided by.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratios, can_divide = numerator / block, block > 0
        if not can_divide.all():
            ratios[~can_divide] = np.nan
        mean = ratios.mean(axis=1)
        block.sort(axis=1)
        if (numerator < 0).any():
            return np.vstack([quantiles(ratios, SHARES), mean])
        found = np.vstack([_between(lambda at: numerator / block[:, -1 - at], block.shape[1], SHARES), mean])
    found[:, np.isnan(mean)] = np.nan
    return found


def quantiles(block: Floats, shares: Sequence[float]) -> Floats:
    """Quantiles of every row, between the two nearest values. Shape: ``(shares, rows)``; nan where a row has one.

    The same as ``np.quantile``, to the last bit, without what that loads and looks at beside. numpy sorts by vectors of
    the processor's, and selects without: to sort takes less than half the time.

    >>> quantiles(np.array([[4.0, 1.0, 2.0, 3.0]]), (0.0, 0.5, 0.9)).tolist()
    [[1.0], [2.5], [3.7]]
    """
    return _of_ordered(np.sort(block, axis=1), shares)


def _of_ordered(block: Floats, shares: Sequence[float]) -> Floats:
    found = _between(lambda at: block[:, at], block.shape[1], shares)
    found[:, np.isnan(block[:, -1])] = np.nan  # what is no number is last
    return found


def _between(value_at: Callable[[Any], Floats], count: int, shares: Sequence[float]) -> Floats:
    places = np.array(shares) * (count - 1)
    below = np.floor(places).astype(np.intp)
    above = np.minimum(below + 1, count - 1)
    low, high, part = value_at(below).T, value_at(above).T, (places - below)[:, None]
    found: Floats = np.where(part >= 0.5, high - (high - low) * (1 - part), low + (high - low) * part)
    return found


def _check_columns(amounts: Mapping[str, object], values: Mapping[str, Quantity], name: str) -> list[str]:
    odd = sorted(set(amounts) ^ set(values))
    if odd:
        raise UnitMismatch(f"amounts and values do not match: {', '.join(odd)}", where=name)
    check_units(values, name)
    return sorted(amounts)


def check_units(values: Mapping[str, Quantity], name: str) -> None:
    """Every value times its column (which ends in its unit) is in the unit of *name*.

    Errors: :class:`~costbasis.errors.UnitMismatch`, naming the first that is not.
    """
    wanted = unit_of(name)
    for column, value in values.items():
        amount = unit_of(column.rsplit(":", 1)[-1])
        numerator, _, denominator = value.unit.partition("/")
        is_price = (numerator, denominator.strip("()")) == (wanted, amount)
        is_share = value.unit == "" and amount == wanted
        if not (is_price or is_share):
            raise UnitMismatch(
                f'"{value.name}" is in {value.unit or "counts"}; times "{column}" it does not give {wanted}',
                where=name,
            )
