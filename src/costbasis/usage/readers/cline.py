"""Cline: a folder a task in the editor's storage, and transcripts of its command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from costbasis.usage.formats.cline_messages import PANEL, read_panel, read_transcript
from costbasis.usage.formats.logline import COMMON_REASONS
from costbasis.usage.formats.programs import extension_folders, from_home, is_named
from costbasis.usage.readers import Caveat, FileReading

NAME = "cline"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 6

EXTENSION = "saoudrizwan.claude-dev"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``CLINE_DIR`` or ``CLINE_HOME`` (a comma list), else ``~/.cline`` and the extension's folder in every editor."""
    named = environ.get("CLINE_DIR", "") or environ.get("CLINE_HOME", "")
    folders = [from_home(part.strip(), home) for part in named.split(",") if part.strip()]
    return folders or [home / ".cline", *extension_folders(environ, home, EXTENSION)]


def claims(path: str, head: bytes) -> bool:
    """``ui_messages.json`` of a task (of no other extension), or ``….messages.json``."""
    return path.endswith(".messages.json") or is_named(path, PANEL)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each entry that tells its counts."""
    if path.endswith(PANEL):
        return read_panel(data, path, NAME, prompt_holds_cache=False)
    return read_transcript(data, path, NAME)
