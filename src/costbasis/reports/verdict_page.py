"""A verdict as one self-contained HTML page: no script, no request, light and dark, fit for print."""

from __future__ import annotations

from typing import Any

from costbasis.reports.card import COLOURS
from costbasis.reports.claimtext import WORDS, amount, basis_words, changes
from costbasis.reports.page import ladder_bars, render


def verdict_page(verdict: dict[str, Any]) -> str:
    """The page of a ``costbasis.verdict/1`` object. Every number on it is a number of that object."""
    return render(
        "verdict.html.j2",
        verdict=verdict,
        word=WORDS[verdict["verdict"]],
        colour=COLOURS[verdict["verdict"]],
        bars=ladder_bars(verdict["ladder"]),
        figures=figures(verdict),
        amount=amount,
        changes=changes(verdict["today"]["changed"]),
    )


def figures(verdict: dict[str, Any]) -> list[dict[str, Any]]:
    """The claimed figure on every basis and for every scope, in the claim's unit."""
    matches = {*verdict["matches_basis"], *verdict["matches_scope"]}
    found = []
    for name, leaf in [*verdict["on_basis"].items(), *verdict["scopes"].items()]:
        low, mid, high = leaf.estimate.p10, leaf.estimate.p50, leaf.estimate.p90
        inside = "" if low == high else f"{amount(low, verdict['unit'])} – {amount(high, verdict['unit'])}"
        value = amount(mid, verdict["unit"])
        found.append({"name": basis_words(name), "value": value, "inside": inside, "matches": name in matches})
    return found
