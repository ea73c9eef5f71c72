"""What speed costs: the price of a million output tokens against the tokens a second that one user sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.theme import ORANGE
from costbasis.reports.format import number, plain_number

NAME = "frontier"


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A point a speed, joined; needs ``frontier``."""
    found = report["frontier"]
    if not found:
        return None
    rows = [
        {
            "speed": point["tok_per_s_per_user"],
            "input": point["usd_per_mtok"]["input"],
            "output": point["usd_per_mtok"]["output"],
            "layout": point["deployment"].removeprefix(f"{found['machine']} {found['precision']} "),
            "says": f"{number(point['usd_per_mtok']['output'])} $/MTok",
        }
        for point in sorted(found["points"], key=lambda point: point["tok_per_s_per_user"])
    ]
    columns = [
        Column("tokens/s for one user", lambda row: plain_number(row["speed"])),
        Column("output, $/MTok", lambda row: number(row["output"])),
        Column("fresh input, $/MTok", lambda row: number(row["input"])),
        Column("cheapest layout", lambda row: row["layout"], is_number=False),
    ]
    view = {
        "mark": {
            "type": "line",
            "interpolate": "monotone",
            "color": ORANGE,
            "strokeWidth": 2.5,
            "point": {"size": 70, "color": ORANGE},
        },
        "encoding": {
            "x": {
                "field": "speed",
                "type": "quantitative",
                "scale": {"type": "log", "nice": False},
                "axis": {"title": "tokens a second for one user", "values": [5, 10, 20, 50, 100, 200], "grid": False},
            },
            "y": {
                "field": "output",
                "type": "quantitative",
                "scale": {"type": "log", "nice": False, "padding": 8},
                "axis": {"title": "$/MTok of output", "format": "$~r", "values": [1, 3, 10, 30, 100, 300, 1000]},
            },
            "tooltip": [
                {"field": "speed", "title": "tokens/s", "format": ".3~r"},
                {"field": "says", "title": "output"},
                {"field": "layout", "title": "layout"},
            ],
        },
    }
    ends = [f"{row['says']} at {plain_number(row['speed'])} tokens a second" for row in (rows[0], rows[-1])]
    machine = f"{found['machine'].replace('x', ' × ', 1)} in {found['precision']}"
    says = (
        f"Output of {found['model']} on {machine}: {' and '.join(ends)} for each user. Middle of the estimate; the "
        "fleet's other machines are not drawn."
    )
    return chart_of("What speed costs", says, rows, columns, view, height=220)
