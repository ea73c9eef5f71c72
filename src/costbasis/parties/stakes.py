"""For whom a usage pays: every party's stake in it, and whether nine draws in ten agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog
from costbasis.formulas.billing import contribution_usd, net_value_usd
from costbasis.parties.rows import MATRIX, Party
from costbasis.parties.sides import amount
from costbasis.quantity import Quantity, derive

SURE = 0.9
"""Share of draws on one side of zero above which "yes" or "no" is said: the 80 % interval's own tails."""

YES, NO, NOT_A_SIDE, UNDETERMINED = "yes", "no", "not a side of this plan", "cannot be determined"


@dataclass(frozen=True, slots=True)
class Stake:
    """What the use of one month leaves a party with. *net_usd* is None where a side is unknown."""

    party: Party
    pays_usd: Quantity | None
    earns_usd: Quantity | None
    net_usd: Quantity | None
    answer: str


def stakes(bases: Mapping[str, BasisValue], plan_usd: Quantity | None, catalog: Catalog) -> list[Stake]:
    """Every party's stake in this use, under a plan of *plan_usd* for the period (or none)."""
    return [_stake(party, bases, plan_usd, catalog) for party in MATRIX]


def _stake(party: Party, bases: Mapping[str, BasisValue], plan_usd: Quantity | None, catalog: Catalog) -> Stake:
    pays = amount(party.pays_basis, bases, plan_usd, catalog)
    if party.earns_basis is None:
        return Stake(party, pays, None, None, NOT_A_SIDE)
    earns = amount(party.earns_basis, bases, plan_usd, catalog)
    if pays is None or earns is None:
        return Stake(party, pays, earns, None, UNDETERMINED)
    if party.pays_basis == "plan":
        net = derive(net_value_usd, value_usd=earns, price_usd=pays)
    else:
        net = derive(contribution_usd, revenue_usd=earns, cogs_usd=pays)
    return Stake(party, pays, earns, net.labelled(f"{party.name}: net"), answer_for(net))


def answer_for(net_usd: Quantity) -> str:
    """Does it pay? Yes or no where nine draws in ten agree, else it cannot be determined."""
    gain = net_usd.share_above(0.0)
    if gain >= SURE:
        return YES
    return NO if gain <= 1 - SURE else UNDETERMINED
