"""The catalogue: facts by key, prices, offers, plans and hypotheses by name, as of a day, with overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

from costbasis.catalog import offers, plans
from costbasis.catalog.book.overlay import Overlay
from costbasis.catalog.fact import Fact, fact_on
from costbasis.catalog.hardware import machines
from costbasis.catalog.identity import catalogue_sha256
from costbasis.catalog.market import margins
from costbasis.catalog.market.comparables import Comparable, comparables
from costbasis.catalog.models.conditioning import Lines
from costbasis.catalog.models.evidence import open_lines
from costbasis.catalog.models.hypotheses import Hypothesis, hypothesis_of
from costbasis.catalog.models.names import Names
from costbasis.catalog.models.sizes import size_of
from costbasis.catalog.offers import Offer
from costbasis.catalog.overrides import Override
from costbasis.catalog.ownfacts import free_shape, own_fact
from costbasis.catalog.retail import RetailPrice, retail_price
from costbasis.catalog.tables import DATA, Row, Tables, read_csv, schemas
from costbasis.errors import BadCatalogue, UnknownName
from costbasis.quantity import Quantity, Source, given
from costbasis.sampling import Sampling, Shape, Spread


class Catalog:
    """Facts, looked up. Tables are read when first asked for."""

    def __init__(self, overrides: dict[str, Override], sampling: Sampling, overlay: Overlay | None = None) -> None:
        self.overlay = overlay or Overlay()
        self._overrides = overrides
        self._tables = Tables(overrides, None if self.overlay.is_empty else self.overlay.lay)
        self.sampling = sampling

    @cached_property
    def _own_facts(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for fact in map(self._overridden, map(own_fact, read_csv("facts.csv"))):
            found.setdefault(fact.key, []).append(fact)
        return found

    @cached_property
    def _fitted_facts(self) -> dict[str, list[Fact]]:  # apart: a fit loads scipy, and most questions need none
        return {margins.KEY: [self._overridden(margins.open_host_margin(self._tables.rows("disclosure_line")))]}

    def _overridden(self, fact: Fact) -> Fact:
        over = self._overrides.get(fact.key)
        if over is None:
            return fact
        bounds: Shape = free_shape(fact, over) if fact.shape == "exact" else fact.shape
        try:
            Spread(bounds, over.low, over.mid, over.high)
        except BadCatalogue as error:
            raise BadCatalogue(error.what, where=fact.key, hint="mid must lie in low..high, a share in 0..1") from error
        shape: Shape = "exact" if over.is_exact else bounds
        source = Source("set by the user", place="--set or scenario", trust=fact.source.trust, status="override")
        return Fact(fact.key, fact.unit, over.low, over.mid, over.high, source, fact.note, shape=shape)

    def has(self, key: str) -> bool:
        """True where ``quantity(key)`` would find a fact."""
        return key == margins.KEY or key in self._own_facts or bool(self._table_facts(key))

    def fact(self, key: str, *, as_of: date | None = None) -> Fact:
        """The fact of *key*, own or of a table: that of the day, else the earliest there is, which says so.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest keys.
        """
        rows = (self._fitted_facts if key == margins.KEY else self._own_facts).get(key) or self._table_facts(key)
        if not rows:
            kind = key.partition("/")[0]
            known = [*self._own_facts, *self._fitted_facts, *(fact.key for fact in self.facts(kind))]
            raise UnknownName("key", key, known=dict.fromkeys(known), hint="costbasis catalog KIND shows the keys")
        return fact_on(rows, as_of)

    def _table_facts(self, key: str) -> list[Fact]:
        kind = key.partition("/")[0]
        return [fact for fact in self._tables.facts(kind) if fact.key == key] if kind in schemas() else []

    def quantity(self, key: str, *, as_of: date | None = None) -> Quantity:
        """The fact of *key* as a quantity in base units, with its draws and source."""
        fact = self.fact(key, as_of=as_of)
        try:
            spread = fact.spread(self._spread_factors)
        except BadCatalogue as error:
            raise BadCatalogue(error.what, where=key, hint="mid must lie in low..high, a share in 0..1") from error
        return given(fact.name, spread, fact.source, self.sampling, key=key).labelled(fact.label)

    def own_facts(self) -> list[Fact]:
        """The facts that formulas look up by key, every dated row of each."""
        return [fact for facts in (*self._own_facts.values(), *self._fitted_facts.values()) for fact in facts]

    def facts(self, kind: str | None = None) -> Iterator[Fact]:
        """Every fact of every table, or of one kind."""
        for facts in (*self._own_facts.values(), *self._fitted_facts.values()):
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

    def check_overrides(self) -> None:
        """Refuse an override that would change nothing.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest keys.
        """
        for key in self._overrides:
            kind = key.partition("/")[0]
            keys = {fact.key for fact in self.facts(kind)} if kind in schemas() else set()
            keys |= {*self._own_facts, *self._fitted_facts}
            if key not in keys:
                raise UnknownName("key", key, known=keys, where="--set", hint="costbasis catalog KIND shows the keys")

    # ---- identity

    @cached_property
    def sha256(self) -> str:
        """Hash over all data files, the user's own book and the overrides."""
        return catalogue_sha256(self.overlay.sha256, self._overrides)

    @cached_property
    def newest_observation(self) -> date:
        """The newest day on which a fact of the own facts, the retail or the offer table was observed."""
        days = [
            fact.source.as_of for facts in self._own_facts.values() for fact in facts if len(fact.source.as_of) == 10
        ]
        days += [row["observed"] for row in self._tables.rows("retail")]
        return date.fromisoformat(max(days))

    # ---- names

    @cached_property
    def _retail_rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._tables.rows("retail"):
            found.setdefault(row["model"], []).append(row)
        return found

    @cached_property
    def names(self) -> Names:
        """Every name of a model that is known: ids of the book, and aliases."""
        open_models = {row["model"] for kind in ("architecture", "offer") for row in self._tables.rows(kind)}
        return Names([*self._retail_rows, *open_models], read_csv("alias.csv"))

    def find_model(self, name: str, where: str = "") -> str:
        """The model that *name* stands for: an id of the book, or an exact alias.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest ids and aliases (its kind
        :class:`~costbasis.errors.VariantName` for a variant that is priced apart),
        :class:`~costbasis.errors.AmbiguousName` with the choices.
        """
        return self.names.find_model(name, where=where)

    def vendor(self, model: str) -> str | None:
        """Who sells the model at retail."""
        rows = self._retail_rows.get(model)
        return rows[0]["provider"] if rows else None

    # ---- prices

    def retail_models(self) -> list[str]:
        """Every model with a retail price."""
        return list(self._retail_rows)

    def retail(self, model: str) -> list[RetailPrice]:
        """Every price segment of a model, all modes, in the order of the table."""
        return [retail_price(row) for row in self._retail_rows.get(model, [])]

    def retail_on(self, model: str, as_of: date, mode: str = "standard") -> RetailPrice:
        """The price segment that holds on a day; before the first known one, the first.

        Errors: :class:`~costbasis.errors.UnknownName` for a model without a price in that mode.
        """
        rows = [price for price in self.retail(model) if price.mode == mode]
        if not rows:
            raise UnknownName(f"{mode} price of", model, known=self._retail_rows)
        rows.sort(key=lambda price: price.valid_from or date.min)
        return ([price for price in rows if price.valid_from is None or price.valid_from <= as_of] or rows[:1])[-1]

    def offers(self, model: str, as_of: date) -> list[Offer]:
        """What hosts charge for an open model on a day, one row a host."""
        return offers.offers_on(self._offer_rows.get(model, []), as_of)

    def offers_ever(self, model: str) -> list[Offer]:
        """Every direct offer of an open model that was ever listed."""
        return offers.offers_ever(self._offer_rows.get(model, []))

    def headline(self, model: str, as_of: date) -> Offer | None:
        """The router's headline for an open model on a day: shown apart, never a host of the market."""
        return offers.headline_on(self._offer_rows.get(model, []), as_of)

    @cached_property
    def offered_models(self) -> dict[str, date]:
        """Every open model that a host sells or sold, and the first day on which one is known to have."""
        return {name: offers.first_listed(rows) for name, rows in self._offer_rows.items()}

    def rows(self, kind: str) -> list[Row]:
        """The rows of a table, a user's overrides laid over them."""
        return self._tables.rows(kind)

    def architecture(self, model: str) -> Row | None:
        """The published architecture of an open model, or None where the table has none."""
        return next((row for row in self._tables.rows("architecture") if row["model"] == model), None)

    @cached_property
    def _offer_rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._tables.rows("offer"):
            found.setdefault(row["model"], []).append(row)
        return found

    def comparables(self, model: str, as_of: date) -> list[Comparable]:
        """The open models that stand in for *model* on a day, with their weights; a model on sale stands for itself."""
        return comparables(model, as_of, self)

    # ---- plans, machines, hypotheses, claims

    def plan(self, name: str, as_of: date) -> plans.Plan:
        """A plan by ``vendor/plan_id`` (or a bare id that one vendor uses) as of a day."""
        return plans.find_plan(self._tables.rows("plan"), name, as_of, self.sampling)

    @cached_property
    def _accelerators(self) -> dict[str, Row]:
        return machines.accelerator_rows(self._tables.rows("accelerator"))

    def accelerator(self, name: str) -> Row:
        """The row of an accelerator by its short name.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
        """
        return machines.known(self._accelerators, name)

    def accelerators(self) -> list[str]:
        """The short names of all accelerators."""
        return list(self._accelerators)

    def machines(self, names: Sequence[str], precision_weights: Mapping[str, float]) -> machines.MachineTable:
        """Every accelerator of *names* at every precision, as a joint table."""
        return machines.machine_table(self._accelerators, names, precision_weights)

    def rates(self, accelerator: str, as_of: date) -> list[Row]:
        """The rent and ownership rows of an accelerator."""
        return machines.rates_of(self._tables.rows("rate"), accelerator)

    def hire(self, accelerator: str, as_of: date) -> Quantity:
        """USD per accelerator-second, from owning at volume to a dear rent."""
        return machines.hire(self._tables.rows("rate"), accelerator, as_of, self.sampling)

    def hypothesis(self, model: str) -> Hypothesis | None:
        """What the model's architecture may be, or None where nothing is said."""
        for row in self._tables.rows("hypothesis"):
            if model in row["models"].split():
                attention = self.quantity("architecture/proprietary-reference.attention_mflop_per_tok2")
                size = size_of(row, self._tables, lambda: self._open_lines, self.sampling)
                return hypothesis_of(row, size, attention, self.sampling)
        return None

    @cached_property
    def _open_lines(self) -> Lines:
        return open_lines(self._tables.rows("speed"), self._tables.rows("offer"))

    def claim_paths(self) -> list[Path]:
        """The claim files that ship with costbasis."""
        return sorted(Path(str(DATA / "claims")).glob("*.toml"))
