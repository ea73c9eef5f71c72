"""Kilo CLI: OpenCode's formats in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

from costbasis.usage.formats.logline import COMMON_REASONS
from costbasis.usage.formats.opencode_messages import read_messages
from costbasis.usage.formats.programs import data_home, named_folder
from costbasis.usage.formats.sqlite_log import NOT_A_DATABASE, SQLITE
from costbasis.usage.readers import Caveat, FileReading

NAME = "kilo-cli"
REASONS = (*COMMON_REASONS, NOT_A_DATABASE)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = False
PRIORITY = 3


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``KILO_DATA_DIR``, else ``kilo`` below ``XDG_DATA_HOME`` (default ``~/.local/share``)."""
    return [named_folder(environ, home, "KILO_DATA_DIR") or data_home(environ, home) / "kilo"]


def claims(path: str, head: bytes) -> bool:
    """A database named ``kilo….db``, or a message file below ``kilo/storage``."""
    if not path.endswith((".db", ".json")):
        return False
    name = PurePath(path).name
    if name.endswith(".db"):
        return name.startswith("kilo") and head.startswith(SQLITE)
    return name.startswith("msg_") and name.endswith(".json") and "/kilo/storage/message/" in path


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each answer of an assistant; the path is opened here, the database read-only."""
    return read_messages(path, NAME, "kl")
