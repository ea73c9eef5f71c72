"""Judges a claim: its arithmetic, its basis, its scope and its conclusion; for whom it is true; what would flip it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from costbasis.catalog import Catalog, Plan
from costbasis.claims import guards, slips, verdicts
from costbasis.claims.asked import Asked, Context
from costbasis.claims.claim import Claim
from costbasis.claims.claimfile import Filed
from costbasis.claims.confidence import confidence_in
from costbasis.claims.expressions import Named, evaluate, same_dimension
from costbasis.claims.forwhom import ForWhom, for_whom
from costbasis.claims.measure import Measure, measure
from costbasis.claims.questions import discover
from costbasis.claims.rungs import claimed_rungs
from costbasis.claims.scenario import MustBeTrue, Scenario, alone, nearest
from costbasis.claims.usage import Use, use_of_claim
from costbasis.claims.working import sheet_of
from costbasis.provenance import Driver, drivers, is_choice, is_pool, leaves
from costbasis.quantity import Given, Quantity
from costbasis.valuation import Rung, Valuation, valuate

DRIVERS_SHOWN = 5

PERIOD_DAYS = 30
"""Days of the month that a claim's plan price is taken for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one claim.

    *needed_key*: the name of the needed figure among ``asked.by_basis``. *central*: that figure, in the claim's
    unit; None where nothing gives it. *steps*: the author's working, checked. *also*: other words that hold too.
    """

    claim: Claim
    unit: Measure
    valued: Valuation | None
    use: Use | None
    asked: Asked
    steps: Sequence[slips.Checked]
    needed_key: str
    evidence: verdicts.Evidence
    word: str
    also: Sequence[str]
    confidence: str
    central: Quantity | None
    ladder: Sequence[Rung]
    for_whom: Sequence[ForWhom]
    drivers: Sequence[Driver]
    must_be_true: Sequence[MustBeTrue]
    scenario: Scenario | None
    plan: Plan | None
    as_of: date


def judge(filed: Filed, catalog: Catalog, *, as_of: date | None = None, ranked: bool = True) -> Verdict:
    """Judge a claim with the facts of its own date, or of *as_of*. *ranked*: drivers and scenario too.

    Errors: :class:`~costbasis.errors.BadClaim` and :class:`~costbasis.errors.UnknownName`, with the line.
    """
    claim = filed.claim
    day = as_of or claim.said.when
    sheet = sheet_of(filed, catalog)
    unit = measure(claim.stated.unit, filed.place.of("stated", "unit"))
    plan = catalog.plan(claim.question.plan, day) if claim.question.plan else None
    use = use_of_claim(filed, sheet, catalog, day) if claim.usage else None
    valued = _valued(use, catalog, day, plan)
    context = Context(filed, catalog, day, sheet, unit, plan, use.list_usd if use else None, valued)
    asked, needed_key = _with_readings(discover()[claim.question.kind].answer(context), context)
    asked = replace(
        asked,
        guards=[*asked.guards, *guards.broken(context)],
        suspicions=[*asked.suspicions, *guards.suspicions(context, asked)],
    )
    asked = _in_claims_unit(asked, unit)
    steps = [checked for step in sheet.steps if (checked := slips.check(step)) is not None]
    central = asked.by_basis.get(needed_key)
    evidence = _evidence(context, asked, needed_key, steps)
    best = drivers(central, limit=DRIVERS_SHOWN) if central is not None and ranked else []
    settable = [driver for driver in best if not is_choice(driver.quantity)]
    return Verdict(
        claim=claim,
        unit=unit,
        valued=valued,
        use=use,
        asked=asked,
        steps=steps,
        needed_key=needed_key,
        evidence=evidence,
        word=verdicts.verdict(evidence),
        also=verdicts.others(evidence),
        confidence=confidence_in(evidence, asked, claim),
        central=central,
        ladder=[*claimed_rungs(filed, valued, catalog), *valued.ladder] if valued else [],
        for_whom=for_whom(context, evidence),
        drivers=best,
        must_be_true=[alone(driver, central, claim.stated.value) for driver in settable] if central else [],
        scenario=nearest(best, central, claim.stated.value) if central else None,
        plan=plan,
        as_of=day,
    )


def _valued(use: Use | None, catalog: Catalog, day: date, plan: Plan | None) -> Valuation | None:
    if use is None:
        return None
    return valuate(use.amounts, catalog, first=day, last=day + timedelta(days=PERIOD_DAYS - 1), plan=plan)


def _with_readings(asked: Asked, context: Context) -> tuple[Asked, str]:
    """The question's figures and the claim's own readings of it, and which of them the claim needs."""
    claim, place = context.claim, context.place
    by_basis, scopes = dict(asked.by_basis), dict(asked.scopes)
    needed_key = claim.stated.basis_needed
    for index, reading in enumerate(claim.reading):
        where = place.of("reading", index, "by")
        unit = measure(reading.unit, place.of("reading", index, "unit"))
        found = evaluate(reading.by, context.sheet.named, context.catalog, where)
        same_dimension(found.unit, unit, f'"{reading.by}"', where)
        if not (reading.needed or unit.powers == context.unit.powers):
            same_dimension(unit, context.unit, f'the reading "{reading.name}"', where)
        quantity = found.quantity.labelled(reading.name)
        if reading.scope:
            scopes[reading.name] = quantity
            continue
        key = _key(reading.basis or claim.stated.basis_needed, reading.name, reading.needed, by_basis)
        if reading.needed:
            needed_key = key
            by_basis = {name: value for name, value in by_basis.items() if name != key}
        by_basis[key] = quantity
    return replace(asked, by_basis=by_basis, scopes=scopes), needed_key


def _key(basis: str, name: str, is_needed: bool, taken: Mapping[str, Quantity]) -> str:
    """The basis alone where it is free or this is the needed figure, else with the reading's name."""
    return basis if is_needed or basis not in taken else f"{basis}: {name}"


