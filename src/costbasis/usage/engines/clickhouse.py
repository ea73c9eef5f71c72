"""ClickHouse: a server's table (``clickhouse://USER@HOST:8123/DB#TABLE``), or Parquet with its engine in-process."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from costbasis.errors import BadArgument, EngineFailed, UnreadableInput
from costbasis.usage.warehouse.door import SMALL_TYPES, Kind

NAME = "clickhouse"
SQL = "clickhouse"

PASSWORD = "CLICKHOUSE_PASSWORD"
"""The environment variable that a server's password is read from: an address is kept in histories."""

KINDS: tuple[tuple[str, Kind], ...] = (
    (r"U?Int\d+", "whole"),
    (r"(Float\d+|Decimal.*)", "real"),
    (r"(String|FixedString.*|UUID|JSON|Enum.*)", "text"),
    (r"DateTime(64)?(\(.*\))?", "instant"),
    (r"Date(32)?", "day"),
)

SETTINGS = {
    "session_timezone": "UTC",
    "join_use_nulls": 1,
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_decimals": 1,
    "max_query_size": 10_000_000,
}


class Words:
    """ClickHouse's dialect."""

    TEXT = "Nullable(String)"

    def quoted(self, name: str) -> str:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def literal(self, text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def whole(self, sql: str, kind: Kind) -> str:
        if kind == "whole":
            return f"accurateCastOrNull({sql}, 'Int64')"
        number = f"toFloat64OrNull(toString({sql}))"
        return f"CASE WHEN {number} = FLOOR({number}) THEN accurateCastOrNull({number}, 'Int64') END"

    def text(self, sql: str) -> str:
        return f"CAST({sql} AS Nullable(String))"

    def json(self, sql: str, path: Sequence[str]) -> str:
        at = ", ".join(self.literal(part) for part in path)
        raw = f"JSONExtractRaw(COALESCE(CAST({sql} AS Nullable(String)), ''), {at})"
        text = f"JSONExtractString(COALESCE(CAST({sql} AS Nullable(String)), ''), {at})"
        return f"CASE WHEN {raw} IN ('', 'null') THEN NULL WHEN startsWith({raw}, '\"') THEN {text} ELSE {raw} END"

    def epoch_us(self, sql: str, kind: Kind) -> str:
        return f"toUnixTimestamp64Micro(toDateTime64({sql}, 6, 'UTC'))"

    def iso_epoch_s(self, sql: str) -> str:
        return f"toUnixTimestamp64Second(parseDateTime64BestEffortOrNull({sql}, 0, 'UTC'))"

    def seconds(self, sql: str, kind: Kind, per_s: int) -> str:
        return f"accurateCastOrNull(FLOOR(toFloat64OrNull(toString({sql})) / {per_s}), 'Int64')"

    def real(self, sql: str) -> str:
        return f"toFloat64({sql})"

    def divided(self, sql: str, by: int) -> str:
        return f"intDiv({sql}, {by})"

    def position(self, sql: str, words: Sequence[str]) -> str:
        return ""

    def matches(self, sql: str, pattern: str) -> str:
        return f"match({sql}, {self.literal(pattern)})"

    def replaced(self, sql: str, pattern: str, by: str) -> str:
        return f"replaceRegexpOne({sql}, {self.literal(pattern)}, {self.literal(by)})"


DIALECT = Words()


@contextmanager
def opened(uri: str) -> Iterator[_Door]:
    """A door at a server, or at files that this process reads with ClickHouse's engine (chdb)."""
    if re.match(r"(clickhouse|https?)://", uri):
        with _server(uri) as door:
            yield door
    else:
        with _in_process(uri) as door:
            yield door


@contextmanager
def _server(uri: str) -> Iterator[_Door]:
    try:
        import clickhouse_connect
        from clickhouse_connect.driver.exceptions import Error
    except ImportError:
        raise _not_installed("ClickHouse's client is") from None
    address, table = urlsplit(uri), urlsplit(uri).fragment
    if not table:
        raise BadArgument("which table?", where=f"--from {uri}", hint="write clickhouse://HOST:8123/DB#TABLE")
    where = f"{address.hostname}:{address.port or 8123}#{table}"
    try:
        client = clickhouse_connect.get_client(
            host=address.hostname,
            port=address.port or (8443 if address.scheme == "https" else 8123),
            username=address.username or "default",
            password=address.password or os.environ.get(PASSWORD, ""),
            database=address.path.strip("/") or "default",
            secure=address.scheme == "https",
            query_retries=0,
            settings={"session_timezone": "UTC"},
        )
    except (Error, OSError) as error:
        raise EngineFailed(_short(error), where=where, hint=f"check the address, and {PASSWORD}") from error
    relation = ".".join(Words().quoted(part) for part in table.split("."))

    def ask(sql: str) -> bytes:
        settings = {key: value for key, value in SETTINGS.items() if key != "session_timezone"}
        return bytes(client.raw_query(sql, settings=settings, fmt="JSONCompactEachRow"))

    def tell(sql: str) -> None:
        client.command(sql)

    try:
        version = f"ClickHouse {client.server_version}"
        yield _Door(ask, tell, (Error, OSError), where, version, relation, Words().literal(where), "NULL", "TEMPORARY ")
    finally:
        client.close()


@contextmanager
def _in_process(uri: str) -> Iterator[_Door]:
    try:
        import chdb
    except ImportError:
        raise _not_installed("ClickHouse's engine is") from None
    if not any(mark in uri for mark in "*?{") and not re.match(r"\w+://", uri) and not Path(uri).exists():
        raise UnreadableInput("there is no such file or folder", where=uri, hint="check --from")
    path = f"{uri.rstrip('/')}/**/*.parquet" if Path(uri).is_dir() else uri
    engine: Any = import_module("chdb.session").Session()
    try:
        for key, value in SETTINGS.items():
            engine.query(f"SET {key} = {Words().literal(value) if isinstance(value, str) else value}")

        def ask(sql: str) -> bytes:
            return bytes(engine.query(sql, "JSONCompactEachRow").bytes())

        def tell(sql: str) -> None:
            engine.query(sql)

        relation = f"file({Words().literal(str(Path(path).absolute()))}, 'Parquet')"
        version = f"ClickHouse {chdb.engine_version} in this process"
        door = _Door(ask, tell, (RuntimeError, chdb.ChdbError), uri, version, relation, "_path", "_row_number", "")
        try:
            walls = door.wall_times(relation)
        except EngineFailed as error:
            raise _named(path, error) from error
        door.columns = dict(door.columns) | dict.fromkeys(walls, "wall")
        yield door
    finally:
        engine.close()


def _named(path: str, error: EngineFailed) -> EngineFailed | UnreadableInput:
    """The first file without Parquet's mark at its end: ClickHouse does not say which one it stumbled over."""
    whole = Path(path).absolute()
    for found in sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor)))):
        if found.read_bytes()[-4:] != b"PAR1":
            return UnreadableInput(
                error.what, where=str(found), hint="nothing was written; mend or leave out that file"
            )
    return error


