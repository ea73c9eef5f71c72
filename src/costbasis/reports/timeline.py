"""A table over time as one line of bars for the terminal: days, weeks, months or blocks, gaps included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from costbasis.reports.format import sparkline, usd

FEWEST = 3
"""Rows below which a line of bars says nothing that the numbers do not."""


class Timeline(NamedTuple):
    """The bars, the greatest value, and when it was."""

    line: str
    most: str
    at: str


def over_time(by: str, rows: Sequence[dict[str, Any]], width: int) -> Timeline | None:
    """List value over time in at most *width* bars; None where rows are no times, too few, or without a price."""
    if by not in ("day", "week", "month", "block"):
        return None
    values = {row["key"]: row["bases"]["list_usd"].pico_usd for row in rows if row["bases"].get("list_usd")}
    if len(values) < FEWEST or not any(values.values()):
        return None
    keys = _days(sorted(values)) if by == "day" else sorted(values)
    at = max(values, key=lambda key: values[key])
    return Timeline(sparkline([values.get(key, 0) for key in keys], width), usd(values[at]), at)


def _days(keys: Sequence[str]) -> list[str]:
    """Every day from the first key to the last: a day without use is a gap, not nothing."""
    try:
        first, last = date.fromisoformat(keys[0]), date.fromisoformat(keys[-1])
    except ValueError:
        return list(keys)
    return [(first + timedelta(days=step)).isoformat() for step in range((last - first).days + 1)]
