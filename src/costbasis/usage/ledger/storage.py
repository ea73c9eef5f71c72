"""The file that a ledger is in: opened, its tables made or brought to this version, every change of it whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from costbasis.errors import UnreadableInput
from costbasis.usage.ledger.schema import OLDEST, TABLES, VERSION

if TYPE_CHECKING:
    from pathlib import Path

BUSY_S = 120.0
"""How long one update waits for another of the same ledger."""

PRAGMAS = ("foreign_keys = ON", "temp_store = MEMORY", "secure_delete = FAST")
"""What is deleted is overwritten where its page is written anyway. Some SQLites also write freed pages for that, more
than half of all that an append wrote."""

LATER = ("synchronous = NORMAL", "cache_size = -65536")
AT_FIRST = ("synchronous = FULL", "cache_size = -2048")
"""A new ledger is filled before it has a write-ahead log: its pages are new, so they need no journal and are written
once, nearly all of them while logs are still being read. A process that is killed leaves the ledger empty."""


def opened(path: Path | str) -> sqlite3.Connection:
    """The ledger's file, with the tables of this version.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a version that cannot be read; those of SQLite.
    """
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    db.create_function("bucket_of", 1, _bucket, deterministic=True)
    version = _version(db)
    if version:
        write_ahead(db)
    else:
        for pragma in AT_FIRST:
            db.execute(f"PRAGMA {pragma}")
    if version != VERSION:
        _make_tables(db, path)
    return db


def write_ahead(db: sqlite3.Connection) -> None:
    """Readers need not wait for a writer from now on; where another process is at work, that is left to later."""
    with suppress(sqlite3.OperationalError):
        db.execute("PRAGMA journal_mode = WAL")
    for pragma in LATER:
        db.execute(f"PRAGMA {pragma}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: an error, or a process that is killed, leaves what was there before."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def _make_tables(db: sqlite3.Connection, path: Path | str) -> None:
    with transaction(db):
        version = _version(db)  # another process may have made them by now
        if version == VERSION:
            return
        if version > VERSION:
            raise UnreadableInput(
                f"this ledger is of version {version}, this costbasis keeps version {VERSION}",
                where=str(path),
                hint="a newer costbasis wrote it: update this one, or set COSTBASIS_HOME to another folder",
            )
        if version and version < OLDEST:
            raise UnreadableInput(
                f"this ledger is of version {version}, before any that was released",
                where=str(path),
                hint="move it away; a new one is made from the logs",
            )
        for step in _migration(version) if version else TABLES:
            if isinstance(step, str):
                db.execute(step)
            else:
                step(db)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _migration(version: int) -> Sequence[str | Callable[[sqlite3.Connection], object]]:
    from costbasis.usage.ledger.migrations import MIGRATIONS  # here: it is needed once

    return MIGRATIONS[version]


def _bucket(prompt_tok: int) -> int:
    """floor(log2) of the prompt, exactly; 0 for an empty one.

    >>> [_bucket(tok) for tok in (0, 1, 2, 131_071, 131_072)]
    [0, 0, 1, 16, 17]
    """
    return max(prompt_tok.bit_length() - 1, 0)
