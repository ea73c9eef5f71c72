"""Usage tables as Markdown, to paste into an issue or a page."""

from __future__ import annotations

from typing import Any

from costbasis.reports.usage_cells import cells, heads, notes


def usage_markdown(table: dict[str, Any], bases: list[str], *, breakdown: bool) -> str:
    """The table with its total, and what stands under it as a list."""
    columns = [f"{table['by']} ({table['tz']})", *heads(bases)]
    lines = [_line(columns), _line(["---", *(["---:"] * len(heads(bases)))])]
    for row in table["rows"]:
        lines.append(_line([row["key"], *cells(row, bases)]))
        if breakdown:
            lines += [_line([f"↳ {part['model']}", *cells(part, bases)]) for part in row["models"]]
    lines.append(_line([f"**{text}**" for text in ("total", *cells(table["total"], bases))]))
    return "\n".join([*lines, "", *(f"- {_escaped(note)}" for note in notes(table))])


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(_escaped(text) for text in texts)} |"


def _escaped(text: str) -> str:
    r"""Text that a log may hold, without a meaning to Markdown.

    >>> print(_escaped("a|b <c>\nd"))
    a\|b &lt;c> d
    """
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
