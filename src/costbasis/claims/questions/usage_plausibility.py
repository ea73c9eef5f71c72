"""Whether a use is possible at all: against the plan's ceiling, and against known bugs of counting."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context
from costbasis.population import has_population, population_of

KIND = "usage_plausibility"
SAYS = "a use that somebody counted, or a plan's ceiling, at list (usd, usd/day, usd/week, usd/month)"


def answer(context: Context) -> Asked:
    """The plan's measured ceiling a month, at list; guards compare the claim's use with it.

    A corrected count, where somebody has one, comes as a needed reading.
    """
    context.wants("usd", "usd/day", "usd/week", "usd/month")
    plan = context.plan
    if plan is None or not has_population(plan, context.catalog):
        return Asked(scope=context.claim.stated.population)
    ceiling = population_of(plan, context.catalog).ceiling_usd.labelled(f"measured ceiling of {plan.name}")
    by_basis = {"list": ceiling} if context.unit.name == "usd/month" else {}
    return Asked(by_basis=by_basis, scope=f"the ceiling of {plan.name}, not what its subscribers use")
