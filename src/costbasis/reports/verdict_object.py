"""The ``costbasis.verdict/1`` object: a judged claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costbasis.catalog import Catalog
from costbasis.claims.judge import Verdict
from costbasis.reports import claimflips, claimtext
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import estimated
from costbasis.reports.report_object import driver_object, input_objects, rung_object

SCHEMA = "costbasis.verdict/1"


def verdict_object(
    judged: Verdict, today: Verdict, catalog: Catalog, warnings: Sequence[Warn], name: str, settings: str
) -> dict[str, Any]:
    """Everything that was found about the claim, in the shape of its JSON.

    *judged* is at the claim's date (or the one asked for), *today* with the newest facts of the catalogue. *name* and
    *settings* reproduce it: the claim's id or file, and its ``--set`` options.
    """
    claim, evidence, central = judged.claim, judged.evidence, judged.central
    changed = _changed(judged, today)
    made = f"--seed {catalog.sampling.seed} --as-of {judged.as_of.isoformat()}"
    made += f" --known-on {catalog.overlay.known_on}" if catalog.overlay.known_on else ""
    made += f" --calibration {catalog.calibration.path}" if catalog.calibration else ""
    return head(SCHEMA, catalog, judged.as_of, warnings) | {
        "claim": claim.id,
        "title": claim.title,
        "said": {
            "who": claim.said.who,
            "where": claim.said.where,
            "when": claim.said.when.isoformat(),
            "words": claim.said.words,
            "interest": claim.said.interest,
            "trust": claim.said.trust,
        },
        "answer": claimtext.answer(judged),
        "axes": claimtext.axes(judged),
        "basis_claimed": claim.stated.basis_claimed,
        "basis_needed": claim.stated.basis_needed,
        "verdict": judged.word,
        "also": list(judged.also),
        "confidence": judged.confidence,
        "quantity": claim.stated.quantity,
        "unit": claim.stated.unit,
        "relation": claim.stated.relation,
        "stated": claim.stated.value,
        "stated_text": claimtext.figure(judged),
        "stated_range": [
            claim.stated.value if claim.stated.low is None else claim.stated.low,
            claim.stated.value if claim.stated.high is None else claim.stated.high,
        ],
        "central": central.estimate.p50 if central is not None else None,
        "interval": {"p10": central.estimate.p10, "p90": central.estimate.p90} if central is not None else None,
        "quantity_needed": estimated(central) if central is not None else None,
        "on_basis": {name: estimated(quantity) for name, quantity in judged.asked.by_basis.items()},
        "matches_basis": evidence.matches_basis,
        "scopes": {name: estimated(quantity) for name, quantity in judged.asked.scopes.items()},
        "matches_scope": evidence.matches_scope,
        "steps": [
            {
                "gives": checked.step.gives,
                "by": checked.step.by,
                "unit": checked.step.unit.text,
                "result": estimated(checked.step.result),
                "stated": [checked.step.stated_low, checked.step.stated_high],
                "agrees": checked.agrees,
                "slip": checked.slip,
            }
            for checked in judged.steps
        ],
        "guards": list(judged.asked.guards),
        "for_whom": [{"party": row.party, "true": row.is_true, "why": row.why} for row in judged.for_whom],
        "ladder": [rung_object(rung) for rung in judged.ladder],
        "routes": {name: estimated(quantity) for name, quantity in judged.asked.routes.items()},
        "without": {name: quantity.estimate.p50 for name, quantity in judged.asked.without.items()},
        "must_be_true": [
            {
                "driver": row.driver.key,
                "value": row.value,
                "unit": row.driver.quantity.unit,
                "outside80": row.outside80,
                "half_intervals": row.intervals,
                "now": estimated(row.driver.quantity),
            }
            for row in judged.must_be_true
        ],
        "scenario": _scenario(judged),
        "drivers": [driver_object(driver) for driver in judged.drivers],
        "flips": claimflips.flips(judged),
        "objections": claimtext.objections(judged),
        "cautions": claimtext.cautions(judged),
        "sources": [
            {"name": item.name, "ref": item.ref, "date": item.date, "trust": item.trust} for item in claim.source
        ],
        "inputs": input_objects(central) if central is not None else [],
        "today": {
            "as_of": today.as_of.isoformat(),
            "verdict": today.word,
            "central": estimated(today.central) if today.central is not None else None,
            "changed": changed,
        },
        "reproduce": {"command": f"costbasis check {name} {made}{settings}"},
    }


def _scenario(judged: Verdict) -> dict[str, Any] | None:
    found = judged.scenario
    if found is None:
        return None
    return {
        "beyond_frac": found.beyond_frac,
        "values": [
            {"driver": driver.key, "value": value, "unit": driver.quantity.unit, "half_intervals": place}
            for driver, value, place in found.values
        ],
    }


def _changed(then: Verdict, now: Verdict) -> list[dict[str, Any]]:
    """The facts under the answer that are others now than at the claim's date: medians in base units, or None."""
    if then is now or then.central is None or now.central is None:
        return []
    before = {(row["key"], row["name"]): row for row in input_objects(then.central)}
    after = {(row["key"], row["name"]): row for row in input_objects(now.central)}
    found = []
    for key, name in sorted(before.keys() | after.keys()):
        old, new = before.get((key, name)), after.get((key, name))
        if "/" in key and not (old and new and _is_same(old, new)):
            shown = new or old
            assert shown is not None
            found.append({"key": key, "name": name, "unit": shown["unit"], "then": _median(old), "now": _median(new)})
    return found


REDRAWN_FRAC = 0.1
"""A median of the same row of the catalogue that moves by less has been drawn again, in worlds that can be served."""


def _is_same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    then, now = old["value"].estimate, new["value"].estimate
    if then == now:
        return True
    is_same_row = all(old[name] == new[name] for name in ("source", "place", "date"))
    return is_same_row and abs(now.p50 - then.p50) <= REDRAWN_FRAC * abs(then.p50)


def _median(row: dict[str, Any] | None) -> float | None:
    return None if row is None else float(row["value"].estimate.p50)
