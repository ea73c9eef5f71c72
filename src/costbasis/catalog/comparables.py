"""Comparables: the open models that stand in for a proprietary one, by name pattern and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from costbasis.catalog.tables import Row


@dataclass(frozen=True, slots=True)
class Comparable:
    """An open model that stands in for a proprietary one, and its weight."""

    model: str
    weight: float


def comparables_on(rows: Sequence[Row], model: str, as_of: date) -> list[Comparable]:
    """The open models that stand in for *model* on a day; none where no row names it.

    A small-tier row goes before a large-tier one that matches too (``gpt-*-mini`` before ``gpt-5*``).
    """
    day = as_of.isoformat()
    valid = [row for row in rows if row["valid_from"] <= day < (row["valid_to"] or "9999")]
    matching = [row for row in valid if any(fnmatchcase(model, pattern) for pattern in row["models"].split())]
    small = [row for row in matching if row["tier"] == "small"]
    best = {row["comparable"]: Comparable(row["comparable"], float(row["weight"])) for row in small or matching}
    return list(best.values())
