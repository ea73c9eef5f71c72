"""A verdict as ClaimReview JSON-LD (schema.org), for a page that publishes it."""

from __future__ import annotations

import json
from typing import Any

RATING = {
    "supported": 5,
    "mostly_supported": 4,
    "right_number_wrong_scope": 3,
    "right_number_wrong_basis": 3,
    "overstated": 2,
    "understated": 2,
    "internally_inconsistent": 1,
    "refuted": 1,
}
"""The word as schema.org's number, 1 (false) to 5 (true). ``unverifiable`` has none: it is not half true."""


def claim_review(verdict: dict[str, Any]) -> str:
    """The ``ClaimReview`` of a ``costbasis.verdict/1`` object, as JSON text.

    Source: schema.org/ClaimReview; Rating takes ratingValue, bestRating, worstRating and alternateName.
    """
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict["verdict"].replace("_", " ")}
    if verdict["verdict"] in RATING:
        rating |= {"ratingValue": RATING[verdict["verdict"]], "bestRating": 5, "worstRating": 1}
    review = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "datePublished": verdict["as_of"],
        "claimReviewed": verdict["said"]["words"],
        "reviewBody": verdict["answer"],
        "author": {"@type": "Organization", "name": f"costbasis {verdict['version']}"},
        "itemReviewed": {
            "@type": "Claim",
            "name": verdict["title"],
            "datePublished": verdict["said"]["when"],
            "author": {"@type": "Person", "name": verdict["said"]["who"]},
            "appearance": {"@type": "CreativeWork", "name": verdict["said"]["where"]},
        },
        "reviewRating": rating,
        "citation": [f"{item['name']} ({item['ref']}, {item['date']})" for item in verdict["sources"]],
        "isBasedOn": {
            "@type": "Dataset",
            "name": "costbasis catalogue",
            "identifier": verdict["catalogue_sha256"],
            "description": verdict["reproduce"]["command"],
        },
    }
    return json.dumps(review, ensure_ascii=False, indent=2) + "\n"
