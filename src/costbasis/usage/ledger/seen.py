"""A telling of a request as a row of the ledger's table ``seen``, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

from costbasis.usage.events import OtherLines, Telling, TokenCounts, UsageEvent
from costbasis.usage.ledger.dedupe import KINDS

COUNTS = tuple(TokenCounts._fields)
OTHERS = tuple(f"{kind}_{what}" for kind in KINDS for what in ("lines", "offset"))
PLAIN = (
    "request_key", "key_rule", "won_by", "offset", "lines", "time_ms", "session", "agent_id", "project", "agent",
    "model", "provider", "mode", "geo", "web_searches", "api_key", "user", "requests",
)  # fmt: skip
FLAGS = ("is_sidechain", "is_mirror", "partial_output")
SAID = (*PLAIN, *FLAGS, *COUNTS, *OTHERS)
"""What a file says."""

DATES = ("line_ms", "times")
"""When the line that counts was written, and what else the request may have to be dated by; ``time_ms`` is its date."""

SUMS = ("hour", "quarter", "prompt_tok", "context_bucket", "held_s")
COLUMNS = (*SAID, *SUMS, *DATES)
"""Of ``seen``, after the file's id: what is said, and what follows from it."""

MS_PER_HOUR, MS_PER_QUARTER = 3_600_000, 900_000
SHORT_LIFE_S, LONG_LIFE_S = 300.0, 3600.0
"""How long a cached prompt lives: five minutes, or an hour where any of it was written for an hour."""

_NO_OTHERS = (0, None) * len(KINDS)
_plain_and_flags = attrgetter(*("dated_ms" if name == "time_ms" else name for name in PLAIN), *FLAGS)


def rows_of(events: Iterable[UsageEvent]) -> list[tuple[Any, ...]]:
    """The values of ``COLUMNS`` for all that one file says, in the order of the keys.

    *held_s* is right as far as this file knows: until the conversation's next request, at most for the lifetime.
    """
    in_order = sorted(events, key=_conversation)
    rows = [_row(event, following) for event, following in pairwise([*in_order, None]) if event is not None]
    rows.sort()
    return rows


_conversation = attrgetter("session", "agent_id", "dated_ms", "request_key")


def _row(event: UsageEvent, following: UsageEvent | None) -> tuple[Any, ...]:
    counts, time_ms = event.counts, event.dated_ms
    given, five, hour, unknown, read, _, _ = counts
    prompt = given + five + hour + unknown + read
    if event.requests != 1:  # a sum of many: the prompt of one of them decides price and context
        prompt = _prompt_of_one(event, prompt)
    held_s = LONG_LIFE_S if hour > 0 else SHORT_LIFE_S
    if following is not None and following.session == event.session and following.agent_id == event.agent_id:
        held_s = min((following.dated_ms - time_ms) / 1000, held_s)
    bucket = max(prompt.bit_length() - 1, 0)
    sums = time_ms // MS_PER_HOUR, time_ms // MS_PER_QUARTER, prompt, bucket, held_s
    dates = event.time_ms, _text(event.times) if event.times else ""
    return _plain_and_flags(event) + counts + (_places(event) if event.others else _NO_OTHERS) + sums + dates


def _prompt_of_one(event: UsageEvent, prompt: int) -> int:
    return prompt // event.requests if event.requests else max(event.each_prompt_tok, 0)


def _places(event: UsageEvent) -> tuple[int | None, ...]:
    others = {kind: (lines, offset) for kind, lines, offset in event.others}
    return tuple(value for kind in KINDS for value in others.get(kind, (0, None)))


def event_of(row: Sequence[Any], path: str) -> UsageEvent:
    """The event that became *row*."""
    said = dict(zip(COLUMNS, row, strict=True))
    others = (OtherLines(kind, said[f"{kind}_lines"], said[f"{kind}_offset"]) for kind in KINDS)
    plain: dict[str, Any] = {name: said[name] for name in PLAIN} | {name: bool(said[name]) for name in FLAGS}
    plain["time_ms"] = said["line_ms"]
    return UsageEvent(
        **plain,
        counts=TokenCounts(*(said[name] for name in COUNTS)),
        others=tuple(sorted(other for other in others if other.lines)),
        origin=f"{path}:{said['offset']}",
        each_prompt_tok=said["prompt_tok"],
        times=_times(said["times"]),
    )


def _text(times: Iterable[Telling]) -> str:
    return " ".join(f"{kind}:{output}:{time_ms}" for kind, output, time_ms in times)


def _times(text: str) -> tuple[Telling, ...]:
    found = []
    for telling in text.split():
        kind, output, time_ms = telling.split(":")
        found.append((int(kind), int(output), int(time_ms)))
    return tuple(found)


def earliest_ms(text: str, kind: int, output: int) -> int | None:
    """When lines of a kind first told an output, by the *times* of a row; None where they did not.

    >>> earliest_ms("0:5:1000 0:7:3000", 0, 7), earliest_ms("0:5:1000", 1, 5)
    (3000, None)
    """
    return next((time_ms for *told, time_ms in _times(text) if told == [kind, output]), None)
