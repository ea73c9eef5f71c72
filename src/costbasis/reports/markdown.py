"""Usage tables as Markdown, to paste into an issue or a page."""

from __future__ import annotations

from typing import Any

from costbasis.reports.screen import harmless
from costbasis.reports.usage_cells import columns, notes


def usage_markdown(table: dict[str, Any], bases: list[str], *, breakdown: bool) -> str:
    """The table with its total, and what stands under it as a list."""
    shown = columns(bases)
    heads = [f"{table['by']} ({table['tz']})", *(column.head for column in shown)]
    lines = [_line(heads), _line(["---", *(["---:"] * len(shown))])]
    for row in table["rows"]:
        lines.append(_line([row["key"], *(column.text(row) for column in shown)]))
        if breakdown:
            lines += [_line([f"↳ {part['model']}", *(column.text(part) for column in shown)]) for part in row["models"]]
    lines.append(_line([f"**{text}**" for text in ("total", *(column.text(table["total"]) for column in shown))]))
    return "\n".join([*lines, "", *(f"- {_escaped(note)}" for note in notes(table))])


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(_escaped(text) for text in texts)} |"


def _escaped(text: str) -> str:
    r"""Text that a log may hold, without a meaning to Markdown.

    >>> print(_escaped("a|b <c>\nd"))
    a\|b &lt;c> d
    """
    return " ".join(harmless(text).replace("|", "\\|").replace("<", "&lt;").split())
