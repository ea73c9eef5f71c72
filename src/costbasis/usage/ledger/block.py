"""Blocks: what one file says of one conversation, in one piece, until somebody asks to change a part of it.

Nearly all that a first scan finds is of one file and one conversation alone, so no rule needs to look at its rows one
by one: they are stored as one JSON text, which the view ``telling`` opens, and summed where they were read. What does
not count, as another file's telling of it does, is in blocks of its own. Later blocks are unfolded: whole, or those
quarters of an hour of them that are touched.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from operator import itemgetter
from typing import Any
from zlib import crc32

import msgspec
from stringzilla import find

from costbasis.usage.events import UsageEvent
from costbasis.usage.ledger.seen import (
    COLUMNS,
    ENTRY,
    IN_BLOCK,
    INSERT_COUNTED,
    MS_PER_HOUR,
    MS_PER_QUARTER,
    OF_BLOCK,
    entries_of,
    rows_in_block,
    rows_of_entries,
)
from costbasis.usage.ledger.summed import sums_of_rows

MOST_ROWS = 4096
"""Of one block, so that opening one takes little memory."""

TABLE = """
CREATE TABLE block (
    id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE, host TEXT NOT NULL,
    session TEXT NOT NULL, agent_id TEXT NOT NULL, project TEXT NOT NULL, agent TEXT NOT NULL,
    counts INTEGER NOT NULL DEFAULT 1, keys BLOB NOT NULL, rows TEXT NOT NULL
)"""
"""*keys*: a number of 32 bits for the key of each request, which another key may share; *rows*: JSON, a list of the
values of ``IN_BLOCK`` for each request, and ``won_by_here`` where its file counts before another. All of them count, or
(*counts* is 0) none of them does, as another file's telling of each counts."""

INDEXES = (
    "CREATE INDEX IF NOT EXISTS block_keys ON block(file_id, keys)",
    "DROP INDEX IF EXISTS block_by_file",
    "CREATE INDEX IF NOT EXISTS block_by_session ON block(session)",
)
"""With the keys, so that to look through all of them takes no look at the rows beside them. The second was of earlier
ledgers."""

_DERIVED = {"hour": f"time_ms / {MS_PER_HOUR}", "quarter": f"time_ms / {MS_PER_QUARTER}"}
_OPENED = {"held_s": "ROUND({} * 1000.0) / 1000.0"}
"""Whole milliseconds: SQLite may read the last digit of another number otherwise."""

_VALUE = "json_extract(value, '$[{}]')"
_WON_BY = len(IN_BLOCK)
"""The place of ``won_by_here``."""

_OPENING = {name: f"{_OPENED.get(name, '{}').format(_VALUE.format(at))} AS {name}" for at, name in enumerate(IN_BLOCK)}
_OPENING["won_by_here"] = f"COALESCE({_VALUE.format(_WON_BY)}, 0) AS won_by_here"


def opened(*names: str) -> str:
    """The folded rows as a query: the values of ``IN_BLOCK`` with these names, ``won_by_here``, and those of blocks."""
    return f"SELECT {', '.join(_OPENING.get(name, name) for name in names)} FROM block CROSS JOIN json_each(block.rows)"


INSERT = f"INSERT INTO block (file_id, host, {', '.join(OF_BLOCK)}, keys, rows, counts) VALUES (?, ?{', ?' * 7})"


TELLING = f"""
CREATE VIEW telling AS
SELECT file_id, host, counts, won_by_here, {", ".join(COLUMNS)}, 0 AS is_folded FROM seen
UNION ALL
SELECT file_id, host, counts, won_by_here, {", ".join(_DERIVED.get(name, name) for name in COLUMNS)}, counts
FROM ({opened("file_id", "host", "counts", *OF_BLOCK, *IN_BLOCK, "won_by_here")})
"""
"""Every row, wherever it lies; *is_folded*: whether it lies in a block of what counts."""


