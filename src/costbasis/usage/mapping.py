"""Mappings: which columns of somebody's table are a request's time, model, user and tokens, as a TOML file.

A mapping says what a table means once; ``costbasis value`` reads warehouses through it, ``costbasis import`` files.
:mod:`costbasis.usage.mappingfile` reads and writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from costbasis.errors import BadMapping, nearest, one_of

TOKEN_FIELDS = (
    "input",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_unknown",
    "cache_read",
    "output",
    "reasoning",
)
"""Counts of tokens. Which of them a column of the table includes in another, the mapping says."""

COUNT_FIELDS = (*TOKEN_FIELDS, "web_searches")

TEXT_FIELDS = (
    "model",
    "user",
    "api_key",
    "project",
    "team",
    "session",
    "request_id",
    "mode",
    "geo",
    "provider",
    "agent",
)

FIELDS = ("time", *TEXT_FIELDS, *COUNT_FIELDS, "billed_usd")
"""What a mapping can name. ``billed_usd`` is what the table itself says was charged; no value rests on it."""

REQUIRED = ("time", "model", "output")

CACHE_FIELDS = ("cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read")

TIME_UNITS = {"timestamp": 0, "s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
"""How a time is written, and so many in a second. ``timestamp``: a time type or ISO text; others: epoch numbers."""

VALUE_FIELDS = ("model", "mode", "geo")
"""Fields whose values can be given another name: ``[values.mode]``."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table, or what lies at *path* in a column that holds JSON.

    >>> Column("metadata", ("usage", "cached"))
    Column(name='metadata', path=('usage', 'cached'))
    """

    name: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.name, *self.path))


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What the columns of a table mean.

    *columns*: a field to the columns it may be in, the first that is not null counts. *input_includes*: which of
    ``CACHE_FIELDS`` the input count holds too. *output_includes_reasoning*: whether output counts reasoning.
    *optional*: fields whose columns a table may lack; any other column that is named must be there.
    *time_unit*: of ``TIME_UNITS``. *timezone*: IANA name of the zone of times that carry none, "" where such a time
    is to be refused. *tokens_per_unit*: 1, or 1000 where the table counts thousands. *values*: a field of
    ``VALUE_FIELDS`` to what its values are called in the catalogue.
    """

    name: str
    columns: Mapping[str, tuple[Column, ...]]
    says: str = ""
    source: str = ""
    input_includes: frozenset[str] = frozenset()
    output_includes_reasoning: bool = True
    optional: frozenset[str] = frozenset()
    time_unit: str = "timestamp"
    timezone: str = ""
    tokens_per_unit: int = 1
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns of the table that the mapping reads, each once."""
        return list(dict.fromkeys(column.name for found in self.columns.values() for column in found))

    def named(self, kind: str, value: str) -> str:
        """What a value of a field is called in the catalogue: itself, unless the mapping says otherwise."""
        return self.values.get(kind, {}).get(value, value)


def check_columns(mapping: TableMapping, present: Iterable[str], where: str) -> None:
    """Refuse a table that lacks a column of the mapping, naming each and the nearest one that is there.

    A field that may be in several columns needs one of them, an optional one none.

    Errors: :class:`~costbasis.errors.BadMapping`.
    """
    known = list(present)
    for kind, columns in mapping.columns.items():
        if kind in mapping.optional or any(column.name in known for column in columns):
            continue
        wanted = one_of(column.name for column in columns)
        close = [name for column in columns for name in nearest(column.name, known)]
        guess = f"; did you mean {one_of(dict.fromkeys(close))}?" if close else ""
        raise BadMapping(
            f'mapping "{mapping.name}": the table has no column {wanted} for {kind}{guess}',
            where=where,
            hint=f"it has {', '.join(known[:20])}{', …' if len(known) > 20 else ''}; correct [columns] of the mapping",
        )


def present_columns(mapping: TableMapping, present: Iterable[str]) -> dict[str, tuple[Column, ...]]:
    """The fields that a table with these columns has, each with the columns of the mapping that are there."""
    known = set(present)
    found = {
        kind: tuple(column for column in columns if column.name in known) for kind, columns in mapping.columns.items()
    }
    return {kind: columns for kind, columns in found.items() if columns}
