"""Codex: JSON lines of a session; token counts are cumulative, and a fork replays its parent's from the start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

from costbasis.usage.formats.codex_session import MARKERS, REPLAYED, Session
from costbasis.usage.formats.json_log import first_line_has, marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine
from costbasis.usage.formats.programs import named_folder
from costbasis.usage.readers import Caveat, FileReading

NAME = "codex"
REASONS = (*COMMON_REASONS, REPLAYED)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 1


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``sessions`` and ``archived_sessions`` below ``CODEX_HOME`` (default ``~/.codex``)."""
    codex = named_folder(environ, home, "CODEX_HOME") or home / ".codex"
    return [codex / "sessions", codex / "archived_sessions"]


def claims(path: str, head: bytes) -> bool:
    """A ``*.jsonl`` named ``rollout-…``, or one that begins with a session's or a turn's own line."""
    if not path.endswith(".jsonl"):
        return False
    own = (b'"type":"session_meta"', b'"type":"turn_context"')
    is_named = "rollout-" in path and PurePath(path).name.startswith("rollout-")
    return is_named or any(first_line_has(head, kind) for kind in own)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The responses of one session: what each token count adds to the one before."""
    found = FileReading()
    session = Session(NAME, PurePath(path).stem)
    for offset, said in marked_lines(data, path, start, found, MARKERS):
        try:
            session.take(said, f"{path}:{offset}")
        except BadLine as bad:
            found.skip(path, offset, bad)
    found.events, found.project = session.finish(), session.project
    for offset in session.replayed:
        found.skip(path, offset, REPLAYED)
    return found
