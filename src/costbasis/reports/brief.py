"""A verdict as a one-page brief in the shape of a news flash: overview, key points, perspective, what's next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from costbasis.reports.claimtext import WORDS, amount, basis_words
from costbasis.reports.format import interval, number, share

TERMS = {
    "list": "list: tokens times the published price on that day; what an API buyer pays",
    "realised": "realised: list less discounts, credits and channel shares",
    "market": "market: the same tokens at hosts of comparable open-weight models",
    "serving": "serving: what the tokens cost to produce, at the fleet's utilisation",
    "marginal": "marginal: one more token on capacity that is held anyway",
    "opportunity": "opportunity: serving, and the sales given up where capacity is sold out",
    "loaded": "loaded: serving with free users, training and research in it",
    "gaap": "accounts: a line of a company's statements, by the definition named",
}

ROUND = "80 % interval: in four of five draws of the uncertain inputs the number lies inside it"


def brief(verdict: dict[str, Any]) -> str:
    """The brief of a ``costbasis.verdict/1`` object, in Markdown, about one page."""
    said = verdict["said"]
    lines = [
        f"# {verdict['title']}",
        "",
        f"**Verdict: {WORDS[verdict['verdict']]}** (confidence {verdict['confidence']})",
        "",
        "## Overview",
        "",
        f"{verdict['answer']}",
        "",
        f"Said by {said['who']}, {said['where']}, {said['when']}: “{said['words']}”",
        "",
        "## Key points",
        "",
        *(f"- {point}" for point in _points(verdict)),
        "",
        "## Perspective",
        "",
        *(f"- {line}" for line in _perspective(verdict)),
        "",
        "## What's next",
        "",
        *(f"- {line}" for line in _next(verdict)),
        "",
        "## Takeaway",
        "",
        _takeaway(verdict),
        "",
        "## Terminology",
        "",
        *(f"- {line}" for line in _terms(verdict)),
        "",
        "## Source",
        "",
        *(f"- {item['name']} ({item['ref']}, {item['date']}, trust {item['trust']})" for item in verdict["sources"]),
        f"- `{verdict['reproduce']['command']}`: version {verdict['version']}, seed {verdict['seed']}, "
        f"as of {verdict['as_of']}, catalogue {verdict['catalogue_sha256'][:12]}",
    ]
    return "\n".join(lines) + "\n"


def _points(verdict: dict[str, Any]) -> Iterable[str]:
    yield f"Arithmetic: {verdict['axes']['arithmetic'].replace('_', ' ')}."
    yield f"Basis: {verdict['axes']['basis']}."
    for rung in verdict["ladder"]:
        if rung["basis"] in ("list", "serving") and rung["anchor"] in ("list value", _pooled(verdict)):
            money = rung["usd"].estimate
            inside = f" ({interval(money)})" if money.p10 != money.p90 else ""
            of_list = share(rung["cost_over_list"].estimate.p50)
            yield f"{rung['basis'].capitalize()}: ${number(money.p50)}{inside}, {of_list} of list."
    if not verdict["ladder"]:
        for name, leaf in [*verdict["on_basis"].items(), *verdict["scopes"].items()]:
            yield f"{basis_words(name).capitalize()}: {amount(leaf.estimate.p50, verdict['unit'])}."
    yield from (f"{line.rstrip('.')}." for line in verdict["cautions"][:4])


def _pooled(verdict: dict[str, Any]) -> str:
    return next(
        (rung["anchor"] for rung in verdict["ladder"] if rung["basis"] == "serving" and not rung["from_claim"]), ""
    )


def _perspective(verdict: dict[str, Any]) -> Iterable[str]:
    for row in verdict["for_whom"]:
        says = {True: "true", False: "not true", None: "does not arise"}[row["true"]]
        yield f"{row['party']}: {says} ({row['why']})"
    yield f"Against our own answer: {verdict['objections'][0]}"


def _next(verdict: dict[str, Any]) -> Iterable[str]:
    today = verdict["today"]
    if today["as_of"] != verdict["as_of"] and today["central"] is not None:
        estimate = today["central"].estimate
        word = WORDS[today["verdict"]]
        yield f"With the facts of {today['as_of']} the verdict is “{word}”, the centre {number(estimate.p50)}"
    yield from (f"What would flip it: {line}" for line in verdict["flips"][:3])
    if not verdict["flips"]:
        yield "Nothing uncertain is left in it: only another definition would change the answer"


def _takeaway(verdict: dict[str, Any]) -> str:
    scope = verdict["axes"]["scope"]
    return f"{verdict['axes']['conclusion'][:1].upper()}{verdict['axes']['conclusion'][1:]}. It speaks of: {scope}."


def _terms(verdict: dict[str, Any]) -> Iterable[str]:
    spoken = {
        verdict["basis_claimed"],
        verdict["basis_needed"],
        *(name.partition(":")[0] for name in verdict["matches_basis"]),
    }
    yield from (TERMS[name] for name in TERMS if name in spoken)
    yield ROUND
