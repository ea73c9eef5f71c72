"""Requests in a frame of somebody's own (pandas, Polars, Arrow, a list of rows), taken in as a ledger in memory.

Any frame that speaks Arrow's C stream (``__arrow_c_stream__``) is read by DuckDB, whatever made it. The columns are
those that ``costbasis export`` writes. A row that cannot be counted is named and refuses the frame: nothing is dropped.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from costbasis.catalog import Catalog
from costbasis.errors import BadArgument, nearest, one_of
from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.ledger.dedupe import better
from costbasis.usage.ledger.filing import Filing
from costbasis.usage.ledger.ledger import Ledger
from costbasis.usage.ledger.readfile import Job, JobResult
from costbasis.usage.ledger.seen import rows_of
from costbasis.usage.ledger.told import Counted, usage_sha256
from costbasis.usage.pricing.cells import PriceWarning
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import price_usage
from costbasis.usage.reading import Reading, day_of
from costbasis.usage.whatif import recached

TOKENS = tuple(TokenCounts._fields)
COUNTS = (*TOKENS, "web_searches")
TEXTS = ("request_id", "session", "agent", "agent_id", "project", "provider", "mode", "geo")
REQUIRED = ("time", "model", "input_tok", "output_tok")
COLUMNS = ("time", "model", *COUNTS, *TEXTS)
"""What is read of a frame. Other columns are left alone, unless they look like a count of tokens."""

NAME = "frame"
"""What a row's address begins with: ``frame:17`` is the 17th row."""

HINT = "the columns are those of costbasis export: docs/python.md lists them"


class ArrowStream(Protocol):
    """A frame that hands its rows over as an Arrow C stream (the PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The capsule."""
        ...


Frame = ArrowStream | Sequence[Mapping[str, Any]]


def read_frame(frame: Frame, catalog: Catalog, wanted: Grouping, as_of: date) -> Reading:
    """The requests of a frame, priced as those of a log are.

    Rows of one ``request_id`` are one request, and a warning says how many there were. Times without a zone are UTC.

    Errors: :class:`~costbasis.errors.BadArgument` for a column that is missing, and for rows that cannot be counted,
    with the first of them; those of :func:`~costbasis.usage.pricing.pricing.price_usage`.
    """
    events = _events(frame)
    with _ledger(events.values()) as connection:
        priced = price_usage(connection, PriceBook.from_catalog(catalog), wanted)
        told = Counted(usage_sha256(connection))
    cells, asked = recached(priced.cells, catalog, as_of)
    again = sum(event.lines - 1 for event in events.values())
    first_again = next((event.origin for event in events.values() if event.lines > 1), "")
    twice = PriceWarning("duplicate rows", again, first_again, "rows of one request_id count once")
    return Reading(
        wanted,
        cells,
        priced.unpriced,
        skipped={},
        warnings=[*asked, *priced.warnings, *([twice] if again else [])],
        first=day_of(priced.first_time_ms, wanted.tz),
        last=day_of(priced.last_time_ms, wanted.tz),
        as_of=as_of,
        told=told,
        counted_from="the frame given",
    )


def _events(frame: Frame) -> dict[str, UsageEvent]:
    events: dict[str, UsageEvent] = {}
    for row in _rows(frame):
        event = _event(row)
        earlier = events.get(event.request_key)
        events[event.request_key] = event if earlier is None else better(earlier, event)
    return events


def _event(row: Mapping[str, Any]) -> UsageEvent:
    """A row without a session is a conversation of its own: nobody knows what followed it."""
    place, given = row["row"], row["request_id"]
    return UsageEvent(
        counts=TokenCounts(*(int(row[name]) for name in TOKENS)),
        model=row["model"],
        provider=row["provider"] or "",
        mode=row["mode"] or "standard",
        geo=row["geo"] or "",
        time_ms=row["time_ms"],
        web_searches=int(row["web_searches"]),
        session=row["session"] or "unknown",
        agent_id=(row["agent_id"] or "") if row["session"] else f"row {place}",
        project=row["project"] or "unknown",
        agent=row["agent"] or "unknown",
        request_key=given or f"row {place}",
        key_rule="request_id" if given else "row",
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=place,
        origin=f"{NAME}:{place}",
    )


@contextmanager
def _ledger(events: Iterable[UsageEvent]) -> Iterator[sqlite3.Connection]:
    ledger = Ledger(Path(":memory:"), [], keep_history=False)
    try:
        with ledger.transaction():
            filing = Filing(ledger.connection)
            filing.file(JobResult(Job(NAME, NAME, NAME, 0, 0), reader=NAME, rows=rows_of(events)))
            filing.count()
        yield ledger.connection
    finally:
        ledger.close()


def _rows(frame: Frame) -> Iterator[dict[str, Any]]:
    """The rows, each count a whole number from 0 on, each time in milliseconds."""
    import duckdb

    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        try:
            names = _take_in(db, frame)
            _check_columns(names)
            db.execute(f"CREATE TEMP TABLE said AS SELECT row, {', '.join(_said(names))} FROM taken ORDER BY row")
        except duckdb.Error as error:
            what = str(error).partition("\n")[0].removeprefix("Conversion Error: ").removeprefix("Binder Error: ")
            raise BadArgument(f"cannot be read: {what}", where=NAME, hint=HINT) from error
        _check_rows(db)
        found = db.execute("SELECT * FROM said ORDER BY row")
        columns = [column[0] for column in found.description]
        while many := found.fetchmany(10_000):
            yield from (dict(zip(columns, row, strict=True)) for row in many)


