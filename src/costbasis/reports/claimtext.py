"""The sentences of a verdict: what the numbers of a judged claim say, in words."""

from __future__ import annotations

from costbasis.claims.judge import MustBeTrue, Verdict
from costbasis.claims.verdicts import NO_WORKING
from costbasis.quantity import Estimate, Given, Quantity
from costbasis.reports.format import in_reader_units, interval, number, share

WORDS = {
    "supported": "supported",
    "mostly_supported": "mostly supported",
    "right_number_wrong_basis": "right number, wrong basis",
    "right_number_wrong_scope": "right number, wrong scope",
    "overstated": "overstated",
    "understated": "understated",
    "internally_inconsistent": "internally inconsistent",
    "refuted": "refuted",
    "unverifiable": "unverifiable",
}

ARTICLE = {"list": "the list value", "realised": "list less discounts", "market": "the market price"}


def amount(value: float, unit: str) -> str:
    """A value in the claim's unit.

    >>> amount(5000.0, "usd/month"), amount(0.5, "share"), amount(10.0, "x")
    ('$5,000', '50 %', '10×')
    """
    if unit == "share":
        return share(value)
    if unit == "x":
        return f"{number(value)}×"
    return f"${number(value)}"


def spread(quantity: Quantity, unit: str) -> str:
    """The 80 % interval in the claim's unit."""
    estimate = quantity.estimate
    return f"{amount(estimate.p10, unit)} – {amount(estimate.p90, unit)}"


def answer(judged: Verdict) -> str:
    """One sentence: the verdict, what the figure is, and what the needed basis gives."""
    stated, word = judged.claim.stated, WORDS[judged.word]
    figure = amount(stated.value, stated.unit)
    prefix = {"about": "", "at_least": "at least ", "at_most": "at most "}[stated.relation]
    others = [name for name in judged.evidence.matches_basis if name != stated.basis_needed]
    matched = f" It is {ARTICLE.get(others[0], others[0])}." if judged.word == "right_number_wrong_basis" else ""
    centre = judged.central.estimate.p50
    return (
        f'"{prefix}{figure}": {word}.{matched} On the {stated.basis_needed} basis it is about '
        f"{amount(centre, stated.unit)} ({spread(judged.central, stated.unit)}, 80 %)."
    )


def axes(judged: Verdict) -> dict[str, str]:
    """The four axes: arithmetic, basis, scope, conclusion."""
    stated, evidence = judged.claim.stated, judged.evidence
    matches = evidence.matches_basis
    if stated.basis_needed in matches:
        basis = f"true on the basis it needs ({stated.basis_needed})"
    elif matches:
        basis = f"true on {', '.join(matches)}; needed is {stated.basis_needed}"
    else:
        basis = f"true on no basis; needed is {stated.basis_needed}"
    if stated.basis_claimed != stated.basis_needed:
        basis += f"; said of {stated.basis_claimed}"
    return {
        "arithmetic": evidence.arithmetic,
        "basis": basis,
        "scope": judged.asked.scope,
        "conclusion": conclusion(judged),
    }


def conclusion(judged: Verdict) -> str:
    """What follows for the one who was said to pay: level, direction, and the plan where one is meant."""
    stated = judged.claim.stated
    centre = judged.central.estimate.p50
    times = number(max(stated.value / centre, centre / stated.value))
    level = f"level {'low' if stated.value < centre else 'high'} by {times}×"
    if stated.relation != "about":
        level = f"holds in {share(judged.evidence.holds_frac(judged.central))} of draws"
    if judged.plan is None or judged.claim.question.kind != "cost_of_usage":
        return level
    listed = judged.asked.by_basis["list"].estimate.p50
    direction = "direction right (well under list)" if stated.value < listed / 2 else "direction wrong (as if list)"
    owner = next(stake for stake in judged.valued.stakes if stake.party.name == "model owner")
    net = f"the owner nets {interval(owner.net_usd.estimate)} USD on this user" if owner.net_usd else ""
    average = f"on the average subscriber: {judged.valued.average_answer}"
    return "; ".join(part for part in (direction, level, net, average) if part)


def flips(judged: Verdict) -> list[str]:
    """What would make the stated figure right."""
    stated = judged.claim.stated
    reached = [row for row in judged.must_be_true if row.value is not None]
    lines = [_flip(row) for row in reached]
    idle = [row.driver.label for row in judged.must_be_true if row.value is None]
    if idle:
        lines.append(f"no value in its range gets there alone, of: {', '.join(idle)}")
    serving, listed = judged.asked.by_basis.get("serving"), judged.asked.by_basis.get("list")
    if judged.claim.question.kind == "cost_of_usage" and serving and listed:
        centre, top = serving.estimate.p50, listed.estimate.p50
        scarcity = (stated.value - centre) / (top - centre) if top > centre else 0.0
        if 0 < scarcity <= 1:
            lines.append(
                f"if capacity was sold out and a share λ = {number(min(1.0, scarcity))} of these tokens would have "
                f"sold at list, the opportunity cost is {amount(stated.value, stated.unit)}"
            )
    return lines


def _flip(row: MustBeTrue) -> str:
    value = Estimate(*([row.value or 0.0] * 4))
    named, unit = in_reader_units(value, row.driver.quantity.unit)
    where = "outside" if row.outside80 else "inside"
    return (
        f"{row.driver.label} ({row.driver.key}) at {number(named.p50)} {unit}".rstrip() + f", {where} its 80 % interval"
    )


def objections(judged: Verdict) -> list[str]:
    """The strongest criticism of our own answer, strongest first."""
    lines = []
    if judged.drivers:
        first = judged.drivers[0]
        past = first.quantity.past
        trust = past.source.trust if isinstance(past, Given) else ""
        lines.append(
            f"{share(first.share_frac)} of our spread hangs on {first.label} ({first.key}), an input of trust {trust}: "
            f"whoever knows it better can move the answer"
        )
    lefts = {name: left.estimate.p50 for name, left in judged.asked.without.items()}
    if lefts:
        low, high = min(lefts, key=lambda name: lefts[name]), max(lefts, key=lambda name: lefts[name])
        unit = judged.claim.stated.unit
        lines.append(
            f"the routes disagree: without {low} the centre is {amount(lefts[low], unit)}, "
            f"without {high} it is {amount(lefts[high], unit)}"
        )
    lines.append(
        "the architecture, the fleet and the margins of the vendor are not published: no route is a measurement of it"
    )
    lines.append("competitors' prices are a ceiling on their own cost, and may be quantised or sold at a loss")
    lines.append("list price is not cost, and a heavy user is a ceiling, not the average")
    if judged.evidence.arithmetic == NO_WORKING:
        lines.append(
            f"the claim shows no working; its source is {judged.claim.said.who} (trust {judged.claim.said.trust})"
        )
    return lines