def _not_installed(what: str) -> EngineFailed:
    hint = "pip install 'costbasis[clickhouse]'"
    return EngineFailed(f"{what} not installed", where="--engine clickhouse", hint=hint)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


class _Door:
    dialect = DIALECT

    def __init__(
        self, ask: Any, tell: Any, errors: Any, where: str, version: str, relation: str, place: str, row: str, kind: str
    ) -> None:
        self._ask, self._tell, self._errors, self._kind = ask, tell, errors, kind
        self.where, self.version, self.relation, self.place, self.row = where, version, relation, place, row
        self.columns: Mapping[str, Kind] = {
            name: next((kind for pattern, kind in KINDS if re.fullmatch(pattern, _bare(type_))), "other")
            for name, type_, *_ in self.query(f"DESCRIBE TABLE {relation}", 10_000)
        }

    def wall_times(self, files: str) -> list[str]:
        """The columns of Parquet files that hold times without a zone: ClickHouse reads both kinds as the same type."""
        metadata = files.removesuffix("'Parquet')") + "'ParquetMetadata')"
        sql = "SELECT DISTINCT arrayJoin(arrayFilter(c -> c.logical_type LIKE '%isAdjustedToUTC=false%', columns)).name"
        return [name for (name,) in self.query(f"{sql} FROM {metadata}", 10_000)]

    def load(self, name: str, types: SMALL_TYPES, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = ", ".join(f"{column} {'Int64' if kind is int else 'String'}" for column, kind in types.items())
        self._run(f"DROP {self._kind}TABLE IF EXISTS {name}")
        self._run(f"CREATE {self._kind}TABLE {name} ({columns}) ENGINE = Memory")
        for start in range(0, len(rows), 5_000):
            values = ", ".join(self._row(row) for row in rows[start : start + 5_000])
            self._run(f"INSERT INTO {name} VALUES {values}")

    def _row(self, row: tuple[Any, ...]) -> str:
        cells = (str(cell) if isinstance(cell, int) else self.dialect.literal(cell) for cell in row)
        return f"({', '.join(cells)})"

    def _run(self, sql: str) -> None:
        try:
            self._tell(sql)
        except self._errors as error:
            raise self._failed(error) from error

    def query(self, sql: str, most: int) -> list[tuple[Any, ...]]:
        limited = sql if sql.startswith("DESCRIBE") else f"SELECT * FROM ({sql}) LIMIT {most + 1}"
        try:
            lines = self._ask(limited).decode("utf-8").splitlines()
        except self._errors as error:
            raise self._failed(error) from error
        return [tuple(json.loads(line)) for line in lines if line]

    def _failed(self, error: Exception) -> EngineFailed | UnreadableInput:
        said = _short(error)
        named = re.search(r"(/[^\s,'\"():]+\.parquet)", str(error))
        if named and re.search(r"[Pp]arquet|INCORRECT_DATA|footer|CANNOT", said):
            return UnreadableInput(said, where=named.group(1), hint="nothing was written; mend or leave out that file")
        gone = isinstance(error, OSError) or re.search(r"Connection|Remote end|timed out|Incomplete", said)
        what = f"the connection was lost in mid-query ({said})" if gone else said
        hint = "nothing was written; run it again when the server is back" if gone else "nothing was written"
        return EngineFailed(what, where=f"ClickHouse, {self.where}", hint=hint)


def _bare(type_: str) -> str:
    """
    >>> _bare("LowCardinality(Nullable(String))"), _bare("Nullable(DateTime64(6, 'UTC'))")
    ('String', "DateTime64(6, 'UTC')")
    """
    while found := re.fullmatch(r"(?:Nullable|LowCardinality)\((.*)\)", type_):
        type_ = found.group(1)
    return type_