def _in_claims_unit(asked: Asked, unit: Measure) -> Asked:
    """Every figure in the scale that the claim speaks in (billions, million tokens)."""

    def scaled(figures: Mapping[str, Quantity]) -> dict[str, Quantity]:
        return {name: Named(quantity, unit).in_unit(unit) for name, quantity in figures.items()}

    return replace(
        asked,
        by_basis=scaled(asked.by_basis),
        scopes=scaled(asked.scopes),
        routes=scaled(asked.routes),
        without=scaled(asked.without),
    )


def _evidence(context: Context, asked: Asked, needed_key: str, steps: Sequence[slips.Checked]) -> verdicts.Evidence:
    stated = context.claim.stated
    low = stated.value if stated.low is None else stated.low
    high = stated.value if stated.high is None else stated.high
    needed = asked.by_basis.get(needed_key)
    scope = context.claim.scope
    return verdicts.Evidence(
        arithmetic=_arithmetic(steps),
        stated=stated.value,
        least=min(low, high),
        most=max(low, high),
        low=min(low, high) - verdicts.rounding_of(low),
        high=max(low, high) + verdicts.rounding_of(high),
        relation=stated.relation,
        needed=needed,
        basis_needed=needed_key,
        by_basis=asked.by_basis,
        scopes=asked.scopes,
        guards=asked.guards,
        rests_on_e=_rumour(context, needed),
        other_scope=scope.inputs_are_of if scope else "",
        is_independent=needed is not None and _is_independent(needed),
    )


def _arithmetic(steps: Sequence[slips.Checked]) -> str:
    """Do the claim's own inputs give what its author says they give?"""
    if not steps:
        return verdicts.NO_WORKING
    if any(checked.fails for checked in steps):
        return verdicts.FAILS
    return verdicts.REPRODUCES if all(checked.agrees for checked in steps) else verdicts.CORRECTED


def _rumour(context: Context, needed: Quantity | None) -> str:
    """The key input that is a rumour or unknown (trust E), or "".

    It is key where it is one of the claim's own inputs, or where the needed figure rests on it. A pool of sources that
    also holds a better one does not rest on its rumour.
    """
    own = [name for name, item in context.claim.inputs.items() if item.whose == "claim" and item.trust == "E"]
    if own:
        return own[0].replace("_", " ")
    if needed is None:
        return ""
    under = list(leaves(needed).values())
    rumours = [leaf for leaf in under if isinstance(leaf.past, Given) and leaf.past.source.trust == "E"]
    if not rumours or (_best_trust(needed) < "E" and any(is_pool(leaf) for leaf in under)):
        return ""
    return rumours[0].label or rumours[0].name


def _best_trust(quantity: Quantity) -> str:
    grades = [
        leaf.past.source.trust
        for leaf in leaves(quantity).values()
        if isinstance(leaf.past, Given) and leaf.past.source.status != "definition"
    ]
    return min(grades, default="A")


def _is_independent(needed: Quantity) -> bool:
    """Does anything but the claim's own inputs stand behind the figure, or is its own source a good one (A or B)?"""
    return any(
        isinstance(leaf.past, Given)
        and (leaf.past.source.status not in ("claimed", "definition") or leaf.past.source.trust[:1] in "AB")
        for leaf in leaves(needed).values()
    )
