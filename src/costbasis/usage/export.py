"""Requests out of the ledger, one row each, as a Parquet or CSV file. No text of a prompt is in a ledger, or here."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from costbasis.errors import BadArgument, UnreadableInput, why
from costbasis.usage.ledger.block import unfold_for_good

COLUMNS = {
    "request_id": ("request_key", "VARCHAR"),
    "time": ("strftime('%Y-%m-%dT%H:%M:%fZ', time_ms / 1000.0, 'unixepoch')", "TIMESTAMPTZ"),
    "host": ("request.host", "VARCHAR"),
    "agent": ("agent", "VARCHAR"),
    "agent_id": ("agent_id", "VARCHAR"),
    "session": ("session", "VARCHAR"),
    "project": ("request.project", "VARCHAR"),
    "provider": ("provider", "VARCHAR"),
    "model": ("model", "VARCHAR"),
    "mode": ("mode", "VARCHAR"),
    "geo": ("geo", "VARCHAR"),
    "input_tok": ("input_tok", "BIGINT"),
    "cache_write_5m_tok": ("cache_write_5m_tok", "BIGINT"),
    "cache_write_1h_tok": ("cache_write_1h_tok", "BIGINT"),
    "cache_write_unknown_tok": ("cache_write_unknown_tok", "BIGINT"),
    "cache_read_tok": ("cache_read_tok", "BIGINT"),
    "output_tok": ("output_tok", "BIGINT"),
    "reasoning_tok": ("reasoning_tok", "BIGINT"),
    "web_searches": ("web_searches", "BIGINT"),
    "partial_output": ("CASE WHEN partial_output THEN 'true' ELSE 'false' END", "BOOLEAN"),
    "rule": ("rule", "VARCHAR"),
    "log": ("path", "VARCHAR"),
    "log_offset": ("request.offset", "BIGINT"),
}
"""Column to what it is in the ledger, and its type. Reasoning is a part of output; partial output is a lower bound."""

_NO_NULL = "\\N"


def export(connection: sqlite3.Connection, to: Path) -> int:
    """Write every request that counts to *to*, and return how many there are. The file is there whole, or not at all.

    Errors: :class:`~costbasis.errors.BadArgument` for an ending other than those of ``FORMS``,
    :class:`~costbasis.errors.UnreadableInput` where the file cannot be written.
    """
    form = FORMS.get(to.suffix.lower())
    if form is None:
        known = " or ".join(FORMS)
        raise BadArgument(f'cannot export to "{to.name}"', where="--to", hint=f"name a file that ends in {known}")
    with made_whole(to) as made:
        rows = made.with_name("rows.csv")
        count = _write_rows(connection, rows)
        form(rows, made)
    return count


@contextmanager
def made_whole(to: Path) -> Iterator[Path]:
    """A place to make a file in, beside *to*; it becomes *to* when all went well, and otherwise nothing of it is left.

    Errors: :class:`~costbasis.errors.UnreadableInput` where it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".costbasis-") as folder:
            made = Path(folder) / f"made{to.suffix.lower()}"
            yield made
            made.replace(to)
    except OSError as error:
        raise UnreadableInput(
            f"cannot be written ({why(error)})", where=str(to), hint="choose another folder"
        ) from error


def _write_rows(connection: sqlite3.Connection, rows: Path) -> int:
    unfold_for_good(connection)
    named = ", ".join(expression for expression, _ in COLUMNS.values())
    found = connection.execute(f"SELECT {named} FROM request JOIN file ON file.id = file_id ORDER BY time_ms, 1")
    count = 0
    with rows.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in found:
            writer.writerow(row)
            count += 1
    return count


def _csv(rows: Path, made: Path) -> None:
    rows.rename(made)


def _parquet(rows: Path, made: Path) -> None:
    import duckdb

    types = ", ".join(f"'{name}': '{kind}'" for name, (_, kind) in COLUMNS.items())
    read = (
        "read_csv(?, header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
        f" nullstr = '{_NO_NULL}', columns = {{{types}}})"
    )
    with duckdb.connect() as db:
        try:
            db.execute("SET TimeZone = 'UTC'")
            db.execute(f"COPY (SELECT * FROM {read}) TO '{_quoted(made)}' (FORMAT parquet)", [str(rows)])
        except duckdb.IOException as error:
            raise OSError(0, str(error)) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


FORMS: dict[str, Callable[[Path, Path], None]] = {".parquet": _parquet, ".csv": _csv}
"""Ending to what makes the file from the rows; another form is one more line here."""
