"""Who the catalogue rests on: sources with licence, dates, trust and facts, and names that nobody has mapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from costbasis.catalog.book.overlay import Overlay
from costbasis.catalog.book.sources import BookSource, source_id_of, sources
from costbasis.catalog.fact import Fact
from costbasis.catalog.models.names import Names
from costbasis.catalog.tables import Row, read_csv, schemas

PAGE = "page"


@dataclass
class Standing:
    """One source: how many facts rest on it, in which tables, seen from when to when, and of which trust."""

    source_id: str
    name: str
    kind: str
    licence: str
    url: str
    note: str
    facts: int = 0
    first: str = ""
    last: str = ""
    tables: Counter[str] = field(default_factory=Counter)
    trust: Counter[str] = field(default_factory=Counter)

    def add(self, fact: Fact) -> None:
        """Count a fact that rests on it."""
        self.facts += 1
        self.tables[fact.key.partition("/")[0]] += 1
        self.trust[fact.source.trust] += 1
        day = fact.source.as_of
        self.first = min(self.first or day, day)
        self.last = max(self.last, day)


def standings(facts: Iterable[Fact]) -> list[Standing]:
    """Every source that a fact rests on, the one with the most facts first. A page of its own is its citation."""
    found: dict[str, Standing] = {}
    known = sources()
    for fact in facts:
        citation = fact.source.citation
        source_id = source_id_of(citation)
        key = source_id or citation
        if key not in found:
            found[key] = _standing(known[source_id]) if source_id else _page(fact, citation)
        found[key].add(fact)
    return sorted(found.values(), key=lambda one: (-one.facts, one.name))


def _standing(source: BookSource) -> Standing:
    return Standing(source.source_id, source.name, source.kind, source.licence, source.url, source.note)


def _page(fact: Fact, citation: str) -> Standing:
    kind = fact.key.partition("/")[0]
    licence = schemas()[kind]["licence"] if kind in schemas() else "facts of public pages and filings"
    return Standing("", citation, PAGE, licence, "", "")


def review(overlay: Overlay, names: Names) -> list[Row]:
    """Names of models that upstreams use and that no alias knows: a person has to say what they are."""
    rows = {(row["raw_name"], row["seller"]): row for row in [*read_csv("book/review.csv"), *overlay.review]}
    return [rows[raw, seller] for raw, seller in sorted(rows) if not names.choices(raw, provider=seller)]
