"""Parties: who pays which basis, who earns which, and for whom a plan pays on this use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costbasis.bases.value import BasisValue
from costbasis.errors import MixedBases
from costbasis.formulas.billing import contribution_usd, net_value_usd
from costbasis.quantity import Quantity, derive

SURE = 0.9
"""Share of draws on one side of zero above which "yes" or "no" is said: the 80 % interval's own tails."""

YES, NO, NOT_A_SIDE, UNDETERMINED = "yes", "no", "not a side of this plan", "cannot be determined"


@dataclass(frozen=True, slots=True)
class Party:
    """A side of the deal: the basis it pays, the basis it earns (``plan`` is the plan's price)."""

    name: str
    pays_basis: str
    earns_basis: str | None


PARTIES = (
    Party("subscriber", pays_basis="plan", earns_basis="list"),
    Party("API buyer", pays_basis="list", earns_basis=None),
    Party("reseller", pays_basis="realised", earns_basis="plan"),
    Party("model owner", pays_basis="serving", earns_basis="plan"),
)


@dataclass(frozen=True, slots=True)
class Stake:
    """What the use of one month leaves a party with. *net_usd* is None where a side is unknown."""

    party: Party
    pays_usd: Quantity | None
    earns_usd: Quantity | None
    net_usd: Quantity | None
    answer: str


def stakes(bases: Mapping[str, BasisValue], plan_usd: Quantity | None) -> list[Stake]:
    """Every party's stake in this use, under a plan of *plan_usd* for the period (or none)."""
    return [_stake(party, bases, plan_usd) for party in PARTIES]


def party_of_basis(basis: str) -> list[str]:
    """Names of the parties whose bill is on *basis*: for them, a figure on it is simply true.

    >>> party_of_basis("serving")
    ['model owner']
    """
    return [party.name for party in PARTIES if party.pays_basis == basis]


def basis_of_party(name: str) -> str:
    """The basis that the party of this name pays.

    Errors: :class:`~costbasis.errors.MixedBases` for a party that no row describes.
    """
    for party in PARTIES:
        if party.name == name:
            return party.pays_basis
    raise MixedBases(f'no cost basis is known for the party "{name}"', hint="add a row to costbasis/parties.py")


def _stake(party: Party, bases: Mapping[str, BasisValue], plan_usd: Quantity | None) -> Stake:
    pays = _money(party.pays_basis, bases, plan_usd)
    if party.earns_basis is None:
        return Stake(party, pays, None, None, NOT_A_SIDE)
    earns = _money(party.earns_basis, bases, plan_usd)
    if pays is None or earns is None:
        return Stake(party, pays, earns, None, UNDETERMINED)
    if party.pays_basis == "plan":
        net = derive(net_value_usd, value_usd=earns, price_usd=pays)
    else:
        net = derive(contribution_usd, revenue_usd=earns, cogs_usd=pays)
    return Stake(party, pays, earns, net.labelled(f"{party.name}: net"), answer_for(net))


def _money(basis: str, bases: Mapping[str, BasisValue], plan_usd: Quantity | None) -> Quantity | None:
    if basis == "plan":
        return plan_usd
    valued = bases.get(basis)
    return None if valued is None or valued.unvalued else valued.total


def answer_for(net_usd: Quantity) -> str:
    """Does it pay? Yes or no where nine draws in ten agree, else it cannot be determined."""
    gain = net_usd.share_above(0.0)
    if gain >= SURE:
        return YES
    return NO if gain <= 1 - SURE else UNDETERMINED
