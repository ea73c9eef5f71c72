"""The ``costbasis.verdict/1`` object: a judged claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costbasis.catalog import Catalog
from costbasis.claims.judge import Verdict
from costbasis.reports import claimtext
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import estimated
from costbasis.reports.report_object import driver_object, input_objects, rung_object

SCHEMA = "costbasis.verdict/1"


def verdict_object(judged: Verdict, today: Verdict, catalog: Catalog, warnings: Sequence[Warn]) -> dict[str, Any]:
    """Everything that was found about the claim, in the shape of its JSON.

    *judged* is at the claim's date (or the one asked for), *today* with the newest facts of the catalogue.
    """
    claim, evidence = judged.claim, judged.evidence
    central = judged.central.estimate
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
        "confidence": judged.confidence,
        "quantity": claim.stated.quantity,
        "unit": claim.stated.unit,
        "relation": claim.stated.relation,
        "stated": claim.stated.value,
        "central": central.p50,
        "interval": {"p10": central.p10, "p90": central.p90},
        "quantity_needed": estimated(judged.central),
        "on_basis": {name: estimated(quantity) for name, quantity in judged.asked.by_basis.items()},
        "matches_basis": evidence.matches_basis,
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
                "now": estimated(row.driver.quantity),
            }
            for row in judged.must_be_true
        ],
        "drivers": [driver_object(driver) for driver in judged.drivers],
        "flips": claimtext.flips(judged),
        "objections": claimtext.objections(judged),
        "inputs": input_objects(judged.central),
        "today": {
            "as_of": today.as_of.isoformat(),
            "verdict": today.word,
            "central": estimated(today.central),
        },
        "reproduce": {
            "command": f"costbasis check {claim.id} --seed {catalog.sampling.seed} --as-of {judged.as_of.isoformat()}"
        },
    }
