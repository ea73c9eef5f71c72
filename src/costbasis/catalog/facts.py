"""Facts by key, with a user's overrides, and what was worked out from them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from costbasis.catalog.book.overlay import Overlay
from costbasis.catalog.fact import Fact, fact_on
from costbasis.catalog.identity import catalogue_sha256
from costbasis.catalog.market import margins
from costbasis.catalog.memory import EVERYTHING, Memory
from costbasis.catalog.overrides import Override
from costbasis.catalog.ownfacts import laid_over, own_fact
from costbasis.catalog.shipped import FACTS, newest_of
from costbasis.catalog.tables import Row, Tables, read_csv, schemas
from costbasis.errors import BadCatalogue, UnknownName
from costbasis.quantity import Quantity, given
from costbasis.sampling import Sampling

if TYPE_CHECKING:  # a calibration is read where one is given
    from costbasis.catalog.posterior import OwnCalibration

T = TypeVar("T")


class Facts:
    """Facts, looked up by key. Tables are read when first asked for."""

    def __init__(
        self,
        overrides: dict[str, Override],
        sampling: Sampling,
        overlay: Overlay | None = None,
        calibration: OwnCalibration | None = None,
    ) -> None:
        self.overlay, self.calibration = overlay or Overlay(), calibration
        self._overrides = overrides
        self._memory = Memory()
        self._tables = Tables(overrides, self.overlay.lay, self._memory.note)
        self.sampling = sampling

    def remembered(self, name: Hashable, make: Callable[[], T]) -> T:
        """What *make* returns, worked out once for all overrides that touch none of what it reads from the catalogue.

        *name* holds what it is and every argument that decides it.
        """
        return self._memory.get(name, self._overrides, make)

    @property
    def _shared_facts(self) -> list[Fact]:
        return self.remembered("own facts", lambda: [own_fact(row) for row in read_csv(FACTS)])

    @cached_property
    def _own_facts(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in self._shared_facts:
            found.setdefault(fact.key, []).append(laid_over(fact, self._overrides.get(fact.key)))
        return found

    @property
    def _fitted_facts(self) -> dict[str, list[Fact]]:  # apart: a fit loads scipy, and most questions need none
        fit = self.remembered("fit", lambda: margins.open_host_margin(self._tables.rows("disclosure_line")))
        return {margins.KEY: [laid_over(fit, self._overrides.get(margins.KEY))]}

    def asked(self, key: str) -> Override | None:
        """What a user set for *key*, of a question that no fact answers; None where nobody asks."""
        self._memory.note(key)
        return self._overrides.get(key)

    def has(self, key: str) -> bool:
        """True where ``quantity(key)`` would find a fact."""
        self._memory.note(key)
        return key == margins.KEY or key in self._own_facts or bool(self._table_facts(key))

    def fact(self, key: str, *, as_of: date | None = None) -> Fact:
        """The fact of *key*, own or of a table: that of the day, else the earliest there is, which says so.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest keys.
        """
        self._memory.note(key)
        rows = (self._fitted_facts if key == margins.KEY else self._own_facts).get(key) or self._table_facts(key)
        if not rows:
            kind = key.partition("/")[0]
            known = [*self._own_facts, *self._fitted_facts, *(fact.key for fact in self.facts(kind))]
            raise UnknownName("key", key, known=dict.fromkeys(known), hint="costbasis catalog KIND shows the keys")
        return fact_on(rows, as_of)

    def middle(self, key: str) -> float:
        """The middle of a fact, in its own unit. Errors: those of :meth:`fact`."""
        return self.fact(key).middle

    def _table_facts(self, key: str) -> list[Fact]:
        kind = key.partition("/")[0]
        return [fact for fact in self._tables.facts(kind) if fact.key == key] if kind in schemas() else []

    def quantity(self, key: str, *, as_of: date | None = None) -> Quantity:
        """The fact of *key* as a quantity in base units, with its draws and source."""
        return self.remembered(("quantity", key, as_of), lambda: self._drawn(key, as_of))

    def _drawn(self, key: str, as_of: date | None) -> Quantity:
        fact = self.fact(key, as_of=as_of)
        try:
            spread = fact.spread(self._spread_factors)
        except BadCatalogue as error:
            raise BadCatalogue(error.what, where=key, hint="mid must lie in low..high, a share in 0..1") from error
        return given(fact.name, spread, fact.source, self.sampling, key=key).labelled(fact.label)

    def own_facts(self) -> list[Fact]:
        """The facts that formulas look up by key, every dated row of each."""
        self._memory.note(EVERYTHING)
        return [fact for facts in (*self._own_facts.values(), *self._fitted_facts.values()) for fact in facts]

    def facts(self, kind: str | None = None) -> Iterator[Fact]:
        """Every fact of every table, or of one kind."""
        self._memory.note(EVERYTHING if kind is None else f"{kind}/")
        fitted = self._fitted_facts if kind in (None, margins.KEY.partition("/")[0]) else {}
        for facts in (*self._own_facts.values(), *fitted.values()):
            yield from (fact for fact in facts if kind in (None, fact.key.partition("/")[0]))
        for name in schemas():
            if kind in (None, name):
                yield from self._tables.facts(name)

    @cached_property
    def _spread_factors(self) -> dict[str, float]:
        return {row["trust"]: float(row["factor"]) for row in read_csv("spread.csv")}

    def spread_factor(self, trust: str) -> float:
        """The factor of the 80 % interval that is assumed of a bare number of a trust grade."""
        return self._spread_factors[trust]

    def trust_weights(self) -> dict[str, float]:
        """Trust grade to its weight in a pool."""
        return {row["trust"]: float(row["weight"]) for row in read_csv("pooling.csv")}

    def rows(self, kind: str) -> list[Row]:
        """The rows of a table, a user's overrides laid over them."""
        return self._tables.rows(kind)

    # ---- identity

    @cached_property
    def sha256(self) -> str:
        """Hash over all data files, the user's own book and calibration, and the overrides."""
        own = self.overlay.sha256 + (self.calibration.sha256 if self.calibration else "")
        return catalogue_sha256(own, self._overrides)

    @property
    def newest_observation(self) -> date:
        """The newest day on which a fact or a list price was observed, and never after the day prices are known of."""
        return self.remembered("newest observation", self._newest_observation)

    def _newest_observation(self) -> date:
        self._memory.note(EVERYTHING)
        days = [fact.source.as_of for facts in self._own_facts.values() for fact in facts]
        days += [row["observed"] for row in self._tables.rows("retail")]
        return min(newest_of(days), self.overlay.known_on or date.max)
