"""The ladder: the same tokens on every basis, each with its interval, and what the plan costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import ROW_PX, basis_words, estimated_row, interval_bars, median, spread
from costbasis.reports.format import number, usd
from costbasis.units import PICO_PER_USD

NAME = "ladder"


def chart(report: Mapping[str, Any]) -> Chart | None:
    """The first rung of every basis, opportunity only where it differs from serving.

    Needs ``ladder``; takes the price from ``plan`` where there is one.
    """
    first = {rung["basis"]: rung["usd"] for rung in reversed(report["ladder"])}
    if first.get("opportunity") == first.get("serving"):
        first.pop("opportunity", None)
    shown = [basis for basis in dict.fromkeys(rung["basis"] for rung in report["ladder"]) if basis in first]
    rows = [_row(basis, first[basis]) for basis in shown if first[basis]["p50"] > 0]
    tools = _tools_usd(report)
    for row in rows:
        if row["basis"] == "list" and tools:
            row["means"] = f"what the API would have charged, {tools} of web searches aside"
    if not rows:
        return None
    plan = report.get("plan")
    if plan and plan["price_usd"]["p50"] > 0:
        rows.append(_row("plan", plan["price_usd"]))
    columns = [
        Column("basis", lambda row: row["name"], is_number=False),
        Column("which is", lambda row: row["means"], is_number=False),
        Column("USD", median),
        Column("80 % interval", spread),
    ]
    title = "What they come to on each basis"
    height = ROW_PX * len(rows)
    view = interval_bars(rows, scale="log", title="USD, each line ten times the one before")
    return chart_of(title, _says(rows), rows, columns, view, height=height)


def _tools_usd(report: Mapping[str, Any]) -> str:
    """What of the list total is no tokens; the ladder compares tokens alone."""
    listed = report.get("usage", {}).get("total", {}).get("bases", {})
    pico = int(Decimal(listed["parts_usd"]["tools"]) * PICO_PER_USD) if listed else 0
    return usd(pico) if pico else ""


def _row(basis: str, usd: Mapping[str, float]) -> dict[str, Any]:
    name, means, colour = basis_words(basis)
    return {"basis": basis, "name": name, "means": means, **estimated_row(usd), "colour": colour}


def _says(rows: list[dict[str, Any]]) -> str:
    dear, cheap = max(rows, key=lambda row: row["p50"]), min(rows, key=lambda row: row["p50"])
    between = f"From {dear['name'].lower()}, {dear['says']} USD, down to {cheap['name'].lower()}, {cheap['says']} USD"
    return f"{between}: {number(dear['p50'] / cheap['p50'])} times apart."
