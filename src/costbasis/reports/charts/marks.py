"""What several charts share: the words of a basis, estimates as rows, and bars with their words above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from costbasis.quantity import Estimate
from costbasis.reports.charts.chart import Row
from costbasis.reports.charts.theme import BLUE, GREEN, GREY, INK, ORANGE, SOFT, VIOLET
from costbasis.reports.format import interval, money, money_and_interval

BASES: dict[str, tuple[str, str, str]] = {
    "list": ("List", "what the API would have charged", BLUE),
    "realised": ("Realised", "list less usual discounts", BLUE),
    "market": ("Market", "what hosts of open models would charge", GREEN),
    "serving": ("Serving", "what they took to produce", ORANGE),
    "marginal": ("Marginal", "one more token on machines held anyway", ORANGE),
    "opportunity": ("Opportunity", "serving, with scarcity λ as set", ORANGE),
    "loaded": ("Loaded", "serving with training, staff and the rest", VIOLET),
    "plan": ("Plan price", "what the subscriber paid", INK),
}
"""Basis to name, the same in plain words, and colour."""


def basis_words(basis: str) -> tuple[str, str, str]:
    """Name, plain words and colour of a basis; one that is not known here is named by itself."""
    return BASES.get(basis, (basis.capitalize(), "", GREY))


def estimate_of(values: Mapping[str, float]) -> Estimate:
    """An estimate as it stands in the JSON."""
    return Estimate(values["p10"], values["p50"], values["p90"], values["mean"])


def estimated_row(values: Mapping[str, float]) -> dict[str, Any]:
    """The fields of a row that an estimate fills: its quantiles as they stand in the JSON, and what they say."""
    estimate = estimate_of(values)
    return {"p10": estimate.p10, "p50": estimate.p50, "p90": estimate.p90} | {
        "says": money_and_interval(estimate),
        "short": money(estimate),
    }


def row_estimate(row: Row) -> Estimate:
    """The quantiles of a row; its mean is not printed."""
    return Estimate(row["p10"], row["p50"], row["p90"], row["p50"])


def median(row: Row) -> str:
    """The median of a row, or its exact value."""
    return money(row_estimate(row))


def spread(row: Row) -> str:
    """The 80 % interval of a row, or that there is none."""
    return "exact" if row["p10"] == row["p90"] else interval(row_estimate(row))


ROW_PX = 46
"""Height of a bar with its words above it."""


def interval_bars(rows: Sequence[Row], *, scale: str, title: str, means_at: int = 96) -> dict[str, Any]:
    """Marks of one interval a row: its words above, its bar from p10 to p90, its median as a stroke.

    Rows hold ``name``, ``means``, ``says``, ``short``, ``p10``, ``p50``, ``p90`` and ``colour``. *scale* is "log" (a
    row that reaches 0 is drawn from a thousandth of the least median), "symlog" (for what may be below 0) or "share".
    *means_at*: where, in pixels, the plain words begin.
    """
    along, axis = _share_axis() if scale == "share" else _money_axis(rows, scale)
    x = {"field": "p50", "type": "quantitative", "scale": {**along, "nice": False, "clamp": True}}
    axis = {**axis, "title": title, "labelOverlap": True}
    colour = {"field": "colour", "type": "nominal", "scale": None}
    tip = [{"field": "name", "title": "what"}, {"field": "says", "title": "80 % interval"}]
    return {
        "encoding": {"y": _named(rows)},
        "layer": [
            {
                "mark": {"type": "bar", "height": 9, "yOffset": 8, "cornerRadius": 4.5, "opacity": 0.38},
                "transform": [{"filter": "datum.p90 > datum.p10"}],
                "encoding": {"x": {**x, "field": "p10", "axis": axis}, "x2": {"field": "p90"}, "color": colour},
            },
            {
                "mark": {"type": "tick", "orient": "vertical", "thickness": 4, "size": 19, "yOffset": 8, "opacity": 1},
                "encoding": {"x": {**x, "axis": axis}, "color": colour, "tooltip": tip},
            },
            *_words(means_at),
        ],
    }


def _money_axis(rows: Sequence[Row], scale: str) -> tuple[dict[str, Any], dict[str, Any]]:
    low, high = _domain(rows) if scale == "log" else _around_zero(rows)
    along = {"type": scale, "domain": [low, high]} | ({} if scale == "log" else {"constant": KNEE_USD})
    return along, {"format": "$,.2~r", "values": _decades(low, high)}


def _share_axis() -> tuple[dict[str, Any], dict[str, Any]]:
    return {"type": "linear", "domain": [0, 1]}, {"format": ".0%", "tickCount": 5}


def bars(rows: Sequence[Row], *, field: str, axis_format: str, title: str) -> dict[str, Any]:
    """Marks of one bar a row, from zero to *field*, its words above.

    Rows hold ``name``, ``says``, ``short`` and ``colour``.
    """
    axis = {"format": axis_format, "title": title, "tickCount": 4}
    return {
        "encoding": {"y": _named(rows)},
        "layer": [
            {
                "mark": {"type": "bar", "height": 9, "yOffset": 8, "cornerRadiusEnd": 3},
                "encoding": {
                    "x": {"field": field, "type": "quantitative", "axis": axis},
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                },
            },
            *_words(0),
        ],
    }


FITS = "width >= 8.6 * (length(datum.name) + length(datum.says))"
"""Is there room for the name and the value with its interval on one line? Else the value alone is shown."""


def _named(rows: Sequence[Row]) -> dict[str, Any]:
    order = [row["name"] for row in rows]
    return {"field": "name", "type": "nominal", "sort": order, "axis": None, "scale": {"padding": 0}}


def _words(means_at: int) -> list[dict[str, Any]]:
    """Name at the left, value at the right, both above the bar; plain words between where there is room."""
    text = {"type": "text", "align": "left", "baseline": "alphabetic", "dy": -5, "x": 0, "fontWeight": 600, "fill": INK}
    plain = {**text, "fontWeight": 400, "fill": SOFT, "x": means_at, "fontSize": 12.5}
    found: list[dict[str, Any]] = [
        {"mark": text, "encoding": {"text": {"field": "name"}}},
        {
            "mark": {**text, "align": "right", "x": {"expr": "width"}},
            "encoding": {"text": {"condition": {"test": FITS, "field": "says"}, "field": "short"}},
        },
    ]
    if means_at:
        room = {"condition": {"test": "width >= 560", "field": "means"}, "value": ""}
        found.append({"mark": plain, "encoding": {"text": room}})
    return found


KNEE_USD = 10.0
"""Around zero a symmetric logarithm is straight; beyond this it bends."""


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten within a domain; around zero, zero and every other power from 100 on, so that labels have room."""
    if low > 0:
        return [10.0**power for power in range(ceil(log10(low)), floor(log10(high)) + 1)]
    powers = [10.0**power for power in (2, 3, 4, 5, 6, 7, 8, 9)]
    return [-one for one in reversed(powers) if -one >= low] + [0.0] + [one for one in powers if one <= high]


def series_colour(names: Sequence[str], colours: Sequence[str]) -> dict[str, Any]:
    """The colour channel of named series."""
    scale = {"domain": list(names), "range": list(colours)}
    return {"field": "series", "type": "nominal", "scale": scale}


def _domain(rows: Sequence[Row]) -> tuple[float, float]:
    values = [row[name] for row in rows for name in ("p10", "p50", "p90")]
    least = min(row["p50"] for row in rows if row["p50"] > 0)
    seen = [value for value in values if value > 0 and value >= least / 1000]
    return min(seen) / 1.25, max(seen) * 1.25


def _around_zero(rows: Sequence[Row]) -> tuple[float, float]:
    values = [row[name] for row in rows for name in ("p10", "p50", "p90")]
    return min(-KNEE_USD, *values) * 1.3, max(KNEE_USD, *values) * 1.3
