"""The parties, one row each in ``catalog/data/party.csv``: what a party pays, what it earns, and why."""

from __future__ import annotations

from dataclasses import dataclass

from costbasis.catalog.tables import read_csv
from costbasis.errors import MixedBases


@dataclass(frozen=True, slots=True)
class Party:
    """A side of the deal: the basis it pays, the basis it earns (``plan`` is the plan's price).

    A side that is not a basis by itself (``net of channel``, ``open serving``, ``own hardware``) is made of bases
    in :mod:`costbasis.parties.sides`.
    """

    name: str
    pays_basis: str
    earns_basis: str | None
    why: str = ""


def _read(*, of_claims_only: bool) -> tuple[Party, ...]:
    rows = [row for row in read_csv("party.csv") if row["asked_of_claims"] or not of_claims_only]
    return tuple(Party(row["party"], row["pays"], row["earns"] or None, row["why"]) for row in rows)


MATRIX = _read(of_claims_only=False)
"""Every party."""

PARTIES = _read(of_claims_only=True)
"""The parties whose bill is the plan or a basis by itself: those a claim is judged for."""


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
    for party in MATRIX:
        if party.name == name:
            return party.pays_basis
    raise MixedBases(f'no cost basis is known for the party "{name}"', hint="add a row to catalog/data/party.csv")
