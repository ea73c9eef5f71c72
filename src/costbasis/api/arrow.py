"""Tables of a result as Arrow, through DuckDB: exact money stays a decimal, no frame library is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from costbasis.api.flat import flat
from costbasis.quantity import Estimate
from costbasis.reports.leaf import Estimated, ExactUsd
from costbasis.usage.pricing.cells import usd_text

MONEY = "DECIMAL(38, 12)"
"""US dollars to the pico-dollar."""

TYPES = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR", ExactUsd: MONEY}


def main_table(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The table of a result that is taken where none is named: of usage, a row a key and model; else the first one."""
    if "rows" in node:
        return [{"key": row["key"]} | part for row in node["rows"] for part in row.get("models") or [row]]
    for child in node.values():
        if isinstance(child, list) and child and all(isinstance(row, dict) for row in child):
            return list(child)
    return [dict(node)]


def stream(rows: Sequence[Mapping[str, Any]], requested_schema: object = None) -> object:
    """The rows as an Arrow C stream."""
    columns = _columns(rows)
    return _relation(columns).__arrow_c_stream__(requested_schema)


def arrow_table(of: Any) -> Any:
    """Anything with an Arrow stream as a ``pyarrow.Table``.

    Errors: :class:`~costbasis.errors.BadArgument` where pyarrow is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        from costbasis.errors import BadArgument

        hint = "pip install pyarrow; or hand the result to your frame library as it is: polars.DataFrame(result)"
        raise BadArgument("pyarrow is not installed", where="to_arrow", hint=hint) from error
    return pyarrow.table(of)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    split = [_split(row) for row in rows]
    names = list(dict.fromkeys(name for row in split for name in row))
    return {name: [row.get(name) for row in split] for name in names}


def _split(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's columns, each estimate as four."""
    found: dict[str, Any] = {}
    for name, value in flat(row).items():
        if isinstance(value, Estimated):
            found |= {f"{name}_{part}": _known(getattr(value.estimate, part)) for part in Estimate._fields}
        else:
            found[name] = value.item() if isinstance(value, np.generic) else value
    return found


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _relation(columns: Mapping[str, list[Any]]) -> Any:
    import duckdb

    given: dict[str, Any] = {}
    picked = []
    for index, (name, values) in enumerate(columns.items()):
        kind = _kind(values)
        given[f"c{index}"] = np.array([_text(value) for value in values], dtype=object)
        quoted = name.replace('"', '""')
        picked.append(f'CAST(c{index} AS {kind}) AS "{quoted}"')
    given["row"] = np.arange(len(next(iter(columns.values()), [])))
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("given", given)
    return connection.sql(f"SELECT {', '.join(picked) or 'row'} FROM given ORDER BY row")


def _kind(values: Sequence[Any]) -> str:
    """The type that holds them all; text where they are of several kinds. None is of any kind."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return "DOUBLE"
    if kinds == {int} and max(abs(value) for value in values if value is not None) >= 1 << 63:
        return "HUGEINT"
    return TYPES.get(kinds.pop(), "VARCHAR") if len(kinds) == 1 else "VARCHAR"


def _text(value: Any) -> str | None:
    if isinstance(value, ExactUsd):
        return usd_text(value.pico_usd)
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    return repr(value) if isinstance(value, float) else str(value)
