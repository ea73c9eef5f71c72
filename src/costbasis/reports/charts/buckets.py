"""Days of a usage table as the bars of a chart: days, weeks or months, so that ten years fit as well as ten days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

MOST_DAYS, MOST_WEEKS = 62, 62
"""Bars that can be told apart on a phone."""


class Bars(NamedTuple):
    """What one bar spans (day, week, month), and the first day of the bar that each key falls in."""

    span: str
    first_day: Mapping[str, str]


def bars_of(keys: list[str]) -> Bars:
    """How to draw these ISO days.

    >>> bars_of(["2026-03-02", "2026-03-30"])
    Bars(span='day', first_day={'2026-03-02': '2026-03-02', '2026-03-30': '2026-03-30'})
    >>> bars_of(["2025-12-31", "2026-12-31"]).first_day
    {'2025-12-31': '2025-12-29', '2026-12-31': '2026-12-28'}
    >>> bars_of(["2016-02-05", "2026-12-31"]).first_day["2016-02-05"]
    '2016-02-01'
    """
    days = [date.fromisoformat(key) for key in keys]
    length = (max(days) - min(days)).days + 1 if days else 0
    span = "day" if length <= MOST_DAYS else "week" if length <= MOST_WEEKS * 7 else "month"
    return Bars(span, {key: _begin(day, span).isoformat() for key, day in zip(keys, days, strict=True)})


def _begin(day: date, span: str) -> date:
    if span == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if span == "month" else day


TIME_UNIT = {"day": "utcyearmonthdate", "week": "utcyearmonthdate", "month": "utcyearmonth"}

TIP_FORMAT = {"day": "%a %-d %b %Y", "week": "week of %-d %b %Y", "month": "%B %Y"}


def time_axis(span: str) -> dict[str, Any]:
    """The channel of time; a week's bar stands at its Monday."""
    axis = {"title": None, "format": "%b %Y" if span == "month" else "%-d %b", "grid": False, "tickCount": 6}
    return {
        "field": "day",
        "type": "temporal",
        "timeUnit": TIME_UNIT[span] if span != "week" else {"unit": "utcyearmonthdate", "step": 7},
        "axis": axis | {"labelOverlap": True},
    }
