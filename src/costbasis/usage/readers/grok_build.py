"""Grok Build: JSON lines of a session's updates; a completed turn tells the sum of its requests, model by model.

Input holds cached reads and writes, output holds reasoning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from costbasis.usage.events import UsageEvent
from costbasis.usage.formats.calls import (
    MODEL_NOT_LOGGED,
    counted,
    needed,
    object_of,
    prompt_with_cache,
    text_of,
    told_call,
)
from costbasis.usage.formats.json_log import marked_lines
from costbasis.usage.formats.logline import BAD_TIME, COMMON_REASONS, ODD_SHAPE, BadLine, epoch_ms
from costbasis.usage.formats.programs import is_named, named_folder, parts_of
from costbasis.usage.readers import SESSION_TOTALS, Caveat, FileReading

NAME = "grok-build"
REASONS = COMMON_REASONS
RESUMES = True
WANTS_BYTES = True
PRIORITY = 2

BY_TURN = "turn and model, its requests in one"
CAVEATS = {
    BY_TURN: Caveat(
        SESSION_TOTALS,
        "Grok Build tells the sum of a turn: exact in tokens, but a long turn may be priced as one long request",
    )
}
MARKER = b'"turn_completed"'


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``sessions`` below ``GROK_HOME`` (default ``~/.grok``)."""
    return [(named_folder(environ, home, "GROK_HOME") or home / ".grok") / "sessions"]


def claims(path: str, head: bytes) -> bool:
    """``updates.jsonl``."""
    return is_named(path, "updates.jsonl")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each model of each completed turn."""
    found = FileReading()
    for offset, said in marked_lines(data, path, start, found, (MARKER,)):
        try:
            found.events += _events(said, path, f"{path}:{offset}")
        except BadLine as bad:
            found.skip(path, offset, bad)
    return found


def _events(said: dict[str, Any], path: str, origin: str) -> Iterator[UsageEvent]:
    params = object_of(said.get("params"))
    update, meta = object_of(params.get("update")), object_of(params.get("_meta"))
    if update.get("sessionUpdate") != "turn_completed" or update.get("usage") is None:
        return
    usage = update["usage"]
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    time_ms = _time_ms(meta.get("agentTimestampMs"), said.get("timestamp"))
    folders = ("", "", *parts_of(path)[:-1])
    session = text_of(params.get("sessionId")) or folders[-1]
    turn = text_of(meta.get("eventId")) or f"{session}@{time_ms}"
    by_model = object_of(usage.get("modelUsage")) or {MODEL_NOT_LOGGED: usage}
    for model, part in sorted(by_model.items()):
        if not isinstance(part, dict):
            raise BadLine(ODD_SHAPE)
        prompt, output = needed(part, "inputTokens", "outputTokens")
        read, write, reasoning = counted(part, "cachedReadTokens", "cacheCreationTokens", "reasoningTokens")
        yield told_call(
            prompt_with_cache(prompt, read, write, output, reasoning),
            model.strip().removesuffix("-build") or MODEL_NOT_LOGGED,
            time_ms,
            agent=NAME,
            session=session,
            key=f"x:{turn}+{model}",
            rule=BY_TURN,
            origin=origin,
            provider="xai",
            project=unquote(folders[-2], errors="replace"),
        )


def _time_ms(milliseconds: object, seconds: object) -> int:
    if milliseconds is not None:
        return epoch_ms(milliseconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadLine(BAD_TIME)
    return epoch_ms(seconds * 1000)
