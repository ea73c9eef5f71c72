"""A table of somebody's own, CSV or Parquet, row by row with its number."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costbasis.errors import BadImport, UnreadableInput, why
from costbasis.usage.formats.export_rows import csv_rows
from costbasis.usage.formats.logline import BOM
from costbasis.usage.readers import FileReading

if TYPE_CHECKING:
    import duckdb

Row = tuple[int, dict[str, Any]]

DELIMITERS = ",;\t|"
BATCH = 10_000
PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows. *columns*: its header, in order."""

    path: Path
    columns: Sequence[str]
    is_parquet: bool
    delimiter: str = ","

    def rows(self, most: int | None = None) -> Iterator[Row]:
        """The rows with their numbers, as a spreadsheet shows them: the header is row 1.

        Errors: :class:`~costbasis.errors.BadImport` with the row for one that is no row of the table.
        """
        found = _parquet_rows(self.path, self.columns) if self.is_parquet else self._csv_rows()
        return itertools.islice(found, most)

    def _csv_rows(self) -> Iterator[Row]:
        found = FileReading()
        for row in csv_rows(self.path.read_bytes(), str(self.path), found, self.delimiter):
            if found.skipped:
                break
            yield row
        if found.skipped:
            hint = "mend the row, or quote what holds the delimiter; nothing was written"
            raise BadImport(found.skipped[0].reason, where=found.skipped[0].origin, hint=hint)
        if found.pending:
            hint = "the file is cut short: export it again; nothing was written"
            raise BadImport("the last row is torn", where=str(self.path), hint=hint)


def open_table(path: Path) -> Table:
    """The table in a file, by its first bytes.

    Errors: :class:`~costbasis.errors.UnreadableInput` for what cannot be read or has no header.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise UnreadableInput(f"cannot be read ({why(error)})", where=str(path), hint="check the path") from error
    if head.startswith(PARQUET):
        return Table(path, _parquet_columns(path), is_parquet=True)
    first = head.removeprefix(BOM).decode("utf-8", "replace").lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    columns = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
    if len(columns) < 2 or first.lstrip()[:1] in ("{", "["):
        what = "no table: neither Parquet nor a CSV with a header of columns"
        raise UnreadableInput(what, where=str(path), hint="docs/sources.md lists what is read without a mapping")
    return Table(path, columns, is_parquet=False, delimiter=delimiter)


def _parquet_columns(path: Path) -> list[str]:
    import duckdb

    with duckdb.connect() as db:
        try:
            found = db.execute("SELECT name FROM (DESCRIBE SELECT * FROM read_parquet(?)) t(name)", [str(path)])
            return [str(row[0]) for row in found.fetchall()]
        except duckdb.Error as error:
            raise _no_parquet(path, error) from error


def _parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    import duckdb

    with duckdb.connect() as db:
        try:
            db.execute("SET TimeZone = 'UTC'")
            rows = db.execute(f"SELECT {_with_moments_as_text(db, path)} FROM read_parquet(?)", [str(path)])
            number = 1
            while batch := rows.fetchmany(BATCH):
                for row in batch:
                    number += 1
                    yield number, dict(zip(columns, row, strict=True))
        except duckdb.Error as error:
            raise _no_parquet(path, error) from error


def _with_moments_as_text(db: duckdb.DuckDBPyConnection, path: Path) -> str:
    """All columns, those of a moment with a zone as ISO 8601 in UTC: as what they are, DuckDB fetches them by pytz."""
    described = db.execute("SELECT name, type FROM (DESCRIBE SELECT * FROM read_parquet(?)) t(name, type)", [str(path)])
    moments = [name.replace('"', '""') for name, type_ in described.fetchall() if type_ == "TIMESTAMP WITH TIME ZONE"]
    texts = (f"strftime(\"{name}\" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS \"{name}\"" for name in moments)
    return f"* REPLACE ({', '.join(texts)})" if moments else "*"


def _no_parquet(path: Path, error: Exception) -> UnreadableInput:
    return UnreadableInput(
        f"no readable Parquet: {str(error).partition(chr(10))[0]}", where=str(path), hint="export it"
    )
