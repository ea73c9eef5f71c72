"""Gemini CLI: one JSON file a session, or JSON lines that write a message again when it grows (the last one wins)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from costbasis.usage.events import UsageEvent
from costbasis.usage.formats.calls import id_of, list_of, model_of, object_of, text_of, told_call
from costbasis.usage.formats.gemini_usage import counts_of_tokens
from costbasis.usage.formats.json_log import document, marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, ODD_SHAPE, BadLine, time_ms_of
from costbasis.usage.formats.programs import named_folder, parts_of
from costbasis.usage.readers import Caveat, FileReading

NAME = "gemini-cli"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 3

BY_MESSAGE = "session and message id"
MARKERS = (b'"tokens"', b'"sessionId"')


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``.gemini/tmp`` below ``GEMINI_CLI_HOME`` (default: home), or ``tmp`` below ``GEMINI_DATA_DIR``."""
    named = named_folder(environ, home, "GEMINI_DATA_DIR")
    return [(named or (named_folder(environ, home, "GEMINI_CLI_HOME") or home) / ".gemini") / "tmp"]


def claims(path: str, head: bytes) -> bool:
    """A session file: named so, or beginning with a session's fields."""
    if not path.endswith((".json", ".jsonl")) or "session-" not in path:
        return False
    if not PurePath(path).name.startswith("session-"):
        return False
    return b'"projectHash"' in head or b'"type":"gemini"' in head.replace(b" ", b"")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each answer of the model, from the last time it was written."""
    found = FileReading(project=_project(path))
    best: dict[str, UsageEvent] = {}
    session = PurePath(path).stem
    messages = (
        _of_document(data, path, found) if path.endswith(".json") else marked_lines(data, path, 0, found, MARKERS)
    )
    for place, said in messages:
        session = text_of(said.get("sessionId")) or session
        try:
            if said.get("type") == "gemini" and said.get("tokens") is not None:
                event = _event(said, session, f"{path}:{place}", found.project)
                best[event.request_key] = event
        except BadLine as bad:
            found.skip(path, place, bad)
    found.events = list(best.values())
    return found


def _of_document(data: bytes, path: str, found: FileReading) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every message with its number in the one object of the file."""
    said = object_of(document(data, path, found))
    for number, message in enumerate(list_of(said.get("messages"))):
        if isinstance(message, dict):
            yield number, {"sessionId": said.get("sessionId")} | message


def _project(path: str) -> str:
    """The folder that stands for a project: ``…/tmp/PROJECT/chats/session-….json``."""
    folders = ("", "", *parts_of(path)[:-1])
    return folders[-2] if folders[-1] == "chats" else ""


def _event(said: dict[str, Any], session: str, origin: str, project: str) -> UsageEvent:
    tokens = said["tokens"]
    if not isinstance(tokens, dict):
        raise BadLine(ODD_SHAPE)
    return told_call(
        counts_of_tokens(tokens),
        model_of(said.get("model")),
        time_ms_of(said.get("timestamp")),
        agent=NAME,
        session=session,
        key=f"g:{session}:{id_of(said.get('id')) or origin.rpartition(':')[2]}",
        rule=BY_MESSAGE,
        origin=origin,
        provider="google",
        project=project,
    )
