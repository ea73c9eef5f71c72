"""Cursor: the editor's database of chat bubbles. Early versions count a bubble's tokens, present ones write zeros.

What is not counted is estimated from the visible text, and flagged: the context that was sent with it (files,
tools, earlier turns) is in no log of this machine, so the estimate is far below what was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, counted, object_of, text_of, told_call
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine, epoch_ms, time_ms_of
from costbasis.usage.formats.programs import app_folders, is_named
from costbasis.usage.formats.sqlite_log import NOT_A_DATABASE, SQLITE, BadDatabase, rows_of, size_of
from costbasis.usage.readers import ESTIMATE, Caveat, FileReading

NAME = "cursor"
REASONS = (*COMMON_REASONS, NOT_A_DATABASE)
BY_BUBBLE = "bubble"
BY_TEXT = "bubble, tokens estimated from its characters"
CAVEATS = {
    BY_TEXT: Caveat(
        ESTIMATE,
        "Cursor logs no counts: 4 characters of visible text a token; the context sent with it is in no log",
    )
}
RESUMES = False
WANTS_BYTES = False
PRIORITY = 3

CHARACTERS_PER_TOKEN = 4
"""The usual rule of thumb for English text and code; peers use the same."""

USER, ASSISTANT = 1, 2

_BUBBLES = "SELECT rowid, key, value FROM cursorDiskKV WHERE key >= 'bubbleId:' AND key < 'bubbleId;' ORDER BY rowid"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``Cursor/User/globalStorage`` below the folder of the system's programs."""
    return [folder / "Cursor" / "User" / "globalStorage" / "state.vscdb" for folder in app_folders(environ, home)]


def claims(path: str, head: bytes) -> bool:
    """A database named ``state.vscdb``."""
    return is_named(path, "state.vscdb") and head.startswith(SQLITE)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each bubble with tokens or text; the path is opened here."""
    found = FileReading(consumed=size_of(path))
    models: dict[str, str] = {}
    try:
        for rowid, key, value in rows_of(path, _BUBBLES):
            kind, composer, bubble = (*str(key).split(":", 2), "", "")[:3]
            if kind != "bubbleId" or not bubble or value is None or "\n" in composer:
                continue  # a part of a tool call is no bubble of its own
            try:
                raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
                event = _event(object_of(decoded(raw)), composer, bubble, models, f"{path}:{rowid}")
            except BadLine as bad:
                found.skip(path, rowid, bad)
            else:
                found.events += [event] if event is not None else []
    except BadDatabase as bad:
        found.skip(path, 0, bad)
    return found


def _event(said: dict[str, Any], composer: str, bubble: str, models: dict[str, str], origin: str) -> UsageEvent | None:
    told = object_of(said.get("tokenCount"))
    prompt, output = counted(told, "inputTokens", "outputTokens")
    rule = BY_BUBBLE if prompt or output else BY_TEXT
    counts = TokenCounts(input_tok=prompt, output_tok=output) if prompt or output else estimated(said)
    models[composer] = text_of(object_of(said.get("modelInfo")).get("modelName")) or models.get(composer, "")
    if counts == TokenCounts():
        return None
    time = said.get("createdAt")
    return told_call(
        counts,
        models[composer] if models[composer] not in ("", "default") else MODEL_NOT_LOGGED,
        time_ms_of(time) if isinstance(time, str) else epoch_ms(time),
        agent=NAME,
        session=composer or bubble,
        key=f"u:{composer}@{bubble}",
        rule=rule,
        origin=origin,
    )


def estimated(bubble: Mapping[str, Any]) -> TokenCounts:
    """Tokens of the text that a bubble shows: of the user it is input, of the assistant output.

    >>> estimated({"type": 2, "text": "twelve chars"}).output_tok
    3
    """
    thinking = text_of(object_of(bubble.get("thinking")).get("text"))
    visible, hidden = (-(-len(text) // CHARACTERS_PER_TOKEN) for text in (text_of(bubble.get("text")), thinking))
    if bubble.get("type") == USER:
        return TokenCounts(input_tok=visible)
    if bubble.get("type") == ASSISTANT:
        return TokenCounts(output_tok=visible + hidden, reasoning_tok=hidden)
    return TokenCounts()
