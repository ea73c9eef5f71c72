"""The cells of a usage table as text, for every output that people read."""

from __future__ import annotations

from typing import Any

from costbasis.reports.format import interval, number, share, tokens, usd
from costbasis.reports.leaf import Estimated


def heads(bases: list[str]) -> list[str]:
    """What the columns are called, behind the first."""
    found = ["requests", "tokens", "cache reads", "output"]
    for basis in bases:
        found.append(f"{basis} USD")
        if basis == "serving":
            found.append("list ÷ serving")
    return found


def cells(row: dict[str, Any], bases: list[str]) -> list[str]:
    """One row, its key left out. A sum that lacks unpriced requests is a lower bound, and says so."""
    counts = row["tokens"]
    everything = sum(count for name, count in counts.items() if name != "reasoning")
    found = [
        f"{row['requests']:,}",
        tokens(everything),
        share(counts["cache_read"] / everything) if everything else "–",
        tokens(counts["output"]),
    ]
    at_least = "≥ " if row["unpriced_requests"] else ""
    for basis in bases:
        found.append(_money(row["bases"].get(f"{basis}_usd"), at_least))
        if basis == "serving":
            found.append(_over(row["bases"].get("list_over_serving")))
    return found


def _money(leaf: Any, at_least: str) -> str:
    if leaf is None:
        return "unknown"
    if isinstance(leaf, Estimated):
        return f"{at_least}{number(leaf.estimate.p50)} ({interval(leaf.estimate)})"
    return f"{at_least}{usd(leaf.pico_usd)}"


def _over(leaf: Any) -> str:
    return "–" if leaf is None else f"{number(leaf.estimate.p50)}× ({interval(leaf.estimate, '×')})"


def notes(table: dict[str, Any]) -> list[str]:
    """What stands under a table: what has no price, what was skipped, what moves a number."""
    found = [
        f"Not priced: {row['model']} ({row['requests']:,} requests, {tokens(row['tokens'])} tokens): {row['reason']}"
        for row in table["unpriced"]
    ]
    if table["skipped"]["lines"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in table["skipped"]["reasons"].items())
        found.append(f"Skipped: {table['skipped']['lines']:,} lines ({reasons})")
    for warn in table["warnings"]:
        first = f" (first: {warn['first']})" if warn["first"] else ""
        found.append(f"Warning: {warn['kind']}, {warn['count']:,}×{first}: {warn['effect']}")
    return [*found, "Estimates are medians with 80 % intervals; list is exact; ≥ leaves unpriced requests out."]