Packed = tuple[Any, ...]
"""Rows of one conversation in one file, as they cross from process to process: the values of ``OF_BLOCK``, *keys* and
*rows* as they are stored, and the sums of the rows."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[list[Any]]).decode

_NUL = b"\\u0000"
"""A character at which SQLite ends a text of JSON."""


def fold(events: Iterable[UsageEvent]) -> tuple[list[Packed], list[tuple[Any, ...]]]:
    """What one file says, as blocks; and as rows what cannot be in one."""
    blocks: list[Packed] = []
    apart: list[tuple[Any, ...]] = []
    for conversation, entries in entries_of(events).items():
        whose = set(map(_whose, entries))
        rows = rows_in_block(entries)
        some = [rows[start : start + MOST_ROWS] for start in range(0, len(rows), MOST_ROWS)]
        texts = [_encode(part) for part in some]
        if len(whose) > 1 or any(find(text, _NUL) >= 0 for text in texts):
            apart += rows_of_entries({conversation: entries})
            continue
        head = *conversation, *whose.pop()
        blocks += [
            (*head, _numbers(part), text.decode(), sums_of_rows(part)) for part, text in zip(some, texts, strict=True)
        ]
    return blocks, apart


_whose = itemgetter(ENTRY.index("project"), ENTRY.index("agent"))


def _numbers(rows: Sequence[Sequence[Any]]) -> bytes:
    try:
        numbers = [crc32(row[0].encode()) for row in rows]
    except UnicodeEncodeError:
        numbers = [number_of(row[0]) for row in rows]
    return array("I", numbers).tobytes()


def number_of(key: str) -> int:
    """A number for a key. Two keys that share it are both unfolded where one of them is, and nothing else comes of it.

    >>> number_of("m:msg_1")
    3953260058
    """
    return crc32(key.encode("utf-8", "surrogatepass"))


def numbers_of(keys: bytes) -> array[int]:
    """The numbers of a block."""
    numbers = array("I")
    numbers.frombytes(keys)
    return numbers


def unfold(db: sqlite3.Connection, blocks: Iterable[int]) -> None:
    """Make rows of some blocks."""
    for block in blocks:
        file_id, host, counts, *whose, text = db.execute(
            f"DELETE FROM block WHERE id = ? RETURNING file_id, host, counts, {', '.join(OF_BLOCK)}, rows", (block,)
        ).fetchone()
        db.executemany(INSERT_COUNTED, [(file_id, host, *_found(row, whose, counts)) for row in _decode(text)])


def unfold_quarters(db: sqlite3.Connection, condition: str, values: Sequence[Any], quarters: Set[int]) -> None:
    """Make rows of what some blocks tell that counts, in some quarters of an hour. The rest stays folded."""
    for block, file_id, host, *whose, text in db.execute(f"{_WHOLE} AND {condition}", values).fetchall():
        rows = _decode(text)
        apart = [row for row in rows if row[_TIME] // MS_PER_QUARTER in quarters]
        if not apart:
            continue
        if len(apart) < len(rows):
            fold_again(db, block, [row for row in rows if row[_TIME] // MS_PER_QUARTER not in quarters])
        else:
            db.execute("DELETE FROM block WHERE id = ?", (block,))
        db.executemany(INSERT_COUNTED, [(file_id, host, *_found(row, whose, 1)) for row in apart])


_WHOLE = f"SELECT id, file_id, host, {', '.join(OF_BLOCK)}, rows FROM block WHERE counts"


def _found(row: Sequence[Any], whose: Sequence[str], counts: int) -> tuple[Any, ...]:
    return as_row(row, whose, counts, row[_WON_BY] if len(row) > _WON_BY else 0)


def as_row(row: Sequence[Any], whose: Sequence[str], counts: int, won_by_here: int) -> tuple[Any, ...]:
    """What ``INSERT_COUNTED`` takes after file and host, of the values of ``IN_BLOCK`` and ``OF_BLOCK``."""
    hour, quarter = row[_TIME] // MS_PER_HOUR, row[_TIME] // MS_PER_QUARTER
    return *row[:_WON_BY], *whose, hour, quarter, counts, won_by_here


def fold_again(db: sqlite3.Connection, block: int, rows: Sequence[Sequence[Any]], counts: int = 1) -> None:
    """Put rows, one at least, in the place of those that a block has."""
    db.execute("UPDATE block SET keys = ?, rows = ?, counts = ? WHERE id = ?", (*packed(rows), counts, block))


def packed(rows: Sequence[Sequence[Any]]) -> tuple[bytes, str]:
    """Rows as *keys* and *rows* of a block."""
    return _numbers(rows), _encode(rows).decode()


class Folded(msgspec.Struct, frozen=True, order=True):
    """A request in a block: its time, its key, and the rule of that."""

    time_ms: int
    key: str
    rule: str


def folded_of(db: sqlite3.Connection, condition: str, values: Sequence[Any]) -> dict[tuple[str, str], list[Folded]]:
    """What counts in the blocks for which something holds, by session and agent's id, in the order of time."""
    found: dict[tuple[str, str], list[Folded]] = {}
    asked = f"SELECT session, agent_id, rows FROM block WHERE counts AND {condition}"
    for session, agent_id, text in db.execute(asked, values):
        told = found.setdefault((session, agent_id), [])
        told += [Folded(row[_TIME], row[_KEY], row[_RULE]) for row in _decode(text)]
    for told in found.values():
        told.sort()
    return found


