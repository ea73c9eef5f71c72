"""What a question is asked of, and what it answers: the claimed figure on every basis and for every scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from costbasis.catalog import Catalog, Plan
from costbasis.claims.claim import Claim
from costbasis.claims.claimfile import Filed, Place
from costbasis.claims.measure import Measure
from costbasis.claims.working import Sheet
from costbasis.errors import BadClaim
from costbasis.formulas.billing import cost_over_list, scaled_usd
from costbasis.quantity import Quantity, derive
from costbasis.valuation import Valuation

PRICES = ("list", "realised", "market")
"""Bases that are prices. A comparison of two prices says nothing about production."""

PRODUCTION = ("serving", "marginal", "opportunity", "loaded")


@dataclass(frozen=True, slots=True)
class Context:
    """A claim with everything that a question may look at.

    *use_usd*: the list value of the claim's use, with its range; *valued*: that use on every basis (None where the
    claim is about no use).
    """

    filed: Filed
    catalog: Catalog
    as_of: date
    sheet: Sheet
    unit: Measure
    plan: Plan | None
    use_usd: Quantity | None
    valued: Valuation | None

    @property
    def claim(self) -> Claim:
        """The claim itself."""
        return self.filed.claim

    @property
    def place(self) -> Place:
        """Where things stand in its file."""
        return self.filed.place

    def named(self, name: str) -> Quantity | None:
        """An input or a step by name, in its dimension's own scale."""
        found = self.sheet.named.get(name)
        return found.quantity if found else None

    def needs(self, name: str, what: str) -> Quantity:
        """An input that the question cannot do without.

        Errors: :class:`~costbasis.errors.BadClaim` naming it.
        """
        found = self.named(name)
        if found is None:
            kind = self.claim.question.kind
            hint = f"add [inputs.{name}] with value and unit: {what}"
            raise BadClaim(f'a {kind} question needs the input "{name}"', where=self.place.of("question"), hint=hint)
        return found

    def wants(self, *dimensions: str) -> None:
        """Refuse a unit that the question cannot answer in.

        Errors: :class:`~costbasis.errors.BadClaim` naming the units that it can.
        """
        if self.unit.name in dimensions:
            return
        known = " or ".join(name or "x or share" for name in dimensions)
        raise BadClaim(
            f'a {self.claim.question.kind} figure cannot be in "{self.unit.text}"',
            where=self.place.of("stated", "unit"),
            hint=f"state it in {known}, or ask another question (docs/claim-files.md)",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """The claimed figure on every basis, in the dimension's own scale.

    *routes*, *without*: on the serving basis, by each route and with each left out. *scope*: whom the figure is
    about, in words. *guards*: limits that the claim breaks, in words. *suspicions*: what may explain the figure.
    """

    by_basis: Mapping[str, Quantity] = field(default_factory=dict)
    routes: Mapping[str, Quantity] = field(default_factory=dict)
    without: Mapping[str, Quantity] = field(default_factory=dict)
    scopes: Mapping[str, Quantity] = field(default_factory=dict)
    scope: str = ""
    guards: Sequence[str] = ()
    suspicions: Sequence[str] = ()


Convert = Callable[[Quantity], Quantity]
"""USD of the claim's use on a basis, to the claimed figure."""


def on_every_basis(context: Context, convert: Convert, *, scope: str, guards: Sequence[str] = ()) -> Asked:
    """The figure on every basis that the use could be valued on."""
    valued = context.valued
    if valued is None:
        return Asked(scope=scope, guards=guards)
    listed = valued.bases["list"].total

    def figure(usd: Quantity) -> Quantity:
        return convert(_of_the_use(usd, listed, context))

    by_basis = {name: figure(basis.total) for name, basis in valued.bases.items() if _may_match(name, context.claim)}
    parts = valued.bases["serving"].parts if "serving" in valued.bases else {}
    routes = {name.removeprefix("route:"): figure(usd) for name, usd in parts.items() if name.startswith("route:")}
    without = {name.removeprefix("without:"): figure(usd) for name, usd in parts.items() if name.startswith("without:")}
    return Asked(by_basis=by_basis, routes=routes, without=without, scope=scope, guards=guards)


def _may_match(basis: str, claim: Claim) -> bool:
    """Production bases are meant only where the claim speaks of production, or is judged on it."""
    speaks = {claim.stated.basis_claimed, claim.stated.basis_needed}
    is_about_prices = claim.question.kind == "unit_price_ratio" and speaks <= set(PRICES)
    return basis not in PRODUCTION or not is_about_prices


def _of_the_use(usd: Quantity, listed: Quantity, context: Context) -> Quantity:
    """Where the use itself is uncertain, the basis scales with it."""
    use = context.use_usd
    if use is None or use.is_exact:
        return usd
    share = derive(cost_over_list, basis_usd=usd, list_usd=listed)
    result: Quantity = derive(scaled_usd, list_usd=use, cost_over_list_frac=share)
    return result
