"""Qwen Code: JSON lines of a chat; Google's usage object, whose prompt holds the cached tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from costbasis.usage.events import UsageEvent
from costbasis.usage.formats.calls import model_of, text_of, told_call
from costbasis.usage.formats.gemini_usage import counts_of_metadata
from costbasis.usage.formats.json_log import first_line_has, marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, ODD_SHAPE, BadLine, time_ms_of
from costbasis.usage.formats.programs import named_folder
from costbasis.usage.readers import Caveat, FileReading

NAME = "qwen-code"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = True
WANTS_BYTES = True
PRIORITY = 2

BY_LINE = "line id"
MARKER = b'"usageMetadata"'


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``projects`` below ``QWEN_RUNTIME_DIR``, ``QWEN_HOME`` or ``QWEN_DATA_DIR`` (default ``~/.qwen``)."""
    named = named_folder(environ, home, "QWEN_RUNTIME_DIR", "QWEN_HOME", "QWEN_DATA_DIR")
    return [(named or home / ".qwen") / "projects"]


def claims(path: str, head: bytes) -> bool:
    """A ``*.jsonl`` below ``.qwen``, or one whose first line is a message in Google's shape."""
    if not path.endswith(".jsonl"):
        return False
    return "/.qwen/" in path or first_line_has(head, b'"parts"', b'"sessionId"')


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each line that carries a usage object."""
    found = FileReading()
    for offset, said in marked_lines(data, path, start, found, (MARKER,)):
        try:
            if said.get("usageMetadata") is not None:
                found.events.append(_event(said, path, f"{path}:{offset}"))
        except BadLine as bad:
            found.skip(path, offset, bad)
    return found


def _event(said: dict[str, Any], path: str, origin: str) -> UsageEvent:
    usage = said["usageMetadata"]
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    session = text_of(said.get("sessionId")) or PurePath(path).stem
    line = text_of(said.get("uuid")) or f"{session}@{origin.rpartition(':')[2]}"
    return told_call(
        counts_of_metadata(usage),
        model_of(said.get("model")),
        time_ms_of(said.get("timestamp")),
        agent=NAME,
        session=session,
        key=f"q:{line}",
        rule=BY_LINE,
        origin=origin,
        project=text_of(said.get("cwd")),
    )
