"""Usage tables for the terminal: right-aligned numbers, units in the heads, a total under the line."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from costbasis.reports.format import interval, number, share, tokens, usd
from costbasis.reports.leaf import Estimated

NARROW, WIDE = 100, 200
"""Terminal columns: below *NARROW* intervals are left out; output that is piped is as wide as it needs."""


def usage_text(table: dict[str, Any], bases: list[str], *, breakdown: bool, style: Callable[..., str]) -> str:
    """The table as text, with what was skipped or could not be priced under it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, show_footer=True, pad_edge=False)
    total = _cells(table["total"], bases)
    drawn.add_column(f"{table['by']} ({table['tz']})", footer="total", overflow="fold")
    for (head, _), foot in zip(_columns(bases), total, strict=True):
        drawn.add_column(head, justify="right", footer=foot, no_wrap=True)
    for row in table["rows"]:
        drawn.add_row(row["key"], *_cells(row, bases))
        if breakdown:
            for part in row["models"]:
                drawn.add_row(f"  {part['model']}", *_cells(part, bases), style="dim")
    screen = StringIO()
    plain = style("x", bold=True) == "x"
    console = Console(file=screen, width=WIDE if plain else None, no_color=plain, force_terminal=not plain)
    console.print(drawn)
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    return "\n".join([*lines, *_notes(table)])


def _columns(bases: list[str]) -> list[tuple[str, str]]:
    heads = [("requests", ""), ("tokens", ""), ("cache reads", ""), ("output", "")]
    for basis in bases:
        heads.append((f"{basis} USD", basis))
        if basis == "serving":
            heads.append(("list ÷ serving", "over"))
    return heads


def _cells(row: dict[str, Any], bases: list[str]) -> list[str]:
    counts = row["tokens"]
    everything = sum(count for name, count in counts.items() if name != "reasoning")
    cells = [
        f"{row['requests']:,}",
        tokens(everything),
        share(counts["cache_read"] / everything) if everything else "–",
        tokens(counts["output"]),
    ]
    for basis in bases:
        cells.append(_money(row["bases"].get(f"{basis}_usd")))
        if basis == "serving":
            cells.append(_over(row["bases"].get("list_over_serving")))
    return cells


def _money(leaf: Any) -> str:
    if leaf is None:
        return "unknown"
    if isinstance(leaf, Estimated):
        return f"{number(leaf.estimate.p50)} ({interval(leaf.estimate)})"
    return usd(leaf.pico_usd)


def _over(leaf: Any) -> str:
    return "–" if leaf is None else f"{number(leaf.estimate.p50)}× ({interval(leaf.estimate, '×')})"


def _notes(table: dict[str, Any]) -> list[str]:
    notes = [
        f"Not priced: {row['model']} ({row['requests']:,} requests, {tokens(row['tokens'])} tokens): {row['reason']}"
        for row in table["unpriced"]
    ]
    if table["skipped"]["lines"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in table["skipped"]["reasons"].items())
        notes.append(f"Skipped: {table['skipped']['lines']:,} lines ({reasons})")
    for warn in table["warnings"]:
        first = f" (first: {warn['first']})" if warn["first"] else ""
        notes.append(f"Warning: {warn['kind']}, {warn['count']:,}×{first}: {warn['effect']}")
    notes.append("Estimates are medians with 80 % intervals; list is exact.")
    return notes
