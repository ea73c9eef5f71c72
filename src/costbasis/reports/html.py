"""The report as one self-contained HTML page: charts drawn on the spot, no request, light and dark, fit for print."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from costbasis.reports.charts import draw
from costbasis.reports.charts.theme import dark_css
from costbasis.reports.format import counted, interval, money, number, tokens, usd
from costbasis.reports.leaf import plain
from costbasis.reports.page import chart_scripts, render, templates

TEMPLATE = "report.html.j2"

MOST_DAYS = 92
"""Days that the page lists one by one; ``costbasis usage`` lists all."""

MOST_NOTES = 40
"""Notes of a kind that are listed; the rest are counted."""


def report_page(report: dict[str, Any]) -> str:
    """The page of a ``costbasis.report/1`` object. Every number on it is a number of that object."""
    charts = draw(plain(report))
    explained = report["reproduce"]["explain"].rpartition(" /ladder/")[0]
    return render(
        TEMPLATE,
        report=report,
        charts=charts,
        scripts=chart_scripts(charts),
        dark=Markup(dark_css(".chart", ".legend")),
        sentence=sentence(report),
        figures=figures(report),
        days=report["usage"]["rows"][-MOST_DAYS:],
        notes=notes(report),
        explain=lambda index: f"{explained} /ladder/{index}/usd",
    )


def look_ahead() -> None:
    """Compile the page's template: a part of the work that needs no report."""
    templates().get_template(TEMPLATE)


def sentence(report: dict[str, Any]) -> str:
    """The answer in one sentence."""
    bases = report["usage"]["total"]["bases"]
    if not bases:
        return "None of these tokens has a list price in the catalogue, so nothing could be valued."
    listed = f"At the API's list prices these tokens come to ${usd(bases['list_usd'].pico_usd)}"
    plan = report["plan"]
    paid = f"; {plan['name']} cost ${money(plan['price_usd'].estimate)}" if plan else ""
    if "serving_usd" not in bases:
        return f"{listed}{paid}; what it took to produce them cannot be determined."
    serving = bases["serving_usd"].estimate
    return f"{listed}; producing them took about ${number(serving.p50)} ({interval(serving)}){paid}."


def figures(report: dict[str, Any]) -> list[dict[str, str]]:
    """The few numbers to remember, each with what it says and where it is explained."""
    bases = report["usage"]["total"]["bases"]
    rung_of = {rung["basis"]: f"rung-{index}" for index, rung in reversed(list(enumerate(report["ladder"])))}
    found = []
    if bases:
        listed = f"${usd(bases['list_usd'].pico_usd)}"
        found.append(_figure("at list", listed, "what the API would have charged", rung_of.get("list")))
    for basis, what, says in (
        ("market", "at market", "what hosts of open models would charge"),
        ("serving", "to produce", "machines and idle time"),
    ):
        if f"{basis}_usd" in bases:
            estimate = bases[f"{basis}_usd"].estimate
            value = f"${number(estimate.p50)}"
            found.append(_figure(what, value, f"{interval(estimate)}: {says}", rung_of.get(basis)))
    if "serving_usd" in bases:
        over = report["list_over_serving"].estimate
        found[-1]["says"] = f"{found[-1]['says']}; list is {number(over.p50)}× that ({interval(over, '×')})"
    if report["plan"]:
        plan = report["plan"]
        price = f"${money(plan['price_usd'].estimate)}"
        found.append(_figure("paid", price, f"{plan['name']} for {plan['days']} days", None))
    return found


def _figure(what: str, value: str, says: str, why: str | None) -> dict[str, str]:
    return {"what": what, "value": value, "says": says, "why": why or ""}


def notes(report: dict[str, Any]) -> list[str]:
    """What is not in the numbers, and what moves them, in words."""
    usage = report["usage"]
    unpriced = [
        f"Not priced: {row['model']}, {counted(row['requests'], 'request')},"
        f" {tokens(row['tokens'])} tokens: {row['reason']}"
        for row in usage["unpriced"]
    ]
    skipped = [f"Skipped: {count:,} lines: {reason}" for reason, count in usage["skipped"]["reasons"].items()]
    unvalued = [
        f"Not on the {row['basis']} basis: {row['model']} in {row['month']}: {row['reason']}"
        for row in report["unvalued"]
    ]
    warned = [
        f"{warn['kind']}, {warn['count']:,}×{_first(warn['first'])}: {warn['effect']}" for warn in report["warnings"]
    ]
    return [line for kind in (unpriced, skipped, unvalued, warned) for line in _few(kind)]


def _first(where: str) -> str:
    return f" (first: {where})" if where else ""


def _few(lines: list[str]) -> list[str]:
    rest = len(lines) - MOST_NOTES
    return lines if rest <= 0 else [*lines[:MOST_NOTES], f"… and {rest:,} more of this kind; --json lists them"]
