"""Usage tables for the terminal: right-aligned numbers, units in the heads, a total under the line."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from costbasis.reports.usage_cells import cells, heads, notes

WIDE = 200
"""Columns of output that is piped."""


def usage_text(table: dict[str, Any], bases: list[str], *, breakdown: bool, style: Callable[..., str]) -> str:
    """The table as text, with what was skipped or could not be priced under it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False)
    drawn.add_column(f"{table['by']} ({table['tz']})", footer="total", overflow="fold")
    for head, foot in zip(heads(bases), cells(table["total"], bases), strict=True):
        drawn.add_column(head, justify="right", footer=foot, no_wrap=True)
    for row in table["rows"]:
        drawn.add_row(row["key"], *cells(row, bases))
        if breakdown:
            for part in row["models"]:
                drawn.add_row(f"  {part['model']}", *cells(part, bases), style="dim")
    screen = StringIO()
    plain = style("x", bold=True) == "x"
    console = Console(file=screen, width=WIDE if plain else None, no_color=plain, force_terminal=not plain)
    console.print(drawn)
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    return "\n".join([*lines, *notes(table)])
