"""Columns of a usage table: what each row is worth on a basis, from kept values of one unit where there are any.

What one unit of usage is worth (a token of a class, USD of list, …) depends on the model and the day whose facts are
used, and not on the usage. So its draws are kept, and a column is a matrix product. The numbers are those that
:mod:`costbasis.bases.engine` gives, bit by bit; their past is not kept, and is made again where it is asked for.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np

from costbasis.rowvalues import RowEstimates, check_units, rows_of_draws

if TYPE_CHECKING:
    from costbasis.catalog import Catalog
    from costbasis.kept import Kept
    from costbasis.quantity import Quantity
    from costbasis.sampling import Floats
    from costbasis.usage.amounts import Amounts, Group

BY_UNIT = ("market", "serving")
"""The bases that price units apart from the usage: their modules have ``unit_prices``."""


class Column(NamedTuple):
    """A basis in a usage table: USD a row, list over it where that is shown, and the list value of what was valued."""

    rows: RowEstimates
    over: RowEstimates | None
    covered_list_usd: Floats


class PricesUnits(Protocol):
    """A basis that prices units apart from the usage."""

    @staticmethod
    def unit_prices(group: Group, facts: Catalog) -> Mapping[str, Quantity] | None:
        """What one unit of each column of usage is worth, None where the model cannot be valued."""
        ...


def columns(
    amounts: Amounts, catalog: Callable[[], Catalog], asked: Sequence[str], kept: Kept | None
) -> dict[str, Column]:
    """The bases *asked* for; one that cannot value anything is absent."""
    if not amounts.groups or not asked:
        return {}
    if kept is None or not set(asked) <= set(BY_UNIT):
        from costbasis.bases import engine

        valued = engine.value(amounts, catalog(), only=asked)
        return {name: Column(found.rows, found.over, found.covered_list_usd) for name, found in valued.items()}
    found = {name: _column(name, amounts, catalog, kept) for name in asked}
    return {name: column for name, column in found.items() if column is not None}


def _column(name: str, amounts: Amounts, catalog: Callable[[], Catalog], kept: Kept) -> Column | None:
    draws = {group: unit_draws(name, group, catalog, kept) for group in amounts.groups}
    reached = [group for group, found in draws.items() if found is not None]
    if not reached:
        return None
    table: dict[str, Floats] = {}
    values: dict[str, Floats] = {}
    for group in reached:
        by_unit = draws[group] or {}
        for unit, column in amounts.of_group(group).items():
            if unit in by_unit:
                table[f"{group.prefix}:{unit}"], values[f"{group.prefix}:{unit}"] = column, by_unit[unit]
    if not table:
        return None
    listed = amounts.list_usd(reached)
    found = rows_of_draws(table, values, numerator=listed if name == "serving" else None)
    return Column(found.value, found.over, listed)


def unit_draws(name: str, group: Group, catalog: Callable[[], Catalog], kept: Kept) -> dict[str, Floats] | None:
    """Draws of what one unit is worth on basis *name*, by unit; None where the basis cannot value the model."""
    key = f"units {name} {group.model} {group.as_of}"
    written = kept.get(key)
    if written is not None:
        try:
            return _read(written)
        except (ValueError, KeyError, TypeError, IndexError):  # damaged: made again
            pass
    basis = cast(PricesUnits, importlib.import_module(f"costbasis.bases.{name}"))
    prices = basis.unit_prices(group, catalog())
    if prices is not None:
        check_units(prices, f"{name}_usd")
    draws = None if prices is None else {unit: price.draws for unit, price in prices.items()}
    kept.put(key, _written(draws))
    return draws


def _written(draws: Mapping[str, Floats] | None) -> bytes:
    """A line of JSON that says which unit has which array, and the arrays, each once: many units cost the same."""
    if draws is None:
        return b"null\n"
    arrays: dict[bytes, int] = {}
    units = {}
    for unit, values in draws.items():
        units[unit] = [arrays.setdefault(values.astype("<f8").tobytes(), len(arrays)), list(values.shape)]
    head = {"units": units, "bytes": [len(array) for array in arrays]}
    return json.dumps(head).encode() + b"\n" + b"".join(arrays)


def _read(written: bytes) -> dict[str, Floats] | None:
    begin = written.index(b"\n") + 1
    head = json.loads(written[:begin])
    if head is None:
        return None
    ends = (begin + np.cumsum(head["bytes"], dtype=int)).tolist()
    if (ends[-1] if ends else begin) != len(written):
        raise ValueError("the arrays are not all there")
    sizes = zip(head["bytes"], ends, strict=True)
    arrays = [np.frombuffer(written, "<f8", count=size // 8, offset=end - size) for size, end in sizes]
    return {unit: arrays[index].reshape(shape) for unit, (index, shape) in head["units"].items()}
