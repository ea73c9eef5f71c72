"""OpenClaw: an agent's transcripts in SQLite, before that JSON lines a session; an event is the same in both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

from costbasis.usage.formats.calls import object_of, text_of
from costbasis.usage.formats.json_log import decoded, first_line_has, marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine
from costbasis.usage.formats.pi_lines import MARKERS, MIRROR_OF_CODEX, NOTES, Session
from costbasis.usage.formats.programs import is_named, named_folder
from costbasis.usage.formats.sqlite_log import NOT_A_DATABASE, SQLITE, BadDatabase, rows_of, size_of
from costbasis.usage.readers import Caveat, FileReading

NAME = "openclaw"
REASONS = (*COMMON_REASONS, MIRROR_OF_CODEX, NOTES, NOT_A_DATABASE)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = False
PRIORITY = 4

_FOLDERS = (".openclaw", ".clawdbot", ".moltbot", ".moldbot")
_EVENTS = "SELECT rowid, session_id, event_json FROM transcript_events ORDER BY session_id, seq"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``agents`` below ``OPENCLAW_STATE_DIR`` or ``OPENCLAW_DIR``, else below ``~/.openclaw`` and its earlier names."""
    named = named_folder(environ, home, "OPENCLAW_STATE_DIR", "OPENCLAW_DIR")
    return [folder / "agents" for folder in ([named] if named else [home / name for name in _FOLDERS])]


def claims(path: str, head: bytes) -> bool:
    """``openclaw-agent.sqlite``, or a session's ``*.jsonl`` below an OpenClaw folder."""
    if path.endswith("openclaw-agent.sqlite"):
        return is_named(path, "openclaw-agent.sqlite") and head.startswith(SQLITE)
    if not path.endswith(".jsonl") or not any(f"/{folder}/" in path for folder in _FOLDERS):
        return False
    return first_line_has(head, b'"type":"session"') or ("/sessions/" in path and "/codex-home/" not in path)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each of the assistant's messages that carries usage; the path is opened here."""
    return _read_database(path) if path.endswith(".sqlite") else _read_lines(path)


def _read_lines(path: str) -> FileReading:
    found = FileReading()
    data = Path(path).read_bytes()
    session = Session(NAME, "oc", PurePath(path).stem, {})
    for offset, said in marked_lines(data, path, 0, found, MARKERS):
        _take(session, said, path, offset, found)
    found.project = session.project
    return found


def _read_database(path: str) -> FileReading:
    found = FileReading(consumed=size_of(path))
    session = Session(NAME, "oc", "", {})
    try:
        for rowid, session_id, event in rows_of(path, _EVENTS):
            if text_of(session_id) != session.id:
                session = Session(NAME, "oc", text_of(session_id), {})
            raw = str(event).encode("utf-8", "replace")
            if not any(marker in raw for marker in MARKERS):
                continue
            try:
                _take(session, object_of(decoded(raw)), path, rowid, found)
            except BadLine as bad:
                found.skip(path, rowid, bad)
    except BadDatabase as bad:
        found.skip(path, 0, bad)
    return found


def _take(session: Session, said: dict[str, object], path: str, place: int, found: FileReading) -> None:
    try:
        event = session.take(said, f"{path}:{place}")
    except BadLine as bad:
        found.skip(path, place, bad)
    else:
        found.events += [event] if event is not None else []
