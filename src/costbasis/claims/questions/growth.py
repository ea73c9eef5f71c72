"""Growth over time: in all, or a year; a slip between the two is the usual error."""

from __future__ import annotations

from dataclasses import replace

from costbasis.claims.asked import Asked, Context
from costbasis.formulas.comparison import growth_per_year, growth_times
from costbasis.quantity import Quantity, derive

KIND = "growth"
SAYS = "how many times something grew or fell between two dates (x)"


def answer(context: Context) -> Asked:
    """Times in all and times a year, from the inputs ``from_value``, ``to_value`` and ``years``."""
    context.wants("")
    before = context.needs("from_value", "the value at the start")
    after = context.needs("to_value", "the value at the end, in the same unit")
    span = context.needs("years", "years between them")
    in_all = derive(growth_times, before=_plain(before), after=_plain(after))
    a_year = derive(growth_per_year, before=_plain(before), after=_plain(after), years=_plain(span))
    yearly = "year" in context.claim.stated.period
    needed, other = (a_year, in_all) if yearly else (in_all, a_year)
    name = "over the whole period" if yearly else "a year"
    return Asked(by_basis={context.claim.stated.basis_needed: needed}, scopes={name: other}, scope="two dates alone")


def _plain(quantity: Quantity) -> Quantity:
    """The number without its unit: both ends of a growth are in one unit, which cancels."""
    return replace(quantity, unit="")
