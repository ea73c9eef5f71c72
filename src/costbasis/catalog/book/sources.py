"""Sources: who the facts come from, with licence and role; any citation of any table belongs to one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from costbasis.catalog.tables import read_csv


@dataclass(frozen=True, slots=True)
class BookSource:
    """A source. *rank*: the lower one goes first where two state a price. *role*: ``primary`` or ``evidence``.

    Evidence agrees or differs with a price; it makes one only for a model that no primary source knows.
    """

    source_id: str
    name: str
    kind: str
    licence: str
    url: str
    rank: int
    role: str
    matches: tuple[str, ...]
    note: str


@cache
def sources() -> dict[str, BookSource]:
    """Every source of the book by id."""
    return {
        row["source_id"]: BookSource(
            row["source_id"],
            row["name"],
            row["kind"],
            row["licence"],
            row["url"],
            int(row["rank"]),
            row["role"],
            tuple(row["matches"].split("|")),
            row["note"],
        )
        for row in read_csv("book/source.csv")
    }


def source_id_of(citation: str, known: Iterable[BookSource] | None = None) -> str:
    """The id of the source that a citation names, "" where it is a page of its own.

    >>> source_id_of("genai-prices 0.2.3 (PyPI)"), source_id_of("a newspaper")
    ('genai-prices', '')
    """
    for source in sources().values() if known is None else known:
        if citation.startswith(source.matches):
            return source.source_id
    return ""
