"""What moves the serving value most: each input's share of its spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import ROW_PX, bars
from costbasis.reports.charts.theme import BLUE
from costbasis.reports.format import share

NAME = "drivers"


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A bar an input; needs ``drivers``."""
    rows = [
        {
            "name": one["label"],
            "means": "",
            "share_frac": one["share_frac"],
            "says": share(one["share_frac"]),
            "short": share(one["share_frac"]),
            "colour": BLUE,
            "key": one["key"],
        }
        for one in report["drivers"]
    ]
    if not rows:
        return None
    columns = [
        Column("input", lambda row: row["name"], is_number=False),
        Column("key", lambda row: row["key"], is_number=False),
        Column("share of the spread", lambda row: share(row["share_frac"])),
    ]
    says = f"Most of all {rows[0]['name']}, {rows[0]['says']}; the {len(rows)} shown make {_together(rows)} together."
    view = bars(rows, field="share_frac", axis_format=".0%", title="share of the spread of the serving value")
    return chart_of("Shares of the spread of the serving value", says, rows, columns, view, height=ROW_PX * len(rows))


def _together(rows: list[dict[str, Any]]) -> str:
    return share(sum(row["share_frac"] for row in rows))
