"""Every route to the serving value, and the pool of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import ROW_PX, estimate_of, estimated_row, interval_bars, median, spread
from costbasis.reports.charts.theme import GREY, ORANGE
from costbasis.reports.format import number

NAME = "routes"

ROUTES = {
    "roofline": "machines, memory and arithmetic, from the bottom up",
    "measured": "the nearest published measurements",
    "disclosed": "an operator's own books",
    "margin": "reported margins, taken off list",
    "market": "open hosts' prices, less their margin",
}


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A bar a route, the pool last; needs ``routes``."""
    routes = {name: one for name, one in report["routes"].items() if name not in ("pooled", "without") and one}
    if not routes:
        return None
    without = report["routes"]["without"]
    rows = [
        {
            "name": name.capitalize(),
            "means": ROUTES.get(name, ""),
            "colour": GREY,
            **estimated_row(one),
            "without": number(estimate_of(without[name]).p50) if without.get(name) else "–",
        }
        for name, one in sorted(routes.items(), key=lambda item: item[1]["p50"])
    ]
    pooled = {"name": "Pooled", "means": "all of them, weighted by trust", "colour": ORANGE, "without": "–"}
    rows.append({**pooled, **estimated_row(report["routes"]["pooled"])})
    columns = [
        Column("route", lambda row: row["name"], is_number=False),
        Column("by", lambda row: row["means"], is_number=False),
        Column("USD", median),
        Column("80 % interval", spread),
        Column("pool without it, USD", lambda row: row["without"]),
    ]
    return chart_of("Serving by independent routes", _says(rows), rows, columns, _view(rows), height=ROW_PX * len(rows))


def _view(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return interval_bars(rows, scale="log", title="USD, each line ten times the one before")


def _says(rows: list[dict[str, Any]]) -> str:
    """The span of the routes and their pool."""
    *routes, pooled = rows
    whole = f"pooled with all that reach a part of it, {pooled['says']} USD"
    if len(routes) == 1:
        return f"One route reaches all of it, {routes[0]['name'].lower()}: {routes[0]['says']} USD; {whole}."
    span = f"{len(routes)} routes, from {routes[0]['says']} to {routes[-1]['says']} USD; pooled {pooled['says']} USD."
    return f"{span} A route may be wrong; the table says what the pool would be without it."
