"""The chance that a plan pays its owner, at each reading of the two numbers that are not public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.theme import GREEN, INK, LINE, ON_PALE, ON_STRONG, PAPER, ROSE
from costbasis.reports.format import ratio

NAME = "plan_map"


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A cell a pair of readings; needs ``plan.map``. Cells within both 80 % intervals are outlined."""
    plan = report.get("plan")
    if not plan or not plan["map"]:
        return None
    cost, use = plan["cost_over_list"], plan["mean_utilisation"]
    rows = [
        {
            "over_list": ratio(cell["cost_over_list"]),
            "mean_use": ratio(cell["mean_utilisation"]),
            "p": cell["p_profitable"],
            "says": ratio(round(cell["p_profitable"], 2)),
            "inside": cost["p10"] <= cell["cost_over_list"] <= cost["p90"]
            and use["p10"] <= cell["mean_utilisation"] <= use["p90"],
        }
        for cell in plan["map"]
    ]
    columns = [
        Column("serving over list", lambda row: row["over_list"]),
        Column("mean use of the ceiling", lambda row: row["mean_use"]),
        Column("chance that it pays", lambda row: ratio(row["p"])),
        Column("within both intervals", lambda row: "yes" if row["inside"] else "no", is_number=False),
    ]
    x = {"field": "mean_use", "type": "ordinal", "sort": list(dict.fromkeys(row["mean_use"] for row in rows))}
    y = {"field": "over_list", "type": "ordinal", "sort": list(dict.fromkeys(row["over_list"] for row in rows))[::-1]}
    tip = [
        {"field": "over_list", "title": "serving over list"},
        {"field": "mean_use", "title": "mean use of the ceiling"},
        {"field": "says", "title": "chance that it pays"},
    ]
    scale = {"domain": [0, 0.5, 1], "range": [ROSE, LINE, GREEN], "interpolate": "rgb"}
    view = {
        "encoding": {
            "x": {**x, "axis": {"title": "mean use, as a share of the plan's ceiling", "labelAngle": 0}},
            "y": {**y, "axis": {"title": "serving value over list"}},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2},
                "encoding": {
                    "color": {"field": "p", "type": "quantitative", "scale": scale, "legend": None},
                    "tooltip": tip,
                },
            },
            {
                "transform": [{"filter": "datum.inside"}],
                "mark": {"type": "rect", "fill": None, "stroke": INK, "strokeWidth": 2},
            },
            {
                "mark": {"type": "text", "fontSize": 11},
                "encoding": {
                    "text": {"field": "says"},
                    "color": {
                        "condition": {"test": "datum.p < 0.2 || datum.p > 0.8", "value": ON_STRONG},
                        "value": ON_PALE,
                    },
                },
            },
        ],
    }
    inside = [row for row in rows if row["inside"]]
    pays = sum(row["p"] > 0.5 for row in inside)
    says = (
        f"Of the {len(inside)} outlined cells, those within both 80 % intervals, {pays} pay more likely than not and "
        f"{len(inside) - pays} do not."
        if inside
        else f"None of its {len(rows)} cells lies within both 80 % intervals."
    )
    title = f"Does {plan['name']} pay its owner? The chance, by what is not known"
    return chart_of(title, says, rows, columns, view, height=36 * len({row["over_list"] for row in rows}))
