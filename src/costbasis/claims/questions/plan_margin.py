"""Whether a plan pays its owner: the share of subscribers it pays on, or what one user leaves."""

from __future__ import annotations

from costbasis import plans
from costbasis.claims.asked import Asked, Context, on_every_basis
from costbasis.errors import BadClaim
from costbasis.formulas.billing import contribution_usd, list_over_serving
from costbasis.formulas.subscription import break_even_list_usd
from costbasis.population import has_population, population_of, share_below
from costbasis.quantity import Quantity, derive

KIND = "plan_margin"
SAYS = "the share of a plan's subscribers it pays on (share), or what it leaves on one user (usd/month)"


def answer(context: Context) -> Asked:
    """On each basis: the share of subscribers whose use is worth less than they pay, or price less the use.

    Errors: :class:`~costbasis.errors.BadClaim` for a claim that names no plan and gives no reading of its own.
    """
    context.wants("", "usd", "usd/month")
    plan = context.plan
    if plan is None or context.valued is None:
        if any(reading.needed for reading in context.claim.reading):
            return Asked(scope=context.claim.stated.population)
        hint = 'add plan = "vendor/plan_id" and [usage], or a [[reading]] with needed = true'
        raise BadClaim("a plan_margin question needs a plan and a use", where=context.place.of("question"), hint=hint)
    price = plans.price_for_month(plan)
    if context.unit.name:
        scope = f"this use of {plan.name}, not its average subscriber"
        return on_every_basis(context, lambda usd: _left(price, usd), scope=scope)
    if not has_population(plan, context.catalog):
        return Asked(scope=f"all subscribers of {plan.name}: nobody has measured what they use at most")
    population = population_of(plan, context.catalog)
    listed = context.valued.bases["list"].total

    def profitable(usd: Quantity) -> Quantity:
        ratio = derive(list_over_serving, list_usd=listed, serving_usd=usd)
        threshold = derive(break_even_list_usd, price_usd=price, list_over_serving=ratio)
        return share_below(population, threshold).labelled("share of subscribers below break-even use")

    return on_every_basis(context, profitable, scope=f"all subscribers of {plan.name}; their mean use is not public")


def _left(price: Quantity, usd: Quantity) -> Quantity:
    result: Quantity = derive(contribution_usd, revenue_usd=price, cogs_usd=usd)
    return result
