"""The look of every chart: one palette in light and dark, one configuration.

Specs hold the light colours, so that a picture made of one looks right anywhere. A page that may be dark lays
:func:`dark_css` over them: the drawing is SVG, and a rule of a style sheet beats a colour attribute.
"""

from __future__ import annotations

from typing import Any

INK = "#1c2024"
SOFT = "#59636e"
LINE = "#dde2e7"
FAINT = "#eef1f4"
PAPER = "#ffffff"
"""The page, and words on a strong colour: in the dark both turn."""

ON_STRONG, ON_PALE = "#fefefe", "#1b1f23"
"""Words on colours that are mixed, which stay as they are in the dark."""

BLUE = "#2768ab"
ORANGE = "#c8641b"
GREEN = "#2f8a63"
ROSE = "#b0476f"
VIOLET = "#6d5bb3"
GOLD = "#a8841a"
TEAL = "#23808c"
GREY = "#8a939c"

SERIES = (BLUE, ORANGE, GREEN, VIOLET, GOLD, ROSE, TEAL)
"""Colours of series in order; the tail that is grouped as "other" is :data:`GREY`."""

DARK = {
    INK: "#e8ebee",
    SOFT: "#a4aeb8",
    LINE: "#3a434c",
    FAINT: "#262d34",
    BLUE: "#6fb0ee",
    ORANGE: "#f0a066",
    GREEN: "#66c59b",
    ROSE: "#e58cb0",
    VIOLET: "#ada0ea",
    GOLD: "#d9ba5a",
    TEAL: "#62bfcb",
    PAPER: "#14181c",
}
"""What each colour is on a dark page."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

CONFIG: dict[str, Any] = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "text": {"fontSize": 13, "fill": INK},
    "axis": {
        "labelFontSize": 12,
        "labelColor": SOFT,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": SOFT,
        "gridColor": FAINT,
        "domain": False,
        "tickColor": LINE,
        "labelPadding": 4,
    },
    "axisY": {"ticks": False},
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "title": None,
        "labelFontSize": 12.5,
        "labelColor": INK,
        "labelLimit": 260,
        "columns": 3,
        "symbolType": "square",
        "symbolStrokeWidth": 0,
        "columnPadding": 14,
        "rowPadding": 4,
        "offset": 8,
    },
}


def dark_css(*inside: str) -> str:
    """Style rules that turn drawings of light colours into dark ones on a dark screen, under these selectors.

    >>> ".chart [fill='#ffffff'] { fill: #14181c }" in dark_css(".chart")
    True
    """
    rules = "\n".join(
        f"{', '.join(f'{one} [{what}={quoted(light)}]' for one in inside or ('.chart',))} {{ {what}: {dark} }}"
        for light, dark in DARK.items()
        if light != dark
        for what in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rules}\n}}"


def quoted(text: str) -> str:
    """A string of a style sheet."""
    return f"'{text}'"
