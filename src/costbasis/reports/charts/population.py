"""Subscribers of the plan: how many use more than its price, its break-even, and what was used here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import ROW_PX, estimate_of, interval_bars
from costbasis.reports.charts.theme import BLUE, GREY
from costbasis.reports.format import money_and_interval, share, share_and_interval

NAME = "population"


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A bar a level of use; needs ``plan.levels``."""
    plan = report.get("plan")
    if not plan or not plan.get("levels"):
        return None
    rows = []
    for one in plan["levels"]:
        above = estimate_of(one["share_above_frac"])
        rows.append(
            {
                "name": one["level"][:1].upper() + one["level"][1:],
                "means": f"{money_and_interval(estimate_of(one['use_usd']))} USD at list a month",
                "p10": above.p10,
                "p50": above.p50,
                "p90": above.p90,
                "says": share_and_interval(above),
                "short": share(above.p50),
                "colour": BLUE if one["level"] == "this use" else GREY,
            }
        )
    columns = [
        Column("level of use", lambda row: row["name"], is_number=False),
        Column("list value a month", lambda row: row["means"], is_number=False),
        Column("subscribers who use more", lambda row: share(row["p50"])),
        Column("80 % interval", lambda row: f"{share(row['p10'])} – {share(row['p90'])}"),
    ]
    says = (
        f"By public data {rows[-1]['says']} of the subscribers use more than was used here, and {rows[1]['says']} more "
        "than its owner breaks even on. The mean use is not public: the intervals are wide for it."
    )
    view = interval_bars(rows, scale="share", title="share of subscribers who use more", means_at=150)
    return chart_of(f"Subscribers of {plan['name']}", says, rows, columns, view, height=ROW_PX * len(rows))
