"""A hash of what a ledger counts: made once a change, and only where it is asked for."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import Any

import msgspec

from costbasis.usage.events import TokenCounts
from costbasis.usage.ledger import block

HASHED = (
    "request_key", "time_ms", "session", "agent_id", "project", "agent", "model", "provider", "mode", "geo",
    *TokenCounts._fields, "web_searches", "partial_output", "api_key", "user", "requests",
)  # fmt: skip
"""What the hash of the usage is made of: everything that a report can group by, select or value, but no paths."""

STAMP = "SELECT COUNT(*), SUM(size), SUM(mtime_ns % 1000000007), SUM(consumed), SUM(gone), MAX(id) FROM file"
"""Another row of numbers after any change to what is counted."""


def usage_sha256(connection: sqlite3.Connection) -> str:
    """The hash of the requests that count, kept until the next change."""
    kept = _kept(connection)
    if kept is not None:
        return kept
    digest = _hash(connection)
    connection.execute("INSERT INTO fingerprint VALUES (?)", (digest,))
    return digest


def _kept(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT sha256 FROM fingerprint").fetchone()
    return None if row is None else str(row[0])


def _hash(connection: sqlite3.Connection) -> str:
    import hashlib  # here: its fast hash takes long to load, and is worth it for megabytes

    rows = sorted(block.counted(connection, HASHED))
    return hashlib.sha256("\n".join(map(_line, rows)).encode()).hexdigest()


def _line(row: tuple[Any, ...]) -> str:
    *told, is_partial, api_key, user, requests = row
    of_a_gateway = "" if (api_key, user, requests) == ("", "", 1) else f"|{api_key}|{user}|{requests}"
    return f"{'|'.join(map(str, told))}|{is_partial:d}{of_a_gateway}"


class Counted(msgspec.Struct, frozen=True):
    """What was counted without a ledger that stays: its hash, made at once."""

    sha256: str

    def usage_sha256(self) -> str:
        """The hash."""
        return self.sha256


class Told(msgspec.Struct, frozen=True):
    """What a ledger held when it was read."""

    path: str
    stamp: Any

    def usage_sha256(self) -> str:
        """The hash of the requests that counted then; "" where the ledger is gone or has changed since.

        Where it cannot be written down now, it is merely made again the next time.
        """
        from pathlib import Path

        place = f"{Path(self.path).resolve().as_uri()}?mode=rw"
        try:
            with closing(sqlite3.connect(place, uri=True, timeout=0.2, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                if connection.execute(STAMP).fetchone() != self.stamp:
                    return ""
                digest = _kept(connection) or _hash(connection)
                with suppress(sqlite3.Error):
                    connection.execute(
                        "INSERT INTO fingerprint SELECT ? WHERE NOT EXISTS (SELECT 1 FROM fingerprint)", (digest,)
                    )
                    connection.execute("COMMIT")
                return digest
        except sqlite3.Error:
            return ""
