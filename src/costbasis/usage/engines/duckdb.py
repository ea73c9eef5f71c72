"""DuckDB: Parquet as a file, a glob or a folder, or a table of a DuckDB file (``FILE.duckdb#TABLE``)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from costbasis.errors import BadArgument, EngineFailed, UnreadableInput
from costbasis.usage.warehouse.door import SMALL_TYPES, Kind

NAME = "duckdb"
SQL = "duckdb"

KINDS: tuple[tuple[str, Kind], ...] = (
    (r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?", "whole"),
    (r"(DOUBLE|FLOAT|DECIMAL.*)", "real"),
    (r"(VARCHAR|ENUM.*|UUID|JSON)", "text"),
    (r"TIMESTAMP WITH TIME ZONE", "instant"),
    (r"TIMESTAMP(_S|_MS|_NS)?", "wall"),
    (r"DATE", "day"),
)


class Words:
    """DuckDB's dialect."""

    TEXT = "VARCHAR"

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def literal(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def whole(self, sql: str, kind: Kind) -> str:
        if kind == "whole":
            return f"TRY_CAST({sql} AS BIGINT)"
        number = f"TRY_CAST({sql} AS DOUBLE)"
        return f"CASE WHEN {number} = FLOOR({number}) THEN TRY_CAST({sql} AS BIGINT) END"

    def text(self, sql: str) -> str:
        return f"CAST({sql} AS VARCHAR)"

    def json(self, sql: str, path: Sequence[str]) -> str:
        inner = ".".join('"' + part.replace('"', '\\"') + '"' for part in path)
        return f"json_extract_string(TRY_CAST({sql} AS JSON), {self.literal(f'$.{inner}')})"

    def epoch_us(self, sql: str, kind: Kind) -> str:
        return f"EPOCH_US({sql})"

    def iso_epoch_s(self, sql: str) -> str:
        return f"CAST(FLOOR(EPOCH(TRY_CAST({sql} AS TIMESTAMPTZ))) AS BIGINT)"

    def seconds(self, sql: str, kind: Kind, per_s: int) -> str:
        return f"TRY_CAST(FLOOR(TRY_CAST({sql} AS DOUBLE) / {per_s}) AS BIGINT)"

    def real(self, sql: str) -> str:
        return f"CAST({sql} AS DOUBLE)"

    def divided(self, sql: str, by: int) -> str:
        return f"({sql} // {by})"

    def position(self, sql: str, words: Sequence[str]) -> str:
        # looked up once for each entry of a Parquet dictionary, not once a row
        return f"LIST_POSITION([{', '.join(map(self.literal, words))}], {sql})"

    def matches(self, sql: str, pattern: str) -> str:
        return f"REGEXP_MATCHES({sql}, {self.literal(pattern)})"

    def replaced(self, sql: str, pattern: str, by: str) -> str:
        return f"REGEXP_REPLACE({sql}, {self.literal(pattern)}, {self.literal(by)})"


DIALECT = Words()


@contextmanager
def opened(uri: str) -> Iterator[_Door]:
    """A door at Parquet files or at a table of a DuckDB file, which is opened read-only."""
    import duckdb

    path, _, table = uri.partition("#")
    is_database = path.endswith((".duckdb", ".db", ".ddb"))
    if is_database and not table:
        raise BadArgument("which table?", where=f"--from {uri}", hint=f"write {path}#TABLE")
    with tempfile.TemporaryDirectory(prefix="costbasis-") as spill, duckdb.connect() as connection:
        door = _Door(connection, uri, "", "", "")
        door.run(f"SET TimeZone = 'UTC'; SET temp_directory = {door.dialect.literal(spill)}")
        if is_database:
            door.run(f"ATTACH {door.dialect.literal(path)} AS source_db (READ_ONLY)")
            parts = ".".join(door.dialect.quoted(part) for part in table.split("."))
            door.relation, door.place, door.row = f"source_db.{parts}", door.dialect.literal(uri), "rowid"
        else:
            found = door.dialect.literal(parquet_glob(path))
            door.relation = f"read_parquet({found}, union_by_name = true, filename = true, file_row_number = true)"
            door.place, door.row = "filename", "file_row_number"
        door.columns = door.described()
        yield door


def parquet_glob(path: str) -> str:
    """The files that a path means: of a folder, all that end in ``.parquet``, at any depth.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a path that is not there.
    """
    if re.match(r"\w+://", path) or any(mark in path for mark in "*?["):
        return path
    if not Path(path).exists():
        raise UnreadableInput("there is no such file or folder", where=path, hint="check --from")
    return f"{path.rstrip('/')}/**/*.parquet" if Path(path).is_dir() else path


class _Door:
    dialect = DIALECT

    def __init__(self, connection: Any, where: str, relation: str, place: str, row: str) -> None:
        import duckdb

        self._db, self._error = connection, duckdb.Error
        self.version = f"DuckDB {duckdb.__version__}"
        self.where, self.relation, self.place, self.row = where, relation, place, row
        self.columns: Mapping[str, Kind] = {}

    def described(self) -> dict[str, Kind]:
        return {
            name: next((kind for pattern, kind in KINDS if re.fullmatch(pattern, str(type_))), "other")
            for name, type_, *_ in self.query(f"DESCRIBE SELECT * FROM {self.relation}", 10_000)
            if name not in ("filename", "file_row_number")
        }

    def load(self, name: str, types: SMALL_TYPES, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = ", ".join(f"{column} {'BIGINT' if kind is int else 'VARCHAR'}" for column, kind in types.items())
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        if rows:
            unnested = ", ".join("UNNEST(?)" for _ in types)
            self._db.execute(f"INSERT INTO {name} SELECT {unnested}", [list(one) for one in zip(*rows, strict=True)])

    def run(self, sql: str) -> None:
        try:
            self._db.execute(sql)
        except self._error as error:
            raise self._failed(error) from error

    def query(self, sql: str, most: int) -> list[tuple[Any, ...]]:
        try:
            return list(self._db.execute(self._wide_as_text(sql)).fetchmany(most + 1))
        except self._error as error:
            raise self._failed(error) from error

    def _wide_as_text(self, sql: str) -> str:
        """The same query with its numbers of more than 64 bits as digits, which arrive several times as fast."""
        if sql.startswith("DESCRIBE"):
            return sql
        types = self._db.execute(f"DESCRIBE {sql}").fetchall()
        wide = [self.dialect.quoted(name) for name, type_, *_ in types if re.match("DECIMAL|U?HUGEINT", type_)]
        cast = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in wide)
        return f"SELECT * REPLACE ({cast}) FROM ({sql})" if wide else sql

    def _failed(self, error: Exception) -> EngineFailed | UnreadableInput:
        said = " ".join(str(error).split())[:300]
        if type(error).__name__ in ("IOException", "InvalidInputException", "SerializationException"):
            named = re.search(r"""['"]([^'"]+\.(?:parquet|duckdb|db|ddb))['"]""", said)
            where = named.group(1) if named else self.where
            return UnreadableInput(said, where=where, hint="nothing was written; mend or leave out that file")
        hint = "nothing was written; docs/scale.md says what an engine needs"
        return EngineFailed(said, where=f"DuckDB, {self.where}", hint=hint)
