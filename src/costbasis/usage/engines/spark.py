"""Spark: Parquet or a catalogue's table, in a local JVM or on a cluster (``spark://HOST:7077#TABLE or PATH``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from costbasis.errors import BadArgument, EngineFailed, UnreadableInput
from costbasis.usage.warehouse.door import SMALL_TYPES, Kind

NAME = "spark"
SQL = "spark"

KINDS: tuple[tuple[str, Kind], ...] = (
    (r"(tiny|small|big)?int", "whole"),
    (r"(double|float|decimal.*)", "real"),
    (r"string", "text"),
    (r"timestamp", "instant"),
    (r"timestamp_ntz", "wall"),
    (r"date", "day"),
)

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.ui.showConsoleProgress": "false",
}
"""What the frozen SQL relies on: UTC, and an error where a number does not fit, whatever the cluster's own settings."""

LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}


class Words:
    """Spark's dialect."""

    TEXT = "STRING"

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def literal(self, text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def whole(self, sql: str, kind: Kind) -> str:
        if kind == "whole":
            return f"CAST({sql} AS BIGINT)"
        number = f"TRY_CAST({sql} AS DOUBLE)"
        return f"CASE WHEN {number} = FLOOR({number}) THEN TRY_CAST({number} AS BIGINT) END"

    def text(self, sql: str) -> str:
        return f"CAST({sql} AS STRING)"

    def json(self, sql: str, path: Sequence[str]) -> str:
        inner = "".join(f"['{part}']" for part in path)
        return f"get_json_object({sql}, {self.literal(f'${inner}')})"

    def epoch_us(self, sql: str, kind: Kind) -> str:
        return f"UNIX_MICROS(CAST({sql} AS TIMESTAMP))"

    def iso_epoch_s(self, sql: str) -> str:
        # Spark reads no time to the minute that has a zone
        whole = self.replaced(sql, "([T ][0-9]{2}:[0-9]{2})(Z|[+-].*)?$", "$1:00$2")
        return f"CAST(TRY_CAST({whole} AS TIMESTAMP) AS BIGINT)"

    def seconds(self, sql: str, kind: Kind, per_s: int) -> str:
        return f"TRY_CAST(FLOOR(TRY_CAST({sql} AS DOUBLE) / {per_s}) AS BIGINT)"

    def real(self, sql: str) -> str:
        return f"CAST({sql} AS DOUBLE)"

    def divided(self, sql: str, by: int) -> str:
        return f"({sql} DIV {by})"

    def position(self, sql: str, words: Sequence[str]) -> str:
        return ""

    def matches(self, sql: str, pattern: str) -> str:
        return f"({sql} RLIKE {self.literal(pattern)})"

    def replaced(self, sql: str, pattern: str, by: str) -> str:
        return f"REGEXP_REPLACE({sql}, {self.literal(pattern)}, {self.literal(by)})"


DIALECT = Words()


@contextmanager
def opened(uri: str) -> Iterator[_Door]:
    """A door in the session that is running in this process, else in one that is started and stopped again."""
    master, what = _parts(uri)
    session, is_ours = session_of(master, uri)
    try:
        door = _Door(session, uri)
        door.open(what)
        yield door
    finally:
        if is_ours:
            _stop(session)


def _parts(uri: str) -> tuple[str, str]:
    """
    >>> _parts("spark://host:7077#db.requests"), _parts("local[4]#/data"), _parts("/data/*.parquet")
    (('spark://host:7077', 'db.requests'), ('local[4]', '/data'), ('local[*]', '/data/*.parquet'))
    """
    if re.match(r"(spark://|k8s://|yarn\b|local\b)", uri):
        master, _, what = uri.partition("#")
        if not what:
            raise BadArgument("which table or path?", where=f"--from {uri}", hint=f"write {master}#TABLE or #PATH")
        return master, what
    return "local[*]", uri


def session_of(master: str, uri: str) -> tuple[Any, bool]:
    """The session of this process, and whether it was started by this call."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        what = "Spark's Python library is not installed"
        raise EngineFailed(what, where="--engine spark", hint="pip install 'costbasis[scale]'") from None
    running = SparkSession.getActiveSession()
    if running is not None:
        return running, False
    builder = SparkSession.builder.master(master).appName("costbasis")
    for key, value in (LOCAL if master.startswith("local") else {}).items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate(), True
    except Exception as error:  # a JVM that does not start says so in many classes
        said = " ".join(str(error).split())[:200]
        hint = "install a Java 17 runtime (openjdk-17-jre-headless), or check the master's address"
        raise EngineFailed(f"no Spark session could be started: {said}", where=uri, hint=hint) from error


def _stop(session: Any) -> None:
    """Stop a session; one whose JVM is gone is stopped already."""
    try:
        session.stop()
    except Exception:  # py4j's own classes, and sockets'
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

        SparkContext._active_spark_context = None
        SparkContext._gateway = SparkContext._jvm = None
        SparkSession._instantiatedSession = None


class _Door:
    dialect = DIALECT

    def __init__(self, session: Any, where: str) -> None:
        self._spark, self.where = session, where
        self.version = f"Spark {session.version}"
        self.relation = self.place = self.row = ""
        self.columns: Mapping[str, Kind] = {}
        for key, value in SETTINGS.items():
            if not key.startswith("spark.ui"):
                session.conf.set(key, value)

    def open(self, what: str) -> None:
        """Find the table or the files, and its columns."""
        if "/" in what or what.endswith(".parquet"):
            if not re.match(r"\w+://", what) and not any(mark in what for mark in "*?[{") and not Path(what).exists():
                raise UnreadableInput("there is no such file or folder", where=what, hint="check --from")
            self.relation = "costbasis_files"
            self.place, self.row = "costbasis_place", "costbasis_row"
            frame = self._call(lambda: self._reader().parquet(what))
            where = ("_metadata.file_path AS costbasis_place", "_metadata.row_index AS costbasis_row")
            self._call(lambda: frame.selectExpr("*", *where).createOrReplaceTempView(self.relation))
        else:
            self.relation = ".".join(self.dialect.quoted(part) for part in what.split("."))
            self.place, self.row = self.dialect.literal(what), "CAST(NULL AS BIGINT)"
            frame = self._call(lambda: self._spark.table(what))
        self.columns = {
            field.name: next((kind for p, kind in KINDS if re.fullmatch(p, field.dataType.simpleString())), "other")
            for field in frame.schema.fields
        }

    def _reader(self) -> Any:
        return self._spark.read.option("recursiveFileLookup", "true").option("mergeSchema", "true")

    def load(self, name: str, types: SMALL_TYPES, rows: Sequence[tuple[Any, ...]]) -> None:
        fields = ", ".join(f"{column}: {'BIGINT' if kind is int else 'STRING'}" for column, kind in types.items())
        text = self.dialect.literal(json.dumps([dict(zip(types, row, strict=True)) for row in rows]))
        # as a constant, so that no worker has to unpickle it; Spark would shuffle a whole table to join one it knows
        # nothing of
        sql = f"SELECT inline(from_json({text}, 'ARRAY<STRUCT<{fields}>>'))"
        self._call(lambda: self._spark.sql(sql).hint("broadcast").createOrReplaceTempView(name))

    def query(self, sql: str, most: int) -> list[tuple[Any, ...]]:
        rows = self._call(lambda: self._spark.sql(sql).limit(most + 1).collect())
        return [tuple(int(cell) if isinstance(cell, Decimal) else cell for cell in row) for row in rows]

    def _call(self, work: Any) -> Any:
        try:
            return work()
        except Exception as error:  # py4j's, pyspark's and sockets' classes have nothing else in common
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> EngineFailed | UnreadableInput:
        said = " ".join(str(error).split())
        named = re.search(r"(?:file:)?(/[^\s,'\"]+\.parquet)", said)
        if named and re.search(r"FAILED_READ_FILE|CANNOT_READ_FILE|not a Parquet file|footer", said):
            what = "not a Parquet file that can be read"
            return UnreadableInput(what, where=named.group(1), hint="nothing was written; mend or leave out that file")
        # Py4JError itself, and not one that Java raised, is a gateway that did not answer
        kind = type(error).__name__
        gone = isinstance(error, ConnectionError | EOFError) or kind in ("Py4JNetworkError", "Py4JError")
        what = "the connection to Spark was lost in mid-query" if gone or "Py4JNetworkError" in said else said[:300]
        hint = "nothing was written; run it again when Spark is back" if gone else "nothing was written"
        return EngineFailed(what, where=f"Spark, {self.where}", hint=hint)
