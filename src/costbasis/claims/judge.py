"""Judges a claim: its arithmetic, its basis, its scope and its conclusion; for whom it is true; what would flip it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import prod

from costbasis.catalog import Catalog, Plan
from costbasis.claims import verdicts
from costbasis.claims.claim import Claim
from costbasis.claims.questions import Asked, ask
from costbasis.claims.usage import amounts_of_claim, comparable_over_list
from costbasis.formulas.billing import scaled_usd
from costbasis.parties import PARTIES
from costbasis.provenance import Driver, drivers, is_pool, value_that_reaches
from costbasis.quantity import Quantity, Source, derive, given
from costbasis.sampling import Spread, exactly
from costbasis.valuation import Rung, Valuation, rung, valuate

DRIVERS_SHOWN = 5

PERIOD_DAYS = 30
"""Days of the month that a claim's plan price is taken for."""


@dataclass(frozen=True, slots=True)
class ForWhom:
    """Whether the stated figure is true for a party: on the basis that the party pays. None: not its question."""

    party: str
    is_true: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class MustBeTrue:
    """The value of one driver at which the stated figure would be the median; None where no draw gets there."""

    driver: Driver
    value: float | None
    outside80: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one claim. *central* is the claimed quantity on the basis it needs."""

    claim: Claim
    valued: Valuation
    asked: Asked
    evidence: verdicts.Evidence
    word: str
    confidence: str
    central: Quantity
    ladder: Sequence[Rung]
    for_whom: Sequence[ForWhom]
    drivers: Sequence[Driver]
    must_be_true: Sequence[MustBeTrue]
    plan: Plan | None
    as_of: date


def judge(claim: Claim, catalog: Catalog, *, as_of: date | None = None) -> Verdict:
    """Judge *claim* with the facts of its own date, or of *as_of*."""
    day = as_of or claim.said.when
    amounts = amounts_of_claim(claim, catalog, day)
    plan = catalog.plan(claim.question.plan, day) if claim.question.plan else None
    valued = valuate(amounts, catalog, first=day, last=day + timedelta(days=PERIOD_DAYS - 1), plan=plan)
    asked = ask(claim, valued, catalog, plan)
    evidence = _evidence(claim, asked)
    word = verdicts.verdict(evidence)
    central = asked.by_basis[claim.stated.basis_needed]
    ranked = drivers(central, limit=DRIVERS_SHOWN)
    return Verdict(
        claim=claim,
        valued=valued,
        asked=asked,
        evidence=evidence,
        word=word,
        confidence=_confidence(evidence, asked, word),
        central=central,
        ladder=[*_claimed_rungs(claim, valued, catalog), *valued.ladder],
        for_whom=_for_whom(claim, evidence),
        drivers=ranked,
        must_be_true=[
            _must_be_true(driver, central, claim.stated.value) for driver in ranked if not is_pool(driver.quantity)
        ],
        plan=plan,
        as_of=day,
    )


def _evidence(claim: Claim, asked: Asked) -> verdicts.Evidence:
    return verdicts.Evidence(
        arithmetic=_arithmetic(claim),
        trust=claim.said.trust,
        stated=claim.stated.value,
        rounding=verdicts.rounding_of(claim.stated.value),
        relation=claim.stated.relation,
        needed=asked.by_basis.get(claim.stated.basis_needed),
        by_basis=asked.by_basis,
        basis_needed=claim.stated.basis_needed,
        guard_broken=asked.guard_broken,
        other_scope="",
    )


def _arithmetic(claim: Claim) -> str:
    """Does the claim's own working give its own figure?"""
    if claim.working is None:
        return verdicts.NO_WORKING
    result = prod(claim.working.product.values())
    fits = abs(result - claim.stated.value) <= verdicts.rounding_of(claim.stated.value)
    return verdicts.REPRODUCES if fits else verdicts.FAILS


def _confidence(evidence: verdicts.Evidence, asked: Asked, word: str) -> str:
    """Medium where the word survives leaving out any one route; high where the claim's source is A or B too.

    An inequality that holds in some draws and fails in many is of low confidence, whichever word it gets.
    """
    if word == "unverifiable" or evidence.needed is None:
        return "low"
    if evidence.relation != "about" and verdicts.HALF <= evidence.holds_frac(evidence.needed) < verdicts.MANY:
        return "low"
    side = evidence.needed.estimate.p50 >= evidence.stated
    survives = all((left.estimate.p50 >= evidence.stated) == side for left in asked.without.values())
    if not survives:
        return "low"
    return "high" if evidence.trust[:1] in "AB" else "medium"


def _claimed_rungs(claim: Claim, valued: Valuation, catalog: Catalog) -> list[Rung]:
    """Anchors from the claim's own inputs: quoted prices at the measured mix, and shares that people named."""
    listed = valued.bases["list"].total
    when = claim.said.when.isoformat()
    shares = [
        (
            item.name,
            "market",
            exactly(comparable_over_list(item, claim, catalog)),
            Source(item.source, trust=item.trust, as_of=when),
        )
        for item in claim.comparable
    ]
    for item in claim.ratio:
        low = item.cost_over_list if item.cost_over_list_low is None else item.cost_over_list_low
        high = item.cost_over_list if item.cost_over_list_high is None else item.cost_over_list_high
        spread = Spread("exact" if low == high else "bounded", low, item.cost_over_list, high)
        shares.append((item.name, item.basis, spread, Source(item.source, trust=item.trust, as_of=when)))
    rungs = []
    for name, basis, spread, source in shares:
        share = given("cost_over_list_frac", spread, source, catalog.sampling, key=f"claim/{claim.id}.{name}")
        usd = derive(scaled_usd, list_usd=listed, cost_over_list_frac=share)
        rungs.append(rung(name, basis, usd, listed, from_claim=True))
    return rungs


def _for_whom(claim: Claim, evidence: verdicts.Evidence) -> list[ForWhom]:
    """Party by party: the figure is true for those whose own bill is on a basis that it matches."""
    found = []
    for party in PARTIES:
        quantity = evidence.by_basis.get(party.pays_basis)
        if party.pays_basis == "plan":
            found.append(ForWhom(party.name, None, "pays the plan's price, not for tokens"))
        elif quantity is None:
            found.append(ForWhom(party.name, None, f"its basis, {party.pays_basis}, cannot be valued here"))
        elif claim.question.kind != "cost_of_usage" and party.name != claim.stated.party:
            found.append(ForWhom(party.name, None, f"the question is the {claim.stated.party}'s"))
        else:
            found.append(ForWhom(party.name, evidence.agrees(quantity), f"pays {party.pays_basis}"))
    return found


def _must_be_true(driver: Driver, central: Quantity, stated: float) -> MustBeTrue:
    value = value_that_reaches(driver, central, stated)
    estimate = driver.quantity.estimate
    return MustBeTrue(driver, value, value is None or not estimate.p10 <= value <= estimate.p90)
