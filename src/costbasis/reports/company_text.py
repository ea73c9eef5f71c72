"""A company's walk and margins on one screen of 80 columns."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from costbasis.quantity import Estimate
from costbasis.reports.format import number, share

Style = Callable[..., str]

NAMES = {
    "list_value": "What it sold, at list price",
    "discounts_credits_channel": "discounts, credits, channel",
    "realised_revenue": "Revenue",
    "paid_serving": "serving paying users",
    "serving_margin": "Serving margin",
    "other_cost_of_revenue": "other cost of revenue",
    "gross_profit": "Gross profit",
    "sales_and_marketing": "sales and marketing",
    "contribution": "Contribution",
    "training_compute": "training compute",
    "after_training": "After training",
    "other_research": "other research and development",
    "general_and_admin": "general and administration",
    "all_costs": "(all operating costs)",
    "operating_result": "Operating result",
    "one_off_and_other": "one-off gains and losses, other",
    "net_result": "Net result",
    "stock_pay": "stock pay, not paid in cash",
    "other_non_cash_and_timing": "other non-cash and timing",
    "cash_result": "Cash result",
}

SCALES = ((1e9, "$ billion"), (1e6, "$ million"), (1e3, "$ thousand"), (1.0, "$"))

FREE_USERS = {"reported": "as reported", "cogs": "in cost of revenue", "marketing": "in marketing"}


def company_text(company: dict[str, Any], *, style: Style) -> str:
    """The walk, the margins by definition, and what is not known."""
    factor, unit = _scale(company["walk"])
    lines = [
        style(f"{company['name']}, {company['period']}", bold=True),
        *textwrap.wrap(_switches(company["switches"]), 80),
        "",
        style(f"{'From list value to cash':<36}{unit:>12}", bold=True) + "   80 % interval · trust",
        *(_line(row, factor, style) for row in company["walk"]),
        *_margins(company, style, factor, unit),
        *_notes(company, style),
        *_unknown(company, style),
        "",
        f"Why?  costbasis explain --of {_words(company)} /walk/{_known(company['walk'])}/estimate",
        f"seed {company['seed']} · catalogue {company['catalogue_sha256'][:8]} · version {company['version']}",
    ]
    return "\n".join(lines)


def _words(company: dict[str, Any]) -> str:
    return shlex.quote(company["reproduce"]["command"].removeprefix("costbasis "))


def _scale(walk: list[dict[str, Any]]) -> tuple[float, str]:
    largest = max((abs(row["usd"]) for row in walk if row["usd"] is not None), default=1.0)
    return next(((factor, unit) for factor, unit in SCALES if largest >= factor), SCALES[-1])


def _switches(switches: dict[str, Any]) -> str:
    said = [
        f"free users {FREE_USERS[switches['free_users']]}",
        f"stock pay {'counted' if switches['stock_pay'] else 'left out'}",
        _training(switches["life_months"]),
        f"revenue {switches['revenue']}",
        f"compute by {switches['compute']}",
    ]
    return "as booked: " + ", ".join(said)


def _training(months: float) -> str:
    return f"training written off over {months:g} months" if months else "training written off at once"


def _line(row: dict[str, Any], factor: float, style: Style) -> str:
    name = NAMES[row["line"]] if row["is_total"] else f"  {NAMES[row['line']]}"
    if row["usd"] is None:
        return f"{name:<36}{'unknown':>12}"
    estimate = row["estimate"].estimate
    said = f"{name:<36}{_money(row['usd'] / factor):>12}   {_spread(estimate, factor)}{row['trust']}"
    return style(said, bold=True) if row["is_total"] else said


def _spread(estimate: Estimate, factor: float) -> str:
    if abs(estimate.p90 - estimate.p10) <= 1e-9 * abs(estimate.p50):
        return ""
    return f"({_money(estimate.p10 / factor)} – {_money(estimate.p90 / factor)}) "


def _money(value: float) -> str:
    return f"{value:,.2f}".replace("-", "−").replace("−0.00", "0.00")


def _margins(company: dict[str, Any], style: Style, factor: float, unit: str) -> Iterable[str]:
    if not company["margins"]:
        return
    yield ""
    yield style("One company, its margins by definition", bold=True)
    yield f"  {'':<42}{'margin':>8} {'cost':>8} {'cost of list':>17}"
    for row in company["margins"]:
        cost = "" if row["cost_usd"] is None else _money(row["cost_usd"].estimate.p50 / factor)
        bridge = row["cost_over_list"]
        said = "" if bridge is None else f"{share(bridge.estimate.p50)} ({_range(bridge.estimate)})"
        yield f"  {row['definition']:<42}{_percent(row['frac']):>8} {cost:>8} {said:>17}"
        yield from textwrap.wrap(f"{row['says']} [{row['trust']}]", 76, initial_indent="    ", subsequent_indent="    ")
    if any(row["cost_over_list"] is not None for row in company["margins"]):
        yield "  A margin is on realised revenue; what is realised of list bridges it to"
        yield "  cost over list."


def _range(estimate: Estimate) -> str:
    return f"{number(100 * estimate.p10)} – {number(100 * estimate.p90)}"


def _percent(frac: float) -> str:
    return f"{100 * frac:.1f} %".replace("-", "−")


def _notes(company: dict[str, Any], style: Style) -> Iterable[str]:
    notes = [(NAMES[row["line"]], row["note"]) for row in company["walk"] if row["note"]]
    if notes:
        yield ""
        yield style("What to know", bold=True)
    for name, note in notes:
        yield from textwrap.wrap(f"{name}: {note}", 78, initial_indent="  ", subsequent_indent="    ")


def _unknown(company: dict[str, Any], style: Style) -> Iterable[str]:
    if company["unknown"]:
        yield ""
        named = ", ".join(NAMES[name].lower() for name in company["unknown"])
        yield from textwrap.wrap(f"Not published, and left unknown: {named}.", 80)


def _known(walk: list[dict[str, Any]]) -> int:
    found = [index for index, row in enumerate(walk) if row["usd"] is not None]
    operating = [index for index in found if walk[index]["line"] == "operating_result"]
    return (operating or found)[0]
