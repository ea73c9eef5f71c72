"""What may go wrong with a ledger's file, in three parts: what, where, and what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from costbasis.errors import UnreadableInput, why

if TYPE_CHECKING:
    from pathlib import Path

NO_ROOM = ("disk is full", "disk I/O error")
"""What SQLite says where a file cannot grow."""


@contextmanager
def said_plainly(path: Path | str) -> Iterator[None]:
    """What goes wrong with a ledger's file, as an error in three parts."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise UnreadableInput(
                "another costbasis is bringing this ledger up to date",
                where=str(path),
                hint="wait for it to end, then try again",
            ) from error
        if any(sign in str(error) for sign in NO_ROOM):
            hint = "make room on the disk, or set COSTBASIS_HOME to a folder on another one"
            raise UnreadableInput(f"no room for the ledger: {error}", where=str(path), hint=hint) from error
        raise _no_ledger(path, error) from error
    except sqlite3.DatabaseError as error:
        hint = "delete it; it is made again from the logs"
        raise UnreadableInput(f"the ledger is damaged: {error}", where=str(path), hint=hint) from error
    except OSError as error:
        raise _no_ledger(path, error) from error


def _no_ledger(path: Path | str, error: Exception) -> UnreadableInput:
    hint = "set COSTBASIS_HOME to a writable folder"
    return UnreadableInput(f"no ledger can be kept there: {why(error)}", where=os.path.dirname(path), hint=hint)
