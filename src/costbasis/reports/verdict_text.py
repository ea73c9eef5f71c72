"""Plain text for the terminal: a judged claim on one screen. Numbers come from the verdict object alone."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any

from costbasis.reports.claimtext import amount, basis_words, changes
from costbasis.reports.format import interval, number, share
from costbasis.reports.leaf import Estimated

Style = Any
"""``style(text, bold=True, …)``: click's, or one that changes nothing."""

WIDTH = 96
"""Columns that sentences are folded to where the screen is no narrower: a longer line is hard to read."""


def verdict_text(verdict: dict[str, Any], *, style: Style, width: int = WIDTH) -> str:
    """A judged claim on one screen of *width* columns."""
    said = verdict["said"]
    interest = f", interest: {said['interest']}" if said["interest"] else ""
    true_on = ", ".join(basis_words(name) if ": " in name else name for name in verdict["matches_basis"]) or "no basis"
    also = f" · also: {', '.join(verdict['also'])}" if verdict["also"] else ""
    lines = [
        style(verdict["title"], bold=True),
        *_folded(width, f"{said['who']}, {said['when']} (trust {said['trust']}{interest})"),
        *_folded(width, f"“{said['words']}”"),
        "",
        *(style(line, bold=True) for line in _folded(width, verdict["answer"])),
        *_folded(
            width, f"verdict {verdict['verdict']} · confidence {verdict['confidence']} · true on: {true_on}{also}", 4
        ),
        "",
        *_figures(verdict, style),
        *_ladder(verdict, style, width),
        *_parties(verdict, style),
        *(line for axis, says in verdict["axes"].items() for line in _folded(width, f"{axis:<11} {says}", 12)),
        *_left_out_line(verdict, width),
        *_today_line(verdict, width),
        *_driver_line(verdict, width),
        *(line for says in verdict["flips"][:5] for line in _folded(width, f"What would flip it: {says}", 20)),
        *_folded(width, f"Strongest objection to our answer: {verdict['objections'][0]}", 4),
        *(line for says in verdict["cautions"] for line in _folded(width, f"Mind: {says}", 6)),
        "",
        *_why_line(verdict),
        f"seed {verdict['seed']} · as of {verdict['as_of']} · catalogue {verdict['catalogue_sha256'][:8]} · "
        f"version {verdict['version']}",
    ]
    return "\n".join(lines)


def _folded(width: int, text: str, indent: int = 0) -> list[str]:
    kept = re.sub(r"(?<=\d) (?=%|–|[A-Za-z$×])", "\u00a0", text)  # a number stays with its unit
    lines = textwrap.wrap(kept, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def _figures(verdict: dict[str, Any], style: Style) -> Iterable[str]:
    """The figure on every basis and for every scope, where it is not USD of a use (the ladder shows those)."""
    if verdict["ladder"] and verdict["unit"].startswith("usd"):
        return
    rows = [*verdict["on_basis"].items(), *verdict["scopes"].items()]
    if not rows:
        return
    matches = {*verdict["matches_basis"], *verdict["matches_scope"]}
    yield style(f"The figure ({verdict['quantity']}; said: {verdict['stated_text']})", bold=True)
    for name, leaf in rows:
        estimate: Any = leaf.estimate
        value, inside = amount(estimate.p50, verdict["unit"]), ""
        if estimate.p10 != estimate.p90:
            inside = f"({amount(estimate.p10, verdict['unit'])} – {amount(estimate.p90, verdict['unit'])})"
        mark = "true" if name in matches else ""
        yield f"  {value:>14}  {inside:<22} {mark:<5} {name}"
    yield ""


def _ladder(verdict: dict[str, Any], style: Style, width: int) -> Iterable[str]:
    if not verdict["ladder"]:
        return
    yield style("Ladder", bold=True)
    yield f"  {'of list':>7}  {'USD':>7} {'80 % interval':<18} trust, basis: by"
    for rung in verdict["ladder"]:
        yield from _rung_lines(rung, width)
    if any(rung["from_claim"] for rung in verdict["ladder"]):
        yield "  * from the claim's own inputs"
    yield ""


def _rung_lines(rung: dict[str, Any], width: int) -> list[str]:
    ratio, money = rung["cost_over_list"].estimate, rung["usd"].estimate
    spread = "" if money.p10 == money.p90 else f"({interval(money)})"
    mark = " *" if rung["from_claim"] else ""
    anchor = f"{rung['basis']}: {rung['anchor']}{mark}"
    numbers = f"  {share(ratio.p50):>7}  {number(money.p50):>7} {spread:<18} {rung['trust']}  "
    return textwrap.wrap(anchor, width, initial_indent=numbers, subsequent_indent=" " * (len(numbers) + 2))


def _parties(verdict: dict[str, Any], style: Style) -> Iterable[str]:
    yield style("For whom it is true", bold=True)
    for row in verdict["for_whom"]:
        yield f"  {row['party']:<13} {_truth(row['true']):<5} {row['why']}"
    yield ""


def _truth(value: bool | None) -> str:
    return "–" if value is None else "true" if value else "false"


def _today_line(verdict: dict[str, Any], width: int) -> Iterable[str]:
    today = verdict["today"]
    if not isinstance(today["central"], Estimated):
        return
    estimate = today["central"].estimate
    inside = f" ({interval(estimate)})" if estimate.p10 != estimate.p90 else ""
    others = changes(today["changed"])
    moved = f"; other now: {', '.join(others[:4])}" if others else ""
    more = f" and {len(others) - 4} more" if len(others) > 4 else ""
    yield from _folded(
        width, f"With the facts of {today['as_of']}: {today['verdict']}, {number(estimate.p50)}{inside}{moved}{more}", 4
    )


def _left_out_line(verdict: dict[str, Any], width: int) -> Iterable[str]:
    if verdict["without"]:
        named = ", ".join(f"{name} {number(value)}" for name, value in verdict["without"].items())
        yield from _folded(width, f"Centre with one route left out: {named}", 4)


def _driver_line(verdict: dict[str, Any], width: int) -> Iterable[str]:
    if verdict["drivers"]:
        named = ", ".join(f"{row['label']} {share(row['share_frac'])}" for row in verdict["drivers"][:4])
        yield from _folded(width, f"What moves the answer: {named}", 4)


def _why_line(verdict: dict[str, Any]) -> Iterable[str]:
    if verdict["quantity_needed"] is not None:
        yield f"Why?  costbasis explain --of 'check {verdict['claim']}' /quantity_needed"
