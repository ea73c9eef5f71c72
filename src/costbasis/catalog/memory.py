"""What was worked out under one set of overrides serves every other set that does not touch what it was read from.

Each result is kept with what was read to make it: keys of facts, and whole tables. Another catalogue of the same data,
book and seed may take it over where both have the same overrides of those. So a slider moves what depends on it, and
nothing else is worked out again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from costbasis.catalog.overrides import Override

T = TypeVar("T")

EVERYTHING = "*"
"""Read by whoever looks through all facts: any override touches it."""

OF_ROWS = ".usd_per_accel_hour"
"""The end of a key that stands for several rows of a table and is no cell of it: setting it leaves the table be."""

VARIANTS = 64
"""Results of one name that are kept, the last used ones: a slider has fewer steps."""

Under = frozenset[tuple[str, Override]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A result, what was read for it, and the overrides of those reads under which it was made."""

    value: Any
    reads: frozenset[str]
    under: Under


def touching(overrides: Mapping[str, Override], reads: frozenset[str]) -> Under:
    """The overrides that *reads* depend on: of the very key, or of a row or a table that was read.

    >>> over = {key: Override(key, 1.0, 1.0, 1.0) for key in ("plan/a/b.price_per_month", "fleet/default.pue")}
    >>> [key for key, _ in touching(over, frozenset({"plan/", "fleet/default.busy_frac"}))]
    ['plan/a/b.price_per_month']
    """
    return frozenset((key, over) for key, over in overrides.items() if _touches(key, reads))


def _touches(key: str, reads: frozenset[str]) -> bool:
    if key in reads or EVERYTHING in reads:
        return True
    if f"{key.rpartition('.')[0]}." in reads:
        return True
    return not key.endswith(OF_ROWS) and f"{key.partition('/')[0]}/" in reads


class Memory:
    """Results by name, shared by the catalogues of one family: one data set, own book and sampling.

    Not for several threads at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, OrderedDict[Under, Kept]] = {}
        self._open: list[set[str]] = []

    def note(self, read: str) -> None:
        """What the result being made depends on: a fact's key, ``kind/`` for a table, ``kind/name.`` for a row."""
        if self._open:
            self._open[-1].add(read)

    def get(self, name: Hashable, overrides: Mapping[str, Override], make: Callable[[], T]) -> T:
        """The result of this name under *overrides*: one that was kept, else *make*'s. *name* holds every argument."""
        known = self._kept.setdefault(name, OrderedDict())
        for under, kept in reversed(known.items()):
            if touching(overrides, kept.reads) == under:
                known.move_to_end(under)
                self._pass_on(kept.reads)
                value: T = kept.value
                return value
        self._open.append(set())
        try:
            value = make()
        finally:
            reads = frozenset(self._open.pop())
            self._pass_on(reads)
        under = touching(overrides, reads)
        known[under] = Kept(value, reads, under)
        if len(known) > VARIANTS:
            known.popitem(last=False)
        return value

    def _pass_on(self, reads: frozenset[str]) -> None:
        """Whoever asked for the result depends on what it was made of."""
        if self._open:
            self._open[-1] |= reads
