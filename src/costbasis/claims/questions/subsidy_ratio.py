"""How many dollars of use a subscriber gets for one dollar paid."""

from __future__ import annotations

from costbasis import plans
from costbasis.claims.asked import Asked, Context, on_every_basis
from costbasis.formulas.comparison import value_per_usd_paid
from costbasis.quantity import Quantity, derive

KIND = "subsidy_ratio"
SAYS = "dollars of use for one dollar paid (x)"


def answer(context: Context) -> Asked:
    """The use over what was paid for it (the input ``paid_usd``, else the plan's month), on every basis."""
    context.wants("")
    paid = context.named("paid_usd")
    if paid is None and context.plan is not None:
        paid = plans.price_for_month(context.plan)
    paid = paid or context.needs("paid_usd", "what was paid for this use")

    def ratio(usd: Quantity) -> Quantity:
        result: Quantity = derive(value_per_usd_paid, value_usd=usd, paid_usd=paid)
        return result

    return on_every_basis(context, ratio, scope=context.claim.stated.population)
