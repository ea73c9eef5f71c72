"""What a month of use costs: for the buyer, the reseller, the owner."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context, on_every_basis
from costbasis.errors import BadClaim
from costbasis.population import has_population, population_of, share_above

KIND = "cost_of_usage"
SAYS = "what a use of tokens costs, in USD (a period may stand behind it)"

PERIODS = ("usd", "usd/day", "usd/week", "usd/month", "usd/year")


def answer(context: Context) -> Asked:
    """USD of the claim's use on every basis, and how rare such a user is under the plan named.

    Errors: :class:`~costbasis.errors.BadClaim` for a claim without a use, or in another unit than USD.
    """
    context.wants(*PERIODS)
    if context.valued is None and not any(reading.needed for reading in context.claim.reading):
        hint = "add [usage] with model and list_usd, list_usd_by or tok_by"
        raise BadClaim("a cost_of_usage question needs a use", where=context.place.of("question"), hint=hint)
    return on_every_basis(context, lambda usd: usd, scope=_rarity(context) or context.claim.stated.population)


def _rarity(context: Context) -> str:
    plan, use = context.plan, context.use_usd
    if plan is None or use is None or not has_population(plan, context.catalog):
        return ""
    rarity = share_above(population_of(plan, context.catalog), use)
    return (
        f"one heavy user, not the average one: {100 * rarity.estimate.p10:.2g} % to {100 * rarity.estimate.p90:.2g} % "
        f"of the subscribers of {plan.name} would use as much, under the assumed population"
    )
