"""List prices over time of the models that were used: a million tokens at each model's own mix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import series_colour
from costbasis.reports.charts.theme import FAINT, SERIES
from costbasis.reports.format import number

NAME = "price_history"


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A line a model, a step a price; needs ``price_history``, ``period`` and ``as_of``."""
    paths = report["price_history"]
    if not paths:
        return None
    known = [step["from"] for path in paths for step in path["steps"] if step["from"]]
    first = min([*known, report["period"]["from"]])
    end = max(report["as_of"], report["period"]["to"])
    rows = [
        {
            "series": path["model"],
            "from": step["from"] or first,
            "to": step["to"] or end,
            "usd": float(step["usd_per_mtok"]),
            "since": step["from"] or "before any known date",
            "until": step["to"] or "open",
            "source": step["source"],
            "says": f"{number(float(step['usd_per_mtok']), 3)} $/MTok",
        }
        for path in paths
        for step in path["steps"]
    ]
    models = [path["model"] for path in paths]
    colours = [*SERIES[: len(models)]]
    columns = [
        Column("model", lambda row: row["series"], is_number=False),
        Column("from", lambda row: row["since"], is_number=False),
        Column("to", lambda row: row["until"], is_number=False),
        Column("$/MTok of its mix", lambda row: number(row["usd"], 3)),
        Column("source", lambda row: row["source"], is_number=False),
    ]
    colour = series_colour(models, colours)
    x = {"field": "from", "type": "temporal", "scale": {"type": "utc"}}
    y = {"field": "usd", "type": "quantitative", "scale": {"zero": True}}
    period = {"from": report["period"]["from"], "to": report["period"]["to"]}
    tip = [{"field": name, "title": name} for name in ("since", "until")]
    view = {
        "layer": [
            {
                "data": {"values": [period]},
                "mark": {"type": "rect", "color": FAINT},
                "encoding": {
                    "x": {**x, "axis": {"title": None, "grid": False, "format": "%b %Y", "tickCount": 5}},
                    "x2": {"field": "to"},
                },
            },
            {
                "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round"},
                "encoding": {
                    "x": x,
                    "x2": {"field": "to"},
                    "y": {**y, "axis": {"title": "$/MTok of its own mix", "format": "$~r", "tickCount": 4}},
                    "color": colour,
                    "tooltip": [{"field": "series", "title": "model"}, {"field": "says", "title": "list"}, *tip],
                },
            },
        ],
    }
    legend = list(zip(models, colours, strict=True))
    says = " ".join(_says(path) for path in paths)
    title = "List price over time of the models used"
    return chart_of(title, f"{says} The days looked at are shaded.", rows, columns, view, height=200, legend=legend)


def _says(path: Mapping[str, Any]) -> str:
    prices = [float(step["usd_per_mtok"]) for step in path["steps"]]
    now = f"{path['model']}: {number(prices[-1], 3)} $/MTok"
    changes = len(prices) - 1
    if not changes:
        return f"{now}, never changed."
    return f"{now}, after {changes} change{'s' if changes > 1 else ''}, from {number(prices[0], 3)}."
