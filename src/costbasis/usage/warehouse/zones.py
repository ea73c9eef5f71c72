"""Changes of a time zone's offset, for engines that are told them instead of asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ZONE_YEARS = range(2015, 2041)
"""For which a zone's changes are written out."""


@cache
def wall_offsets(zone: str) -> list[tuple[int, int]]:
    """Wall seconds from which a zone is so many seconds ahead of UTC; an hour that comes twice is the first of the two.

    >>> wall_offsets("Asia/Tokyo")
    [(1420070400, 32400)]
    >>> [datetime.fromtimestamp(at, UTC).isoformat() for at, _ in wall_offsets("Europe/Zurich")[1:3]]
    ['2015-03-29T03:00:00+00:00', '2015-10-25T03:00:00+00:00']
    """
    local = ZoneInfo(zone)

    def offset(wall: int) -> int:
        found = datetime.fromtimestamp(wall, UTC).replace(tzinfo=local).utcoffset()
        assert found is not None
        return int(found / timedelta(seconds=1))

    day, last = int(datetime(ZONE_YEARS[0], 1, 1, tzinfo=UTC).timestamp()), ZONE_YEARS[-1]
    end = int(datetime(last, 12, 31, tzinfo=UTC).timestamp())
    found = [(day, offset(day))]
    while day < end:
        if offset(day + 86_400) != found[-1][1]:
            low, high = day, day + 86_400
            while high - low > 60:
                middle = (low + high) // 120 * 60
                low, high = (middle, high) if offset(middle) == found[-1][1] else (low, middle)
            found.append((high, offset(high)))
        day += 86_400
    return found
