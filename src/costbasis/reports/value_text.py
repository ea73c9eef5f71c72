"""The ``costbasis.value/1`` object for people: the usage table, and what of the warehouse's table is not in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costbasis.reports.usage_text import usage_text


def value_text(
    value: dict[str, Any], bases: Sequence[str], *, breakdown: bool, style: Callable[..., str], width: int
) -> str:
    """The rows as a usage table; under it how many rows were read, and which could not be counted, with the first."""
    reasons: dict[str, int] = {}
    for fault in value["skipped"]["reasons"]:
        reasons[fault["reason"]] = reasons.get(fault["reason"], 0) + fault["rows"]
    shown = value | {"skipped": {"lines": value["skipped"]["rows"], "reasons": reasons}}
    lines = [usage_text(shown, bases, breakdown=breakdown, style=style, width=width), _read(value)]
    lines += [f"Not counted: {fault['rows']:,} rows: {fault['reason']} (first: {fault['first']})"
              for fault in value["skipped"]["reasons"]]  # fmt: skip
    if not value["duplicates"]["checked"]:
        lines.append("Repeated rows were not looked for: no request id, or --duplicates ignore.")
    if value["user_months"] is not None:
        lines.append(_months(value["user_months"]))
    return "\n".join(lines)


def _read(value: dict[str, Any]) -> str:
    read = value["read"]
    outside = f", {read['outside']:,} outside of the days asked for" if read["outside"] else ""
    return (
        f"{value['engine']['version']} read {read['rows']:,} rows of {value['engine']['from']}"
        f" as {value['mapping']['name']}{outside}; {value['groups']:,} sums came back, estimates were made here."
    )


def _months(months: dict[str, Any]) -> str:
    listed = ", ".join(f"{name} {value}" for name, value in months.get("list_usd", {}).items())
    whole, without = f"{months['user_months']:,} months of {months['users']:,} users", months["without_a_price"]
    apart = f"; {without:,} of them hold unpriced requests and are left out" if without else ""
    return f"A user's month at list, exact [USD]: {listed or 'none is priced whole'} ({whole}{apart})"
