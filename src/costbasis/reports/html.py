"""The report as one self-contained HTML page: no script, no request, light and dark, fit for print."""

from __future__ import annotations

from typing import Any

from costbasis.reports.format import interval, number, usd
from costbasis.reports.page import ladder_bars, render


def report_page(report: dict[str, Any]) -> str:
    """The page of a ``costbasis.report/1`` object. Every number on it is a number of that object."""
    return render(
        "report.html.j2",
        report=report,
        sentence=sentence(report),
        bars=ladder_bars(report["ladder"]),
        days=day_bars(report["usage"]),
    )


def sentence(report: dict[str, Any]) -> str:
    """The answer in one sentence."""
    bases = report["usage"]["total"]["bases"]
    if not bases:
        return "None of these tokens has a list price in the catalogue, so nothing could be valued."
    listed = f"These tokens were worth ${usd(bases['list_usd'].pico_usd)} at list"
    if "serving_usd" not in bases:
        return f"{listed}; what they cost to serve cannot be determined."
    serving, ratio = bases["serving_usd"].estimate, report["list_over_serving"].estimate
    return (
        f"{listed} and cost about ${number(serving.p50)} to serve ({interval(serving)}, 80 %): "
        f"list is {number(ratio.p50)}× that ({interval(ratio, '×')})."
    )


def day_bars(usage: dict[str, Any]) -> list[dict[str, Any]]:
    """List value a day, with its height as a share of the dearest day."""
    rows = [row for row in usage["rows"] if row["bases"]]
    top = max((row["bases"]["list_usd"].pico_usd for row in rows), default=0)
    return [
        {
            "row": row,
            "height": 0 if top == 0 else round(100 * row["bases"]["list_usd"].pico_usd / top, 1),
            "serving": row["bases"].get("serving_usd"),
        }
        for row in rows
    ]
