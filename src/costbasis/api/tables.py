"""The Python API on tables too large for a frame: priced and summed by an engine, where they lie."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

from costbasis.api.asking import Facts, Place, ask, words_of
from costbasis.api.result import Result
from costbasis.api.uses import Day


def value(
    data: Place | Any,
    *,
    mapping: Place = "plain",
    engine: str = "duckdb",
    by: str = "day",
    since: Day | None = None,
    until: Day | None = None,
    tz: str | None = None,
    basis: str | Sequence[str] | None = None,
    user_months: bool = False,
    duplicates: str | None = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> Result:
    """A table of requests, normalised, priced and summed by DuckDB, Spark or ClickHouse; estimates on its sums.

    *data*: a Parquet file, glob or folder, an address with its table (docs/scale.md), or a frame with an Arrow
    stream, which DuckDB reads. *mapping* says what the columns mean: "plain" for those of ``costbasis export``,
    another name that ships, or a TOML file. *by* may name two keys: "day,user". The fields are those of
    ``costbasis.value/1``.

    Errors: :class:`~costbasis.errors.BadArgument` for what a mapping or an engine is not;
    :class:`~costbasis.errors.UnreadableInput` for a table that cannot be read, or that no row of counts.

    >>> import costbasis, duckdb
    >>> calls = duckdb.sql('''select '2026-03-05T12:00:00Z' as time, 'claude-opus-4-6' as model,
    ...     1000 as input_tok, 500 as output_tok from range(3)''')
    >>> found = costbasis.value(calls, basis="list")
    >>> found.read.counted, found.total.bases.list_usd
    (3, Decimal('0.0525'))
    """
    options: dict[str, Any] = {
        "mapping": mapping,
        "engine": engine,
        "by": by,
        "since": since,
        "until": until,
        "tz": tz,
        "basis": basis if basis is None or isinstance(basis, str) else ",".join(basis),
        "user_months": user_months,
        "duplicates": duplicates,
        "strict": strict,
        **facts,
    }
    if isinstance(data, str | PathLike):
        return ask("value", **{"from": data}, **options)
    return _of_frame(data, options)


def _of_frame(frame: Any, options: dict[str, Any]) -> Result:
    """The frame as a Parquet file for as long as it is read; no command line makes it again."""
    import duckdb

    from costbasis.api.texts import text_of
    from costbasis.cli.parsed import parsed
    from costbasis.usage.frame import check_frame, register

    check_frame(frame, "costbasis.value", or_rows=False)
    with tempfile.TemporaryDirectory(prefix="costbasis-") as folder:
        path = Path(folder) / "frame.parquet"
        with duckdb.connect() as connection:
            register(connection, "frame", frame)
            connection.sql("select * from frame").write_parquet(str(path))
        words = words_of("value", (), {"from": path, **options})
        asked = parsed("value", words, where="costbasis.value")
        built = asked.build()
    built["engine"]["from"] = "a frame"
    return Result(built, command=None, text=text_of("value", built, asked.own))
