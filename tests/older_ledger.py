"""A ledger of this version turned into one of an older version, a version at a time, as the migrations go back up."""

from __future__ import annotations

import sqlite3

from costbasis.usage.ledger.block import unfold_where
from costbasis.usage.ledger.schema import VERSION

NEW_IN = {
    12: ("DROP VIEW dropped", "DROP VIEW request", "DROP VIEW telling", "ALTER TABLE block DROP COLUMN counts"),
    11: (),
    10: ("DROP TABLE block",),
    9: (
        "DROP TRIGGER sum_came", "DROP TRIGGER sum_went", "DROP TABLE priced", "DROP TABLE moved", "DROP TABLE looked",
    ),
    8: ("DROP TABLE tally",),
    7: ("ALTER TABLE seen DROP COLUMN line_ms", "ALTER TABLE seen DROP COLUMN times"),
    6: tuple(f"ALTER TABLE seen DROP COLUMN {name}" for name in ("api_key", "user", "requests")),
}  # fmt: skip
"""What takes back what a version brought."""


def make_older(connection: sqlite3.Connection, version: int) -> None:
    """Leave what the ledger would have been in *version*: every request a row before the tenth."""
    assert max(NEW_IN) == VERSION
    unfold_where(connection)
    for newer in range(VERSION, version, -1):
        for statement in NEW_IN[newer]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
