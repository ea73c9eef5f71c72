"""The statement that prices a table, as text to run elsewhere, with its small tables written into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costbasis.errors import BadArgument, EngineFailed
from costbasis.usage import engines
from costbasis.usage.mapping import TableMapping
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.warehouse.door import SMALL_TYPES, Dialect, Door, Engine, Kind
from costbasis.usage.warehouse.names import Extent
from costbasis.usage.warehouse.priced import Ask, Run, frozen, keys_of, over
from costbasis.usage.warehouse.smalltables import Wanted, small_tables
from costbasis.usage.warehouse.source import source_sql

COMPILED = ("bigquery", "databricks", "postgres", "redshift", "snowflake", "trino")
"""Dialects whose text is compiled from DuckDB's and parsed again, but was not run here: no such server is at hand."""


@dataclass
class _Written:
    """A table whose small tables are written down instead of loaded; *columns* are the real table's."""

    columns: Mapping[str, Kind]
    dialect: Dialect
    relation: str
    where: str
    version: str = "text"
    place: str = "NULL"
    row: str = "NULL"
    tables: dict[str, str] = field(default_factory=dict)

    def load(self, name: str, types: SMALL_TYPES, rows: Sequence[tuple[Any, ...]]) -> None:
        parts: list[str] = []
        for row in rows:
            cells = [str(cell) if isinstance(cell, int) else self.dialect.literal(cell) for cell in row]
            if not parts:  # the first row says how wide the columns are
                wide = zip(cells, types.values(), strict=True)
                cells = [self.dialect.whole(cell, "whole") if kind is int else cell for cell, kind in wide]
            named = (f"{cell} AS {column}" for cell, column in zip(cells, types, strict=True))
            parts.append(f"SELECT {', '.join(named)}")
        self.tables[name] = "\nUNION ALL ".join(parts)


def emitted(
    engine: Engine, uri: str, mapping: TableMapping, book: PriceBook, ask: Ask, dialect: str, say: Callable[[str], None]
) -> str:
    """The statement for *dialect*: an engine's own text, or one of ``COMPILED``. The table is looked at for its models.

    Errors: :class:`~costbasis.errors.BadArgument` for a dialect that is not known, and those of pricing.
    """
    known = (*engines.names(), *COMPILED)
    if dialect not in known:
        raise BadArgument(f'no SQL for "{dialect}"', where="--emit-sql", hint=f"one of {', '.join(known)}")
    time_key, grouped = keys_of(ask.by)
    with engine.opened(uri) as door:
        say(f"{door.version}: what there is to price")
        extent = Run(engine, door, mapping, ask).extent()
        return _text(engine, door, mapping, book, extent, Wanted(time_key, ask.wanted.tz), grouped, dialect)


def _text(
    engine: Engine,
    door: Door,
    mapping: TableMapping,
    book: PriceBook,
    extent: Extent,
    wanted: Wanted,
    grouped: str,
    dialect: str,
) -> str:
    native = dialect if dialect in engines.names() else "duckdb"
    other = engines.find(native)
    same = native == engine.NAME and native == dialect
    relation = door.relation if same else "requests"
    to = _Written(door.columns, door.dialect if same else other.DIALECT, relation, door.where)
    tables = small_tables(extent, mapping, book, wanted)
    tables.load(to)
    small = ",\n".join(f"{name} AS (\n{rows}\n)" for name, rows in to.tables.items() if rows)
    body = over(frozen(other.SQL, "table_cells"), source_sql(to, mapping, grouped or None, keyed=tables.keyed))
    sql = f"WITH {small}\n{body}".rstrip()
    if native != dialect:
        sql = compiled(sql, dialect)
    said = "run by our tests" if native == dialect else "compiled and parsed by our tests, never run by them"
    return f"-- costbasis value --emit-sql {dialect}; {said}; the table is {relation}\n{sql};\n"


def compiled(sql: str, dialect: str) -> str:
    """DuckDB's text in another dialect.

    Errors: :class:`~costbasis.errors.EngineFailed` where the library that does it is not installed.
    """
    try:
        import sqlglot
    except ImportError:
        hint = "pip install 'costbasis[scale]'"
        raise EngineFailed("sqlglot is not installed", where="--emit-sql", hint=hint) from None
    (text,) = sqlglot.transpile(sql, read="duckdb", write=dialect, pretty=True)
    return text
