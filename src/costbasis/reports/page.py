"""What the HTML pages share: one environment, one style sheet, and the bars of a ladder."""

from __future__ import annotations

from math import log10
from typing import Any

from costbasis.provenance import is_pool
from costbasis.reports.format import in_reader_units, interval, number, share, tokens, usd

AXIS_WIDTH = 320
"""Pixels of a ladder's logarithmic axis."""


def render(template: str, **values: Any) -> str:
    """A page of ``reports/templates``, escaped; a name that is not given is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("costbasis.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": lambda leaf: number(leaf.estimate.p50),
        "interval": lambda leaf: interval(leaf.estimate),
        "times": lambda leaf: f"{number(leaf.estimate.p50)}× ({interval(leaf.estimate, '×')})",
        "exact": lambda leaf: usd(leaf.pico_usd),
        "share": share,
        "percent": lambda leaf: share(leaf.estimate.p50),
        "tokens": tokens,
        "value": value_text,
        "breakable": breakable,
    }
    return environment.get_template(template).render(**values)


def breakable(key: str) -> Any:
    """A key that may break a line after ``/``, ``.`` and ``_``."""
    from markupsafe import Markup, escape

    text = str(escape(key))
    for mark in ("/", ".", "_"):
        text = text.replace(mark, f"{mark}<wbr>")
    return Markup(text)


def value_text(leaf: Any, unit: str) -> str:
    """A value with its interval, in the field's unit."""
    if is_pool(leaf.quantity()):
        return "one in each draw"
    estimate, named = in_reader_units(leaf.estimate, unit)
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
