"""A company's margin or loss, by definition: the claim's readings are the definitions, side by side."""

from __future__ import annotations

from costbasis.claims.asked import Asked, Context
from costbasis.errors import BadClaim

KIND = "company_margin"
SAYS = "a margin, a loss or a cost per dollar of a company, by definition (share, x, or usd per usd)"


def answer(context: Context) -> Asked:
    """Nothing of its own: the definitions are readings over facts of the catalogue and of the claim.

    Errors: :class:`~costbasis.errors.BadClaim` where no reading says which definition is needed.
    """
    if not any(reading.needed for reading in context.claim.reading):
        hint = "add a [[reading]] with needed = true, by = an expression over [inputs], such as 1 - costs / revenue"
        raise BadClaim("a company_margin question needs a definition", where=context.place.of("question"), hint=hint)
    return Asked(scope=f"{context.claim.stated.population}, {context.claim.stated.period}")
