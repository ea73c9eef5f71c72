"""Gemini CLI: one JSON file a session, or JSON lines that write a message again when it grows (the last one wins)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.events import Skipped, UsageEvent
from costbasis.usage.gemini_usage import counts_of_tokens
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
    time_ms_of,
)
from costbasis.usage.readers import FileReading

NAME = "gemini-cli"
REASONS = COMMON_REASONS
RESUMES = False
WANTS_BYTES = True
PRIORITY = 3

BY_MESSAGE = "session and message id"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``tmp`` below ``GEMINI_DATA_DIR`` or ``GEMINI_CLI_HOME`` (default ``~/.gemini``)."""
    named = environ.get("GEMINI_DATA_DIR") or environ.get("GEMINI_CLI_HOME")
    return [(Path(named).expanduser() if named else home / ".gemini") / "tmp"]


def claims(path: str, head: bytes) -> bool:
    """A session file: named so, or beginning with a session's fields."""
    name = Path(path).name
    if not name.endswith((".json", ".jsonl")):
        return False
    return name.startswith("session-") and (b'"projectHash"' in head or b'"type":"gemini"' in head.replace(b" ", b""))


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each answer of the model, from the last time it was written."""
    found = FileReading(consumed=start + len(data))
    best: dict[str, UsageEvent] = {}
    session = Path(path).stem
    for offset, said in _messages(data, path, found):
        session = str(said.get("sessionId") or session)
        try:
            if said.get("type") == "gemini" and said.get("tokens") is not None:
                event = _event(said, session, f"{path}:{offset}", offset)
                best[event.request_key] = event
        except BadLine as bad:
            found.skipped.append(Skipped(f"{path}:{offset}", str(bad)))
    found.events = list(best.values())
    return found


def _messages(data: bytes, path: str, found: FileReading) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every message with its place: the byte of its line, or its number in the one object of the file."""
    if path.endswith(".json"):
        yield from _messages_of_object(data, path, found)
        return
    for offset, line, torn in cut_lines(data, 0):
        if torn:
            found.pending, found.consumed = len(line), offset
        elif not is_object(line):
            found.skipped.append(Skipped(f"{path}:{offset}", NOT_AN_OBJECT))
        else:
            try:
                yield offset, decode_object(line)
            except BadLine as bad:
                found.skipped.append(Skipped(f"{path}:{offset}", str(bad)))


def _messages_of_object(data: bytes, path: str, found: FileReading) -> Iterator[tuple[int, dict[str, Any]]]:
    if not data.strip():
        return
    try:
        whole_file = decode_object(data.strip())
    except BadLine as bad:
        found.skipped.append(Skipped(f"{path}:0", str(bad) if is_object(data.strip()) else MALFORMED))
        return
    messages = whole_file.get("messages")
    for number, message in enumerate(messages if isinstance(messages, list) else []):
        if isinstance(message, dict):
            yield number, {"sessionId": whole_file.get("sessionId")} | message


def _event(said: dict[str, Any], session: str, origin: str, offset: int) -> UsageEvent:
    tokens, model = said["tokens"], said.get("model")
    if not isinstance(tokens, dict):
        raise BadLine(ODD_SHAPE)
    if not isinstance(model, str) or not model:
        raise BadLine(NO_MODEL)
    return UsageEvent(
        counts=counts_of_tokens(tokens),
        model=model,
        provider="google",
        mode="standard",
        geo="",
        time_ms=time_ms_of(said.get("timestamp")),
        web_searches=0,
        session=session,
        agent_id="",
        project="",
        agent=NAME,
        request_key=f"g:{session}:{said.get('id') or offset}",
        key_rule=BY_MESSAGE,
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=offset,
        origin=origin,
    )
