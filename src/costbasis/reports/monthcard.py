"""A month of use as a card to share: the ladder, for whom the plan pays, and the line that makes it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from costbasis.reports import drawing
from costbasis.reports.drawing import BLUE, FAINT, INK, MARGIN, WHITE, WIDTH
from costbasis.reports.format import interval, number, share, tokens, usd

BAND = "#1f3f63"
"""White text on it has a contrast of 10."""

RUNGS = {
    "list": "what the API asks for them",
    "realised": "list less discounts",
    "market": "at hosts of open models",
    "serving": "what they cost to produce",
    "marginal": "on machines held anyway",
}
"""The rungs of the card, and what each is in a few words."""

KEPT = ("--sample", "--plan", "--tz", "--seed", "--as-of", "--set")
"""Options that the source line repeats; folders of a machine are nobody else's business."""

NAME_ROOM, SAYS_ROOM = 400, 300
TOP, STEP = 232, 44


def month_card(report: dict[str, Any]) -> str:
    """The card of a ``costbasis.report/1`` object. Every number on it is one of that object."""
    period = report["period"]
    days = f"{period['from']} to {period['to']}"
    head = drawing.cut(_head(report), 44, WIDTH - 2 * MARGIN - 350, bold=True)
    parts = [
        drawing.text(MARGIN, 72, head, 44, WHITE, bold=True),
        drawing.text(WIDTH - MARGIN, 70, days, 26, WHITE, end=True),
        drawing.text(MARGIN, 166, drawing.cut(_counted(report), 26, WIDTH - 2 * MARGIN), 26, FAINT),
        *_ladder(report),
        *_answer(report),
    ]
    return drawing.frame(f"{report['title']}: {head}", BAND, parts + drawing.footer(_made(report)))


def _head(report: dict[str, Any]) -> str:
    bases = report["usage"]["total"]["bases"]
    if not bases:
        return "No list price for these tokens"
    at_least = "At least " if report["usage"]["unpriced"] else ""
    return f"{at_least}${usd(bases['list_usd'].pico_usd)} of tokens at list"


def _counted(report: dict[str, Any]) -> str:
    total = report["usage"]["total"]
    everything = sum(count for name, count in total["tokens"].items() if name != "reasoning")
    reads = f", {share(total['tokens']['cache_read'] / everything)} of them cache reads" if everything else ""
    return f"{report['title']} · {total['requests']:,} requests · {tokens(everything)} tokens{reads}"


def _ladder(report: dict[str, Any]) -> Iterator[str]:
    rungs = {name: rung for name in RUNGS if (rung := _first(report, name)) is not None}
    if not rungs:
        yield drawing.text(MARGIN, TOP + STEP, "What they are worth cannot be determined.", 30, INK)
        return
    plan = report["plan"]
    price = plan["price_usd"].estimate.p50 if plan else None
    values = [value for rung in rungs.values() for value in rung["usd"].estimate if value > 0]
    scale = drawing.Scale.over([*values, *([price] if price else [])], MARGIN + NAME_ROOM, WIDTH - MARGIN - SAYS_ROOM)
    if price:
        at, bottom = scale.place(price), TOP + STEP * (len(rungs) - 1) + 18
        yield (
            f'<line class="dash" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 20}" y2="{bottom}" stroke="{FAINT}" '
            'stroke-width="2" stroke-dasharray="6 5"/>'
        )
        yield drawing.text(at, TOP - 26, f"plan {number(price, 3)}", 20, FAINT, middle=True)
    for index, (name, rung) in enumerate(rungs.items()):
        y, money = TOP + STEP * index, rung["usd"].estimate
        yield drawing.text(MARGIN, y + 8, name, 25, INK, bold=True)
        yield drawing.text(MARGIN + 126, y + 8, RUNGS[name], 21, FAINT)
        yield from scale.bar(y, money.p10, money.p50, money.p90, BLUE, thick=16)
        says = "exact" if money.p10 == money.p90 else f"({interval(money)})"
        middle = _exact(report) if name == "list" else number(money.p50)
        yield drawing.text(scale.right + 110, y + 8, f"${middle}", 25, INK, bold=True, end=True)
        yield drawing.text(scale.right + 124, y + 8, drawing.cut(says, 20, SAYS_ROOM - 124), 20, FAINT)


def _exact(report: dict[str, Any]) -> str:
    """List to the dollar, web searches in it, as it stands in the head."""
    return usd(report["usage"]["total"]["bases"]["list_usd"].pico_usd).partition(".")[0]


def _first(report: dict[str, Any], basis: str) -> dict[str, Any] | None:
    return next((rung for rung in report["ladder"] if rung["basis"] == basis), None)


def _answer(report: dict[str, Any]) -> Iterator[str]:
    plan, room = report["plan"], WIDTH - 2 * MARGIN
    if plan is None:
        ratio = report["list_over_serving"]
        says = (
            f"List is {number(ratio.estimate.p50)}× what they cost to serve ({interval(ratio.estimate, '×')}, 80 %)."
            if ratio
            else "What they cost to serve cannot be determined."
        )
        yield drawing.text(MARGIN, 500, drawing.cut(says, 28, room, bold=True), 28, INK, bold=True)
        return
    days = f"{number(plan['price_usd'].estimate.p50, 3)} USD for {plan['days']} days"
    asked = drawing.cut(f"For whom does {plan['name']} pay? ({days})", 27, room, bold=True)
    yield drawing.text(MARGIN, 474, asked, 27, INK, bold=True)
    answers = {party["party"]: party["answer"] for party in report["parties"]}
    said = " · ".join(
        f"{name}: {answers[name]}" for name in ("subscriber", "reseller", "model owner") if name in answers
    )
    yield drawing.text(MARGIN, 508, drawing.cut(f"On this use: {said}", 24, room), 24, INK)
    average = f"The owner, on the average subscriber: {plan['average_subscriber_answer']}"
    if plan["short_period"]:
        average = f"Only {plan['days']} days: too few to speak of a month"
    yield drawing.text(MARGIN, 540, drawing.cut(average, 24, room), 24, INK)


def _made(report: dict[str, Any]) -> str:
    words = shlex.split(report["reproduce"]["command"])
    kept = [word for place, word in enumerate(words) if word in KEPT or words[max(0, place - 1)] in KEPT[1:]]
    return (
        f"{shlex.join(['costbasis', 'report', *kept])} · as of {report['as_of']} · seed {report['seed']} · "
        f"catalogue {report['catalogue_sha256'][:8]} · version {report['version']}"
    )
