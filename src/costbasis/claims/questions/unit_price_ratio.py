"""How many times one price is another: list over market, over serving, for a mix or for one token class."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context, on_every_basis
from costbasis.formulas.billing import list_over_serving
from costbasis.quantity import Quantity, derive

KIND = "unit_price_ratio"
SAYS = "how many times a basis the list price is (x), for a mix of tokens or one class"


def answer(context: Context) -> Asked:
    """List over each basis, for the claim's use; the two prices that it quotes come as its readings."""
    context.wants("")
    if context.valued is None:
        return Asked(scope=context.claim.stated.population)
    listed = context.valued.bases["list"].total
    only = context.claim.usage.only.replace("_", " ") if context.claim.usage else ""
    tokens = f"{only} tokens" if only else "a coding agent's tokens"

    def over(usd: Quantity) -> Quantity:
        result: Quantity = derive(list_over_serving, list_usd=listed, serving_usd=usd)
        return result

    return on_every_basis(context, over, scope=f"{tokens} of this model")
