"""What the lines of a Claude Code log say of one request, and the request that becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, overload

from costbasis.usage.events import Telling as Moment
from costbasis.usage.events import TokenCounts, UsageEvent, earliest_of, kind_number
from costbasis.usage.formats.anthropic_usage import mode_named
from costbasis.usage.formats.claude_plain import MirrorLine, PlainLine, counts_of_plain
from costbasis.usage.ledger.dedupe import FINISHED, Rank, settle
from costbasis.usage.ledger.seen import (
    NO_OTHERS,
    NOT_HELD,
    Conversation,
    Entry,
    InEntries,
    Places,
    entry_of,
    event_of_entry,
    places_of,
    places_of_kind,
    text_of,
)

BY_MESSAGE = "message id"

Told = tuple[TokenCounts, str, str, str, str, int, str, str, str]
"""What one line says of one request, before it is known which of them counts: counts, model, provider, mode, region,
searches, session, agent's id, and the rule that made the key. No part of the line itself, or all of it is held."""

Telling = tuple[int, PlainLine | tuple[Rank, Told]]
"""One line of a request: where it stands, and what it says. An ordinary line is worked out only where it counts."""


class Requests(InEntries):
    """The requests that the lines of a file speak of: entries of a ledger at once, events where somebody asks.

    *told*: the tellings by key; *stem*: the file's name, for lines that name no session; *project*, *agent*: of all.
    """

    def __init__(self, told: Mapping[str, list[Telling]], path: str, stem: str, project: str, agent: str) -> None:
        self._told, self._path, self._stem = told, path, stem
        self._project, self._agent = project, agent
        self._events: list[UsageEvent] | None = None

    def __len__(self) -> int:
        return len(self._told)

    @overload
    def __getitem__(self, place: int) -> UsageEvent: ...

    @overload
    def __getitem__(self, place: slice) -> list[UsageEvent]: ...

    def __getitem__(self, place: int | slice) -> UsageEvent | list[UsageEvent]:
        if self._events is None:
            self._events = [event_of_entry(entry, conversation, self._path) for conversation, entry in self._each()]
        return self._events[place]

    def entries(self) -> dict[Conversation, list[Entry]]:
        """By conversation, in the order of time and key."""
        found: dict[Conversation, list[Entry]] = {}
        for conversation, entry in self._each():
            some = found.get(conversation)
            if some is None:
                found[conversation] = [entry]
            else:
                some.append(entry)
        for some in found.values():
            some.sort()
        return found

    def _each(self) -> Iterator[tuple[Conversation, Entry]]:
        """Each request, from the line that counts; nearly always that is the last one, and an ordinary one."""
        stem, project, agent = self._stem, self._project, self._agent
        for key, tellings in self._told.items():
            offset, said = tellings[-1]
            lines, won_by, others = len(tellings), 0, NO_OTHERS
            times: tuple[Moment, ...] = ()
            if lines > 1:
                drafted = _drafted(tellings, said)
                if drafted is not None:
                    won_by, (others, times) = FINISHED, drafted
                else:
                    winner, won_by, some, times = settle([_rank(*telling) for telling in tellings])
                    others = places_of(some)
                    offset, said = tellings[winner]
            if isinstance(said, tuple):
                yield self._odd(key, offset, said, lines, won_by, others, times)
                continue
            message, agent_id, is_sidechain = said.message, said.agent_id or "", said.is_sidechain is True
            if is_sidechain and not agent_id:
                agent_id = stem
            if agent_id[:6] == "agent-":
                agent_id = agent_id[6:]
            is_mirror = type(said) is MirrorLine
            is_sidechain = is_sidechain and not is_mirror
            usage = message.usage
            split, tools, tier, speed = usage.cache_creation, usage.server_tool_use, usage.service_tier, usage.speed
            given, read, output = usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens
            five, hour = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
            prompt, time_ms = given + five + hour + read, epoch_ms_of(said.timestamp)
            dated_ms = earliest_of(times, kind_number(is_mirror, is_sidechain), output) if times else time_ms
            yield (said.session_id or stem, agent_id), [
                dated_ms, key, BY_MESSAGE, won_by, offset, lines, dated_ms, message.model, "anthropic",
                "standard" if tier == speed == "standard" else mode_named(speed, tier),
                "us" if usage.inference_geo == "us" else "", 0 if tools is None else tools.web_search_requests, "",
                "", 1, is_sidechain, is_mirror, message.stop_reason is None, given, five, hour, 0, read, output, 0,
                *others, prompt, prompt.bit_length() - (prompt > 0), NOT_HELD, time_ms,
                text_of(times) if times else "", project, agent,
            ]  # fmt: skip

    def _odd(
        self, key: str, offset: int, said: tuple[Rank, Told], lines: int, won_by: int, others: Places,
        times: tuple[Moment, ...],
    ) -> tuple[Conversation, Entry]:  # fmt: skip
        """A request of which a line counts that is not ordinary."""
        (is_partial, is_mirror, is_sidechain, _, _, time_ms, _), told = said
        counts, model, provider, mode, geo, searches, session, agent_id, rule = told
        event = UsageEvent(
            counts, model, provider, mode, geo, time_ms, searches, session, agent_id, self._project, self._agent, key,
            rule, is_sidechain, is_mirror, is_partial, lines, offset, f"{self._path}:{offset}", won_by, times=times,
        )  # fmt: skip
        return (session, agent_id), entry_of(event, others)


def _drafted(tellings: Sequence[tuple[int, Any]], last: Any) -> tuple[Places, tuple[Moment, ...]] | None:
    """Where the drafts of a request stand, and what else may have to date it, where all but the *last* line are drafts,
    as nearly always: so that one counts. None where they are not.

    A draft is an ordinary line of the same kind that does not say why the response stopped, with no more output.
    """
    kind = type(last)
    if kind is tuple or last.message.stop_reason is None:
        return None
    is_sidechain, output, first = last.is_sidechain, last.message.usage.output_tokens, last.timestamp
    for _, said in tellings:
        if said is last:
            break
        if type(said) is not kind or said.is_sidechain is not is_sidechain:
            return None
        message = said.message
        drafted = message.usage.output_tokens
        if message.stop_reason is not None or drafted > output:
            return None
        if drafted == output and said.timestamp < first:
            first = said.timestamp
    number = 2 if kind is MirrorLine else 1 if is_sidechain else 0
    others = places_of_kind(number, len(tellings) - 1, tellings[0][0])
    if first is last.timestamp:
        return others, ()
    first_ms = epoch_ms_of(first)
    return others, () if first_ms == epoch_ms_of(last.timestamp) else ((number, output, first_ms),)


def _rank(offset: int, said: PlainLine | tuple[Rank, Told]) -> Rank:
    if not isinstance(said, PlainLine):
        return said[0]
    message, counts = said.message, counts_of_plain(said.message.usage)
    is_mirror = isinstance(said, MirrorLine)
    flags = message.stop_reason is None, is_mirror, said.is_sidechain is True and not is_mirror
    output = counts.output_tok
    return (*flags, -output, -(counts.prompt_tok + output), epoch_ms_of(said.timestamp), offset)


def epoch_ms_of(moment: datetime) -> int:
    """A moment with its zone, as epoch milliseconds.

    >>> epoch_ms_of(datetime(1970, 1, 2, microsecond=1500, tzinfo=UTC))
    86400002
    """
    since = moment - _EPOCH
    return since.days * _MS_PER_DAY + since.seconds * 1000 + (since.microseconds + 500) // 1000


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS_PER_DAY = 86_400_000
