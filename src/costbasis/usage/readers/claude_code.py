"""Claude Code: JSON lines under ``projects/``; one response is one to four lines, and replays abound.

A line counts by what it is, not by where it stands: the bytes ``"usage"`` mark a candidate, a typed decoder
reads just the fields that matter, and the payload is never built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from costbasis.usage.anthropic_usage import Usage, counts_of, geo_of, mode_of, web_searches_of
from costbasis.usage.events import Skipped, TokenCounts, UsageEvent
from costbasis.usage.logline import (
    COMMON_REASONS,
    MALFORMED,
    NO_MODEL,
    NOT_AN_OBJECT,
    ODD_SHAPE,
    BadLine,
    cut_lines,
    decode_object,
    is_object,
    rank,
    time_ms_of,
)
from costbasis.usage.readers import FileReading

NAME = "claude-code"

MARKER = b'"usage"'
SYNTHETIC = "<synthetic>"

NO_TOKENS = "synthetic message, no tokens"
REASONS = (*COMMON_REASONS, NO_TOKENS)
"""Every reason for which a line is skipped. Only the last loses nothing."""

RESUMES = True
WANTS_BYTES = True
PRIORITY = 9
"""Last: any other ``*.jsonl`` that no other reader claims is looked at here, and what it lacks is reported."""

BY_MESSAGE = "message id"
BY_ID_AND_TIME = "id and first time"
BY_REQUEST = "request id"
BY_CONTENT = "time, model and counts"


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class _Mirrored(msgspec.Struct, rename="camel"):
    timestamp: str | None = None
    message: _Message | None = None
    request_id: str | None = None


class _Data(msgspec.Struct, rename="camel"):
    message: _Mirrored | None = None
    agent_id: str | None = None


class _Line(msgspec.Struct, rename="camel"):
    timestamp: str | None = None
    session_id: str | None = None
    request_id: str | None = None
    agent_id: str | None = None
    cwd: str | None = None
    is_sidechain: bool | None = None
    message: _Message | None = None
    data: _Data | None = None


_decode = msgspec.json.Decoder(_Line).decode


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The ``projects`` folders: those of ``CLAUDE_CONFIG_DIR`` (a comma list) where set, else the two defaults."""
    named = [part.strip() for part in environ.get("CLAUDE_CONFIG_DIR", "").split(",") if part.strip()]
    folders = [Path(part).expanduser() for part in named] or [home / ".config" / "claude", home / ".claude"]
    return [folder if folder.name == "projects" else folder / "projects" for folder in folders]


