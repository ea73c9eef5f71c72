"""The sentences of a verdict: what the numbers of a judged claim say, in words."""

from __future__ import annotations

from typing import Any

from costbasis.claims import verdicts
from costbasis.claims.judge import Verdict
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

BASIS = {
    "list": "the list value",
    "realised": "list less discounts",
    "market": "the market price of comparable models",
    "serving": "what it costs to serve",
    "marginal": "what one more token costs to serve",
    "opportunity": "what is given up when capacity is sold out",
    "loaded": "everything spent, training and research in it",
    "gaap": "the line of the accounts",
}
"""A basis as a reader would say it."""


def basis_words(key: str) -> str:
    """A basis, or a reading of one, in words.

    >>> basis_words("list"), basis_words("gaap: net loss per dollar")
    ('the list value', 'net loss per dollar')
    """
    basis, _, name = key.partition(": ")
    return name or BASIS.get(basis, basis)


def amount(value: float, unit: str) -> str:
    """A value in the claim's unit.

    >>> amount(5000.0, "usd/month"), amount(0.5, "share"), amount(10.0, "x"), amount(15.0, "usd_m/day")
    ('$5,000', '50 %', '10×', '$15 million')
    >>> amount(0.003, "usd/mtok"), amount(-2.5, "usd"), amount(12.0, "tok/s")
    ('$0.0030/MTok', '−$2.5', '12 tok/s')
    """
    head, _, rest = unit.partition("/")
    if unit in ("share", "percent", "frac"):
        return share(value if unit != "percent" else value / 100)
    if unit in ("x", "ratio", "count", ""):
        return f"{number(value)}×"
    sign, size = ("−" if value < 0 else ""), number(abs(value))
    scales = {"usd": "", "usd_k": " thousand", "usd_m": " million", "usd_b": " billion"}
    if head in scales:
        per = "/MTok" if rest == "mtok" else "/accelerator-hour" if rest.startswith("accel") else ""
        return f"{sign}${size}{scales[head]}{per}"
    return f"{sign}{size} {unit}"


def spread(quantity: Quantity, unit: str) -> str:
    """The 80 % interval in the claim's unit, or "" where the number is known."""
    estimate = quantity.estimate
    low, high = amount(estimate.p10, unit), amount(estimate.p90, unit)
    return "" if low == high else f"{low} – {high}"


def figure(judged: Verdict) -> str:
    """The stated figure as it was said."""
    stated = judged.claim.stated
    prefix = {"about": "", "at_least": "at least ", "at_most": "at most "}[stated.relation]
    if stated.low is not None and stated.high is not None:
        return f"{prefix}{amount(stated.low, stated.unit)} – {amount(stated.high, stated.unit)}"
    return prefix + amount(stated.value, stated.unit)


def answer(judged: Verdict) -> str:
    """One sentence: the verdict, why, and what the needed basis gives."""
    return " ".join(
        part for part in (f'"{figure(judged)}": {WORDS[judged.word]}.', _why(judged), _centre(judged)) if part
    )


def _why(judged: Verdict) -> str:
    evidence = judged.evidence
    if judged.word == "internally_inconsistent":
        failed = next(checked for checked in judged.steps if checked.fails)
        given = amount(failed.step.result.estimate.p50, failed.step.unit.text)
        return f"Its own working gives {given}."
    if judged.word == "unverifiable":
        return f"It rests on {evidence.rests_on_e}, which nobody has published." if evidence.rests_on_e else ""
    if judged.word == "refuted":
        return f"{judged.asked.guards[0][:1].upper()}{judged.asked.guards[0][1:]}." if judged.asked.guards else ""
    if judged.word == "right_number_wrong_basis":
        found = next(name for name in evidence.matches_basis if name != evidence.basis_needed)
        return f"It is {basis_words(found)}."
    if judged.word == "right_number_wrong_scope":
        return f"It is of {evidence.other_scope or evidence.matches_scope[0]}."
    return ""


def _centre(judged: Verdict) -> str:
    basis = judged.claim.stated.basis_needed
    if judged.central is None:
        return f"What it is on the {basis} basis cannot be determined."
    reading = next((f" ({reading.name})" for reading in judged.claim.reading if reading.needed), "")
    about = amount(judged.central.estimate.p50, _needed_unit(judged))
    inside = spread(judged.central, _needed_unit(judged))
    where = f"On the {basis} basis{reading} it is about {about}"
    return f"{where} ({inside}, 80 %)." if inside else f"{where}."


def _needed_unit(judged: Verdict) -> str:
    """The unit that the needed figure is read in: a reading may say a share where the claim says times."""
    reading = next((reading for reading in judged.claim.reading if reading.needed), None)
    return reading.unit if reading and reading.unit in ("share", "x") else judged.claim.stated.unit


def axes(judged: Verdict) -> dict[str, str]:
    """The four axes: arithmetic, basis, scope, conclusion."""
    return {
        "arithmetic": "; ".join([judged.evidence.arithmetic, *arithmetic(judged)]),
        "basis": _basis_axis(judged),
        "scope": _scope_axis(judged),
        "conclusion": conclusion(judged),
    }


