"""Readers: one agent's log format a file, found by discovery.

A reader module declares ``NAME``, ``REASONS`` (for which it skips a line), ``CAVEATS`` (what its counts do not
say), ``RESUMES``, ``WANTS_BYTES``, ``PRIORITY``, ``roots(environ, home)``, ``claims(path, head)`` and
``read(data, path, start, known)``. It knows a format and nothing of ledgers. A file is read by the first reader,
by ``PRIORITY``, that claims it. A module may also declare ``BEGINS``, the bytes with which files of its format alone
begin: then it is asked at once.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

import msgspec

from costbasis.usage.events import Skipped, UsageEvent
from costbasis.usage.ledger.walk import LOG_ENDINGS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOG_ENDINGS", "FileReading", "Reader", "discover", "reader_of"]

HARMLESS = ("synthetic", "replayed", "told by", "note of")
"""How the reasons begin for which nothing is lost: what such a line tells is counted elsewhere, or is nothing."""


class FileReading(msgspec.Struct):
    """What a stretch of a file said.

    *events*: what it said, or *later* of a reader of much: events that are made only where somebody asks for one.
    *consumed*: offset up to which it is settled; *pending*: bytes of a torn tail, to be read when it is whole.
    *known*: what the reader must know again to go on from there, in its own words. *project*: of the whole file,
    as far as it is known by now.
    """

    events: list[UsageEvent] = []
    skipped: list[Skipped] = []
    consumed: int = 0
    pending: int = 0
    known: dict[str, str] = {}
    project: str = ""
    later: Sequence[UsageEvent] = ()

    @property
    def requests(self) -> Sequence[UsageEvent]:
        """All that was said."""
        return self.later or self.events

    def skip(self, path: str, place: int, why: object) -> None:
        """Note what cannot be counted: *place* is the byte of a line, or the number of a row or part."""
        self.skipped.append(Skipped(f"{path}:{place}", str(why)))


class Caveat(msgspec.Struct, frozen=True):
    """What the counts made by a rule do not say: the kind of warning it is, and what it does to a number."""

    kind: str
    effect: str


ESTIMATE = "estimated tokens"
"""The kind of caveat for counts that nobody counted. They are never shown without it."""

SESSION_TOTALS = "session totals"
"""The kind of caveat for counts that are exact in sum, but not by request and by hour."""


class Reader(Protocol):
    """The shape of a reader module."""

    NAME: str
    REASONS: tuple[str, ...]
    CAVEATS: Mapping[str, Caveat]
    """By ``key_rule``: what a report must say beside counts that were made by it. Exact counts have none."""
    RESUMES: bool
    """Whether a file that grew can be read on from where it was ``consumed``; else it is read again as a whole."""
    WANTS_BYTES: bool
    """Whether ``read`` is given the file's bytes; else it opens the file itself."""
    PRIORITY: int
    """The smaller, the earlier it is asked."""

    @staticmethod
    def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
        """Where the agent keeps its logs on this machine, whether it exists or not."""
        ...

    @staticmethod
    def claims(path: str, head: bytes) -> bool:
        """Whether a file, by its path and its first bytes, is a log of this agent."""
        ...

    @staticmethod
    def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
        """The requests in *data*, which begins at byte *start* of the file; *known*: of the stretch before it."""
        ...


EXACT: set[str] = set()
"""Names of readers without ``CAVEATS``, as told by a process that had loaded them all."""


def exact() -> list[str]:
    """The names of all readers without ``CAVEATS``."""
    return [name for name, reader in discover().items() if not reader.CAVEATS]


@cache
def discover() -> dict[str, Reader]:
    """Every reader by its ``NAME``, in the order in which they are asked."""
    modules = [importlib.import_module(f"{__name__}.{name}") for name in _names()]
    readers = sorted((cast(Reader, module) for module in modules), key=lambda reader: (reader.PRIORITY, reader.NAME))
    return {reader.NAME: reader for reader in readers}


def _names() -> list[str]:
    """Of the modules in this folder; where no source lies in it, by what is asked then, which takes long to load."""
    from pathlib import Path  # here: a single reader is loaded without

    with suppress(OSError):
        files = {path.stem for path in Path(__path__[0]).iterdir() if path.suffix == ".py"}
        if files:
            return sorted(files - {"__init__"})
    import pkgutil

    return [info.name for info in pkgutil.iter_modules(__path__)]


@cache
def reader_named(name: str) -> Reader | None:
    """The reader of this ``NAME``, which is that of its file, loaded alone; None where this version has none.

    >>> reader_named("claude-code").NAME, reader_named("of-a-later-version")
    ('claude-code', None)
    """
    try:
        module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    except ImportError:
        return None
    return cast(Reader, module) if getattr(module, "NAME", None) == name else None


def reader_of(path: str, head: bytes) -> Reader | None:
    """The reader that claims a file, if any does."""
    for begins, reader in _told_by_begin():
        if head.startswith(begins) and reader.claims(path, head):
            return reader
    return next((reader for reader in discover().values() if reader.claims(path, head)), None)


@cache
def _told_by_begin() -> list[tuple[bytes, Reader]]:
    found = [(getattr(reader, "BEGINS", b""), reader) for reader in discover().values()]
    return [(begins, reader) for begins, reader in found if begins]
