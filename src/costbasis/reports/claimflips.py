"""What would make a claim's stated figure right, in sentences."""

from __future__ import annotations

from costbasis.claims.judge import Verdict
from costbasis.claims.scenario import MustBeTrue
from costbasis.reports.claimtext import amount, in_words
from costbasis.reports.format import number, share


def flips(judged: Verdict) -> list[str]:
    """What would make the stated figure right."""
    stated = judged.claim.stated
    lines = [*_border(judged), *(_flip(row) for row in judged.must_be_true if row.value is not None)]
    idle = [row.driver.label for row in judged.must_be_true if row.value is None]
    if idle:
        lines.append(f"no value in its range gets there alone, of: {', '.join(idle)}")
    if judged.scenario is not None:
        lines.append(scenario(judged))
    elif judged.must_be_true:
        lines.append("no mix of the inputs inside their ranges gets there: hardly a draw comes near")
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


def _border(judged: Verdict) -> list[str]:
    """That the figure lies just outside the interval, where it does."""
    found, central = judged.evidence, judged.central
    if central is None or not found.borders(central):
        return []
    unit, estimate = judged.claim.stated.unit, central.estimate
    end = estimate.p90 if found.stated > estimate.p50 else estimate.p10
    beyond = central.draws >= found.stated if found.stated > estimate.p50 else central.draws <= found.stated
    return [
        f"a little: the 80 % interval ends at {amount(end, unit)}, within the rounding of the figure "
        f"({amount(found.low, unit)} – {amount(found.high, unit)}); {share(float(beyond.mean()))} of draws reach it"
    ]


def scenario(judged: Verdict) -> str:
    """The nearest world in which the figure is right."""
    assert judged.scenario is not None
    parts = [
        f"{driver.label} {in_words(value, driver.quantity.unit)}"
        for driver, value, _ in sorted(judged.scenario.values, key=lambda row: -abs(row[2]))[:4]
    ]
    return (
        f"the nearest scenario: {', '.join(parts)} together; {share(judged.scenario.beyond_frac)} of all draws come "
        f"out as far from the middle"
    )


def _flip(row: MustBeTrue) -> str:
    where = "outside" if row.outside80 else "inside"
    return (
        f"{row.driver.label} ({row.driver.key}) at {in_words(row.value or 0.0, row.driver.quantity.unit)}, "
        f"{where} its 80 % interval"
    )
