"""What machines do for the tokens, and what each part costs, by the roofline route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart, Column, chart_of
from costbasis.reports.charts.marks import ROW_PX, estimated_row, interval_bars, median, spread
from costbasis.reports.charts.theme import BLUE, GREEN, ORANGE
from costbasis.reports.format import share

NAME = "serving_parts"

PARTS = {
    "prefill": ("Prefill", "computing tokens that are new", GREEN),
    "prefill_attention": ("Prefill attention", "new tokens looking at all before them", GREEN),
    "decode": ("Decode", "writing the output, step by step", ORANGE),
    "decode_attention": ("Decode attention", "reading the context at every step", ORANGE),
    "cache_load": ("Cache load", "bringing cached tokens back", BLUE),
    "cache_keep": ("Cache keep", "holding caches between requests", BLUE),
}


def chart(report: Mapping[str, Any]) -> Chart | None:
    """A bar a part; needs ``serving_parts``."""
    found = report["serving_parts"]
    shown = [name for name in PARTS if found.get(name) and found[name]["p50"] > 0]
    if not shown:
        return None
    whole = sum(found[name]["mean"] for name in shown)
    rows = [
        {
            "name": PARTS[name][0],
            "means": PARTS[name][1],
            "colour": PARTS[name][2],
            **estimated_row(found[name]),
            "share": share(found[name]["mean"] / whole),
        }
        for name in shown
    ]
    columns = [
        Column("part", lambda row: row["name"], is_number=False),
        Column("which is", lambda row: row["means"], is_number=False),
        Column("USD", median),
        Column("80 % interval", spread),
        Column("share of mean", lambda row: row["share"]),
    ]
    most = max(shown, key=lambda name: found[name]["mean"])
    says = f"{PARTS[most][0]} is {share(found[most]['mean'] / whole)} of what this route reaches, by its mean."
    view = interval_bars(rows, scale="log", title="USD, each line ten times the one before", means_at=150)
    title = "What the machines do for it (roofline route)"
    return chart_of(title, says, rows, columns, view, height=ROW_PX * len(rows))
