"""Values that are kept from one run to the next, beside the ledgers: the standard library alone.

A value is kept under everything that it follows from, so it is never out of date: it is found or it is not. Whatever
is wrong with the file, the value is made again; nothing here is an error.
"""

from __future__ import annotations

import os
import sqlite3

from costbasis.sha256 import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

NAME = "kept.sqlite"

MOST_BYTES = 256_000_000
"""How much is kept; the oldest goes first."""

_TABLE = "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL)"

_TOO_OLD = """
DELETE FROM kept WHERE rowid IN (
    SELECT rowid FROM (SELECT rowid, SUM(LENGTH(value)) OVER (ORDER BY rowid DESC) AS total FROM kept) WHERE total > ?
)
"""


class Kept:
    """Bytes by name, in one file. *of*: what all values follow from (the code, its facts, the seed)."""

    def __init__(self, place: Path | str, of: str) -> None:
        self.place = str(place)
        self.of = of
        self._new: dict[str, bytes] = {}
        self._reads: sqlite3.Connection | None = None

    def get(self, name: str) -> bytes | None:
        """What is kept under *name*, None where nothing is."""
        key = self.key(name)
        if key in self._new:
            return self._new[key]
        try:
            if self._reads is None:
                if not os.path.exists(self.place):
                    return None
                self._reads = sqlite3.connect(f"file:{_quoted(self.place)}?mode=ro", uri=True, timeout=0.2)
            row = self._reads.execute("SELECT value FROM kept WHERE name = ?", (key,)).fetchone()
        except (sqlite3.Error, OSError, ValueError):
            return None
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def put(self, name: str, value: bytes) -> None:
        """Keep *value*; written by :meth:`close`."""
        self._new[self.key(name)] = value

    def close(self) -> None:
        """Write down what is new."""
        if self._reads is not None:
            self._reads.close()
            self._reads = None
        if self._new:
            try:
                self._write()
            except (sqlite3.Error, OSError):
                return
            finally:
                self._new = {}

    def _write(self) -> None:
        os.makedirs(os.path.dirname(self.place), exist_ok=True)
        connection = sqlite3.connect(self.place, timeout=0.2, isolation_level=None)
        try:
            connection.execute(_TABLE)
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", self._new.items())
            connection.execute(_TOO_OLD, (MOST_BYTES,))
            connection.execute("COMMIT")
        finally:
            connection.close()

    def key(self, name: str) -> str:
        """A name that is another one wherever what values follow from is."""
        return str(sha256(f"{self.of}\0{name}".encode("utf-8", "surrogateescape")).hexdigest())


def _quoted(place: str) -> str:
    """A path within a URI of SQLite."""
    return place.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
