"""Qwen Code: JSON lines of a chat; Google's usage object, whose prompt holds the cached tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.events import Skipped, UsageEvent
from costbasis.usage.gemini_usage import counts_of_metadata
from costbasis.usage.logline import (
    COMMON_REASONS,
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

NAME = "qwen-code"
REASONS = COMMON_REASONS
RESUMES = True
WANTS_BYTES = True
PRIORITY = 2

BY_LINE = "line id"
MARKER = b'"usageMetadata"'


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``projects`` below ``QWEN_DATA_DIR`` (default ``~/.qwen``)."""
    qwen = Path(environ["QWEN_DATA_DIR"]).expanduser() if environ.get("QWEN_DATA_DIR") else home / ".qwen"
    return [qwen / "projects"]


def claims(path: str, head: bytes) -> bool:
    """A ``*.jsonl`` in a ``chats`` folder, or one whose first line is a message in Google's shape."""
    if not path.endswith(".jsonl"):
        return False
    first = head.lstrip().partition(b"\n")[0]
    return "/.qwen/" in path or (b'"parts"' in first and b'"sessionId"' in first)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each line that carries a usage object."""
    found = FileReading(consumed=start + len(data))
    for offset, line, torn in cut_lines(data, start):
        origin = f"{path}:{offset}"
        if torn:
            found.pending, found.consumed = len(line), offset
        elif not is_object(line):
            found.skipped.append(Skipped(origin, NOT_AN_OBJECT))
        elif MARKER in line:
            try:
                said = decode_object(line)
                if "usageMetadata" in said:
                    found.events.append(_event(said, path, origin, offset))
            except BadLine as bad:
                found.skipped.append(Skipped(origin, str(bad)))
    return found


def _event(said: dict[str, Any], path: str, origin: str, offset: int) -> UsageEvent:
    usage, model = said["usageMetadata"], said.get("model")
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    if not isinstance(model, str) or not model:
        raise BadLine(NO_MODEL)
    session = str(said.get("sessionId") or Path(path).stem)
    return UsageEvent(
        counts=counts_of_metadata(usage),
        model=model,
        provider="",
        mode="standard",
        geo="",
        time_ms=time_ms_of(said.get("timestamp")),
        web_searches=0,
        session=session,
        agent_id="",
        project=str(said.get("cwd") or ""),
        agent=NAME,
        request_key=f"q:{said.get('uuid') or f'{session}:{offset}'}",
        key_rule=BY_LINE,
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=offset,
        origin=origin,
    )
