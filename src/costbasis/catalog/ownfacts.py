"""The facts that formulas look up by key: a row of ``facts.csv``, and the shape that an override of it may take."""

from __future__ import annotations

from typing import cast

from costbasis.catalog.fact import Fact
from costbasis.catalog.overrides import Override
from costbasis.catalog.tables import Row
from costbasis.quantity import Source
from costbasis.sampling import Shape


def own_fact(row: Row) -> Fact:
    """The fact of one row."""
    source = Source(
        row["source"], row["place"], row["trust"], row["status"], row["interest"], row["as_of"], row["note"]
    )
    low, mid, high = (float(row[end]) if row[end] else None for end in ("low", "mid", "high"))
    return Fact(row["key"], row["unit"], low, mid, high, source, row["note"], shape=cast(Shape, row["shape"]))


def free_shape(fact: Fact, over: Override) -> Shape:
    """The shape of a range set on an exact fact: a share, zero, or a positive number."""
    if fact.unit == "frac":
        return "bounded"
    return "exact" if over.low == over.high == 0 else "positive"
