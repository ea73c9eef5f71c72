"""How sure a verdict is, from the grades of its evidence. Taking inputs away never raises it."""

from __future__ import annotations

from costbasis.claims.asked import Asked
from costbasis.claims.claim import Claim
from costbasis.claims.verdicts import CORRECTED, FAILS, HALF, MANY, REPRODUCES, Evidence, verdict


def confidence_in(found: Evidence, asked: Asked, claim: Claim) -> str:
    """High, medium or low.

    *High*: the claim's own steps decide (they fail), a guard is broken, or audited or first-party figures say so.
    *Low*: nothing independent gives the needed figure, a key input is a rumour, or the word hangs on one route.
    An inequality that holds in some draws and fails in many is low, whichever word it gets.
    """
    word = verdict(found)
    if found.arithmetic == FAILS or (found.guards and found.needed is not None):
        return "high"
    if word == "unverifiable" or found.needed is None or not found.is_independent:
        return "low"
    if found.relation != "about" and HALF <= found.holds_frac(found.needed) < MANY:
        return "low"
    if not _survives(found, asked):
        return "low"
    if _is_well_sourced(found, claim):
        return "high"
    return "medium"


def _survives(found: Evidence, asked: Asked) -> bool:
    """Does the figure stay on the same side of the centre, whichever route is left out?"""
    assert found.needed is not None
    side = found.needed.estimate.p50 >= found.stated
    return all((left.estimate.p50 >= found.stated) == side for left in asked.without.values())


def _is_well_sourced(found: Evidence, claim: Claim) -> bool:
    """Does the claim show its working, and is the needed figure narrow or the claimant a good source?"""
    assert found.needed is not None
    if found.arithmetic not in (REPRODUCES, CORRECTED):
        return False
    estimate = found.needed.estimate
    is_narrow = estimate.p10 > 0 and estimate.p90 / estimate.p10 < 1.25
    return is_narrow or claim.said.trust[:1] in "AB"
