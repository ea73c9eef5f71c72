"""Any other figure: the claim's readings say what it may be, by named inputs and formulas."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context
from costbasis.errors import BadClaim

KIND = "free_form"
SAYS = "any other figure, by expressions and formulas over the claim's inputs"


def answer(context: Context) -> Asked:
    """Nothing of its own: readings give the figure.

    Errors: :class:`~costbasis.errors.BadClaim` where there is no reading.
    """
    if not context.claim.reading:
        hint = 'add a [[reading]] with name, unit, by = "an expression over [inputs]" and needed = true'
        raise BadClaim("a free_form question needs a reading", where=context.place.of("question"), hint=hint)
    return Asked(scope=context.claim.stated.population)
