"""What the lines of a Claude Code log say of one request, and the request that becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import overload

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
            entries = (self._entry(key, tellings) for key, tellings in self._told.items())
            self._events = [event_of_entry(entry, conversation, self._path) for conversation, entry in entries]
        return self._events[place]

    def entries(self) -> dict[Conversation, list[Entry]]:
        """By conversation, in the order of time and key."""
        found: dict[Conversation, list[Entry]] = {}
        for key, tellings in self._told.items():
            conversation, entry = self._entry(key, tellings)
            some = found.get(conversation)
            if some is None:
                found[conversation] = [entry]
            else:
                some.append(entry)
        for some in found.values():
            some.sort()
        return found

    def _entry(self, key: str, tellings: Sequence[Telling]) -> tuple[Conversation, Entry]:
        """A request, from the line that counts; nearly always that is the last one, and an ordinary one."""
        offset, said = tellings[-1]
        lines = len(tellings)
        if isinstance(said, PlainLine):
            if lines == 1:
                return self._plain(key, offset, said, 1, 0, NO_OTHERS)
            drafted = _drafted(tellings, said)
            if drafted is not None:
                others = places_of_kind(_kind(said), lines - 1, tellings[0][0])
                return self._plain(key, offset, said, lines, FINISHED, others, drafted)
        winner, won_by, others_by_kind, times = settle([_rank(*telling) for telling in tellings])
        offset, said = tellings[winner]
        if isinstance(said, PlainLine):
            return self._plain(key, offset, said, lines, won_by, places_of(others_by_kind), times)
        (is_partial, is_mirror, is_sidechain, _, _, time_ms, _), told = said
        counts, model, provider, mode, geo, searches, session, agent_id, rule = told
        event = UsageEvent(
            counts, model, provider, mode, geo, time_ms, searches, session, agent_id, self._project, self._agent, key,
            rule, is_sidechain, is_mirror, is_partial, lines, offset, f"{self._path}:{offset}", won_by, others_by_kind,
            "", "", 1, -1, times,
        )  # fmt: skip
        return (session, agent_id), entry_of(event)

    def _plain(
        self, key: str, offset: int, said: PlainLine, lines: int, won_by: int, others: Places,
        times: tuple[Moment, ...] = (),
    ) -> tuple[Conversation, Entry]:  # fmt: skip
        """A request of which an ordinary line counts."""
        message, is_mirror, agent_id = said.message, isinstance(said, MirrorLine), said.agent_id
        is_sidechain = said.is_sidechain is True
        usage = message.usage
        split, tools, tier, speed = usage.cache_creation, usage.server_tool_use, usage.service_tier, usage.speed
        given, read, output = usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens
        five, hour = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
        prompt, time_ms = given + five + hour + read, epoch_ms_of(said.timestamp)
        dated_ms = earliest_of(times, _kind(said), output) if times else time_ms
        if not agent_id:
            agent_id = self._stem if is_sidechain else ""
        return (said.session_id or self._stem, agent_id.removeprefix("agent-")), [
            dated_ms, key, BY_MESSAGE, won_by, offset, lines, dated_ms, message.model, "anthropic",
            "standard" if tier == speed == "standard" else mode_named(speed, tier),
            "us" if usage.inference_geo == "us" else "", 0 if tools is None else tools.web_search_requests, "", "", 1,
            is_sidechain and not is_mirror, is_mirror, message.stop_reason is None, given, five, hour, 0, read, output,
            0, *others, prompt, prompt.bit_length() - (prompt > 0), NOT_HELD, time_ms,
            text_of(times) if times else "", self._project, self._agent,
        ]  # fmt: skip


def _drafted(tellings: Sequence[Telling], last: PlainLine) -> tuple[Moment, ...] | None:
    """What else may have to date a request of which all but the *last* line are drafts, as nearly always: so the last
    one counts. None where they are not.

    A draft is an ordinary line of the same kind that does not say why the response stopped, with no more output.
    """
    message = last.message
    if message.stop_reason is None:
        return None
    output, kind = message.usage.output_tokens, _kind(last)
    first = last.timestamp
    for _, said in tellings:
        if said is last:
            break
        if not isinstance(said, PlainLine) or said.message.stop_reason is not None:
            return None
        drafted = said.message.usage.output_tokens
        if drafted > output or _kind(said) != kind:
            return None
        if drafted == output and said.timestamp < first:
            first = said.timestamp
    if first is last.timestamp:
        return ()
    first_ms = epoch_ms_of(first)
    if first_ms == epoch_ms_of(last.timestamp):
        return ()
    return ((kind, output, first_ms),)


def _kind(said: PlainLine) -> int:
    is_mirror = isinstance(said, MirrorLine)
    return kind_number(is_mirror, said.is_sidechain is True and not is_mirror)


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
