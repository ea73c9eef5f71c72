"""Readers: one agent's log format a file, found by discovery.

A reader module declares ``NAME``, ``REASONS`` (for which it skips a line), ``roots(environ, home)``,
``is_log(path)`` and ``read(data, path, start, known)``. It knows a format and nothing of ledgers.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from costbasis.usage.events import Skipped, UsageEvent


@dataclass(slots=True)
class FileReading:
    """What a stretch of a file said. *consumed*: offset up to which it is settled; *pending*: bytes of a torn tail."""

    events: list[UsageEvent] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    consumed: int = 0
    pending: int = 0


class Reader(Protocol):
    """The shape of a reader module."""

    NAME: str
    REASONS: tuple[str, ...]

    @staticmethod
    def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
        """Where the agent keeps its logs on this machine, whether it exists or not."""
        ...

    @staticmethod
    def is_log(path: str) -> bool:
        """Whether a file below a root, by its path, is a log of this agent."""
        ...

    @staticmethod
    def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
        """The requests in *data*, which begins at byte *start* of the file; *known*: message id to key so far."""
        ...


def discover() -> dict[str, Reader]:
    """Every reader by its ``NAME``."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.NAME: cast(Reader, module) for module in modules}
