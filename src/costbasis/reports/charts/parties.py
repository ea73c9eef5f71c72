"""What is left to each party, with its interval, left and right of zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import ROW_PX, basis_words, estimated_row, interval_bars, median, spread
from costbasis.reports.charts.theme import GREEN, GREY, ROSE

NAME = "parties"

COLOURS = {"yes": GREEN, "no": ROSE}
"""Colour by answer; an open one is grey."""


def chart(report: Mapping[str, Any]) -> Chart | None:
    """Net of every party that has one; needs ``parties``."""
    rows = [
        {
            "name": one["party"][:1].upper() + one["party"][1:],
            "means": f"earns {_basis(one['earns_basis'])}, pays {_basis(one['pays_basis'])}",
            "answer": one["answer"],
            **estimated_row(one["net_usd"]),
            "colour": COLOURS.get(one["answer"], GREY),
        }
        for one in report["parties"]
        if one["net_usd"]
    ]
    if not rows:
        return None
    columns = [
        Column("party", lambda row: row["name"], is_number=False),
        Column("how", lambda row: row["means"], is_number=False),
        Column("net USD", median),
        Column("80 % interval", spread),
        Column("does it pay?", lambda row: row["answer"], is_number=False),
    ]
    view = interval_bars(rows, scale="symlog", title="USD left over, in powers of ten", means_at=150)
    legend = [("it pays", GREEN), ("it does not", ROSE), ("cannot be determined", GREY)]
    seen = {row["colour"] for row in rows}
    return chart_of(
        "What is left to each party",
        _says(rows),
        rows,
        columns,
        view,
        height=ROW_PX * len(rows),
        legend=[one for one in legend if one[1] in seen],
    )


def _says(rows: list[dict[str, Any]]) -> str:
    """Who gains, who loses, and of whom it cannot be said."""
    words = {"yes": "it pays for the", "no": "it does not for the", "": "it cannot be said for the"}
    found = []
    for answer, says in words.items():
        those = [row["name"].lower() for row in rows if (row["answer"] if row["answer"] in words else "") == answer]
        if those:
            found.append(f"{says} {', '.join(those)}")
    return f"Of {len(rows)} parties: {'; '.join(found)}."


def _basis(basis: str) -> str:
    return basis_words(basis)[0].lower()
