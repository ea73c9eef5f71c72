"""The ordinary line of a Claude Code log: a typed decoder checks all of it in one step, so that nothing is left to ask.

Nearly every line is one, or mirrors one of a subagent. What is not (a gateway's id, a count that is missing, a split
that does not add up, a round billed apart) is :func:`costbasis.usage.formats.claude_lines.decoded`'s, which takes a
field at a time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from costbasis.usage.events import TokenCounts

_Tok = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class _Split(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: _Tok
    ephemeral_1h_input_tokens: _Tok


class _Round(msgspec.Struct, gc=False):
    """A sampling that the top level includes; another kind of round is billed apart."""

    type: Literal["message"]


class _Tools(msgspec.Struct, gc=False):
    web_search_requests: _Tok = 0


class PlainUsage(msgspec.Struct, gc=False):
    """Counts that are all there, and the terms that they were made on."""

    input_tokens: _Tok
    cache_creation_input_tokens: _Tok
    cache_read_input_tokens: _Tok
    cache_creation: _Split
    output_tokens: _Tok
    service_tier: str | None = None
    server_tool_use: _Tools | None = None
    inference_geo: str | None = None
    iterations: list[_Round] | None = None
    speed: str | None = None


class _Message(msgspec.Struct, gc=False):
    model: str
    id: str
    usage: PlainUsage
    stop_reason: str | None = None


class PlainLine(msgspec.Struct, gc=False, rename="camel"):
    """A line of which every field that counts is there and of its type."""

    message: _Message
    timestamp: _Moment
    is_sidechain: bool | None = None
    agent_id: str | None = None
    cwd: str | None = None
    session_id: str | None = None


class MirrorLine(PlainLine, gc=False):
    """The same of a subagent's line that its parent's log repeats; *is_sidechain* is that of the line around it."""


class _Mirrored(msgspec.Struct, gc=False):
    message: _Message
    timestamp: _Moment | None = None


class _Data(msgspec.Struct, gc=False, rename="camel"):
    message: _Mirrored
    agent_id: str | None = None


class _Around(msgspec.Struct, gc=False, rename="camel"):
    """A line without a message of its own."""

    data: _Data
    message: None = None
    timestamp: _Moment | None = None
    is_sidechain: bool | None = None
    cwd: str | None = None
    session_id: str | None = None


_decode = msgspec.json.Decoder(PlainLine).decode
_decode_around = msgspec.json.Decoder(_Around).decode


def plain_line(line: bytes) -> PlainLine | None:
    """The line, where it is an ordinary one: counts below 2**32 that add up, an id that is the vendor's, a time."""
    try:
        said = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        mirror = _mirror_line(line)
        if mirror is None:
            return None
        said = mirror
    message = said.message
    usage = message.usage
    split = usage.cache_creation
    if split.ephemeral_5m_input_tokens + split.ephemeral_1h_input_tokens != usage.cache_creation_input_tokens:
        return None
    if message.id[:4] != "msg_" or message.model[:1] in ("", "<") or not 2000 < said.timestamp.year < 2099:
        return None
    return said


def _mirror_line(line: bytes) -> MirrorLine | None:
    try:
        around = _decode_around(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    data = around.data
    mirrored = data.message
    when = mirrored.timestamp or around.timestamp
    if when is None:
        return None
    return MirrorLine(mirrored.message, when, around.is_sidechain, data.agent_id, around.cwd, around.session_id)


_tuple = tuple.__new__


def counts_of_plain(usage: PlainUsage) -> TokenCounts:
    """Tokens by class."""
    split = usage.cache_creation
    five, hour = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
    given, read, output = usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens
    return _tuple(TokenCounts, (given, five, hour, 0, read, output, 0))
