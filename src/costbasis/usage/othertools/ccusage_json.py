"""A report of ccusage as its ``--json`` prints it, read into cells."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec

from costbasis.errors import UnreadableInput, why
from costbasis.units import PICO_PER_USD
from costbasis.usage.othertools.ccusage_lines import SYNTHETIC
from costbasis.usage.othertools.othertool import (
    ALL_MODELS,
    NOTHING,
    CellKey,
    FourCounts,
    OtherCell,
    OtherReport,
    added,
    less,
)
from costbasis.usage.periods import WEEKDAYS

TOOL = "ccusage"

GROUPS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "session": "session",
    "sessions": "session",
    "blocks": "block",
}
"""The list that a report consists of, and what its rows are."""

KEYS = ("period", "date", "week", "month", "sessionId", "startTime")
CLASSES = ("inputTokens", "cacheCreationTokens", "cacheReadTokens", "outputTokens")
BLOCK_CLASSES = ("inputTokens", "cacheCreationInputTokens", "cacheReadInputTokens", "outputTokens")

HINT = "make one with: ccusage daily --json --breakdown > FILE (or weekly, monthly, session, blocks)"


def read_report(path: Path) -> OtherReport:
    """The report in a file.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a file that cannot be read, is not JSON, or is no report
    of a tool that is known.
    """
    try:
        said = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check --reconcile") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableInput(f"not JSON: {error}", where=str(path), hint=HINT) from error
    if not isinstance(said, dict):
        raise UnreadableInput("not a report of a usage tool: it is no object", where=str(path), hint=HINT)
    rows = _rows(said, path)
    name = next(name for name in (*GROUPS, "projects") if name in said)
    by = GROUPS.get(name, "day")
    try:
        return _report(name, by, rows)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        said_wrong = f"no {error}" if isinstance(error, KeyError) else str(error)
        what = f"a row of its {name} is not as ccusage writes it: {said_wrong}"
        raise UnreadableInput(what, where=str(path), hint=HINT) from error


def _rows(said: dict[str, Any], path: Path) -> list[Any]:
    if isinstance(said.get("projects"), dict):  # daily --instances
        return [row for rows in said["projects"].values() for row in rows]
    found = [said[name] for name in GROUPS if isinstance(said.get(name), list)]
    if found:
        return list(found[0])
    held = ", ".join(sorted(map(str, said))[:6]) or "nothing"
    raise UnreadableInput(f"not a report of a usage tool that is known (it holds {held})", where=str(path), hint=HINT)


def _report(name: str, by: str, rows: list[dict[str, Any]]) -> OtherReport:
    cells: dict[CellKey, OtherCell] = {}
    counted = [row for row in rows if not row.get("isGap")]
    has_models = all(row.get("modelBreakdowns") is not None for row in counted) and by != "block"
    for row in counted:
        key = _key(row)
        for model, cell in _cells(row, by, has_models):
            _add(cells, CellKey(key, model), cell)
    start = min((cell.key for cell in cells), default="")
    return OtherReport(
        tool=TOOL,
        verb={"sessions": "session", "projects": "daily"}.get(name, name),
        by=by,
        is_of_agent="" if any("agent" in row for row in counted) else "claude-code",
        has_models=has_models,
        week_start=WEEKDAYS[date.fromisoformat(start).weekday()] if by == "week" and start else None,
        cells=cells,
    )


def _key(row: dict[str, Any]) -> str:
    found = next((row[field] for field in KEYS if row.get(field) is not None), None)
    if not isinstance(found, str):
        raise ValueError(f"none of {', '.join(KEYS)} names it")
    return found


def _cells(row: dict[str, Any], by: str, has_models: bool) -> list[tuple[str, OtherCell]]:
    """A row by model; what no model has (a synthetic message's tokens) is in the row alone."""
    if by == "block":
        return [(ALL_MODELS, OtherCell(_counts(row["tokenCounts"], BLOCK_CLASSES), _pico_usd(row["costUSD"])))]
    whole = _counts(row, CLASSES)
    if not has_models:
        return [(ALL_MODELS, OtherCell(whole, _pico_usd(row.get("totalCost"))))]
    found, rest = [], whole
    for part in row["modelBreakdowns"]:
        counts = _counts(part, CLASSES)
        priced = None if part.get("missingPricing") else _pico_usd(part.get("cost"))
        found.append((str(part["modelName"]), OtherCell(counts, priced)))
        rest = less(rest, counts)
    return [*found, *([(SYNTHETIC, OtherCell(rest, None))] if rest != NOTHING else [])]


def _counts(row: dict[str, Any], fields: tuple[str, ...]) -> FourCounts:
    counts = [row[field] for field in fields]
    if not all(type(count) is int for count in counts):
        raise ValueError(f"token counts {counts} are not whole numbers")
    return FourCounts(*counts)


def _pico_usd(usd: Any) -> int | None:
    """A float as exact money, to the pico-USD; None where it is not there."""
    if usd is None:
        return None
    if isinstance(usd, bool) or not isinstance(usd, int | float) or not isfinite(usd):
        raise ValueError(f"a cost of {usd!r}")
    return round(Decimal(repr(usd)) * PICO_PER_USD)


def _add(cells: dict[CellKey, OtherCell], key: CellKey, cell: OtherCell) -> None:
    had = cells.get(key)
    if had is None:
        cells[key] = cell
        return
    priced = [usd for usd in (had.list_pico_usd, cell.list_pico_usd) if usd is not None]
    cells[key] = OtherCell(added(had.counts, cell.counts), sum(priced) if priced else None)