def rows_of_blocks(blocks: Iterable[Packed]) -> list[tuple[Any, ...]]:
    """The rows that were folded."""
    return [row for *whose, _, rows, _ in blocks for row in _unfolded(whose, rows)]


def _unfolded(whose: Sequence[str], rows: str) -> list[tuple[Any, ...]]:
    return [(*row, *whose, row[_TIME] // MS_PER_HOUR, row[_TIME] // MS_PER_QUARTER) for row in _decode(rows)]


_KEY, _RULE, _TIME = (IN_BLOCK.index(name) for name in ("request_key", "key_rule", "time_ms"))


def counted(db: sqlite3.Connection, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The values of some columns of ``seen`` for every request that counts, in no order: as the view ``telling`` says
    them, in a fifth of its time.
    """
    yield from db.execute(f"SELECT {', '.join(names)} FROM seen WHERE counts")
    pick = itemgetter(*((*OF_BLOCK, *IN_BLOCK).index(name) for name in names))
    for *whose, rows in db.execute(f"SELECT {', '.join(OF_BLOCK)}, rows FROM block WHERE counts"):
        for row in _decode(rows):
            yield pick(whose + row)


def count_where(db: sqlite3.Connection, condition: str) -> int:
    """How many requests count of the files for which something holds; no block is opened."""
    rows = f"SELECT COUNT(*) FROM seen WHERE counts AND {condition}"
    folded = f"SELECT COALESCE(SUM(LENGTH(keys)), 0) FROM block WHERE counts AND {condition}"
    return int(db.execute(rows).fetchone()[0]) + int(db.execute(folded).fetchone()[0]) // array("I").itemsize


def unfold_where(db: sqlite3.Connection, condition: str = "1", values: Sequence[Any] = ()) -> None:
    """Make rows of the blocks for which something holds; of all by default."""
    unfold(db, [block for (block,) in db.execute(f"SELECT id FROM block WHERE {condition}", values).fetchall()])


def unfold_for_good(db: sqlite3.Connection) -> None:
    """Make rows of all blocks before many requests are looked at: once, in two thirds of the time that a look takes.

    Where that cannot be written, ``telling`` says the same from the blocks.
    """
    if db.in_transaction or db.execute("SELECT 1 FROM block LIMIT 1").fetchone() is None:
        return
    with suppress(sqlite3.OperationalError):
        db.execute("BEGIN IMMEDIATE")
        try:
            unfold_where(db)
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise


def unfold_keys(db: sqlite3.Connection, keys: Iterable[str], condition: str = "1", values: Sequence[Any] = ()) -> None:
    """Make rows of the blocks that may speak of some requests; of those for which something holds."""
    wanted = {number_of(key) for key in keys}
    if not wanted:
        return
    folded = db.execute(f"SELECT id, keys FROM block WHERE {condition}", values).fetchall()
    if _may_hold(b"".join([keys for _, keys in folded]), wanted):  # one look: nearly always in none
        unfold(db, [block for block, keys in folded if not wanted.isdisjoint(numbers_of(keys))])


FEW = 100
"""Numbers that are found sooner one by one."""


def _may_hold(keys: bytes, wanted: Set[int]) -> bool:
    """Whether any of the numbers is among those of keys, or lies across two of them.

    >>> _may_hold(array("I", [7, 8, 9]).tobytes(), {8, 3}), _may_hold(array("I", [7, 8, 9]).tobytes(), {3})
    (True, False)
    """
    if len(wanted) > FEW:
        return not wanted.isdisjoint(numbers_of(keys))
    return any(find(keys, array("I", [number]).tobytes()) >= 0 for number in wanted)
