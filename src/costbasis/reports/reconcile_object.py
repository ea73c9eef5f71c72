"""A reconciliation with another tool's report: as an object, and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from costbasis.reports.format import aligned
from costbasis.usage.othertools.othertool import FourCounts
from costbasis.usage.othertools.reconciliation import ROUNDING, Cell, Effect, Reconciliation
from costbasis.usage.pricing.cells import usd_text

MOST_CELLS, MOST_REQUESTS = 12, 3
"""Cells, and requests a reason, that the text shows; the object has all of them."""


def reconcile_object(found: Reconciliation) -> dict[str, Any]:
    """The ``reconcile`` of a ``costbasis.usage/1`` object. Every difference is theirs less ours."""
    differing = {key: cell for key, cell in found.cells.items() if cell.differs}
    whole = _sum(list(found.cells.values()))
    return {
        "tool": found.report.tool,
        "report": found.report.verb,
        "rules": found.rules,
        "tz_of_report": found.zone,
        "requests": found.requests,
        "requests_outside": found.outside,
        "cells": len(found.cells),
        "cells_differ": len(differing),
        "differences": [{"key": key.key, "model": key.model or None} | _cell(cell) for key, cell in differing.items()],
        "total": _cell(whole) | {"reasons": _reasons(whole.effects, with_requests=False)},
    }


def _sum(cells: Sequence[Cell]) -> Cell:
    def classes(which: str) -> FourCounts:
        return FourCounts(*(sum(counts) for counts in zip(*(getattr(cell, which) for cell in cells), strict=True)))

    def money(which: str) -> int | None:
        known = [value for cell in cells if (value := getattr(cell, which)) is not None]
        return sum(known) if known else None

    if not cells:
        return Cell()
    effects = [effect for cell in cells for effect in cell.effects]
    return Cell(classes("ours"), classes("theirs"), money("ours_pico_usd"), money("theirs_pico_usd"), effects)


def _cell(cell: Cell) -> dict[str, Any]:
    parts = ("ours", "theirs", "difference", "explained", "unexplained")
    told = {part: getattr(cell, part) for part in parts}
    return {
        "tokens": {name: {part: getattr(counts, name) for part, counts in told.items()} for name in FourCounts._fields},
        "list_usd": {
            "ours": _usd(cell.ours_pico_usd),
            "theirs": _usd(cell.theirs_pico_usd),
            "difference": _usd(cell.difference_pico_usd),
            "explained": usd_text(cell.explained_pico_usd),
            "unexplained": usd_text(cell.unexplained_pico_usd),
        },
        "reasons": _reasons(cell.effects),
    }


def _usd(pico_usd: int | None) -> str | None:
    return None if pico_usd is None else usd_text(pico_usd)


def _reasons(effects: Sequence[Effect], *, with_requests: bool = True) -> list[dict[str, Any]]:
    """Effects by reason, the weightiest first; a request is named once, with what all its effects do."""
    by_reason: dict[str, list[Effect]] = {}
    for effect in effects:
        by_reason.setdefault(effect.reason, []).append(effect)
    found = []
    for reason, some in by_reason.items():
        counts = [sum(column) for column in zip(*(effect.counts for effect in some), strict=True)]
        said: dict[str, Any] = {
            "reason": reason,
            "requests": len({effect.request for effect in some if effect.request}),
            "tokens": dict(zip(FourCounts._fields, counts, strict=True)),
            "list_usd": usd_text(sum(effect.list_pico_usd for effect in some)),
        }
        if with_requests:
            said["of"] = [
                {
                    "request": effect.request,
                    "origins": list(effect.origins),
                    "tokens": effect.counts._asdict(),
                    "list_usd": usd_text(effect.list_pico_usd),
                }
                for effect in sorted(some, key=_weight)
                if effect.request
            ]
        found.append((min(map(_weight, some)), said))
    return [said for _, said in sorted(found, key=lambda pair: pair[0])]


def _weight(effect: Effect) -> tuple[int, int, str]:
    return (-sum(map(abs, effect.counts)), -abs(effect.list_pico_usd), effect.request)


def reconcile_text(found: dict[str, Any], by: str, tz: str, width: int) -> str:
    """The same for people: where the two differ, by how much, and why."""
    same = found["cells"] - found["cells_differ"]
    lines = [
        f"{found['tool']} {found['report']} against {found['requests']:,} requests here ({tz}), by the rules of"
        f" {found['rules']}",
        f"{found['cells']:,} rows by model: {same:,} the same, {found['cells_differ']:,} differ",
    ]
    if found["tz_of_report"] != tz:
        lines.append(f"Its days are those of {found['tz_of_report']}.")
    if found["requests_outside"]:
        lines.append(f"{found['requests_outside']:,} requests here are before or after its days and are left out.")
    differences = sorted(found["differences"], key=_by_tokens)
    for cell in differences[:MOST_CELLS]:
        lines += ["", *_cell_text(cell, by)]
    if len(differences) > MOST_CELLS:
        lines += ["", f"… and {len(differences) - MOST_CELLS:,} more; --json has all"]
    lines += ["", "Altogether, theirs less ours"]
    lines += [*_sums(found["total"]), *_why(found["total"]["reasons"], width)]
    return "\n".join(lines)


def _by_tokens(cell: dict[str, Any]) -> tuple[int, float, str]:
    moved = sum(abs(part["difference"]) for part in cell["tokens"].values())
    return (-moved, -abs(float(cell["list_usd"]["difference"] or 0)), cell["key"])


def _cell_text(cell: dict[str, Any], by: str) -> list[str]:
    return [f"{by} {cell['key']}  {cell['model'] or 'all models'}", *_sums(cell), *_why(cell["reasons"], 100)]


def _sums(cell: dict[str, Any]) -> list[str]:
    rows = [["", "ours", "theirs", "difference", "unexplained"]]
    for name, part in cell["tokens"].items():
        if part["difference"] or part["unexplained"]:
            counts = (part["ours"], part["theirs"], part["difference"], part["unexplained"])
            rows.append([f"{name.replace('_', ' ')} tokens", *(_signed(count, at) for at, count in enumerate(counts))])
    money = cell["list_usd"]
    rows.append(["list USD", *(_money(money[part]) for part in ("ours", "theirs", "difference", "unexplained"))])
    return aligned(rows)


def _signed(count: int, column: int) -> str:
    return f"{count:+,}".replace("-", "−") if column >= 2 and count else f"{count:,}"


def _money(text: str | None) -> str:
    return "unknown" if text is None else f"{float(text):,.4f}".replace("-", "−")


def _why(reasons: Sequence[dict[str, Any]], width: int) -> list[str]:
    lines = []
    for said in reasons:
        if said["reason"] == ROUNDING:
            continue
        tokens = sum(said["tokens"].values())
        effect = f"{_signed(tokens, 2)} tokens, {_money(said['list_usd'])} USD, {said['requests']:,} requests"
        lines += textwrap.wrap(f"{said['reason']}: {effect}", width, initial_indent="  · ", subsequent_indent="    ")
        for request in said.get("of", [])[:MOST_REQUESTS]:
            lines.append(f"      {request['request']}  {'  '.join(request['origins'])}")
        more = len(said.get("of", [])) - MOST_REQUESTS
        lines += [f"      … and {more:,} more"] if more > 0 else []
    return lines
