"""Many lines, one request: which line counts, why, and what becomes of the others.

What makes two lines speak of one request is the reader's knowledge (``request_key``, by ``key_rule``). Which of
them counts is the same for every agent, within a file (here) and across files (the ledger's query): the order of
``WON_BY``.
"""

from __future__ import annotations

from dataclasses import replace

from costbasis.usage.events import OtherLines, UsageEvent

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
        won_by=max(winner.won_by, _first_difference(*ranks)),
        others=_added(winner.others, (*loser.others, OtherLines(kind_of(loser), 1, loser.offset))),
    )


def rank(event: UsageEvent) -> tuple[bool, bool, bool, int, int, int, int]:
    """The smaller, the better: a place for every rule of ``WON_BY`` but the first."""
    counts = event.counts
    return (
        event.partial_output,
        event.is_mirror,
        event.is_sidechain,
        -counts.output_tok,
        -(counts.prompt_tok + counts.output_tok),
        event.time_ms,
        event.offset,
    )


def kind_of(event: UsageEvent) -> str:
    """What kind of line it is."""
    if event.is_mirror:
        return MIRROR
    return SIDECHAIN if event.is_sidechain else LINE


def _first_difference(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Index of the first rule that tells two lines apart. That of the closest rival is the largest."""
    for rule in range(1, len(WON_BY)):
        if one[rule - 1] != other[rule - 1]:
            return rule
    return len(WON_BY) - 1


def _added(some: tuple[OtherLines, ...], more: tuple[OtherLines, ...]) -> tuple[OtherLines, ...]:
    """Counts by kind, each with the address of its first line."""
    if not some and len(more) == 1:
        return more
    together: dict[str, OtherLines] = {}
    for kind, lines, offset in (*some, *more):
        had = together.get(kind, OtherLines(kind, 0, offset))
        together[kind] = OtherLines(kind, had.lines + lines, min(had.offset, offset))
    return tuple(sorted(together.values()))
