"""Five-hour blocks: the stretches over which plans count their limits."""

from __future__ import annotations

from collections.abc import Iterable

HOURS_PER_BLOCK = 5


def block_starts(hours: Iterable[int]) -> dict[int, int]:
    """The hour in which the block of each hour with a request began. Hours are since 1970, UTC.

    A block begins with the hour of its first request and lasts five; the next begins with the first request
    after that, however long that takes.

    >>> block_starts([100, 101, 104, 105, 112])
    {100: 100, 101: 100, 104: 100, 105: 105, 112: 112}
    """
    found: dict[int, int] = {}
    start: int | None = None
    for hour in sorted(set(hours)):
        if start is None or hour >= start + HOURS_PER_BLOCK:
            start = hour
        found[hour] = start
    return found
