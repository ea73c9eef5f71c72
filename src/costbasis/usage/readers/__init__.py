"""Readers: one agent's log format a file, found by discovery.

A reader module declares ``NAME``, ``REASONS`` (for which it skips a line), ``roots(environ, home)``,
``claims(path, head)`` and ``read(data, path, start, known)``. It knows a format and nothing of ledgers.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
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
    """The shape of a reader module.

    *RESUMES*: a grown file may be read from where the last read stopped; else it is read anew. *WANTS_BYTES*:
    ``read`` gets the file's bytes; else it opens the path itself (databases). *PRIORITY*: who is asked first.
    """

    NAME: str
    REASONS: tuple[str, ...]
    RESUMES: bool
    WANTS_BYTES: bool
    PRIORITY: int

    @staticmethod
    def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
        """Where the agent keeps its logs on this machine, whether it exists or not."""
        ...

    @staticmethod
    def claims(path: str, head: bytes) -> bool:
        """Whether a file is a log of this agent, by its path and its first bytes."""
        ...

    @staticmethod
    def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
        """The requests in *data*, which begins at byte *start* of the file; *known*: message id to key so far."""
        ...


@cache
def discover() -> dict[str, Reader]:
    """Every reader by its ``NAME``, in the order in which they are asked whether a file is theirs."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    readers = [cast(Reader, module) for module in modules]
    return {reader.NAME: reader for reader in sorted(readers, key=lambda reader: (reader.PRIORITY, reader.NAME))}