def _take_in(db: Any, frame: Frame) -> list[str]:
    """Make the table ``taken`` of all that the frame holds, its rows numbered from 1; the names of its columns."""
    if hasattr(frame, "__arrow_c_stream__"):
        register(db, "given", frame)
        db.execute("CREATE TEMP TABLE taken AS SELECT row_number() OVER () AS row, * FROM given")
    else:
        names = list(dict.fromkeys(name for row in frame for name in row))
        quoted = [f"{_quoted(name)} VARCHAR" for name in names]
        db.execute(f"CREATE TEMP TABLE taken (row BIGINT{''.join(f', {one}' for one in quoted)})")
        rows = [[place, *(_text(row.get(name)) for name in names)] for place, row in enumerate(frame, 1)]
        if rows:
            db.executemany(f"INSERT INTO taken VALUES (?{', ?' * len(names)})", rows)
    return [row[0] for row in db.execute("DESCRIBE taken").fetchall()][1:]


def check_frame(data: object, where: str, *, or_rows: bool) -> None:
    """That *data* is a frame, or a list of rows where that will do.

    Errors: :class:`~costbasis.errors.BadArgument` for anything else; a lazy frame has no rows yet.
    """
    is_rows = isinstance(data, list | tuple) and all(isinstance(row, Mapping) for row in data)
    if not hasattr(data, "__arrow_c_stream__") and not (or_rows and is_rows):
        hint = f"a path{', a list of mappings' if or_rows else ''} or a frame (pandas, Polars, pyarrow, DuckDB)"
        if hasattr(data, "collect"):
            hint = "call its .collect() first"
        raise BadArgument(f"{type(data).__name__} is no frame of rows", where=where, hint=hint)


def register(db: Any, name: str, frame: Any) -> None:
    """Make *frame* a table of DuckDB's, whatever library it is of. Rows are read when the table is."""
    is_pandas = type(frame).__module__.partition(".")[0] == "pandas"  # DuckDB knows it, even without pyarrow
    db.register(name, frame if is_pandas else _Stream(frame))


class _Stream:
    """A frame as nothing but its Arrow stream, so that DuckDB asks for no library of the frame's maker."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _check_columns(names: Sequence[str]) -> None:
    if not names:
        raise BadArgument("there are no rows in it", where=NAME, hint=HINT)
    for name in REQUIRED:
        if name not in names:
            close = nearest(name, [one for one in names if one not in COLUMNS])
            guess = f"; rename {one_of(close)} to it?" if close else ""
            has = ", ".join(names[:20]) or "no column"
            raise BadArgument(f'there is no column "{name}"{guess}', where=NAME, hint=f"it has {has}; {HINT}")
    strange = [name for name in names if name not in COLUMNS and "tok" in name.lower()]
    if strange:
        what = f'column "{strange[0]}" seems to count tokens, and is none that is read'
        known = one_of(nearest(strange[0], COUNTS)) or ", ".join(COUNTS)
        raise BadArgument(what, where=NAME, hint=f"rename it ({known}?) or drop it; reasoning_tok is a part of output")


def _said(names: Sequence[str]) -> list[str]:
    counts = [
        f"TRY_CAST({_quoted(name)} AS DOUBLE) AS {name}_given, TRY_CAST({_quoted(name)} AS BIGINT) AS {name}"
        if name in names
        else f"0.0 AS {name}_given, 0 AS {name}"
        for name in COUNTS
    ]
    texts = [f"CAST({_quoted(name)} AS VARCHAR) AS {name}" if name in names else f"NULL AS {name}" for name in TEXTS]
    return [
        "epoch_ms(TRY_CAST(time AS TIMESTAMPTZ)) AS time_ms",
        "CAST(model AS VARCHAR) AS model",
        *counts,
        *texts,
    ]


def _check_rows(db: Any) -> None:
    faults = {"no time that can be read": "time_ms IS NULL", "no model": "coalesce(model, '') = ''"}
    for name in COUNTS:
        faults[f"no number in {name} (fill in 0 where there was none)"] = f"{name}_given IS NULL OR isnan({name}_given)"
        faults[f"a negative {name}"] = f"{name}_given < 0"
        faults[f"no whole number of 64 bits in {name}"] = f"{name} IS NULL OR {name} != {name}_given"
    faults["more reasoning_tok than output_tok, which holds it"] = "reasoning_tok > output_tok"
    for fault, condition in faults.items():
        count, first = db.execute(f"SELECT count(*), min(row) FROM said WHERE {condition}").fetchall()[0]
        if count:
            rows = "a row has" if count == 1 else f"{count:,} rows have"
            raise BadArgument(f"{rows} {fault}", where=f"{NAME}:{first}", hint="correct or leave out such rows")