def arithmetic(judged: Verdict) -> list[str]:
    """What each step of the working gives, where it does not give what is said."""
    found = []
    for checked in judged.steps:
        if checked.agrees:
            continue
        step, unit = checked.step, checked.step.unit.text
        low, high = amount(step.stated_low or 0.0, unit), amount(step.stated_high or 0.0, unit)
        said = low if low == high else f"{low} – {high}"
        slip = f" ({checked.slip})" if checked.slip else ""
        found.append(f"{step.by} gives {amount(step.result.estimate.p50, unit)}, not {said}{slip}")
    return found


def _basis_axis(judged: Verdict) -> str:
    stated, evidence = judged.claim.stated, judged.evidence
    matches = [basis_words(name) if ": " in name else name for name in evidence.matches_basis]
    if evidence.basis_needed in evidence.matches_basis:
        says = f"true on the basis it needs ({stated.basis_needed})"
    elif matches:
        says = f"true on {', '.join(matches)}; needed is {stated.basis_needed}"
    else:
        says = f"true on no basis; needed is {stated.basis_needed}"
    return says + (f"; said of {stated.basis_claimed}" if stated.basis_claimed != stated.basis_needed else "")


def _scope_axis(judged: Verdict) -> str:
    scope, parts = judged.claim.scope, [judged.asked.scope or judged.claim.stated.population]
    if scope is not None:
        parts.append(f"its inputs are of {scope.inputs_are_of}, it speaks of {scope.claim_is_of}")
    if judged.evidence.matches_scope:
        parts.append(f"true of: {'; '.join(judged.evidence.matches_scope)}")
    return "; ".join(parts)


def conclusion(judged: Verdict) -> str:
    """What follows for the one who was said to pay: level, direction, and the plan where one is meant."""
    stated = judged.claim.stated
    if judged.central is None:
        return "cannot be determined from public data"
    centre = judged.central.estimate.p50
    if stated.relation != "about":
        level = f"holds in {share(judged.evidence.holds_frac(judged.central))} of draws"
    elif centre * stated.value <= 0:
        level = f"the needed figure is on the other side of zero: {amount(centre, _needed_unit(judged))}"
    else:
        times = number(max(stated.value / centre, centre / stated.value))
        side = "low" if abs(stated.value) < abs(centre) else "high"
        level = "level right" if times in ("1.0", "1") else f"level {side} by {times}×"
    if judged.plan is None or judged.valued is None or judged.claim.question.kind != "cost_of_usage":
        return level
    listed = judged.asked.by_basis["list"].estimate.p50
    direction = "direction right (well under list)" if stated.value < listed / 2 else "direction wrong (as if list)"
    owner = next(stake for stake in judged.valued.stakes if stake.party.name == "model owner")
    net = f"the owner nets {interval(owner.net_usd.estimate)} USD on this user" if owner.net_usd else ""
    average = f"on the average subscriber: {judged.valued.average_answer}"
    return "; ".join(part for part in (direction, level, net, average) if part)


def in_words(value: float, unit: str) -> str:
    """A value of a base unit, in the unit that readers expect.

    >>> in_words(2e-7, "usd/tok"), in_words(1.5, "")
    ('0.20 $/MTok', '1.5')
    """
    named, reader_unit = in_reader_units(Estimate(*([value] * 4)), unit)
    return f"{number(named.p50)} {reader_unit}".rstrip()


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
    if not judged.evidence.is_independent and judged.central is not None:
        lines.append("nothing but the claim's own inputs stands behind the figure we compare it with")
    lefts = {name: left.estimate.p50 for name, left in judged.asked.without.items()}
    if lefts:
        low, high = min(lefts, key=lambda name: lefts[name]), max(lefts, key=lambda name: lefts[name])
        unit = judged.claim.stated.unit
        lines.append(
            f"the routes disagree: without {low} the centre is {amount(lefts[low], unit)}, "
            f"without {high} it is {amount(lefts[high], unit)}"
        )
    if judged.valued is not None and "serving" in judged.asked.by_basis:
        lines += [
            "the architecture, the fleet and the margins of the vendor are not published: no route is a measurement "
            "of it",
            "competitors' prices are a ceiling on their own cost, and may be quantised or sold at a loss",
        ]
    if judged.evidence.arithmetic == verdicts.NO_WORKING:
        said = judged.claim.said
        lines.append(f"the claim shows no working; its source is {said.who} (trust {said.trust})")
    lines += [f"its source has an interest: {judged.claim.said.interest}"] if judged.claim.said.interest else []
    return lines or ["the figure is what its inputs give: whoever doubts it must doubt one of them"]


def cautions(judged: Verdict) -> list[str]:
    """What a careful reader should keep in mind: odd inputs, likely causes, and the notes of the claim's file."""
    odd = list(judged.use.warnings) if judged.use else []
    limits = [f"not possible: {guard}" for guard in judged.asked.guards]
    return [*limits, *odd, *judged.asked.suspicions, *judged.claim.notes]


def changes(rows: list[dict[str, Any]]) -> list[str]:
    """What is another fact now than at the claim's date, a line each; a joint table is one line."""
    found: dict[str, str] = {}
    for row in rows:
        if row["then"] is None or row["now"] is None:
            found.setdefault(row["key"], f"{row['key']} ({'new' if row['then'] is None else 'gone'})")
        else:
            then, now = in_words(row["then"], row["unit"]), in_words(row["now"], row["unit"])
            found.setdefault(row["key"], f"{row['key']} {then} → {now}")
    return list(found.values())
