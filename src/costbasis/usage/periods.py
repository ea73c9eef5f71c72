"""Periods: the local day, week, month and five-hour block of a quarter of an hour, in one IANA time zone.

Every zone in use is offset from UTC by whole quarters of an hour, so a request's quarter decides its local day.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from costbasis.errors import BadArgument
from costbasis.usage.blocks import block_starts

S_PER_QUARTER = 900
QUARTERS_PER_HOUR = 4
BLOCK = "block"


class Period(NamedTuple):
    """A row of the table ``period``: the key and the month that a quarter of an hour falls under."""

    quarter: int
    key: str
    month: str


def day_key(day: date) -> str:
    """The day itself, ``2026-03-01``."""
    return day.isoformat()


def week_key(day: date) -> str:
    """The ISO week, which begins on Monday.

    >>> week_key(date(2026, 3, 1)), week_key(date(2027, 1, 1))
    ('2026-W09', '2026-W53')
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def month_key(day: date) -> str:
    """The month, ``2026-03``."""
    return day.isoformat()[:7]


DAY_KEYS: dict[str, Callable[[date], str]] = {"day": day_key, "week": week_key, "month": month_key}

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

DAYS_PER_WEEK = len(WEEKDAYS)


def first_day_of_week(day: date, weekday: str) -> date:
    """The last *weekday* that is not after *day*.

    >>> first_day_of_week(date(2026, 7, 1), "sunday"), first_day_of_week(date(2026, 7, 5), "sunday")
    (datetime.date(2026, 6, 28), datetime.date(2026, 7, 5))
    """
    return day - timedelta(days=(day.weekday() - WEEKDAYS.index(weekday)) % DAYS_PER_WEEK)


TIME_KEYS = (*DAY_KEYS, BLOCK)
"""What a key can be that follows from the time of a request."""


def zone(tz: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Errors: :class:`~costbasis.errors.BadArgument` for any other name.
    """
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadArgument(
            f'unknown time zone "{tz}"', where="--tz", hint="use an IANA name such as Europe/Zurich or UTC"
        ) from None


def zone_stamp(tz: str) -> str:
    """Size and time of the file that says the rules of a zone; nothing where they are of an installed package."""
    for folder in TZPATH:
        try:
            now = os.stat(os.path.join(folder, tz))
        except (OSError, ValueError):
            continue
        return f"{now.st_size} {now.st_mtime_ns}"
    return ""


def _no_key(day: date) -> str:
    return ""


def _key_of_day(by: str, week_start: str | None) -> Callable[[date], str]:
    if by == "week" and week_start:
        return lambda day: first_day_of_week(day, week_start).isoformat()
    return DAY_KEYS.get(by, _no_key)


def periods(
    quarters: Iterable[int],
    *,
    by: str,
    tz: str,
    since: date | None = None,
    until: date | None = None,
    week_start: str | None = None,
) -> list[Period]:
    """The period of each of *quarters* (since 1970, UTC), in order, those outside *since*..*until* left out.

    Both ends are local days and are included. The key is empty where *by* is not a time. A block is named for
    the local minute in which it begins; blocks follow from all of *quarters*, whichever are left out. A week is
    named for its ISO number, or, where *week_start* says on which of ``WEEKDAYS`` it begins, for its first day.
    """
    if since and until and since > until:
        raise BadArgument(f"{since} is after {until}", where="--since", hint="swap --since and --until")
    local = zone(tz)
    key_of = _key_of_day(by, week_start)
    found = []
    begins_s = ends_s = 0
    key = month = ""
    is_wanted = False
    quarters = sorted(quarters)
    starts = block_starts(quarter // QUARTERS_PER_HOUR for quarter in quarters) if by == BLOCK else {}
    for quarter in quarters:
        time_s = quarter * S_PER_QUARTER
        if not begins_s <= time_s < ends_s:
            day = datetime.fromtimestamp(time_s, local).date()
            begins_s, ends_s = _stretch_s(day, local, time_s)
            is_wanted = not ((since and day < since) or (until and day > until))
            key, month = key_of(day), month_key(day)
        if is_wanted:
            if starts:
                key = _minute_key(starts[quarter // QUARTERS_PER_HOUR], local)
            found.append(Period(quarter, key, month))
    return found


def _stretch_s(day: date, local: ZoneInfo, time_s: int) -> tuple[int, int]:
    """From when to when it is that day; of the one moment, where clocks change in it.

    >>> _stretch_s(date(2026, 3, 28), ZoneInfo("Europe/Zurich"), 0), _stretch_s(date(2026, 3, 29), ZoneInfo("UTC"), 0)
    ((1774652400, 1774738800), (1774742400, 1774828800))
    >>> _stretch_s(date(2026, 3, 29), ZoneInfo("Europe/Zurich"), 1774740000)
    (1774740000, 1774740001)
    """
    try:
        begins, ends = (datetime.combine(one, time(), local) for one in (day, day + timedelta(days=1)))
        if begins.utcoffset() == ends.utcoffset():
            return int(begins.timestamp()), int(ends.timestamp())
    except (OverflowError, ValueError):  # the first or the last day that there is
        pass
    return time_s, time_s + 1


def _minute_key(hour: int, local: ZoneInfo) -> str:
    begins = datetime.fromtimestamp(hour * QUARTERS_PER_HOUR * S_PER_QUARTER, local)
    return begins.strftime("%Y-%m-%d %H:%M")
