"""Merge the ledger of another machine into this one: what both saw counts once, and nothing twice when merged again."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from costbasis.errors import UnreadableInput
from costbasis.usage.formats.sqlite_log import SQLITE
from costbasis.usage.ledger.block import unfold_where
from costbasis.usage.ledger.filing import Filing
from costbasis.usage.ledger.ledger import Ledger
from costbasis.usage.ledger.seen import COLUMNS
from costbasis.usage.ledger.trouble import said_plainly


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: hosts it brought, files, requests they speak of, and requests that count now and did not."""

    path: str
    hosts: list[str]
    files: int
    requests: int
    new_requests: int


_FILE = (
    "reader", "path", "host", "size", "mtime_ns", "inode", "head_sha256", "tail_sha256", "consumed", "pending", "known",
    "project", "gone",
)  # fmt: skip

_SOURCES = """
CREATE TEMP TABLE incoming AS
SELECT id AS other_id, CASE source WHEN '' THEN :theirs ELSE source END AS source, path FROM other.file
WHERE source != :mine
"""

_SAME = " AND ".join(
    f"mine.{name} = theirs.{name}"
    for name in ("agent", "session", "model", "input_tok", "prompt_tok", "cache_read_tok")
)
"""When two tellings under one key of two machines are one request: ids of gateways come again, ids of messages do
not. The output is left out: one machine may have seen less of it."""

_KEY = f"""
CASE WHEN theirs.request_key GLOB 'm:msg_*' OR EXISTS (
    SELECT 1 FROM main.seen AS mine WHERE mine.request_key = theirs.request_key AND {_SAME}
) THEN theirs.request_key ELSE theirs.request_key || '@' || substr(incoming.source, 1, 8) END
"""


def merge(ledger: Ledger, path: Path) -> Merged:
    """Take in what another ledger knows, in one transaction; what it said before is replaced.

    Ids of messages are the same everywhere; under any other id two requests are one only where agent, session, model
    and prompt agree, else each counts.

    Errors: :class:`~costbasis.errors.UnreadableInput` for what is no ledger, is of a newer version, or is this one.
    """
    if not path.is_file():
        raise UnreadableInput("no such ledger", where=str(path), hint="costbasis ledger path prints where a ledger is")
    with tempfile.TemporaryDirectory() as folder, said_plainly(path):
        copy = Path(folder) / "other.sqlite"
        _copy(path, copy)
        other = Ledger(copy, [], keep_history=True)
        with other.transaction():
            unfold_where(other.connection)
        theirs = other.identity
        other.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.close()
        if theirs == ledger.identity:
            raise UnreadableInput(
                "this is the ledger that it would be merged into, or a copy of it",
                where=str(path),
                hint="give the ledger of another machine",
            )
        return _take_in(ledger, copy, theirs, str(path))


def _copy(path: Path, copy: Path) -> None:
    """As it is now, with what its write-ahead log holds, and without a change to it."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source:
        with path.open("rb") as file:
            is_database = file.read(len(SQLITE)) == SQLITE
        if not is_database or source.execute("PRAGMA user_version").fetchone()[0] == 0:
            raise UnreadableInput(
                "this is no ledger", where=str(path), hint="costbasis ledger path prints where one is"
            )
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)


def _take_in(ledger: Ledger, copy: Path, theirs: str, path: str) -> Merged:
    db = ledger.connection
    db.execute("ATTACH ? AS other", (str(copy),))
    try:
        with ledger.transaction():
            before = db.execute("SELECT COUNT(*) FROM request").fetchone()[0]
            filing = Filing(db)
            unfold_where(db)
            db.execute("DROP TABLE IF EXISTS temp.incoming")
            db.execute(_SOURCES, {"theirs": theirs, "mine": ledger.identity})
            sources = [row[0] for row in db.execute("SELECT DISTINCT source FROM incoming")]
            for source in sources:
                for (file_id,) in db.execute("SELECT id FROM main.file WHERE source = ?", (source,)).fetchall():
                    filing.touch_file(file_id)
                db.execute("DELETE FROM main.file WHERE source = ?", (source,))
            _copy_rows(db)
            for (file_id,) in db.execute("SELECT id FROM main.file JOIN incoming USING (source, path)").fetchall():
                filing.touch_file(file_id)
            filing.count_touched()
            after = db.execute("SELECT COUNT(*) FROM request").fetchone()[0]
            hosts = [row[0] for row in db.execute("SELECT DISTINCT host FROM other.file ORDER BY host")]
            files = db.execute("SELECT COUNT(*) FROM incoming").fetchone()[0]
            requests = db.execute("SELECT COUNT(*) FROM other.request").fetchone()[0]
            db.execute("DROP TABLE temp.incoming")
    finally:
        db.execute("DETACH other")
    return Merged(path, hosts, files, requests, after - before)


def _copy_rows(db: sqlite3.Connection) -> None:
    columns = ", ".join(_FILE)
    db.execute(
        f"INSERT INTO main.file (source, {columns}) SELECT incoming.source, {', '.join(f'f.{name}' for name in _FILE)}"
        " FROM other.file AS f JOIN incoming ON incoming.other_id = f.id"
    )
    said = [name for name in COLUMNS if name != "request_key"]
    db.execute(
        f"INSERT INTO main.seen (file_id, request_key, host, {', '.join(said)})"
        f" SELECT own.id, {_KEY}, theirs.host, {', '.join(f'theirs.{name}' for name in said)}"
        " FROM other.seen AS theirs JOIN incoming ON incoming.other_id = theirs.file_id"
        " JOIN main.file AS own ON own.source = incoming.source AND own.path = incoming.path"
    )
    db.execute(
        "INSERT INTO main.skipped SELECT own.id, offset, reason FROM other.skipped AS theirs"
        " JOIN incoming ON incoming.other_id = theirs.file_id"
        " JOIN main.file AS own ON own.source = incoming.source AND own.path = incoming.path"
    )
