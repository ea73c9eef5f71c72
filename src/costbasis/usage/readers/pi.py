"""pi: JSON lines of a session below the folder of its project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

from costbasis.usage.formats.json_log import first_line_has, marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine
from costbasis.usage.formats.pi_lines import MARKERS, MIRROR_OF_CODEX, NOTES, Session
from costbasis.usage.formats.programs import named_folder
from costbasis.usage.readers import Caveat, FileReading

NAME = "pi"
REASONS = (*COMMON_REASONS, MIRROR_OF_CODEX, NOTES)
CAVEATS: dict[str, Caveat] = {}
RESUMES = True
WANTS_BYTES = True
PRIORITY = 5


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``PI_CODING_AGENT_SESSION_DIR``, else ``sessions`` below ``PI_CODING_AGENT_DIR`` (default ``~/.pi/agent``)."""
    sessions = named_folder(environ, home, "PI_CODING_AGENT_SESSION_DIR")
    agent = named_folder(environ, home, "PI_CODING_AGENT_DIR", "PI_AGENT_DIR") or home / ".pi" / "agent"
    return [sessions or agent / "sessions"]


def claims(path: str, head: bytes) -> bool:
    """A ``*.jsonl`` below ``.pi``, or one that begins with a session's own line."""
    if not path.endswith(".jsonl"):
        return False
    return "/.pi/" in path or first_line_has(head, b'"type":"session"', b'"timestamp":', b'"cwd":')


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each of the assistant's messages that carries usage."""
    found = FileReading()
    session = Session(NAME, "pi", PurePath(path).stem.rpartition("_")[2], known)
    for offset, said in marked_lines(data, path, start, found, MARKERS):
        try:
            event = session.take(said, f"{path}:{offset}")
        except BadLine as bad:
            found.skip(path, offset, bad)
        else:
            found.events += [event] if event is not None else []
    found.known, found.project = session.known, session.project
    return found
