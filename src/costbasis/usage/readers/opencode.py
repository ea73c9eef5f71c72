"""OpenCode: a SQLite database of messages, and before that one JSON file a message; ids are the same in both."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from costbasis.usage.events import Skipped, TokenCounts, UsageEvent
from costbasis.usage.logline import (
    COMMON_REASONS,
    MALFORMED,
    NO_INPUT,
    NO_MODEL,
    NO_OUTPUT,
    ODD_SHAPE,
    BadLine,
    decode_object,
    epoch_ms,
    whole,
)
from costbasis.usage.readers import FileReading

NAME = "opencode"
NOT_A_DATABASE = "not a readable database of messages"
REASONS = (*COMMON_REASONS, NOT_A_DATABASE)
RESUMES = False
WANTS_BYTES = False
PRIORITY = 3

BY_MESSAGE = "message id"
SQLITE = b"SQLite format 3\x00"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``OPENCODE_DATA_DIR``, else ``opencode`` below ``XDG_DATA_HOME`` (default ``~/.local/share``)."""
    if environ.get("OPENCODE_DATA_DIR"):
        return [Path(environ["OPENCODE_DATA_DIR"]).expanduser()]
    data = Path(environ["XDG_DATA_HOME"]) if environ.get("XDG_DATA_HOME") else home / ".local" / "share"
    return [data / "opencode"]


def claims(path: str, head: bytes) -> bool:
    """A database named ``opencode….db``, or a message file of the legacy storage."""
    name = Path(path).name
    if name.endswith(".db"):
        return name.startswith("opencode") and head.startswith(SQLITE)
    return name.startswith("msg_") and name.endswith(".json") and "/storage/message/" in path


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each answer of an assistant; the path is opened here, the database read-only."""
    return _read_database(path) if path.endswith(".db") else _read_message(path)


def _read_message(path: str) -> FileReading:
    raw = Path(path).read_bytes()
    found = FileReading(consumed=len(raw))
    _take(raw.strip(), f"{path}:0", 0, "", found)
    return found


def _read_database(path: str) -> FileReading:
    found = FileReading(consumed=Path(path).stat().st_size)
    try:
        database = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)
        try:
            rows = database.execute("SELECT rowid, id, data FROM message ORDER BY rowid").fetchall()
        finally:
            database.close()
    except sqlite3.Error:
        found.skipped.append(Skipped(f"{path}:0", NOT_A_DATABASE))
        return found
    for rowid, message_id, said in rows:
        raw = said.encode() if isinstance(said, str) else bytes(said or b"")
        _take(raw, f"{path}:{rowid}", rowid, str(message_id), found)
    return found


def _take(raw: bytes, origin: str, place: int, message_id: str, found: FileReading) -> None:
    if not raw:
        return
    try:
        said = decode_object(raw)
        if said.get("role") == "assistant" and said.get("tokens") is not None:
            found.events.append(_event(said, origin, place, message_id))
    except BadLine as bad:
        reason = MALFORMED if str(bad) not in REASONS else str(bad)
        found.skipped.append(Skipped(origin, reason))


def _event(said: dict[str, Any], origin: str, place: int, message_id: str) -> UsageEvent:
    tokens, model, time = said["tokens"], said.get("modelID"), said.get("time")
    if not isinstance(tokens, dict):
        raise BadLine(ODD_SHAPE)
    if not isinstance(model, str) or not model:
        raise BadLine(NO_MODEL)
    where = said.get("path")
    return UsageEvent(
        counts=_counts(tokens),
        model=model,
        provider=str(said.get("providerID") or ""),
        mode="standard",
        geo="",
        time_ms=epoch_ms(time.get("created") if isinstance(time, dict) else None),
        web_searches=0,
        session=str(said.get("sessionID") or ""),
        agent_id="",
        project=str(where.get("cwd") or "") if isinstance(where, dict) else "",
        agent=NAME,
        request_key=f"o:{said.get('id') or message_id or origin}",
        key_rule=BY_MESSAGE,
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=place,
        origin=origin,
    )


def _counts(tokens: Mapping[str, Any]) -> TokenCounts:
    """Input is without cache. Reasoning comes on top of output, unless the total says that it is inside."""
    if tokens.get("input") is None:
        raise BadLine(NO_INPUT)
    if tokens.get("output") is None:
        raise BadLine(NO_OUTPUT)
    cache = tokens.get("cache")
    cached = cache if isinstance(cache, dict) else {}
    fresh, output, reasoning = (whole(tokens.get(name)) for name in ("input", "output", "reasoning"))
    read, write = whole(cached.get("read")), whole(cached.get("write"))
    inside = reasoning <= output and whole(tokens.get("total")) == fresh + output + read + write
    return TokenCounts(
        input_tok=fresh,
        cache_write_unknown_tok=write,
        cache_read_tok=read,
        output_tok=output if inside else output + reasoning,
        reasoning_tok=reasoning,
    )
