"""Parties: who pays which basis, who earns which, and for whom a plan pays on this use."""

from costbasis.parties.rows import MATRIX, PARTIES, Party, basis_of_party, party_of_basis
from costbasis.parties.stakes import NO, NOT_A_SIDE, SURE, UNDETERMINED, YES, Stake, answer_for, stakes

__all__ = [
    "MATRIX",
    "NO",
    "NOT_A_SIDE",
    "PARTIES",
    "SURE",
    "UNDETERMINED",
    "YES",
    "Party",
    "Stake",
    "answer_for",
    "basis_of_party",
    "party_of_basis",
    "stakes",
]
