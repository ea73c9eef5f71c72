"""The closed list of questions: each turns a valued usage into the claimed quantity on every basis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from costbasis import plans
from costbasis.catalog import Catalog, Plan
from costbasis.claims.claim import Claim
from costbasis.errors import BadClaim
from costbasis.formulas.billing import list_over_serving
from costbasis.formulas.subscription import break_even_list_usd
from costbasis.population import has_population, population_of, share_above, share_below
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.valuation import Valuation

BASES = ("list", "realised", "market", "serving", "opportunity")


@dataclass(frozen=True, slots=True)
class Asked:
    """The claimed quantity on every basis, in the claim's unit, and the same by each route to serving.

    *without*: on the serving basis, with each route left out. *scope*: what the figure's population is.
    """

    by_basis: Mapping[str, Quantity]
    routes: Mapping[str, Quantity]
    without: Mapping[str, Quantity]
    scope: str
    guard_broken: str = ""


Convert = Callable[[Quantity], Quantity]


def ask(claim: Claim, valued: Valuation, catalog: Catalog, plan: Plan | None) -> Asked:
    """The claim's question, answered on every basis.

    Errors: :class:`~costbasis.errors.BadClaim` for a question about a plan that names none.
    """
    if claim.question.kind == "plan_margin":
        if plan is None:
            raise BadClaim("a plan_margin question needs a plan", where=claim.id, hint='add plan = "vendor/plan_id"')
        return _plan_margin(plan, valued, catalog)
    if claim.question.kind == "unit_price_ratio":
        return _on_every_basis(valued, _over_list_of(valued), scope="a coding agent's tokens of this model")
    scope, guard = _heavy_user(claim, catalog, plan)
    asked = _on_every_basis(valued, lambda usd: usd, scope=scope)
    return Asked(asked.by_basis, asked.routes, asked.without, scope, guard)


def _on_every_basis(valued: Valuation, convert: Convert, *, scope: str) -> Asked:
    by_basis = {name: convert(valued.bases[name].total) for name in BASES if name in valued.bases}
    parts = valued.bases["serving"].parts if "serving" in valued.bases else {}
    routes = {name.removeprefix("route:"): convert(usd) for name, usd in parts.items() if name.startswith("route:")}
    without = {
        name.removeprefix("without:"): convert(usd) for name, usd in parts.items() if name.startswith("without:")
    }
    return Asked(by_basis, routes, without, scope)


def _over_list_of(valued: Valuation) -> Convert:
    """List over a basis: the mark-up that a buyer at list pays above it."""
    listed = valued.bases["list"].total
    return lambda usd: derive(list_over_serving, list_usd=listed, serving_usd=usd)


def _plan_margin(plan: Plan, valued: Valuation, catalog: Catalog) -> Asked:
    """Share of a plan's subscribers whose use, on each basis, is worth less than they pay."""
    population = population_of(plan, catalog)
    price = plans.price_for_month(plan)
    over_list = _over_list_of(valued)

    def profitable(usd: Quantity) -> Quantity:
        threshold = derive(break_even_list_usd, price_usd=price, list_over_serving=over_list(usd))
        return share_below(population, threshold).labelled("share of subscribers below break-even use")

    return _on_every_basis(valued, profitable, scope=f"all subscribers of {plan.name}; their mean use is not public")


def _heavy_user(claim: Claim, catalog: Catalog, plan: Plan | None) -> tuple[str, str]:
    """How rare the user of the claim is among the plan's subscribers, and whether the plan's ceiling allows it."""
    if plan is None or not has_population(plan, catalog):
        return claim.stated.population, ""
    population = population_of(plan, catalog)
    use = counted(
        "use_usd",
        claim.usage.list_usd,
        Source(claim.id, trust=claim.said.trust, status="claimed", as_of=claim.said.when.isoformat()),
    )
    rarity = share_above(population, use)
    ceiling = population.ceiling_usd.estimate
    guard = ""
    if claim.usage.list_usd > ceiling.p90:
        guard = f"above the measured ceiling of {plan.name}, {ceiling.p50:,.0f} USD of list value a month"
    scope = (
        f"one heavy user, not the average one: {100 * rarity.estimate.p10:.2g} % to {100 * rarity.estimate.p90:.2g} % "
        f"of the subscribers of {plan.name} would use as much, under the assumed population"
    )
    return scope, guard
