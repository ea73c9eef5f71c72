"""Guards: what no use and no bill can be, and what usually lies behind a figure that is off."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context
from costbasis.population import has_population, population_of

COUNTING_BUG = (1.9, 14.5)
"""By how much logs are over-counted where streamed lines (2–3×) or copies in sub-agents' files (2–6×, 14× at the
worst, one published correction) are taken for requests."""

STALE_PRICE = (2.85, 3.15)
"""A list value three times too high: the price of the dearer generation before, which was three times as much."""


def broken(context: Context) -> list[str]:
    """The limits that the claim's use breaks, in words, each with the limit."""
    return [says for guard in (_plan_ceiling, _share_of_revenue) if (says := guard(context))]


def suspicions(context: Context, asked: Asked) -> list[str]:
    """What may explain a figure that is off: an over-count, or a price three times too high."""
    return [says for guess in (_counting_bug, _stale_price) if (says := guess(context, asked))]


def _plan_ceiling(context: Context) -> str:
    """More use at list than the plan lets through in a month."""
    plan, use = context.plan, context.named("monthly_list_usd") or context.use_usd
    if plan is None or use is None or not has_population(plan, context.catalog):
        return ""
    ceiling = population_of(plan, context.catalog).ceiling_usd.estimate
    low = use.estimate.p10
    if low <= ceiling.p90:
        return ""
    return (
        f"{low:,.0f} USD of list value a month is {low / ceiling.p50:.2g} times the measured ceiling of {plan.name}, "
        f"{ceiling.p50:,.0f} USD"
    )


def _share_of_revenue(context: Context) -> str:
    """A bill for a group of users that is more than all the company earned and spent."""
    total, revenue = context.named("total_usd"), context.named("revenue_usd")
    if total is None or revenue is None or total.estimate.p10 <= 5 * revenue.estimate.p90:
        return ""
    return f"it is {total.estimate.p10 / revenue.estimate.p90:.2g} times the company's whole revenue of the period"


def _counting_bug(context: Context, asked: Asked) -> str:
    if context.claim.question.kind != "usage_plausibility":
        return ""
    stated = context.claim.stated.value * context.unit.scale
    for name, quantity in {**asked.by_basis, **asked.scopes}.items():
        times = stated / quantity.estimate.p50 if quantity.estimate.p50 else 0.0
        if COUNTING_BUG[0] <= times <= COUNTING_BUG[1]:
            return (
                f"it is {times:.3g} times {quantity.label or name}: logs that are not de-duplicated by message id "
                f"over-count by 2 to 14 times"
            )
    return ""


def _stale_price(context: Context, asked: Asked) -> str:
    listed = asked.by_basis.get("list")
    if listed is None or context.claim.question.kind not in ("cost_of_usage", "usage_plausibility"):
        return ""
    times = context.claim.stated.value * context.unit.scale / listed.estimate.p50
    if not STALE_PRICE[0] <= times <= STALE_PRICE[1]:
        return ""
    return f"it is {times:.2g} times our list value: the price of the generation before was three times as high"
