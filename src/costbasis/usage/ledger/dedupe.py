"""Many lines, one request: which line counts, why, and what becomes of the others.

What makes two lines speak of one request is the reader's knowledge (``request_key``, by ``key_rule``). Which of
them counts is the same for every agent, within a file (here) and across files (``counting``): the order of
``WON_BY``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import ne
from typing import NamedTuple

from msgspec.structs import replace

from costbasis.usage.events import OtherLines, Telling, UsageEvent, kind_number

WON_BY = (
    "",
    "finished",
    "not a mirror",
    "not a sidechain",
    "more output",
    "more tokens",
    "earlier",
    "",
)
"""Why a line counts before others that speak of the same request; first "" where there is no other, last "" where
they are equal and the first of them (by path and place) counts."""

FINISHED = 1
"""The place of the first rule."""

BY_SHARE = "session total, shared evenly over its answers"
"""The key rule of an agent that tells a session's total alone. Where another log of it tells the calls of that
session and model one by one, those up to the total are in it already, and do not count again."""

IN_TOTAL = -1
"""Stands in ``seen.won_by_here`` for a call that a session's total holds."""

LINE, SIDECHAIN, MIRROR = "line", "sidechain", "mirror"
KINDS = (LINE, SIDECHAIN, MIRROR)


def better(left: UsageEvent, right: UsageEvent) -> UsageEvent:
    """Two tellings of one request as one: the line that counts, with the evidence of both.

    The order of the arguments does not matter, nor how lines are grouped: reading a file in pieces is reading
    it at once. The output is a lower bound only where neither telling says why the response stopped. Among lines
    that are all mirrors, or all sidechains, the same order holds.
    """
    ranks = rank(left), rank(right)
    winner, loser = (left, right) if ranks[0] <= ranks[1] else (right, left)
    return replace(
        winner,
        lines=left.lines + right.lines,
        partial_output=left.partial_output and right.partial_output,
        won_by=max(winner.won_by, first_difference(*ranks)),
        others=_together((*winner.others, *loser.others, OtherLines(kind_of(loser), 1, loser.offset))),
        times=_times(min(ranks), (*_tellings(left), *_tellings(right))),
    )


Rank = tuple[bool, bool, bool, int, int, int, int]
"""Is its output partial, is it a mirror, a sidechain; minus output, minus all tokens; time, offset: the smaller, the
better. A place for every rule of ``WON_BY`` but the first."""

OFFSET = 6
"""The place of the offset in a rank."""


def rank(event: UsageEvent) -> Rank:
    """The rank of a telling."""
    counts = event.counts
    output, prompt = counts.output_tok, counts.prompt_tok
    flags = event.partial_output, event.is_mirror, event.is_sidechain
    return (*flags, -output, -(prompt + output), event.time_ms, event.offset)


class Settled(NamedTuple):
    """Which of many tellings of one request counts, why, what the others are, and when they told what (*times*)."""

    winner: int
    won_by: int
    others: tuple[OtherLines, ...]
    times: tuple[Telling, ...] = ()


def settle(ranks: Sequence[Rank]) -> Settled:
    """All the tellings of one request at once, by their ranks: what :func:`better` makes of them, two by two.

    >>> settled = settle([(True, False, False, -2, -9, 1, 0), (False, False, False, -5, -12, 2, 80)])
    >>> settled.winner, WON_BY[settled.won_by], settled.others
    (1, 'finished', (OtherLines(kind='line', lines=1, offset=0),))
    """
    best = min(ranks)
    winner = ranks.index(best)
    rivals = [other for index, other in enumerate(ranks) if index != winner]
    closest = max([first_difference(best, other) for other in rivals], default=0)
    times: tuple[Telling, ...] = ()
    if best[0] or any(other[1:4] <= best[1:4] for other in rivals):
        times = _times(best, [_telling(one) for one in ranks])
    if len(rivals) == 1:
        return Settled(winner, closest, (OtherLines(_kind(rivals[0]), 1, rivals[0][OFFSET]),), times)
    return Settled(winner, closest, _together(OtherLines(_kind(other), 1, other[OFFSET]) for other in rivals), times)


def _tellings(event: UsageEvent) -> tuple[Telling, ...]:
    return event.times or (_telling(rank(event)),)


def _telling(one: Rank) -> Telling:
    _, is_mirror, is_sidechain, output, _, time_ms, _ = one
    return kind_number(is_mirror, is_sidechain), -output, time_ms


def _times(best: Rank, tellings: Iterable[Telling]) -> tuple[Telling, ...]:
    """What the request may have to be dated by: the earliest of each kind and output that counts or may yet.

    Whatever comes later, a line that counts is at least as good as the *best* one by now: what is less than that, by
    kind and output, dates nothing any more. Nothing where only the best line itself is left.
    """
    is_partial, is_mirror, is_sidechain, output, _, time_ms, _ = best
    worst = kind_number(is_mirror, is_sidechain), output
    earliest: dict[tuple[int, int], int] = {}
    for kind, told, at_ms in tellings:
        if is_partial or (kind, -told) <= worst:
            earliest[kind, told] = min(at_ms, earliest.get((kind, told), at_ms))
    if len(earliest) == 1 and earliest.get((worst[0], -output)) == time_ms:
        return ()
    return tuple(sorted((kind, told, at_ms) for (kind, told), at_ms in earliest.items()))


def kind_of(event: UsageEvent) -> str:
    """What kind of line it is."""
    return _kind(rank(event))


def _kind(one: Rank) -> str:
    _, is_mirror, is_sidechain, *_ = one
    return MIRROR if is_mirror else SIDECHAIN if is_sidechain else LINE


def first_difference(one: Sequence[int], other: Sequence[int]) -> int:
    """By two ranks, index of the first rule that tells two lines apart. That of the closest rival is the largest."""
    differs = [*map(ne, one, other)]
    return differs.index(True) + 1 if True in differs else len(WON_BY) - 1


def _together(some: Iterable[OtherLines]) -> tuple[OtherLines, ...]:
    """Counts by kind, each with the address of its first line."""
    together: dict[str, OtherLines] = {}
    for other in some:
        had = together.get(other.kind)
        together[other.kind] = other if had is None else _both(had, other)
    return tuple(sorted(together.values())) if len(together) > 1 else tuple(together.values())


def _both(one: OtherLines, other: OtherLines) -> OtherLines:
    return OtherLines(one.kind, one.lines + other.lines, min(one.offset, other.offset))
