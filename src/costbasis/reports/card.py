"""A verdict as a card to share: SVG of 1200 × 630, and PNG where the picture library is installed."""

from __future__ import annotations

import textwrap
from math import log10
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from costbasis.errors import BadArgument, UnreadableInput
from costbasis.reports.claimtext import WORDS, amount
from costbasis.reports.format import number

WIDTH, HEIGHT, MARGIN = 1200, 630, 64

COLOURS = {
    "supported": "#1a7f4b",
    "mostly_supported": "#1a7f4b",
    "right_number_wrong_basis": "#9a5b00",
    "right_number_wrong_scope": "#9a5b00",
    "overstated": "#9a5b00",
    "understated": "#9a5b00",
    "internally_inconsistent": "#b3261e",
    "refuted": "#b3261e",
    "unverifiable": "#55606e",
}
"""Of the verdict's band; white text on each has a contrast of at least 4.5."""

INK, FAINT, RULE = "#15202b", "#55606e", "#d5dbe1"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
EM = 0.5
"""Mean width of a letter, of its size: lines are folded by it."""


def card_svg(verdict: dict[str, Any]) -> str:
    """The card of a ``costbasis.verdict/1`` object. Every number on it is one of that object."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="{FONT}">',
        f"<title>{escape(verdict['title'])}: {escape(WORDS[verdict['verdict']])}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect width="{WIDTH}" height="112" fill="{COLOURS[verdict["verdict"]]}"/>',
        _text(MARGIN, 74, WORDS[verdict["verdict"]].capitalize(), 48, "#ffffff", bold=True),
        _text(WIDTH - MARGIN, 72, f"confidence {verdict['confidence']}", 28, "#ffffff", end=True),
    ]
    y = 168
    for line in _fold(verdict["title"], 40, 2):
        parts.append(_text(MARGIN, y, line, 40, INK, bold=True))
        y += 48
    who = f"{verdict['said']['who']}, {verdict['said']['when']}"
    parts.append(_text(MARGIN, y, _fold(who, 24, 1)[0], 24, FAINT))
    parts += _scale(verdict, y + 40)
    for index, line in enumerate(_fold(verdict["answer"], 27, 3)):
        parts.append(_text(MARGIN, 470 + 35 * index, line, 27, INK))
    parts.append(f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="566" y2="566" stroke="{RULE}" stroke-width="2"/>')
    made = (
        f"costbasis check {verdict['claim']} · as of {verdict['as_of']} · seed {verdict['seed']} · "
        f"catalogue {verdict['catalogue_sha256'][:8]} · version {verdict['version']}"
    )
    parts.append(_text(MARGIN, 602, _fold(made, 21, 1)[0], 21, FAINT))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _scale(verdict: dict[str, Any], top: float) -> list[str]:
    """The stated figure and the needed one with its interval, on one logarithmic axis."""
    needed = verdict["quantity_needed"]
    if needed is None:
        return [_text(MARGIN, top + 60, "What it is cannot be determined from public data.", 30, INK)]
    estimate, stated, unit = needed.estimate, verdict["stated"], verdict["unit"]
    values = [estimate.p10, estimate.p50, estimate.p90, stated, *verdict["stated_range"]]
    low_said, high_said = verdict["stated_range"]
    rows = (("said", low_said, stated, high_said), (verdict["basis_needed"], estimate.p10, estimate.p50, estimate.p90))
    left, right = MARGIN + 190, WIDTH - MARGIN - 330
    if min(values) <= 0:
        low, high = min(values) - 0.1 * abs(min(values)), max(values) + 0.1 * abs(max(values))
    else:
        low, high = log10(min(values)) - 0.15, log10(max(values)) + 0.15

    def place(value: float) -> float:
        at = value if min(values) <= 0 else log10(value)
        return float(left + (at - low) / (high - low) * (right - left))

    found = []
    for index, (name, p10, p50, p90) in enumerate(rows):
        y = top + 26 + 62 * index
        colour = COLOURS[verdict["verdict"]] if index == 0 else "#1f5fa8"
        found.append(_text(MARGIN, y + 9, name, 28, INK, bold=True))
        found.append(f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" stroke="{RULE}" stroke-width="2"/>')
        if p10 != p90:
            found.append(
                f'<rect x="{place(p10):.1f}" y="{y - 11}" width="{place(p90) - place(p10):.1f}" height="22" rx="11" '
                f'fill="{colour}" opacity="0.35"/>'
            )
        found.append(f'<circle cx="{place(p50):.1f}" cy="{y}" r="13" fill="{colour}"/>')
        says = verdict["stated_text"] if index == 0 else _says(p10, p50, p90, unit)
        found.append(_text(right + 24, y + 9, says, 28, INK, bold=True))
    return found


def _says(p10: float, p50: float, p90: float, unit: str) -> str:
    if p10 == p90:
        return amount(p50, unit)
    return f"{amount(p50, unit)} ({number(p10 * _hundred(unit))} – {number(p90 * _hundred(unit))})"


def _hundred(unit: str) -> float:
    return 100.0 if unit in ("share", "frac") else 1.0


def _text(x: float, y: float, text: str, size: int, colour: str, *, bold: bool = False, end: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{weight}{anchor}>{escape(text)}</text>'


def _fold(text: str, size: int, most: int) -> list[str]:
    """Lines that fit the card's width at a size; the last one says where it is cut."""
    lines = textwrap.wrap(text, int((WIDTH - 2 * MARGIN) / (size * EM)))
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip(" .,;")[: -1 if len(lines[most - 1]) > 60 else None] + " …"]
    return lines or [""]


def write_card(verdict: dict[str, Any], out: Path) -> None:
    """Write the card to *out*, as its ending says: .svg or .png.

    Errors: :class:`~costbasis.errors.BadArgument` for another ending, or for PNG without the picture library.
    """
    svg = card_svg(verdict)
    if out.suffix == ".svg":
        data = svg.encode()
    elif out.suffix == ".png":
        data = _png(svg)
    else:
        raise BadArgument(f'a card is .svg or .png, not "{out.suffix}"', where=str(out), hint="name it verdict.svg")
    try:
        out.write_bytes(data)
    except OSError as error:
        raise UnreadableInput(
            f"cannot be written: {error.strerror}", where=str(out), hint="choose another place"
        ) from error


def _png(svg: str) -> bytes:
    try:
        import vl_convert
    except ImportError:
        raise BadArgument(
            "a PNG needs the picture library",
            where="--card",
            hint="pip install 'costbasis[pictures]', or write an .svg",
        ) from None
    return bytes(vl_convert.svg_to_png(svg))
