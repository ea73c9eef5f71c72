"""Usage tables for the terminal: right-aligned numbers, units in the heads, a total under the line.

A screen that is too narrow for everything is shown less, and told so: intervals and the lesser columns go first.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any, NamedTuple

from costbasis.reports.format import named
from costbasis.reports.screen import PIPED
from costbasis.reports.timeline import over_time
from costbasis.reports.usage_cells import Column, layouts, notes

SHORTEST_KEY = 10
"""Columns that a key has at least; a longer one is folded."""

BARS_MOST, TIME_BESIDE = 120, 56
"""Bars of the line over time at most, and the columns beside it."""

GAP = 3
"""Columns between two columns of the table."""


def usage_text(
    table: dict[str, Any], bases: Sequence[str], *, breakdown: bool, style: Callable[..., str], width: int = PIPED
) -> str:
    """The table as text of at most *width* columns, with what was skipped or could not be priced under it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown, left_out, needed = _fitting(table, bases, breakdown, width)
    drawn = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False)
    drawn.add_column(f"{table['by']} ({table['tz']})", footer="total", overflow="fold", min_width=SHORTEST_KEY)
    for column in shown:
        drawn.add_column(_in_two_lines(column.head), justify="right", footer=column.text(table["total"]), no_wrap=True)
    for row in table["rows"]:
        drawn.add_row(named(row["key"]), *(column.text(row) for column in shown))
        if breakdown:
            for part in row["models"]:
                drawn.add_row(f"  {named(part['model'])}", *(column.text(part) for column in shown), style="dim")
    screen = StringIO()
    plain = style("x", bold=True) == "x"
    console = Console(
        file=screen, width=max(width, needed), no_color=plain, force_terminal=not plain, markup=False, emoji=False
    )
    console.print(drawn)
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    told = [*_over_time(table, width), *notes(table)]
    if left_out:
        told.append(f"Left out to fit the screen: {', '.join(left_out)}; --json has all.")
    return "\n".join([*lines, *(line for note in told for line in textwrap.wrap(note, width) or [""])])


def _over_time(table: dict[str, Any], width: int) -> list[str]:
    drawn = over_time(table["by"], table["rows"], min(BARS_MOST, width - TIME_BESIDE))
    if drawn is None:
        return []
    return [f"List USD by {table['by']}  {drawn.line}  most {drawn.most} in {drawn.at}"]


class _Fitting(NamedTuple):
    shown: Sequence[Column]
    left_out: Sequence[str]
    needed: int
    """Columns that it takes."""


def _fitting(table: dict[str, Any], bases: Sequence[str], breakdown: bool, width: int) -> _Fitting:
    """The fullest layout that leaves a key enough room; the leanest where none does, which is wider than asked."""
    rows = [*table["rows"], *(part for row in table["rows"] for part in row["models"] if breakdown)]
    keys = [named(row["key"]) if "key" in row else f"  {named(row['model'])}" for row in rows]
    wanted_key = max(map(len, [f"{table['by']} ({table['tz']})", *keys]))
    for_key = 1 + min(wanted_key, max(SHORTEST_KEY, width // 2))
    found = [
        _Fitting(layout.columns, layout.left_out, for_key + _width(layout.columns, [table["total"], *rows]))
        for layout in layouts(bases)
    ]
    return next((fitting for fitting in found if fitting.needed <= width), found[-1])


def _width(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> int:
    heads = [_in_two_lines(column.head).split("\n") for column in columns]
    return sum(
        GAP + max(*map(len, head), *(len(column.text(row)) for row in rows))
        for head, column in zip(heads, columns, strict=True)
    )


def _in_two_lines(head: str) -> str:
    """A head with its last word below: "list USD" is no wider than its numbers."""
    first, _, last = head.rpartition(" ")
    return f"{first}\n{last}" if first else last
