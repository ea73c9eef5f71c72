"""The facts that formulas look up by key: a row of ``facts.csv``, and the shape that an override of it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from costbasis.catalog.fact import Fact
from costbasis.catalog.overrides import Override
from costbasis.catalog.tables import Row
from costbasis.errors import BadCatalogue
from costbasis.source import Source

if TYPE_CHECKING:  # which bring numpy along
    from costbasis.sampling import Shape


def own_fact(row: Row) -> Fact:
    """The fact of one row."""
    source = Source(
        row["source"], row["place"], row["trust"], row["status"], row["interest"], row["as_of"], row["note"]
    )
    low, mid, high = (float(row[end]) if row[end] else None for end in ("low", "mid", "high"))
    return Fact(row["key"], row["unit"], low, mid, high, source, row["note"], shape=cast("Shape", row["shape"]))


def free_shape(fact: Fact, over: Override) -> Shape:
    """The shape of a range set on an exact fact: a share, zero, or a positive number."""
    if fact.unit == "frac":
        return "bounded"
    return "exact" if over.low == over.high == 0 else "positive"


def laid_over(fact: Fact, over: Override | None) -> Fact:
    """The fact as a user set it, or as it is where nobody did.

    Errors: :class:`~costbasis.errors.BadCatalogue` for a value out of the fact's bounds.
    """
    if over is None:
        return fact
    from costbasis.sampling import Spread

    bounds: Shape = free_shape(fact, over) if fact.shape == "exact" else fact.shape
    try:
        Spread(bounds, over.low, over.mid, over.high)
    except BadCatalogue as error:
        raise BadCatalogue(error.what, where=fact.key, hint="mid must lie in low..high, a share in 0..1") from error
    shape: Shape = "exact" if over.is_exact else bounds
    source = Source("set by the user", place="--set or scenario", trust=fact.source.trust, status="override")
    return Fact(fact.key, fact.unit, over.low, over.mid, over.high, source, fact.note, shape=shape)
