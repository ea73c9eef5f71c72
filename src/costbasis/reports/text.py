"""Plain text for the terminal: the report, and a verdict. Numbers come from the report object alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from costbasis.quantity import Estimate
from costbasis.reports.format import SAID_MOST, counted, interval, named, number, share, tokens, usd
from costbasis.reports.leaf import Estimated
from costbasis.reports.screen import PIPED
from costbasis.reports.timeline import over_time

Style = Any
"""``style(text, bold=True, …)``: click's, or one that changes nothing."""

SAYS, LEAST_SAYS = 43, 20
"""Columns for what a line of the ladder says: most, and least."""

BESIDE = 46
"""Columns of the ladder beside that: basis, value, interval and the gaps."""

TIME_BESIDE = 50
"""Columns beside the line of bars."""

MARKS = {"yes": "yes", "no": "no", "not a side of this plan": "–", "cannot be determined": "?"}


def report_text(report: dict[str, Any], *, style: Style, out: str = "", width: int = PIPED) -> str:
    """The main answer on one screen."""
    usage, plan = report["usage"], report["plan"]
    room = min(SAYS, max(LEAST_SAYS, width - BESIDE))
    lines = [
        style(report["title"], bold=True),
        _period_line(report),
        "",
        f"{style('What were these tokens worth?'.ljust(room + 15), bold=True)}{'USD':>10}   80 % interval",
        *(line for row in _worth_lines(report) for line in _worth(*row, room)),
        *_over_time(usage, width),
        *_routes_line(report),
        "",
        *(_plan_lines(report, style) if plan else [_no_plan_line(report)]),
        *_driver_line(report),
        *_usage_notes(usage),
        *_warning_lines(report["warnings"], style),
        "",
        *_last_lines(report["reproduce"]["explain"], out, width),
        _made_line(report),
    ]
    return "\n".join(lines)


def _period_line(report: dict[str, Any]) -> str:
    period, total = report["period"], report["usage"]["total"]
    counts = total["tokens"]
    everything = sum(count for name, count in counts.items() if name != "reasoning")
    reads = f", {share(counts['cache_read'] / everything)} of them cache reads" if everything else ""
    return (
        f"{period['from']} to {period['to']} ({counted(period['days'], 'day')}) · "
        f"{counted(total['requests'], 'request')} · {tokens(everything)} tokens{reads}"
    )


Worth = tuple[str, str, str, str]
"""A line of the ladder: basis, what it is, the value, and how sure."""


def _worth_lines(report: dict[str, Any]) -> Iterable[Worth]:
    bases = report["usage"]["total"]["bases"]
    if not bases:
        yield "", "nothing could be priced: see below", "", ""
        return
    exact = (
        "exact"
        if bases["list_usd"].pico_usd == bases["list_usd_max"].pico_usd
        else f"up to {usd(bases['list_usd_max'].pico_usd)}, by cache lifetime"
    )
    yield "list", "the API price of each call's own hour", usd(bases["list_usd"].pico_usd), exact
    hosts = report["market_hosts"]
    if "market_usd" in bases:
        says = f"{hosts['n_cached']} hosts of comparable open models"
        yield "market", says, *_estimate(bases["market_usd"].estimate)
        other = [rung for rung in report["ladder"] if rung["basis"] == "market"][1:]
        if other:
            says = f"({hosts['n_uncached']} that do not price cached input)"
            yield "", says, *_estimate(other[0]["usd"].estimate)
    if "serving_usd" in bases:
        yield "serving", "what they cost to produce", *_estimate(bases["serving_usd"].estimate)
        ratio = report["list_over_serving"].estimate
        yield "", f"list is {number(ratio.p50)}× serving ({interval(ratio, '×')})", "", ""
        yield from _beside_serving(report)
    for name in ("market", "serving"):
        if f"{name}_usd" not in bases:
            yield name, "cannot be determined: no model here has a route to it", "", ""


def _beside_serving(report: dict[str, Any]) -> Iterable[Worth]:
    """Marginal and opportunity, wherever the average is shown."""
    says = {"marginal": "one more such token on machines held anyway", "opportunity": "serving, with scarcity λ as set"}
    for name, words in says.items():
        rung = next((rung for rung in report["ladder"] if rung["basis"] == name), None)
        if rung is not None:
            yield name, words, *_estimate(rung["usd"].estimate)


def _worth(basis: str, says: str, value: str, spread: str, room: int) -> Iterable[str]:
    """The line, what it says folded to *room* columns; the value stands on the first."""
    first, *more = [says] if not value else textwrap.wrap(says, room)
    yield f"  {basis:<11} {first:<{room}} {value:>12}   {spread}".rstrip()
    yield from (f"{'':<14}{line}" for line in more)


