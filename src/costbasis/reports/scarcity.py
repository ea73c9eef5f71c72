"""Scarcity beside λ: what is known of whether capacity was sold out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costbasis.catalog.limits import Scarcity
from costbasis.quantity import Quantity
from costbasis.reports.leaf import estimated


def scarcity_object(evidence: Sequence[Scarcity], lambda_frac: Quantity) -> dict[str, Any]:
    """λ as it is set, and what is known of whether capacity was sold out."""
    return {
        "lambda_frac": estimated(lambda_frac),
        "evidence": [
            {
                "what": row.what,
                "points_to": row.points_to,
                "source": row.source.citation,
                "date": row.source.as_of,
                "trust": row.source.trust,
            }
            for row in evidence
        ],
    }
