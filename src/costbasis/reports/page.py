"""What the HTML pages share: one environment, one style sheet, and the bars of a ladder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from math import log10
from typing import TYPE_CHECKING, Any

from costbasis.provenance import is_choice
from costbasis.quantity import Estimate
from costbasis.reports.assets import VEGA_BUNDLE, asset, csp_hash, inline
from costbasis.reports.charts.chart import Chart
from costbasis.reports.format import in_reader_units, interval, money, number, share, tokens, usd

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

AXIS_WIDTH = 320
"""Pixels of a ladder's logarithmic axis."""


@cache
def templates(package: str = "costbasis.reports") -> Environment:
    """The pages in the ``templates`` of *package*, escaped; a name that is not given is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": lambda leaf: number(leaf.estimate.p50),
        "interval": lambda leaf: interval(leaf.estimate),
        "money": lambda leaf: money(leaf.estimate),
        "spread": lambda leaf: "exact" if leaf.estimate.p10 == leaf.estimate.p90 else interval(leaf.estimate),
        "times": lambda leaf: f"{number(leaf.estimate.p50)}× ({interval(leaf.estimate, '×')})",
        "exact": lambda leaf: usd(leaf.pico_usd),
        "share": share,
        "percent": lambda leaf: share(leaf.estimate.p50),
        "tokens": tokens,
        "all_tokens": lambda counts: tokens(sum(count for name, count in counts.items() if name != "reasoning")),
        "days": days_text,
        "by_source": by_source,
        "value": value_text,
        "breakable": breakable,
    }
    return environment


def render(template: str, **values: Any) -> str:
    """A page of ``reports/templates`` with these values."""
    return templates().get_template(template).render(**values)


def days_text(period: Mapping[str, Any]) -> str:
    """The days looked at, both included.

    >>> days_text({"from": "2026-03-02", "to": "2026-03-30", "days": 29})
    '2 to 30 March 2026, 29 days'
    >>> days_text({"from": "2025-12-30", "to": "2026-01-02", "days": 4})
    '30 December 2025 to 2 January 2026, 4 days'
    >>> days_text({"from": "2026-03-02", "to": "2026-03-02", "days": 1})
    '2 March 2026, 1 day'
    """
    first, last = date.fromisoformat(period["from"]), date.fromisoformat(period["to"])
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    year = "" if first.year == last.year else f" {first.year}"
    month = "" if (first.year, first.month) == (last.year, last.month) else f" {MONTHS[first.month - 1]}{year}"
    begin = "" if first == last else f"{first.day}{month} to "
    return f"{begin}{end}, {period['days']:,} day{'' if period['days'] == 1 else 's'}"


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def chart_scripts(charts: Mapping[str, Chart]) -> dict[str, Markup]:
    """What draws the charts of a page: their specs as a data block, two scripts, and the hashes that let those in.

    The texts go into ``<script>`` elements as they are: none of them can end one.
    """
    from markupsafe import Markup

    bundle, loader = inline(asset(VEGA_BUNDLE)), inline(asset("charts.js"))
    specs = json.dumps({name: chart.spec for name, chart in charts.items()}, ensure_ascii=False)
    return {
        "bundle": Markup(bundle),
        "loader": Markup(loader),
        "specs": Markup(specs.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")),
        "hashes": Markup(f"{csp_hash(bundle)} {csp_hash(loader)}"),
    }


def breakable(key: str) -> Any:
    """A key that may break a line after ``/``, ``.`` and ``_``."""
    from markupsafe import Markup, escape

    text = str(escape(key))
    for mark in ("/", ".", "_"):
        text = text.replace(mark, f"{mark}<wbr>")
    return Markup(text)


def by_source(inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Inputs by where they come from, in the order of their first: a source, its date and trust, and its numbers.

    A number is named beside its key only where the key does not name it already.
    """
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in inputs:
        said = {name: str(item[name]) for name in ("source", "date", "trust", "status", "interest")}
        group = found.setdefault(tuple(said.values()), {**said, "numbers": []})
        is_joint = sum(one["key"] == item["key"] for one in inputs) > 1
        group["numbers"].append({**item, "name": item.get("name", "") if is_joint else ""})
    return list(found.values())


_SMALL = ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"))
"""Seconds below this, times this, in this unit."""

_LARGE = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def _scaled(estimate: Estimate, unit: str) -> tuple[Estimate, str]:
    """An estimate in the field's unit, at a scale that two figures can say.

    >>> _scaled(Estimate(28e9, 61e9, 120e9, 70e9), "")
    (Estimate(p10=28.0, p50=61.0, p90=120.0, mean=70.0), 'B')
    """
    found, named = in_reader_units(estimate, unit)
    if named == "s":
        for below, factor, name in _SMALL:
            if 0 < found.p50 < below:
                return Estimate(*(value * factor for value in found)), name
    for above, letter in _LARGE:
        if found.p50 >= above:
            return Estimate(*(value / above for value in found)), f"{letter} {named}".strip()
    return found, named


def value_text(leaf: Any, unit: str) -> str:
    """A value with its interval, in the field's unit."""
    if is_choice(leaf.quantity()):
        return "one in each draw"
    estimate, named = _scaled(leaf.estimate, unit)
    spread = "" if estimate.p10 == estimate.p90 else f" ({interval(estimate)})"
    return f"{number(estimate.p50)}{spread} {named}".strip()


def ladder_bars(ladder: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each rung with its interval and median as pixels on one logarithmic axis."""
    estimates = [rung["usd"].estimate for rung in ladder]
    positive = [value for estimate in estimates for value in estimate if value > 0]
    if not positive:
        return []
    low, high = log10(min(positive)) - 0.05, log10(max(positive)) + 0.05

    def place(value: float) -> float:
        return round((log10(max(value, min(positive))) - low) / (high - low) * AXIS_WIDTH, 1)

    return [
        {
            "rung": rung,
            "left": place(estimate.p10),
            "width": max(2.0, round(place(estimate.p90) - place(estimate.p10), 1)),
            "middle": place(estimate.p50),
            "is_exact": estimate.p10 == estimate.p90,
        }
        for rung, estimate in zip(ladder, estimates, strict=True)
    ]
