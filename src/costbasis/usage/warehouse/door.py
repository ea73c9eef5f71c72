"""The door to an engine: what it must be able to say and do for a table to be priced where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Kind = Literal["whole", "real", "text", "instant", "wall", "day", "other"]
"""What a column holds. *instant*: a time with its zone; *wall*: one without; *day*: a date."""

SMALL_TYPES = Mapping[str, type]
"""Columns of a small table to ``int`` or ``str``."""


class Dialect(Protocol):
    """The engine's words for the few things that a table's columns need before the frozen SQL reads them."""

    def quoted(self, name: str) -> str:
        """A column's name as an identifier."""

    def literal(self, text: str) -> str:
        """A text as a constant."""

    def whole(self, sql: str, kind: Kind) -> str:
        """The column as a 64-bit integer; null where it is not a whole number."""

    def text(self, sql: str) -> str:
        """The column as text."""

    def json(self, sql: str, path: Sequence[str]) -> str:
        """What lies at *path* of a JSON text, as text; null where there is nothing."""

    def epoch_us(self, sql: str, kind: Kind) -> str:
        """Whole microseconds since 1970 of a time column, a wall time as if it were UTC."""

    def iso_epoch_s(self, sql: str) -> str:
        """The same of an ISO 8601 text without a fraction of a second; null where it is not a time."""

    def seconds(self, sql: str, kind: Kind, per_s: int) -> str:
        """Whole seconds of a number or a text of which there are *per_s* in a second."""

    def real(self, sql: str) -> str:
        """A whole number as a 64-bit float."""

    def divided(self, sql: str, by: int) -> str:
        """A whole number that is not negative, divided without a rest."""

    def position(self, sql: str, words: Sequence[str]) -> str:
        """The place of a text in *words*, from 1; null or 0 where it is not in it. "" where a join is as fast."""

    def matches(self, sql: str, pattern: str) -> str:
        """Whether a regular expression is found in a text."""

    def replaced(self, sql: str, pattern: str, by: str) -> str:
        """The text with what a regular expression finds replaced."""


class OpenTable(Protocol):
    """A table as statements name it. *relation*: the table in SQL; *place*, *row*: where a row is, in SQL."""

    @property
    def version(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, Kind]: ...
    @property
    def relation(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def dialect(self) -> Dialect: ...

    def load(self, name: str, types: SMALL_TYPES, rows: Sequence[tuple[Any, ...]]) -> None:
        """Make a small temporary table, in place of one of the same name."""


class Door(OpenTable, Protocol):
    """An engine, open at one table: it runs statements, too."""

    def query(self, sql: str, most: int) -> list[tuple[Any, ...]]:
        """The rows of a query, at most one more than *most*. Sums arrive as ``int`` or as their digits.

        Errors: :class:`~costbasis.errors.EngineFailed`, :class:`~costbasis.errors.UnreadableInput`.
        """


class Engine(Protocol):
    """One engine a module of :mod:`costbasis.usage.engines`."""

    NAME: str
    SQL: str
    """The folder of its frozen SQL."""
    DIALECT: Dialect

    def opened(self, uri: str) -> AbstractContextManager[Door]:
        """A door at the table that *uri* names.

        Errors: as :meth:`Door.query`; :class:`~costbasis.errors.BadArgument` for a URI that this engine cannot take.
        """
