"""A verdict as a card to share."""

from __future__ import annotations

from typing import Any

from costbasis.reports import drawing
from costbasis.reports.claimtext import WORDS, amount
from costbasis.reports.drawing import BLUE, FAINT, INK, MARGIN, WHITE, WIDTH
from costbasis.reports.format import number

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

TITLE_SIZES = (40, 38, 36)
"""A title that nearly fits one line is set a little smaller, so that no word is left alone on a second."""

SAYS_ROOM = 330
"""Pixels at the right for the numbers."""


def card_svg(verdict: dict[str, Any]) -> str:
    """The card of a ``costbasis.verdict/1`` object. Every number on it is one of that object."""
    word = WORDS[verdict["verdict"]].capitalize()
    parts = [
        drawing.text(MARGIN, 74, word, 48, WHITE, bold=True),
        drawing.text(WIDTH - MARGIN, 72, f"confidence {verdict['confidence']}", 28, WHITE, end=True),
    ]
    y = 168
    size = next((size for size in TITLE_SIZES if len(drawing.fold(verdict["title"], size, 2, bold=True)) == 1), 40)
    for line in drawing.fold(verdict["title"], size, 2, bold=True):
        parts.append(drawing.text(MARGIN, y, line, size, INK, bold=True))
        y += 48
    who = f"{verdict['said']['who']}, {verdict['said']['when']}"
    parts.append(drawing.text(MARGIN, y, drawing.cut(who, 24, WIDTH - 2 * MARGIN), 24, FAINT))
    parts += _scale(verdict, y + 40)
    for index, line in enumerate(drawing.fold(verdict["answer"], 27, 3)):
        parts.append(drawing.text(MARGIN, 470 + 35 * index, line, 27, INK))
    made = (
        f"costbasis check {verdict['claim']} · as of {verdict['as_of']} · seed {verdict['seed']} · "
        f"catalogue {verdict['catalogue_sha256'][:8]} · version {verdict['version']}"
    )
    return drawing.frame(
        f"{verdict['title']}: {word.lower()}", COLOURS[verdict["verdict"]], parts + drawing.footer(made)
    )


def _scale(verdict: dict[str, Any], top: float) -> list[str]:
    """The stated figure and the needed one with its interval, on one axis."""
    needed = verdict["quantity_needed"]
    if needed is None:
        return [drawing.text(MARGIN, top + 60, "What it is cannot be determined from public data.", 30, INK)]
    estimate, stated, unit = needed.estimate, verdict["stated"], verdict["unit"]
    low_said, high_said = verdict["stated_range"]
    rows = (("said", low_said, stated, high_said), (verdict["basis_needed"], estimate.p10, estimate.p50, estimate.p90))
    values = [estimate.p10, estimate.p50, estimate.p90, stated, low_said, high_said]
    scale = drawing.Scale.over(values, MARGIN + 190, WIDTH - MARGIN - SAYS_ROOM)
    found = []
    for index, (name, p10, p50, p90) in enumerate(rows):
        y = top + 26 + 62 * index
        found.append(drawing.text(MARGIN, y + 9, name, 28, INK, bold=True))
        found += scale.bar(y, p10, p50, p90, COLOURS[verdict["verdict"]] if index == 0 else BLUE)
        says = verdict["stated_text"] if index == 0 else _says(p10, p50, p90, unit)
        fitted = drawing.cut(says, 28, SAYS_ROOM - 24, bold=True)
        found.append(drawing.text(scale.right + 24, y + 9, fitted, 28, INK, bold=True))
    return found


def _says(p10: float, p50: float, p90: float, unit: str) -> str:
    if p10 == p90:
        return amount(p50, unit)
    return f"{amount(p50, unit)} ({number(p10 * _hundred(unit))} – {number(p90 * _hundred(unit))})"


def _hundred(unit: str) -> float:
    return 100.0 if unit in ("share", "frac") else 1.0
