"""Use over time by token class: four rows of bars, each to its own height, because cache reads dwarf the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.buckets import TIP_FORMAT, bars_of, time_axis
from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.classes import CLASS_COLOURS, CLASS_NAMES, CLASS_OF
from costbasis.reports.charts.theme import INK
from costbasis.reports.format import share, tokens

NAME = "usage_by_class"

ROW_PX = 66


def chart(report: Mapping[str, Any]) -> Chart | None:
    """Tokens by class; needs ``usage.rows`` by day."""
    rows = report["usage"]["rows"]
    if not rows:
        return None
    bars = bars_of([row["key"] for row in rows])
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        for name, count in row["tokens"].items():
            if name in CLASS_OF:
                counts[bars.first_day[row["key"]], CLASS_OF[name]] += count
    totals = {name: sum(count for (_, one), count in counts.items() if one == name) for name in CLASS_NAMES}
    shown = [name for name in CLASS_NAMES if totals[name]]
    if not shown:
        return None
    most = {name: max(count for (_, one), count in counts.items() if one == name) for name in shown}
    data = [
        {
            "day": day,
            "class": CLASS_NAMES[name],
            "tokens": count,
            "colour": CLASS_COLOURS[name],
            "head": f"{CLASS_NAMES[name]}: {tokens(totals[name])}, at most {tokens(most[name])} a {bars.span}",
            "says": f"{tokens(count)} tokens",
        }
        for (day, name), count in sorted(counts.items())
        if name in shown
    ]
    columns = [
        Column(bars.span, lambda row: row["day"], is_number=False),
        Column("class", lambda row: row["class"], is_number=False),
        Column("tokens", lambda row: f"{row['tokens']:,.0f}"),
    ]
    x = time_axis(bars.span)
    scale = {"domain": [0, len(shown)], "nice": False}
    tip = [
        {**{name: value for name, value in x.items() if name != "axis"}, "title": bars.span}
        | {"format": TIP_FORMAT[bars.span]},
        {"field": "class", "title": "class"},
        {"field": "says", "title": "tokens"},
    ]
    names = [CLASS_NAMES[name] for name in shown]
    view = {
        "transform": [
            {"joinaggregate": [{"op": "max", "field": "tokens", "as": "most"}], "groupby": ["class"]},
            {"calculate": f"{len(shown) - 1} - indexof({names}, datum.class)", "as": "line"},
            {"calculate": "datum.line + 0.55 * datum.tokens / datum.most", "as": "top"},
        ],
        "layer": [
            {
                "mark": {"type": "bar"},
                "encoding": {
                    "x": x,
                    "y": {"field": "line", "type": "quantitative", "axis": None, "scale": scale},
                    "y2": {"field": "top"},
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                    "tooltip": tip,
                },
            },
            {
                "transform": [{"aggregate": [{"op": "max", "field": "line", "as": "line"}], "groupby": ["head"]}],
                "mark": {"type": "text", "align": "left", "x": 0, "dy": -60, "fill": INK, "baseline": "top"},
                "encoding": {
                    "y": {"field": "line", "type": "quantitative", "axis": None, "scale": scale},
                    "text": {"field": "head"},
                },
            },
        ],
    }
    everything = sum(totals.values())
    reads = totals["cache_read"] / everything
    says = (
        f"{tokens(everything)} tokens, {share(reads)} of them read from a cache, "
        f"{share(totals['output'] / everything)} of them output."
    )
    title = f"Tokens a {bars.span}, by class"
    return chart_of(title, says, data, columns, view, height=ROW_PX * len(shown))
