"""For whom a figure is true, party by party: those whose own bill is on a basis that it matches."""

from __future__ import annotations

from dataclasses import dataclass

from costbasis.claims.asked import Context
from costbasis.claims.verdicts import Evidence
from costbasis.parties import PARTIES


@dataclass(frozen=True, slots=True)
class ForWhom:
    """Whether the stated figure is true for a party: on the basis that the party pays. None: not its question."""

    party: str
    is_true: bool | None
    why: str


def for_whom(context: Context, found: Evidence) -> list[ForWhom]:
    """Every party, for a use of tokens; for any other figure the one whose figure it is."""
    claim = context.claim
    if context.valued is None or claim.question.kind not in ("cost_of_usage", "subsidy_ratio"):
        return [_spoken_of(context, found)]
    rows = []
    for party in PARTIES:
        quantity = found.by_basis.get(party.pays_basis)
        if party.pays_basis == "plan":
            rows.append(ForWhom(party.name, None, "pays the plan's price, not for tokens"))
        elif quantity is None:
            rows.append(ForWhom(party.name, None, f"its basis, {party.pays_basis}, cannot be valued here"))
        else:
            rows.append(ForWhom(party.name, found.agrees(quantity), f"pays {party.pays_basis}"))
    return rows


def _spoken_of(context: Context, found: Evidence) -> ForWhom:
    stated = context.claim.stated
    if found.needed is None:
        return ForWhom(stated.party, None, f"the {found.basis_needed} figure cannot be determined")
    return ForWhom(stated.party, found.agrees(found.needed), f"judged on {found.basis_needed}")
