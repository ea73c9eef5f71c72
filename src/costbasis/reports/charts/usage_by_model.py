"""Use over time by model, at list: exact money, a bar a day (or week, or month)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from costbasis.reports.charts.buckets import TIP_FORMAT, Bars, bars_of, time_axis
from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import series_colour
from costbasis.reports.charts.theme import GREY, SERIES
from costbasis.reports.format import usd
from costbasis.units import PICO_PER_USD

NAME = "usage_by_model"

MOST = 6
"""Models with a colour of their own; the tail is one series, counted."""


def chart(report: Mapping[str, Any]) -> Chart | None:
    """List value by model; needs ``usage.rows`` by day."""
    rows = [row for row in report["usage"]["rows"] if row["bases"]]
    if not rows:
        return None
    bars = bars_of([row["key"] for row in rows])
    sums = _sums(rows, bars)
    names = _series(sums)
    data = [
        {"day": day, "series": name, "usd": pico / PICO_PER_USD, "says": f"{usd(pico)} USD"}
        for (day, name), pico in sorted(_grouped(sums, names).items())
    ]
    order = [*dict.fromkeys(names.values())]
    colours = [*SERIES[: len(order)]] if len(order) <= MOST else [*SERIES[:MOST], GREY]
    columns = [
        Column(bars.span, lambda row: row["day"], is_number=False),
        Column("model", lambda row: row["series"], is_number=False),
        Column("list USD", lambda row: usd(round(row["usd"] * PICO_PER_USD))),
    ]
    tip = [
        {**time_axis(bars.span), "axis": None, "title": bars.span, "format": TIP_FORMAT[bars.span]},
        {"field": "series", "title": "model"},
        {"field": "says", "title": "at list"},
    ]
    for one in tip:
        one.pop("axis", None)
    view = {
        "mark": {"type": "bar", "cornerRadiusEnd": 1},
        "encoding": {
            "x": time_axis(bars.span),
            "y": {
                "field": "usd",
                "type": "quantitative",
                "axis": {"title": f"USD at list a {bars.span}", "format": "$,~r", "tickCount": 4, "titleAnchor": "end"},
            },
            "color": series_colour(order, colours),
            "order": {"field": "usd", "sort": "descending"},
            "tooltip": tip,
        },
    }
    title = f"List value a {bars.span}, by model"
    legend = list(zip(order, colours, strict=True))
    return chart_of(title, _says(sums, names, bars), data, columns, view, height=220, legend=legend)


Sums = Mapping[tuple[str, str], int]


def _sums(rows: list[Mapping[str, Any]], bars: Bars) -> Sums:
    """Pico-USD by bar and model, exact."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        for model in row["models"]:
            if model["bases"]:
                pico = int(Decimal(model["bases"]["list_usd"]) * PICO_PER_USD)
                found[bars.first_day[row["key"]], model["model"]] += pico
    return found


def _series(sums: Sums) -> dict[str, str]:
    """Model to series, the dearest first; the tail beyond the palette is counted, not named."""
    totals: dict[str, int] = defaultdict(int)
    for (_, model), pico in sums.items():
        totals[model] += pico
    models = sorted(totals, key=lambda model: (-totals[model], model))
    if len(models) <= MOST + 1:
        return {model: model for model in models}
    rest = len(models) - MOST
    return {model: model if index < MOST else f"other {rest} models" for index, model in enumerate(models)}


def _grouped(sums: Sums, names: Mapping[str, str]) -> Sums:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (day, model), pico in sums.items():
        found[day, names[model]] += pico
    return found


def _says(sums: Sums, names: Mapping[str, str], bars: Bars) -> str:
    days: dict[str, int] = defaultdict(int)
    for (day, _), pico in sums.items():
        days[day] += pico
    dearest = max(days, key=lambda day: days[day])
    first, share = next(iter(names)), sum(pico for (_, model), pico in sums.items() if model == next(iter(names)))
    return (
        f"{len(names)} models over {len(days)} {bars.span}s with use. {first} has {usd(share)} of "
        f"{usd(sum(days.values()))} USD; the dearest {bars.span} is {dearest}, with {usd(days[dearest])} USD."
    )
