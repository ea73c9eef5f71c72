"""A telling of a request as a row of the ledger's table ``seen``, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import astuple

from costbasis.usage.events import OtherLines, Telling, TokenCounts, UsageEvent
from costbasis.usage.ledger.dedupe import KINDS, LINE

COUNTS = tuple(TokenCounts._fields)
OTHERS = tuple(f"{kind}_{what}" for kind in KINDS for what in ("lines", "offset"))
PLAIN = (
    "request_key", "key_rule", "won_by", "offset", "lines", "time_ms", "model", "provider", "mode", "geo",
    "web_searches", "api_key", "user", "requests",
)  # fmt: skip
FLAGS = ("is_sidechain", "is_mirror", "partial_output")
DATES = ("line_ms", "times")
"""When the line that counts was written, and what else the request may have to be dated by; ``time_ms`` is its date."""

IN_BLOCK = (*PLAIN, *FLAGS, *COUNTS, *OTHERS, "prompt_tok", "context_bucket", "held_s", *DATES)
"""What differs from request to request, and what follows from that."""

OF_BLOCK = ("session", "agent_id", "project", "agent")
"""What all that a file says of one conversation has in common."""

COLUMNS = (*IN_BLOCK, *OF_BLOCK, "hour", "quarter")
"""Of ``seen``, after the file's id."""

INSERT = f"INSERT INTO seen (file_id, host, {', '.join(COLUMNS)}) VALUES (?, ?{', ?' * len(COLUMNS)})"

INSERT_COUNTED = f"{INSERT[: INSERT.index(')')]}, counts, won_by_here) VALUES (?, ?, ?, ?{', ?' * len(COLUMNS)})"
"""The same, with what was found out of it across files."""

MS_PER_HOUR, MS_PER_QUARTER = 3_600_000, 900_000
SHORT_LIFE_S, LONG_LIFE_S = 300.0, 3600.0
"""How long a cached prompt lives: five minutes, or an hour where any of it was written for an hour."""

_NO_OTHERS = (0, None) * len(KINDS)


def rows_of(events: Iterable[UsageEvent]) -> list[tuple[Any, ...]]:
    """The values of ``COLUMNS`` for all that one file says, in the order of the keys.

    *held_s* is right as far as this file knows: until the conversation's next request, at most for the lifetime.
    """
    rows = []
    for (session, agent_id), told in conversations_of(events).items():
        for row, event in zip(rows_in_block(told), told, strict=True):
            time_ms = row[_TIME]
            whose = session, agent_id, event.project, event.agent
            rows.append((*row, *whose, time_ms // MS_PER_HOUR, time_ms // MS_PER_QUARTER))
    rows.sort()
    return rows


def conversations_of(events: Iterable[UsageEvent]) -> dict[tuple[str, str], list[UsageEvent]]:
    """What was said by session and agent's id, in the order of time and key."""
    together: dict[tuple[str, str], list[tuple[int, str, UsageEvent]]] = {}
    for event in events:
        time_ms = event.dated_ms if event.times else event.time_ms
        told = together.setdefault((event.session, event.agent_id), [])
        told.append((time_ms, event.request_key, event))
    for told in together.values():
        told.sort()
    return {conversation: [event for _, _, event in told] for conversation, told in together.items()}


def rows_in_block(told: Iterable[UsageEvent]) -> list[tuple[Any, ...]]:
    """The values of ``IN_BLOCK`` for one conversation, in its order.

    All at once: a field at a time takes three times as long, and there is a row a request.
    """
    rows: list[tuple[Any, ...]] = []
    next_ms: int | None = None
    for event in reversed(list(told)):
        (
            (given, five, hour, unknown, read, output, reasoning), model, provider, mode, geo, time_ms, searches, _, _,
            _, _, key, rule, is_sidechain, is_mirror, is_partial, lines, offset, _, won_by, others,
            api_key, user, requests, _, times,
        ) = astuple(event)  # fmt: skip
        dated_ms = event.dated_ms if times else time_ms
        prompt = given + five + hour + unknown + read
        if requests != 1:  # a sum of many: the prompt of one of them decides price and context
            prompt = _prompt_of_one(event, prompt)
        held_s = LONG_LIFE_S if hour > 0 else SHORT_LIFE_S
        if next_ms is not None and next_ms - dated_ms < held_s * 1000:
            held_s = (next_ms - dated_ms) / 1000
        next_ms = dated_ms
        rows.append((
            key, rule, won_by, offset, lines, dated_ms, model, provider, mode, geo, searches, api_key, user, requests,
            is_sidechain, is_mirror, is_partial,
            given, five, hour, unknown, read, output, reasoning, *(_places(others) if others else _NO_OTHERS),
            prompt, prompt.bit_length() - (prompt > 0), held_s, time_ms, _text(times) if times else "",
        ))  # fmt: skip
    rows.reverse()
    return rows


_TIME = IN_BLOCK.index("time_ms")


def _prompt_of_one(event: UsageEvent, prompt: int) -> int:
    return prompt // event.requests if event.requests else max(event.each_prompt_tok, 0)


def _places(some: tuple[OtherLines, ...]) -> tuple[int | None, ...]:
    if len(some) == 1:
        kind, lines, offset = some[0]
        if kind == LINE:
            return lines, offset, 0, None, 0, None
        place = 2 * KINDS.index(kind)
        return (*_NO_OTHERS[:place], lines, offset, *_NO_OTHERS[place + 2 :])
    others = {kind: (lines, offset) for kind, lines, offset in some}
    return tuple(value for kind in KINDS for value in others.get(kind, (0, None)))


def event_of(row: Sequence[Any], path: str) -> UsageEvent:
    """The event that became *row*."""
    said = dict(zip(COLUMNS, row, strict=True))
    others = (OtherLines(kind, said[f"{kind}_lines"], said[f"{kind}_offset"]) for kind in KINDS)
    plain: dict[str, Any] = {name: said[name] for name in (*PLAIN, *OF_BLOCK)} | {
        name: bool(said[name]) for name in FLAGS
    }
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
