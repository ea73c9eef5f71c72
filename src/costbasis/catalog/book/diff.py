"""What an upstream would change: new offers, changed ones as new dated statements, and those that vanished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from costbasis.catalog.book.gate import doubts
from costbasis.catalog.book.statement import Statement

Kind = Literal["new", "changed", "vanished"]

MOST_VANISH = 0.2
"""The share of a source's open offers that may vanish at once; above it the file is more likely cut short."""


@dataclass(frozen=True, slots=True)
class Change:
    """One statement to be added. *before* is what the book holds of the same offer; *held* says why it waits."""

    kind: Kind
    statement: Statement
    before: Statement | None
    held: tuple[str, ...]

    @property
    def moved(self) -> list[str]:
        """Each meter that differs, as ``input 0.5 → 0.6``."""
        old = self.before.prices if self.before else {}
        new = self.statement.prices
        return [
            f"{meter}{f' above {context:,}' if context else ''} {old.get((meter, context), '–')}"
            f" → {new.get((meter, context), '–')}"
            for meter, context in sorted(set(old) | set(new))
            if old.get((meter, context)) != new.get((meter, context))
        ]


def changes(
    book: Iterable[Statement], incoming: Sequence[Statement], *, seen: Collection[tuple[str, str]] | None, today: str
) -> list[Change]:
    """What the statements of one upstream would add to the book.

    An undated price that differs from what the book has is true from *today* on. *seen*: every (seller, name) of a
    file that is complete; an offer of the same source that is not in it any more ends today. None: the file is a part.
    """
    if not incoming:
        return []
    source = incoming[0].source_id
    held = [one for one in book if one.source_id == source]
    newest, dated = _newest(held), {(one.series, one.valid_from): one for one in held}
    found: list[Change] = []
    for one in incoming:
        before = dated.get((one.series, one.valid_from))
        if before is None and not one.valid_from:
            before = newest.get(one.series)
        if before and _same(before, one):
            continue
        before = before or newest.get(one.series)
        is_past = bool(one.valid_from or one.valid_to)
        added = one if is_past else replace(one, valid_from=today, date_basis="first_observed")
        found.append(Change("changed" if before else "new", added, before, tuple(doubts(one, before))))
    if seen is not None:
        there = {one.series for one in incoming}
        open_ones = [one for series, one in newest.items() if series not in there and not one.valid_to]
        gone = [one for one in open_ones if (one.provider, one.provider_model_id) not in seen]
        whole = sum(not one.valid_to for one in newest.values())
        doubt = (f"{len(gone):,} of {whole:,} offers vanish at once: is the file whole?",)
        held_back = doubt if len(gone) > MOST_VANISH * whole else ()
        found += [_ended(one, incoming[0], today, held_back) for one in gone]
    return found


def _newest(statements: Iterable[Statement]) -> dict[tuple[str, ...], Statement]:
    newest: dict[tuple[str, ...], Statement] = {}
    for one in sorted(statements, key=lambda one: (one.valid_from, one.observed)):
        newest[one.series] = one
    return newest


def _same(before: Statement, now: Statement) -> bool:
    """True where the same prices hold until the same day; an undated one has no end of its own."""
    ends = now.valid_to or before.valid_to if now.valid_from else before.valid_to
    prices = {meter: float(text) for meter, text in before.prices.items()}
    return prices == {meter: float(text) for meter, text in now.prices.items()} and ends == before.valid_to


def _ended(one: Statement, told_by: Statement, today: str, held_back: tuple[str, ...]) -> Change:
    ended = replace(
        one, valid_to=today, observed=told_by.observed, source=told_by.source, note="no longer in the upstream"
    )
    return Change("vanished", ended, one, held_back)
