"""Kilo Code: Cline's task format in a folder of its own; later versions count cached tokens as part of the prompt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from costbasis.usage.formats.cline_messages import PANEL, read_panel
from costbasis.usage.formats.logline import COMMON_REASONS
from costbasis.usage.formats.programs import extension_folders, is_named
from costbasis.usage.readers import Caveat, FileReading

NAME = "kilo-code"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 5

EXTENSION = "kilocode.kilo-code"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The extension's folder in the storage of every editor."""
    return extension_folders(environ, home, EXTENSION)


def claims(path: str, head: bytes) -> bool:
    """``ui_messages.json`` below the extension's folder."""
    return is_named(path, PANEL) and EXTENSION in path.lower()


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each entry that tells its counts."""
    return read_panel(data, path, NAME, prompt_holds_cache=True)
