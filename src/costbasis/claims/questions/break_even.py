"""The use at which a plan stops to pay its owner."""

from __future__ import annotations

from costbasis import plans
from costbasis.claims.asked import Asked, Context, on_every_basis
from costbasis.errors import BadClaim
from costbasis.formulas.billing import list_over_serving
from costbasis.formulas.subscription import break_even_list_usd, use_of_ceiling_frac
from costbasis.population import has_population, population_of
from costbasis.quantity import Quantity, derive

KIND = "break_even"
SAYS = "the share of its ceiling (share), or the list value a month (usd/month), at which a plan stops to pay"


def answer(context: Context) -> Asked:
    """On each basis: the use, at list, whose value on that basis is the plan's price.

    Inputs, where the plan is not in the catalogue: ``price_usd`` and ``full_use_usd``.
    Errors: :class:`~costbasis.errors.BadClaim` for what is missing.
    """
    context.wants("", "usd", "usd/month")
    if context.valued is None:
        hint = "add [usage] with a model: cost over list is taken from it"
        raise BadClaim("a break_even question needs a use", where=context.place.of("question"), hint=hint)
    price = context.named("price_usd")
    if price is None:
        price = plans.price_for_month(context.plan) if context.plan else context.needs("price_usd", "the plan's price")
    full = None if context.unit.name else _full_use(context)
    listed = context.valued.bases["list"].total

    def even(usd: Quantity) -> Quantity:
        ratio = derive(list_over_serving, list_usd=listed, serving_usd=usd)
        use: Quantity = derive(break_even_list_usd, price_usd=price, list_over_serving=ratio)
        return use if full is None else derive(use_of_ceiling_frac, use_usd=use, ceiling_usd=full)

    return on_every_basis(context, even, scope="mean use over the plan's subscribers decides; no vendor publishes it")


def _full_use(context: Context) -> Quantity:
    given = context.named("full_use_usd")
    if given is not None:
        return given
    if context.plan is not None and has_population(context.plan, context.catalog):
        return population_of(context.plan, context.catalog).ceiling_usd
    return context.needs("full_use_usd", "list value of the plan at full use, a month")
