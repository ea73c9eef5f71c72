"""The pictures of the site by name: the bases, drawn from the sample's own numbers, and screenshots."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from html import escape
from math import floor, log10
from typing import Any

from costbasis.cli.report import build
from costbasis.cli.session import Session
from costbasis.quantity import Estimate
from costbasis.reports.format import interval, number, usd
from costbasis.reports.monthcard import month_card
from docsite import screens

WHOSE = {
    "list": "an API buyer",
    "realised": "a reseller, a buyer with a discount",
    "market": "a buyer who switches to an open model",
    "serving": "the model's owner, or a host",
    "marginal": "the owner, for one more token on machines held anyway",
}
"""The rungs of the picture, dearest first by kind, and whose number each is."""

SCREENS = {
    "report": "The report of the sample month, as `--out` writes it",
    "report-dark": "The same in the dark",
    "verdict": "A verdict, as `check forbes-5000 --html` writes it",
}
"""Screenshot to its caption."""

DRAWN = {"card-month": "The card of the sample month, as `report --card` writes it"}
"""Picture that needs no browser, to its caption."""


@cache
def sample() -> dict[str, Any]:
    """The ``costbasis.report/1`` object of the sample month."""
    session = Session(False, None, 1, (), None, True, True)
    return build(session, paths=(), plan=None, out=None, sample=True, redact=False, tz=None)


def files() -> dict[str, str | bytes]:
    """The card of the sample month, and the screenshots where there is a Chromium to make them with."""
    found: dict[str, str | bytes] = {"pictures/card-month.svg": month_card(sample())}
    if screens.browser():
        found |= {f"pictures/{name}.png": data for name, data in screens.shots(sample()).items()}
    return found


def figure(name: str, up: str) -> str:
    """A picture as it stands on a page.

    Errors: ``KeyError`` for a name that is no picture's; ``RuntimeError`` in CI without Chromium.
    """
    if name == "bases":
        return bases()
    if name in DRAWN:
        return _shown(DRAWN[name], f"{up}pictures/{name}.svg")
    caption = SCREENS[name]
    if not screens.browser():
        if os.environ.get("CI"):
            raise RuntimeError("no Chromium: the screenshots of the site cannot be made")
        return f"*(A screenshot is left out here: this site was built without Chromium. {caption}.)*"
    return _shown(caption, f"{up}pictures/{name}.png")


def _shown(caption: str, address: str) -> str:
    alt = escape(caption.replace("`", ""), quote=True)
    return (
        f'<figure class="figure" markdown="1">![{alt}]({address})'
        f'<figcaption markdown="1">{caption}</figcaption></figure>'
    )


def bases() -> str:
    """The sample's tokens on every basis, on one logarithmic axis: HTML that is readable on a phone."""
    report = sample()
    rungs = {name: next(rung for rung in report["ladder"] if rung["basis"] == name) for name in WHOSE}
    price = report["plan"]["price_usd"].estimate.p50
    axis = Axis([value for rung in rungs.values() for value in rung["usd"].estimate] + [price])
    return "\n".join(
        [
            '<figure class="figure ladder" id="the-bases">',
            *(line for name, rung in rungs.items() for line in _rung(name, rung, report, axis)),
            *_ticks(axis),
            f"<figcaption>The same tokens ({escape(report['title'])}, "
            f"{report['usage']['total']['requests']:,} requests) on five bases, USD on a "
            f"logarithmic axis. The bar is the 80 % interval, the mark its middle; the dashed line is what "
            f"the plan cost for these {report['period']['days']} days, {number(price, 3)} USD. "
            f"Every figure is computed while this page is built.</figcaption>",
            "</figure>",
        ]
    )


class Axis:
    """A logarithmic axis over some values: where each lies, in per cent of its length, and its decades."""

    def __init__(self, values: list[float]) -> None:
        """From the smallest value to the largest, with a little room at both ends."""
        logs = [log10(value) for value in values]
        self.low, self.high = min(logs) - 0.1, max(logs) + 0.1

    def place(self, value: float) -> float:
        """Per cent from the left."""
        return round(100 * (log10(value) - self.low) / (self.high - self.low), 2)

    def decades(self) -> list[float]:
        """The powers of ten on it."""
        return [10.0**power for power in range(floor(self.low) + 1, floor(self.high) + 1)]


def _rung(name: str, rung: dict[str, Any], report: dict[str, Any], axis: Axis) -> Iterator[str]:
    estimate: Estimate = rung["usd"].estimate
    left, right, middle = (axis.place(value) for value in (estimate.p10, estimate.p90, estimate.p50))
    listed = report["usage"]["total"]["bases"]["list_usd"].pico_usd
    says = usd(listed) if name == "list" else number(estimate.p50)
    inside = "exact" if estimate.p10 == estimate.p90 else interval(estimate)
    paid = axis.place(report["plan"]["price_usd"].estimate.p50)
    yield f'<div class="rung"><div class="name"><b>{name}</b> <span class="soft">{WHOSE[name]}</span></div>'
    yield (
        f'<div class="track" aria-hidden="true"><i class="paid" style="left:{paid}%"></i>'
        f'<i class="band" style="left:{left}%;width:{round(right - left, 2)}%"></i>'
        f'<i class="mark" style="left:{middle}%"></i></div>'
    )
    yield f'<div class="says"><b>{says}</b> <span class="soft">{inside}</span></div></div>'


def _ticks(axis: Axis) -> Iterator[str]:
    marks = "".join(f'<i style="left:{axis.place(value)}%">{value:,.0f}</i>' for value in axis.decades())
    yield f'<div class="rung ticks" aria-hidden="true"><div class="name"></div><div class="track">{marks}</div>'
    yield '<div class="says soft">USD</div></div>'