def claims(path: str, head: bytes) -> bool:
    """Every ``*.jsonl``: sessions, subagents in their folders, and the flat ones of older versions."""
    return path.endswith(".jsonl")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The requests of a stretch of a log, each from the best of its lines.

    *data* begins at byte *start* of the file, at the beginning of a line. *known* maps ids of earlier
    stretches to their keys. A last line without its newline counts if it is complete, else it is left
    for later: ``consumed`` stops before it.
    """
    found = FileReading(consumed=start + len(data))
    best: dict[str, UsageEvent] = {}
    keys = dict(known)
    for offset, line, torn in cut_lines(data, start):
        if torn:
            found.pending, found.consumed = len(line), offset
        elif not is_object(line):
            found.skipped.append(Skipped(f"{path}:{offset}", NOT_AN_OBJECT))
        elif MARKER in line:
            try:
                event = _event(line, path, offset, keys)
            except BadLine as bad:
                found.skipped.append(Skipped(f"{path}:{offset}", str(bad)))
                continue
            if event is not None:
                earlier = best.get(event.request_key)
                best[event.request_key] = event if earlier is None else better(earlier, event)
    found.events = list(best.values())
    return found


def better(left: UsageEvent, right: UsageEvent) -> UsageEvent:
    """The line that counts for a request, with both lines' evidence.

    The order is :func:`costbasis.usage.logline.rank`.
    """
    winner = min(left, right, key=rank)
    partial = left.partial_output and right.partial_output
    return replace(winner, lines=left.lines + right.lines, partial_output=partial)


def _event(line: bytes, path: str, offset: int, keys: dict[str, str]) -> UsageEvent | None:
    """The request that a line speaks of, or None where the marker stood in a payload."""
    said = _decoded(line)
    if said is None:
        return None
    mirrored = said.data.message if said.data is not None else None
    is_mirror = said.message is None or said.message.usage is None
    message = mirrored.message if is_mirror and mirrored is not None else said.message
    if message is None or message.usage is None:
        return None
    request_id = mirrored.request_id if is_mirror and mirrored is not None else said.request_id
    time_ms = time_ms_of((mirrored.timestamp if is_mirror and mirrored is not None else None) or said.timestamp)
    counts = counts_of(message.usage)
    model = message.model
    if model == SYNTHETIC and counts == TokenCounts():
        raise BadLine(NO_TOKENS)
    if not model:
        raise BadLine(NO_MODEL)
    agent_id = (said.data.agent_id if is_mirror and said.data is not None else said.agent_id) or ""
    key, rule = _key(message.id, request_id, time_ms, model, counts, keys)
    return UsageEvent(
        counts=counts,
        model=model,
        provider="anthropic" if (message.id or "").startswith("msg_") or not message.id else "",
        mode=mode_of(message.usage),
        geo=geo_of(message.usage),
        time_ms=time_ms,
        web_searches=web_searches_of(message.usage),
        session=said.session_id or Path(path).stem,
        agent_id=agent_id or (Path(path).stem if said.is_sidechain else ""),
        project=said.cwd or Path(path).parent.name,
        agent=NAME,
        request_key=key,
        key_rule=rule,
        is_sidechain=bool(said.is_sidechain) and not is_mirror,
        is_mirror=is_mirror,
        partial_output=message.stop_reason is None,
        lines=1,
        offset=offset,
        origin=f"{path}:{offset}",
    )


def _decoded(line: bytes) -> _Line | None:
    try:
        return _decode(line)
    except (msgspec.ValidationError, UnicodeDecodeError):
        _refuse_odd_usage(line)
        return None
    except msgspec.DecodeError:
        raise BadLine(MALFORMED) from None


def _refuse_odd_usage(line: bytes) -> None:
    """Nothing for a line without a usage of its own that merely looks unlike the others; else it cannot be counted."""
    said = decode_object(line)
    message = said.get("message")
    data = said.get("data")
    inner = data.get("message") if isinstance(data, dict) else None
    mirrored = inner.get("message") if isinstance(inner, dict) else None
    if any(isinstance(part, dict) and part.get("usage") is not None for part in (message, mirrored)):
        raise BadLine(ODD_SHAPE)


def _key(
    message_id: str | None, request_id: str | None, time_ms: int, model: str, counts: TokenCounts, keys: dict[str, str]
) -> tuple[str, str]:
    """What makes two lines speak of one request. Ids of other makers may repeat, so their first time goes with them."""
    if message_id and message_id.startswith("msg_"):
        return f"m:{message_id}", BY_MESSAGE
    if message_id:
        return keys.setdefault(message_id, f"i:{message_id}@{time_ms}"), BY_ID_AND_TIME
    if request_id:
        return f"r:{request_id}", BY_REQUEST
    return f"t:{time_ms}|{model}|{'/'.join(map(str, counts))}", BY_CONTENT


def id_of_key(key: str) -> tuple[str, str] | None:
    """The id and key of an ``id and first time`` key, so that a grown file goes on where it stopped.

    >>> id_of_key("i:chat-7@1700"), id_of_key("m:msg_1")
    (('chat-7', 'i:chat-7@1700'), None)
    """
    return (key[2:].rpartition("@")[0], key) if key.startswith("i:") else None