def _over_time(usage: dict[str, Any], width: int) -> Iterable[str]:
    """List value by day as a line of bars, where there are days enough to see something."""
    drawn = over_time(usage["by"], usage["rows"], width - TIME_BESIDE)
    if drawn is not None:
        yield f"  by day      {drawn.line}  most {drawn.most} on {drawn.at}"


def _last_lines(why: str, out: str, width: int) -> Iterable[str]:
    """Where the page is, and the command that explains the serving value: on one line where it fits."""
    if out and len(one := f"Report  {out}   ·   Why?  {why}") <= width:
        yield one
        return
    yield from ([f"Report  {out}"] if out else [])
    yield f"Why?  {why}"


def _estimate(estimate: Estimate) -> tuple[str, str]:
    return number(estimate.p50), interval(estimate)


def _routes_line(report: dict[str, Any]) -> Iterable[str]:
    routes = {name: leaf for name, leaf in report["routes"].items() if isinstance(leaf, Estimated) and name != "pooled"}
    if routes:
        named = " · ".join(f"{name} {number(leaf.estimate.p50)}" for name, leaf in routes.items())
        yield f"  {len(routes)} routes to serving: {named}"
        left = " · ".join(f"{name} {number(leaf.estimate.p50)}" for name, leaf in report["routes"]["without"].items())
        yield f"  pooled without one: {left}"


def _plan_lines(report: dict[str, Any], style: Style) -> Iterable[str]:
    plan = report["plan"]
    price = plan["price_usd"].estimate.p50
    yield style(
        f"For whom does {plan['name']} pay? ({number(price, 3)} USD for {counted(plan['days'], 'day')})", bold=True
    )
    for party in _of_the_plan(report["parties"]):
        yield f"  {party['party']:<16} {MARKS[party['answer']]:<4} {_party_says(party)}"
    yield f"  the owner, on the average subscriber: {plan['average_subscriber_answer']}"
    if plan["break_even_list_usd"]:
        estimate = plan["break_even_list_usd"].estimate
        yield f"  break-even use for the owner: {number(estimate.p50)} USD at list ({interval(estimate)})"
    yield "Beside the plan, of the same tokens:"
    for party in report["parties"]:
        if party not in _of_the_plan(report["parties"]):
            yield f"  {party['party']:<16} {MARKS[party['answer']]:<4} {_party_says(party)}"
    if plan["short_period"]:
        yield style(f"  only {plan['days']} days: too few to speak of a month", fg="yellow")


def _of_the_plan(parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parties that pay or earn the plan's price, and the buyer at list beside them."""
    return [row for row in parties if "plan" in (row["pays_basis"], row["earns_basis"]) or row["earns_basis"] is None]


def _party_says(party: dict[str, Any]) -> str:
    pays, earns, net = party["pays_usd"], party["earns_usd"], party["net_usd"]
    if pays is None:
        return f"its basis, {party['pays_basis']}, cannot be determined here"
    if party["pays_basis"] == "plan":
        return f"gets {number(earns.estimate.p50, 3)} of list value for {number(pays.estimate.p50, 3)}"
    if earns is None:
        return f"would pay {number(pays.estimate.p50, 3)}"
    return (
        f"earns {number(earns.estimate.p50, 3)}, pays {party['pays_basis']} {number(pays.estimate.p50)}: "
        f"{number(net.estimate.p50)} ({interval(net.estimate)})"
    )


def _no_plan_line(report: dict[str, Any]) -> str:
    return (
        "For whom does your plan pay?   costbasis report --plan anthropic/max_20x   (costbasis catalog plan lists them)"
    )


def _driver_line(report: dict[str, Any]) -> Iterable[str]:
    if report["drivers"]:
        named = ", ".join(f"{row['label']} {share(row['share_frac'])}" for row in report["drivers"][:4])
        yield f"What moves the answer: {named}"


def _usage_notes(usage: dict[str, Any]) -> Iterable[str]:
    for row in usage["unpriced"]:
        amount = f"{counted(row['requests'], 'request')}, {tokens(row['tokens'])} tokens"
        yield f"Not priced: {named(row['model'])} ({amount}): {named(row['reason'], SAID_MOST)}"
    if usage["skipped"]["lines"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in usage["skipped"]["reasons"].items())
        yield f"Skipped: {counted(usage['skipped']['lines'], 'line')} ({reasons})"


def _warning_lines(warnings: list[dict[str, Any]], style: Style) -> Iterable[str]:
    for warn in warnings:
        first = f" (first: {warn['first']})" if warn["first"] else ""
        yield style(
            f"Warning: {warn['kind']}, {warn['count']:,}×{first}: {named(warn['effect'], SAID_MOST)}", fg="yellow"
        )


def _made_line(result: dict[str, Any]) -> str:
    catalogue = result["catalogue_sha256"][:8]
    return f"seed {result['seed']} · as of {result['as_of']} · catalogue {catalogue} · version {result['version']}"
