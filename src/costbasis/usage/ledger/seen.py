"""A telling of a request as a row of the ledger's table ``seen``, and back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import astuple

from costbasis.usage.events import OtherLines, Telling, TokenCounts, UsageEvent
from costbasis.usage.ledger.dedupe import KINDS

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

ENTRY = ("time_ms", *IN_BLOCK, "project", "agent")
"""A request of a conversation, as a list: such lists sort by time and key. Its ``held_s`` is ``NOT_HELD`` until its
neighbours are known."""

NOT_HELD = 0.0

COLUMNS = (*IN_BLOCK, *OF_BLOCK, "hour", "quarter")
"""Of ``seen``, after the file's id."""

INSERT = f"INSERT INTO seen (file_id, host, {', '.join(COLUMNS)}) VALUES (?, ?{', ?' * len(COLUMNS)})"

INSERT_COUNTED = f"{INSERT[: INSERT.index(')')]}, counts, won_by_here) VALUES (?, ?, ?, ?{', ?' * len(COLUMNS)})"
"""The same, with what was found out of it across files."""

MS_PER_HOUR, MS_PER_QUARTER = 3_600_000, 900_000
SHORT_LIFE_S, LONG_LIFE_S = 300.0, 3600.0
"""How long a cached prompt lives: five minutes, or an hour where any of it was written for an hour."""

Places = tuple[int | None, ...]

NO_OTHERS: Places = (0, None) * len(KINDS)
"""Of a request of which one line speaks: none of any kind, and so none that is the first."""

Conversation = tuple[str, str]
"""Session and agent's id."""

Entry = list[Any]
"""The values of ``ENTRY``."""


class InEntries(Sequence[UsageEvent]):
    """Events that are made one by one only where somebody asks for them so."""

    @abstractmethod
    def entries(self) -> dict[Conversation, list[Entry]]:
        """What :func:`entries_of` makes of them, in less time."""


def rows_of(events: Iterable[UsageEvent]) -> list[tuple[Any, ...]]:
    """The values of ``COLUMNS`` for all that one file says, in the order of the keys.

    *held_s* is right as far as this file knows: until the conversation's next request, at most for the lifetime.
    """
    return rows_of_entries(entries_of(events))


def rows_of_entries(entries: Mapping[Conversation, Sequence[Entry]]) -> list[tuple[Any, ...]]:
    """As :func:`rows_of`."""
    rows = []
    for conversation, some in entries.items():
        for row, entry in zip(rows_in_block(some), some, strict=True):
            time_ms = entry[0]
            rows.append((*row, *conversation, *entry[_PROJECT:], time_ms // MS_PER_HOUR, time_ms // MS_PER_QUARTER))
    rows.sort()
    return rows


def entries_of(events: Iterable[UsageEvent]) -> dict[Conversation, list[Entry]]:
    """The values of ``ENTRY`` by conversation, in the order of time and key."""
    if isinstance(events, InEntries):
        return events.entries()
    found: dict[Conversation, list[Entry]] = {}
    for event in events:
        found.setdefault((event.session, event.agent_id), []).append(entry_of(event))
    for some in found.values():
        some.sort()
    return found


def entry_of(event: UsageEvent, others: Places | None = None) -> Entry:
    """The values of ``ENTRY``. All at once: a field at a time takes three times as long, and there is one a request.

    *others*: in place of those of the event.
    """
    (
        (given, five, hour, unknown, read, output, reasoning), model, provider, mode, geo, time_ms, searches, _, _,
        project, agent, key, rule, is_sidechain, is_mirror, is_partial, lines, offset, _, won_by, some,
        api_key, user, requests, _, times,
    ) = astuple(event)  # fmt: skip
    dated_ms = event.dated_ms if times else time_ms
    prompt = given + five + hour + unknown + read
    if requests != 1:  # a sum of many: the prompt of one of them decides price and context
        prompt = _prompt_of_one(event, prompt)
    return [
        dated_ms, key, rule, won_by, offset, lines, dated_ms, model, provider, mode, geo, searches, api_key, user,
        requests, is_sidechain, is_mirror, is_partial, given, five, hour, unknown, read, output, reasoning,
        *(others or (places_of(some) if some else NO_OTHERS)), prompt, prompt.bit_length() - (prompt > 0), NOT_HELD,
        time_ms, text_of(times) if times else "", project, agent,
    ]  # fmt: skip


def rows_in_block(entries: Sequence[Entry]) -> list[list[Any]]:
    """The values of ``IN_BLOCK`` for one conversation, in its order; its neighbours are known by then."""
    next_ms: int | None = None
    for entry in reversed(entries):
        time_ms = entry[0]
        held_s = LONG_LIFE_S if entry[_HOUR_WRITES] > 0 else SHORT_LIFE_S
        if next_ms is not None and next_ms - time_ms < held_s * 1000:
            held_s = (next_ms - time_ms) / 1000
        next_ms = time_ms
        entry[_HELD] = held_s
    return [entry[1:_PROJECT] for entry in entries]


_HOUR_WRITES, _HELD, _PROJECT = map(ENTRY.index, ("cache_write_1h_tok", "held_s", "project"))


def _prompt_of_one(event: UsageEvent, prompt: int) -> int:
    return prompt // event.requests if event.requests else max(event.each_prompt_tok, 0)


def places_of(some: tuple[OtherLines, ...]) -> Places:
    """Lines that did not count, by kind: how many, and where the first of them stands."""
    if len(some) == 1:
        kind, lines, offset = some[0]
        return places_of_kind(KINDS.index(kind), lines, offset)
    others = {kind: (lines, offset) for kind, lines, offset in some}
    return tuple(value for kind in KINDS for value in others.get(kind, (0, None)))


def places_of_kind(kind: int, lines: int, offset: int) -> Places:
    """The same where all are of one kind, which is a place in ``KINDS``.

    >>> places_of_kind(1, 2, 80)
    (0, None, 2, 80, 0, None)
    """
    if kind == 0:
        return lines, offset, 0, None, 0, None
    return (*NO_OTHERS[: 2 * kind], lines, offset, *NO_OTHERS[2 * kind + 2 :])


def event_of_entry(entry: Entry, conversation: Conversation, path: str) -> UsageEvent:
    """The event that became *entry*."""
    return _event(dict(zip(ENTRY, entry, strict=True)), conversation, path)


def event_of(row: Sequence[Any], path: str) -> UsageEvent:
    """The event that became *row*."""
    said = dict(zip(COLUMNS, row, strict=True))
    return _event(said, (said["session"], said["agent_id"]), path)


def _event(said: Mapping[str, Any], conversation: Conversation, path: str) -> UsageEvent:
    session, agent_id = conversation
    others = (OtherLines(kind, said[f"{kind}_lines"], said[f"{kind}_offset"]) for kind in KINDS)
    plain: dict[str, Any] = {name: said[name] for name in PLAIN} | {name: bool(said[name]) for name in FLAGS}
    plain["time_ms"] = said["line_ms"]
    return UsageEvent(
        **plain,
        session=session,
        agent_id=agent_id,
        project=said["project"],
        agent=said["agent"],
        counts=TokenCounts(*(said[name] for name in COUNTS)),
        others=tuple(sorted(other for other in others if other.lines)),
        origin=f"{path}:{said['offset']}",
        each_prompt_tok=said["prompt_tok"],
        times=_times(said["times"]),
    )


def text_of(times: Iterable[Telling]) -> str:
    """Tellings that may have to date a request, as they are stored."""
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
