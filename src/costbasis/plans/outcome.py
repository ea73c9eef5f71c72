"""A plan against one user's month: its price for the days looked at, and the use at which it breaks even."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog, Plan
from costbasis.formulas.billing import contribution_usd, list_over_serving
from costbasis.formulas.subscription import break_even_list_usd, plan_months_usd, plan_price_usd
from costbasis.quantity import Quantity, Source, counted, derive

SHORT_DAYS = 14
"""Fewer days than this say little about a month; the report warns."""

S_PER_DAY = 86_400

ONE_MONTH = Source("one month", trust="A", status="definition", as_of="2026-11-24")


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """What a plan earns and spends on this use.

    *price_usd*: the monthly price × days / days a month. *margin_usd*: for the model owner, price less
    serving. *p_profitable*: share of draws in which that is positive. *break_even_list_usd*: list value at
    which serving costs just the price. The last three are None where serving is unknown.
    """

    plan: Plan
    days: int
    price_usd: Quantity
    margin_usd: Quantity | None
    p_profitable: float | None
    break_even_list_usd: Quantity | None

    @property
    def is_short(self) -> bool:
        """True where the days are too few to speak of a month."""
        return self.days < SHORT_DAYS


def price_for_days(plan: Plan, first: date, last: date, catalog: Catalog) -> Quantity:
    """USD of the days of *plan* from *first* to *last*, both included: price × days / 30.44."""
    days = (last - first).days + 1
    looked_at = Source("days looked at", trust="A", status="counted", as_of=last.isoformat())
    result: Quantity = derive(
        plan_price_usd,
        price_usd_per_month=plan.price,
        period_s=counted("period_s", days * S_PER_DAY, looked_at),
        s_per_month=catalog.quantity("period/month.length_days_per_month"),
    )
    return result.labelled(f"{plan.name} for {days} days")


def price_for_month(plan: Plan) -> Quantity:
    """USD of one whole month of *plan*."""
    result: Quantity = derive(
        plan_months_usd,
        price_usd_per_month=plan.price,
        period_month=counted("period_month", 1.0, ONE_MONTH),
    )
    return result.labelled(f"{plan.name} for a month")


def outcome(plan: Plan, first: date, last: date, bases: Mapping[str, BasisValue], catalog: Catalog) -> PlanOutcome:
    """*plan* over the days from *first* to *last*, both included, against the use in *bases*."""
    days = (last - first).days + 1
    price = price_for_days(plan, first, last, catalog)
    serving = bases.get("serving")
    if serving is None or serving.unvalued:
        return PlanOutcome(plan, days, price, None, None, None)
    margin = derive(contribution_usd, revenue_usd=price, cogs_usd=serving.total)
    ratio = derive(list_over_serving, list_usd=bases["list"].total, serving_usd=serving.total)
    break_even = derive(break_even_list_usd, price_usd=price, list_over_serving=ratio)
    return PlanOutcome(plan, days, price, margin, margin.share_above(0.0), break_even)
