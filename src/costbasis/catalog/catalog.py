"""The catalogue: facts by key, prices, offers, plans and hypotheses by name, as of a day, with overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from costbasis.catalog import offers, plans
from costbasis.catalog.facts import Facts
from costbasis.catalog.hardware import machines
from costbasis.catalog.market.comparables import Comparable, comparables
from costbasis.catalog.models.conditioning import Lines
from costbasis.catalog.models.evidence import open_lines
from costbasis.catalog.models.hypotheses import Hypothesis, hypothesis_of
from costbasis.catalog.models.names import Names
from costbasis.catalog.models.sizes import size_of
from costbasis.catalog.offers import Offer
from costbasis.catalog.overrides import Override, read_overrides
from costbasis.catalog.retail import RetailPrice, retail_price
from costbasis.catalog.settable import refuse_unknown
from costbasis.catalog.shipped import every_name
from costbasis.catalog.tables import DATA, Row
from costbasis.errors import UnknownName
from costbasis.quantity import Quantity


class Catalog(Facts):
    """Facts by key, and what stands in the tables by name: prices, offers, plans, machines, hypotheses."""

    def under(self, overrides: Sequence[str]) -> Catalog:
        """The same catalogue with other overrides in place of its own; both share what neither's overrides touch.

        Errors: those of :func:`~costbasis.catalog.load.load_catalog`.
        """
        found = self._with(read_overrides(overrides, None))
        found.check_overrides()
        return found

    def without(self, key: str) -> Catalog:
        """The same catalogue with *key* not set."""
        if key not in self._overrides:
            return self
        return self._with({name: over for name, over in self._overrides.items() if name != key})

    def _with(self, overrides: dict[str, Override]) -> Catalog:
        """A catalogue of the same family: all but the overrides is the same, so what is remembered is shared."""
        found = Catalog(overrides, self.sampling, self.overlay, self.calibration)
        found._memory, found._tables = self._memory, self._tables.under(overrides)
        return found

    def check_overrides(self) -> None:
        """Refuse an override that would change nothing.

        Errors: :class:`~costbasis.errors.UnknownName` with the nearest keys.
        """
        for key in self._overrides:
            refuse_unknown(key, self)

    # ---- names

    def _by_model(self, kind: str) -> dict[str, list[Row]]:
        def by_model() -> dict[str, list[Row]]:
            found: dict[str, list[Row]] = {}
            for row in self._tables.rows(kind):
                found.setdefault(row["model"], []).append(row)
            return found

        return self.remembered(("rows by model", kind), by_model)

    @property
    def _retail_rows(self) -> dict[str, list[Row]]:
        return self._by_model("retail")

    @property
    def names(self) -> Names:
        """Every name of a model that is known: ids of the book, and aliases."""
        return self.remembered("names", self._names)

    def _names(self) -> Names:
        return every_name(self._tables.rows, self.overlay.models)

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

    @property
    def offered_models(self) -> dict[str, date]:
        """Every open model that a host sells or sold, and the first day on which one is known to have."""

        def first_days() -> dict[str, date]:
            return {name: offers.first_listed(rows) for name, rows in self._offer_rows.items()}

        return self.remembered("offered models", first_days)

    def architecture(self, model: str) -> Row | None:
        """The published architecture of an open model, or None where the table has none."""
        return next((row for row in self._tables.rows("architecture") if row["model"] == model), None)

    @property
    def _offer_rows(self) -> dict[str, list[Row]]:
        return self._by_model("offer")

    def comparables(self, model: str, as_of: date) -> list[Comparable]:
        """The open models that stand in for *model* on a day, with their weights; a model on sale stands for itself."""
        return comparables(model, as_of, self)

    # ---- plans, machines, hypotheses, claims

    def plan(self, name: str, as_of: date) -> plans.Plan:
        """A plan by ``vendor/plan_id`` (or a bare id that one vendor uses) as of a day."""
        return plans.find_plan(self._tables.rows("plan"), name, as_of, self.sampling)

    @property
    def _accelerators(self) -> dict[str, Row]:
        return self.remembered("accelerators", lambda: machines.accelerator_rows(self._tables.rows("accelerator")))

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

    def rates(self, accelerator: str) -> list[Row]:
        """The rent and ownership rows of an accelerator, of any day: they are a few snapshots, no price history."""
        rows = self._tables.rows
        return self.remembered(("rates", accelerator), lambda: machines.rates_of(rows("rate"), accelerator))

    def hire(self, accelerator: str, as_of: date) -> Quantity:
        """USD per accelerator-second, from owning at volume to a dear rent; or as a user set it.

        The same on every day until the book holds dated rents.
        """
        return self.remembered(("hire", accelerator), lambda: self._hire(accelerator))

    def _hire(self, accelerator: str) -> Quantity:
        rows = self.rates(accelerator)
        for key in map(machines.hire_key, (accelerator, machines.ANY)):
            self._memory.note(key)
            if key in self._overrides:
                return machines.hire_as_set(self._overrides[key], rows, self.sampling)
        return machines.hire(rows, accelerator, self.sampling)

    def hypothesis(self, model: str) -> Hypothesis | None:
        """What the model's architecture may be, or None where nothing is said."""
        row = self._tables.row("hypothesis", lambda row: model in row["models"].split())
        if row is None:
            return None
        attention = self.quantity("architecture/proprietary-reference.attention_mflop_per_tok2")
        size = size_of(row, self._tables, lambda: self._open_lines, self.sampling)
        return hypothesis_of(row, size, attention, self.sampling)

    @property
    def _open_lines(self) -> Lines:
        rows = self._tables.rows
        return self.remembered("open lines", lambda: open_lines(rows("speed"), rows("offer")))

    def claim_paths(self) -> list[Path]:
        """The claim files that ship with costbasis."""
        return sorted((DATA / "claims").glob("*.toml"))
