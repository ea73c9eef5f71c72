"""What the book said on a day: the statements that had been seen by then, compiled as the whole book is.

Valid time (from when to when a price holds) is asked for with ``--as-of``; this is the other time, that of knowledge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from costbasis.catalog.book.compiled import compile_offers, compile_retail, read_book
from costbasis.catalog.book.laying import compile_over
from costbasis.catalog.book.overlay import Overlay, read_overlay
from costbasis.catalog.book.statement import Statement


def laid_over(own_book: Path | None, day: date | None) -> Overlay:
    """What lies over the tables that ship: the user's own book if there is one, as known on *day* if there is one.

    Errors: :class:`~costbasis.errors.BadCatalogue` for a file that is no book.
    """
    own = read_overlay(own_book) if own_book and own_book.exists() else Overlay()
    return own if day is None else known_on(day, own)


def known_on(day: date, overlay: Overlay) -> Overlay:
    """The book that ships and the user's own, without what was first seen after *day*, laid over the whole tables.

    Holds: a statement is known from the day that the book says its source was *observed*. A source that corrects
    itself makes a new statement, so the old telling is still there to be known. Tables other than prices stay.
    """
    shipped = read_book()
    kept = _seen(shipped, day)
    own = _seen(overlay.statements, day)
    known = Overlay(compiled=compile_over(own, kept))
    whole = {
        "retail": tuple(known.lay("retail", compile_retail(kept))),
        "offer": tuple(known.lay("offer", compile_offers(kept))),
    }
    identity = hashlib.sha256(f"{overlay.sha256} known on {day}".encode()).hexdigest()
    left_out = len(shipped) + len(overlay.statements) - len(kept) - len(own)
    every = tuple(dict.fromkeys(one.model for one in (*shipped, *overlay.statements)))
    return replace(
        overlay, statements=tuple(own), compiled=whole, sha256=identity, known_on=day, unseen=left_out, models=every
    )


def _seen(statements: Iterable[Statement], day: date) -> list[Statement]:
    return [one for one in statements if one.observed <= day.isoformat()]


def first_seen(model: str) -> date | None:
    """The day from which the book that ships knows a price of a model; None where it never does."""
    days = [one.observed for one in read_book() if one.model == model]
    return date.fromisoformat(min(days)) if days else None
