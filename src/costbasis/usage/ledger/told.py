"""A hash of what a ledger counts: made once a change, and only where it is asked for."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costbasis.usage.ledger.schema import COUNTED

STAMP = "SELECT COUNT(*), SUM(size), SUM(mtime_ns % 1000000007), SUM(consumed), SUM(gone), MAX(id) FROM file"
"""Another row of numbers after any change to what is counted."""


def usage_sha256(connection: sqlite3.Connection) -> str:
    """The hash of the requests that count, kept until the next change."""
    row = connection.execute("SELECT sha256 FROM fingerprint").fetchone()
    if row is not None:
        return str(row[0])
    text = "\n".join(row[0] for row in connection.execute(COUNTED))
    digest = hashlib.sha256(text.encode()).hexdigest()
    connection.execute("INSERT INTO fingerprint VALUES (?)", (digest,))
    return digest


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted without a ledger that stays: its hash, made at once."""

    sha256: str

    def usage_sha256(self) -> str:
        """The hash."""
        return self.sha256


@dataclass(frozen=True, slots=True)
class Told:
    """What a ledger held when it was read."""

    path: Path
    stamp: Any

    def usage_sha256(self) -> str:
        """The hash of the requests that counted then; "" where the ledger is gone or has changed since."""
        try:
            with closing(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=rw", uri=True)) as connection:
                connection.isolation_level = None
                connection.execute("BEGIN")
                same = connection.execute(STAMP).fetchone() == self.stamp
                digest = usage_sha256(connection) if same else ""
                connection.execute("COMMIT")
                return digest
        except sqlite3.Error:
            return ""
