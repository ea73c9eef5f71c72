"""Lays new statements over the book that ships: compiles the models and series they touch, and only those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from costbasis.catalog.book.compiled import compile_offers, compile_retail, read_book
from costbasis.catalog.book.statement import Statement
from costbasis.catalog.tables import Row


def compile_over(added: Sequence[Statement], book: Sequence[Statement] | None = None) -> dict[str, tuple[Row, ...]]:
    """The rows of ``retail`` and ``offer`` that stand in the place of those of the touched models and series.

    *book*: what they are laid over, the whole book that ships where not given.
    """
    book = [*(read_book() if book is None else book), *added]
    listed = {(one.model, one.service_tier) for one in added if one.route == "list"}
    hosted = {one.series for one in added if one.route != "list"}
    retail = compile_retail(one for one in book if (one.model, one.service_tier) in listed and one.route == "list")
    offers = compile_offers(_chained(one for one in book if one.series in hosted))
    return {"retail": tuple(retail), "offer": tuple(offers)}


def _chained(statements: Iterable[Statement]) -> list[Statement]:
    """Every series with its segments ended by the next; of two tellings of a segment the newer one counts."""
    by_series: dict[tuple[str, ...], dict[str, Statement]] = {}
    for one in sorted(statements, key=lambda one: one.observed):
        by_series.setdefault(one.series, {})[one.valid_from] = one
    found = []
    for segments in by_series.values():
        ordered = [segments[start] for start in sorted(segments)]
        for one, following in pairwise(ordered):
            is_open = not one.valid_to or one.valid_to > following.valid_from
            found.append(one.until(following.valid_from) if is_open else one)
        found.append(ordered[-1])
    return found
