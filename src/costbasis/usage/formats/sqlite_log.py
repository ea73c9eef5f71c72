"""Agents that keep their log in SQLite: read without writing, row by row, and survived where it is damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

SQLITE = b"SQLite format 3\x00"
NOT_A_DATABASE = "not a readable database of this agent"

_TROUBLE = (sqlite3.Error, OverflowError, UnicodeError)


class BadDatabase(Exception):
    """The rest of a database cannot be read."""


def rows_of(path: str, *queries: str) -> Iterator[tuple[Any, ...]]:
    """The rows of the first of *queries* that suits the database (agents change their tables), one by one.

    Errors: :class:`BadDatabase` where none does or the file is damaged, after the rows before that.
    """
    if not size_of(path):
        return  # made, and not yet written to
    try:
        with closing(_opened(path)) as database:
            cursor = _first_that_suits(database, queries)
            while (row := cursor.fetchone()) is not None:
                yield row
    except _TROUBLE as error:
        raise BadDatabase(NOT_A_DATABASE) from error


def size_of(path: str) -> int:
    """Bytes of the file; 0 where it went away."""
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _opened(path: str) -> sqlite3.Connection:
    """A connection that can only read. Where its folder cannot be written to, the log of changes is left aside."""
    for how in ("mode=ro", "mode=ro&immutable=1"):
        database = sqlite3.connect(f"file:{quote(path)}?{how}", uri=True, timeout=5)
        database.text_factory = _text
        try:
            database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            return database
        except sqlite3.OperationalError:
            database.close()
        except _TROUBLE:
            database.close()
            raise
    raise sqlite3.OperationalError("unable to open database file")


def _first_that_suits(database: sqlite3.Connection, queries: tuple[str, ...]) -> sqlite3.Cursor:
    for query in queries[:-1]:
        try:
            return database.execute(query)
        except sqlite3.OperationalError as error:
            if "no such" not in str(error):
                raise
    return database.execute(queries[-1])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
