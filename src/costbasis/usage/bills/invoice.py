"""A provider's bill against list on the same usage, by period and model, and the realised share that follows.

Realised over list is measured on the lines that both sides know: what is billed over what list says, between the
bounds that rounding on the bill and writes of unknown lifetime leave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from costbasis.errors import UnreadableInput
from costbasis.formulas.billing import cost_over_list
from costbasis.units import PICO_PER_USD
from costbasis.usage.bills.bill import TOOLS, USAGE, BillLine
from costbasis.usage.pricing.cells import Cell

MATCHED, NO_USAGE, NO_PRICE = "matched", "no usage in the logs", "no list price"


@dataclass(slots=True)
class Billed:
    """What is billed for a period and a model ("" for all that no other line names), beside its list value."""

    first: date
    last: date
    model: str
    pico_usd: int = 0
    half_unit_pico_usd: int = 0
    list_pico_usd: int = 0
    list_max_pico_usd: int = 0
    requests: int = 0
    unpriced_requests: int = 0
    has_usage: bool = False
    lines: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Whether both sides know it."""
        if not self.has_usage:
            return NO_USAGE
        return MATCHED if self.list_pico_usd else NO_PRICE


@dataclass(frozen=True, slots=True)
class Share:
    """Realised over list, between *low* and *high*. *at_most*: the logs may lack use that is billed."""

    low: float
    mid: float
    high: float
    at_most: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """The comparison. *others*: pico-USD of lines that are not usage, by kind. *unbilled*: list pico-USD of models
    with usage in the bill's days that no line names. *first*, *last*: the days of the bill."""

    first: date
    last: date
    rows: Sequence[Billed]
    others: dict[str, int]
    unbilled: dict[str, int]
    share: Share | None
    notes: Sequence[str]


def compare(
    lines: Sequence[BillLine], cells: Sequence[Cell], model_of: Callable[[str], str], provider_of: Callable[[str], str]
) -> Invoice:
    """*lines* of a bill against *cells* by day and model. *model_of* a name on the bill; *provider_of* a model.

    Errors: :class:`~costbasis.errors.UnreadableInput` where two periods of one model overlap.
    """
    rows = _rows(lines, model_of)
    named = {row.model for row in rows if row.model}
    providers = {provider_of(model) for model in named}
    unbilled: dict[str, int] = defaultdict(int)
    for cell in cells:
        day = date.fromisoformat(cell.key)
        row = _row_of(rows, cell.model, day, named)
        if row is not None:
            _add(row, cell)
        elif cell.value and any(row.first <= day <= row.last for row in rows) and provider_of(cell.model) in providers:
            unbilled[cell.model] += cell.value.total
    others: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.kind not in (USAGE, TOOLS):
            others[line.kind] += line.pico_usd
    days = [date.fromisoformat(cell.key) for cell in cells]
    notes, may_lack = _notes(rows, days, others, unbilled)
    first, last = min(line.first for line in lines), max(line.last for line in lines)
    return Invoice(first, last, rows, dict(others), dict(unbilled), _share(rows, may_lack), notes)


def _rows(lines: Sequence[BillLine], model_of: Callable[[str], str]) -> list[Billed]:
    """Lines of usage by period and model; tools that are billed apart go with their model, or with all."""
    found: dict[tuple[date, date, str], Billed] = {}
    for line in lines:
        if line.kind in (USAGE, TOOLS):
            key = (line.first, line.last, model_of(line.model) if line.model else "")
            row = found.setdefault(key, Billed(*key))
            row.pico_usd += line.pico_usd
            row.half_unit_pico_usd += line.half_unit_pico_usd
            row.lines.append(line.where)
    rows = sorted(found.values(), key=lambda row: (row.model, row.first))
    for one, other in pairwise(rows):
        if one.model == other.model and other.first <= one.last:
            what = f"{one.model or 'a line without a model'} is billed twice for {other.first}: it is also in"
            raise UnreadableInput(
                f"{what} {one.lines[0].rpartition('/')[2]}",
                where=other.lines[0],
                hint="a day of a model belongs in one period; drop the sum or its parts",
            )
    return rows


def _row_of(rows: Sequence[Billed], model: str, day: date, named: set[str]) -> Billed | None:
    holding = [row for row in rows if row.first <= day <= row.last]
    own = next((row for row in holding if row.model == model), None)
    return own or (None if model in named else next((row for row in holding if not row.model), None))


def _add(row: Billed, cell: Cell) -> None:
    row.requests += cell.requests
    row.has_usage = True
    if cell.value is None:
        row.unpriced_requests += max(cell.requests, 1)  # a report by bucket may tell none
        return
    row.list_pico_usd += cell.value.total
    row.list_max_pico_usd += cell.value.total_max


def _share(rows: Sequence[Billed], may_lack: bool) -> Share | None:
    matched = [row for row in rows if row.state == MATCHED and not row.unpriced_requests]
    if not matched:
        return None
    billed = sum(row.pico_usd for row in matched) / PICO_PER_USD
    half = sum(row.half_unit_pico_usd for row in matched) / PICO_PER_USD
    listed = sum(row.list_pico_usd for row in matched) / PICO_PER_USD
    most = sum(row.list_max_pico_usd for row in matched) / PICO_PER_USD
    low, mid, high = (
        float(cost_over_list(billed - half, most)),
        float(cost_over_list(billed, listed)),
        float(cost_over_list(billed + half, listed)),
    )
    return Share(max(low, 0.0), mid, high, may_lack)


def _notes(
    rows: Sequence[Billed], days: Sequence[date], others: dict[str, int], unbilled: dict[str, int]
) -> tuple[list[str], bool]:
    """What a reader must know before the numbers are used; and whether the logs may lack use that is billed."""
    notes = []
    may_lack = False
    if days and rows:
        first, last = min(row.first for row in rows), max(row.last for row in rows)
        if first < min(days) or last > max(days):
            may_lack = True
            notes.append(
                f"The bill is of {first} to {last}, the logs hold {min(days)} to {max(days)}: use outside of the logs"
                " would be on the bill and not in list"
            )
    idle = [row for row in rows if row.state == NO_USAGE]
    if idle:
        named = ", ".join(sorted({row.model or "lines without a model" for row in idle}))
        notes.append(f"Billed, but not in these logs: {named}; left out of the share")
        may_lack = True
    unpriced = [row for row in rows if row.unpriced_requests]
    if unpriced:
        named = ", ".join(sorted({row.model or "all models" for row in unpriced}))
        notes.append(f"Without a list price, so left out of the share: {named}")
    if unbilled:
        notes.append(f"In the logs, but on no line of the bill: {', '.join(sorted(unbilled))}")
    if any(usd < 0 for usd in others.values()):
        notes.append("Credits (negative lines) are shown apart: they pay the bill, they are no discount on list")
    return notes, may_lack
