"""What the lines of a Claude Code log say of one request, and the request that becomes of them."""

from __future__ import annotations

from datetime import datetime

from costbasis.usage.events import OtherLines, TokenCounts, UsageEvent
from costbasis.usage.formats.anthropic_usage import mode_named
from costbasis.usage.formats.claude_plain import PlainLine, counts_of_plain
from costbasis.usage.ledger.dedupe import FINISHED, LINE, SIDECHAIN, Rank, Settled, settle

BY_MESSAGE = "message id"

Told = tuple[TokenCounts, str, str, str, str, int, str, str, str]
"""What one line says of one request, before it is known which of them counts: counts, model, provider, mode, region,
searches, session, agent's id, and the rule that made the key. No part of the line itself, or all of it is held."""

Telling = tuple[int, PlainLine | tuple[Rank, Told]]
"""One line of a request: where it stands, and what it says. An ordinary line is worked out only where it counts."""

_ALONE = Settled(0, 0, ())
"""Of a request that one line speaks of."""


def event_of(key: str, tellings: list[Telling], path: str, stem: str, project: str, agent: str) -> UsageEvent:
    """The request that some lines of a file speak of, from the one that counts. *stem*: the file's name."""
    settled = _ALONE if len(tellings) == 1 else _by_its_drafts(tellings)
    if settled is None:
        settled = settle([_rank(*telling) for telling in tellings])
    winner, won_by, others, times = settled
    offset, said = tellings[winner]
    origin, lines = f"{path}:{offset}", len(tellings)
    if isinstance(said, PlainLine):
        message, agent_id = said.message, said.agent_id
        usage, is_sidechain = message.usage, said.is_sidechain is True
        tools, speed, tier = usage.server_tool_use, usage.speed, usage.service_tier
        if not agent_id:
            agent_id = stem if is_sidechain else ""
        return UsageEvent(  # by place: by name takes twice as long, and there are many
            counts_of_plain(usage), message.model, "anthropic",
            "standard" if speed is None and tier == "standard" else mode_named(speed, tier),
            "us" if usage.inference_geo == "us" else "", round(said.timestamp.timestamp() * 1000),
            0 if tools is None else tools.web_search_requests, said.session_id or stem,
            agent_id.removeprefix("agent-"), project, agent, key, BY_MESSAGE, is_sidechain, False,
            message.stop_reason is None, lines, offset, origin, won_by, others, "", "", 1, -1, times,
        )  # fmt: skip
    (is_partial, is_mirror, is_sidechain, _, _, time_ms, _), told = said
    counts, model, provider, mode, geo, searches, session, agent_id, rule = told
    return UsageEvent(
        counts, model, provider, mode, geo, time_ms, searches, session, agent_id, project, agent, key, rule,
        is_sidechain, is_mirror, is_partial, lines, offset, origin, won_by, others, "", "", 1, -1, times,
    )  # fmt: skip


def _by_its_drafts(tellings: list[Telling]) -> Settled | None:
    """What :func:`settle` says where all but the last line are drafts of it, as nearly always; None where they are not.

    A draft is an ordinary line of the same kind that does not say why the response stopped, with less output.
    """
    _, last = tellings[-1]
    if not isinstance(last, PlainLine) or last.message.stop_reason is None:
        return None
    output, is_sidechain = last.message.usage.output_tokens, last.is_sidechain is True
    for _, said in tellings[:-1]:
        if not isinstance(said, PlainLine) or said.message.stop_reason is not None:
            return None
        if said.message.usage.output_tokens >= output or (said.is_sidechain is True) is not is_sidechain:
            return None
    drafts = len(tellings) - 1
    return Settled(drafts, FINISHED, (OtherLines(SIDECHAIN if is_sidechain else LINE, drafts, tellings[0][0]),))


def _rank(offset: int, said: PlainLine | tuple[Rank, Told]) -> Rank:
    if not isinstance(said, PlainLine):
        return said[0]
    message, counts = said.message, counts_of_plain(said.message.usage)
    flags = message.stop_reason is None, False, said.is_sidechain is True
    output = counts.output_tok
    return (*flags, -output, -(counts.prompt_tok + output), epoch_ms_of(said.timestamp), offset)


def epoch_ms_of(moment: datetime) -> int:
    """A moment with its zone, as epoch milliseconds."""
    return round(moment.timestamp() * 1000)
