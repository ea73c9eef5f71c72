"""Results in a notebook: plain tables of HTML, every text escaped, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isnan
from typing import Any

from costbasis.api.flat import flat
from costbasis.reports.format import interval, money, number, usd
from costbasis.reports.leaf import Estimated, ExactUsd

MOST_ROWS = 30
"""Rows of a table that are shown; how many more there are is said."""

MOST_FIELDS = 40

HEAD = ("schema", "as_of", "version", "seed", "catalogue_sha256", "warnings")
"""Fields that go into the line below a result."""


def result_html(node: Mapping[str, Any], command: str | None) -> str:
    """A whole result: what it is, its fields and tables, its warnings, and how to make it again."""
    title = node["schema"].removeprefix("costbasis.").partition("/")[0]
    body = {name: value for name, value in node.items() if name not in HEAD}
    again = f"<code>costbasis {escape(command)}</code> · " if command is not None else ""
    made = f"as of {node['as_of']} · seed {node['seed']} · catalogue {node['catalogue_sha256'][:8]}"
    warned = "".join(f"<li>{_warning(warn)}</li>" for warn in node["warnings"][:MOST_ROWS])
    warnings = f"<ul>{warned}</ul>" if warned else ""
    head = f"<strong>costbasis {escape(title)}</strong>"
    return f"<div>{head}{fields_html(body)}{warnings}<small>{again}{made}</small></div>"


def fields_html(node: Mapping[str, Any]) -> str:
    """An object: its plain fields as one table, each table of it below."""
    plain = {name: value for name, value in node.items() if _cell(value) is not None}
    tables = {name: value for name, value in node.items() if name not in plain and _is_table(value)}
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{_cell(value)}</td></tr>" for name, value in _first(plain))
    found = [f"<table>{lines}</table>" if lines else ""]
    found += [
        f"<details open><summary>{escape(name)}</summary>{rows_html(rows)}</details>" for name, rows in tables.items()
    ]
    for name, value in node.items():
        if isinstance(value, Mapping) and name not in plain:
            found.append(f"<details><summary>{escape(name)}</summary>{fields_html(value)}</details>")
    return "".join(found)


def rows_html(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table: its first rows, and how many there are."""
    shown = [{name: _cell(value) for name, value in flat(row).items()} for row in rows[:MOST_ROWS]]
    names = list(dict.fromkeys(name for row in shown for name in row))
    heads = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = "".join(f"<tr>{''.join(f'<td>{row.get(name, chr(8211))}</td>' for name in names)}</tr>" for row in shown)
    more = f"<caption>{len(rows):,} rows, the first {MOST_ROWS} shown</caption>" if len(rows) > MOST_ROWS else ""
    return f"<table>{more}<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


def _first(fields: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(fields.items())[:MOST_FIELDS]


def _is_table(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _cell(value: Any) -> str | None:
    """A value as HTML; None where it is an object or a table."""
    if value is None:
        return "unknown"
    if isinstance(value, ExactUsd):
        return usd(value.pico_usd)
    if isinstance(value, Estimated):
        return _estimate(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return number(value, 3)
    if isinstance(value, list | tuple):
        return None if _is_table(value) else escape(", ".join(str(one) for one in value))
    return None if isinstance(value, Mapping) else escape(str(value))


def _estimate(leaf: Estimated) -> str:
    estimate = leaf.estimate
    if isnan(estimate.p50):
        return "unknown"
    if estimate.p10 == estimate.p90:
        return money(estimate)
    return f'{number(estimate.p50)} <span style="opacity:.6">({interval(estimate)})</span>'


def _warning(warn: Mapping[str, Any]) -> str:
    first = f" (first: {escape(str(warn['first']))})" if warn["first"] else ""
    return f"{escape(str(warn['kind']))}, {warn['count']:,}×{first}: {escape(str(warn['effect']))}"
