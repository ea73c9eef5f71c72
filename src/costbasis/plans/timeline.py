"""Limit policies on a user's real timeline: what would these caps have cut?

A five-hour window begins with the hour of its first request, as ``usage --by block`` has it; a week begins with the
user's first window and lasts seven days; a month is a calendar month of the user's own zone. A window above its cap
is cut down to it. Nobody is assumed to come back later for what was cut, so the cut is the most it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costbasis.catalog import Catalog
from costbasis.catalog.limits import Limit
from costbasis.formulas.values import Value
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.sampling import Floats
from costbasis.usage.pricing.cells import Cell

MS_PER_WEEK = 7 * 86_400_000

CHUNK_DRAWS = 500

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """A user's five-hour windows in order. Shape: all ``(windows,)``; *week* and *month* number their group."""

    use_usd: Floats
    requests: Floats
    tokens: Floats
    week: Indices
    month: Indices
    source: Source


@dataclass(frozen=True, slots=True)
class Cut:
    """What a limit would have cut. *windows_hit*: windows (of the limit's own kind) in which it binds, on average."""

    limit: Limit
    cut_usd: Quantity
    cut_frac: Quantity
    windows_hit: float
    windows: int


def timeline_of(cells: Sequence[Cell], source: Source) -> Timeline:
    """The windows of cells that were grouped by block. Requests without a list price are counted, not valued."""
    keys = sorted(dict.fromkeys(cell.key for cell in cells))
    place = {key: index for index, key in enumerate(keys)}
    use, requests, tokens, start = (np.zeros(len(keys)) for _ in range(4))
    start += np.inf
    months: dict[int, str] = {}
    for cell in cells:
        index = place[cell.key]
        use[index] += cell.amount("list_usd")
        requests[index] += cell.requests
        tokens[index] += cell.counts.prompt_tok + cell.counts.output_tok
        start[index] = min(start[index], cell.first_time_ms)
        months[index] = min(months.get(index, "9999"), cell.month)
    order = np.argsort(start, kind="stable")
    start = start[order]
    month = np.unique([months[int(index)] for index in order], return_inverse=True)[1]
    return Timeline(use[order], requests[order], tokens[order], _weeks(start), month.astype(np.int64), source)


def _weeks(start_ms: Floats) -> Indices:
    """The number of the week of each window: a week begins with the first window after the last one ended."""
    found, first, number = [], -np.inf, -1
    for time in start_ms:
        if time >= first + MS_PER_WEEK:
            first, number = time, number + 1
        found.append(number)
    return np.array(found, dtype=np.int64)


def cuts(timeline: Timeline, limits: Sequence[Limit], catalog: Catalog) -> list[Cut]:
    """What each limit alone would have cut of the timeline, in the limit's own unit where the log counts it."""
    return [_cut(timeline, limit, catalog) for limit in limits]


def all_together(timeline: Timeline, limits: Sequence[Limit], catalog: Catalog) -> Quantity:
    """What all the limits together would have left, in USD at list: first the windows', then weeks', then months'."""
    order = sorted(limits, key=lambda limit: ("5h", "week", "month").index(limit.window))
    amounts = {f"limit {number}": _amount(limit, catalog) for number, limit in enumerate(order, start=1)}

    def list_value_kept_usd(total_usd: Value, **amount_count: Value) -> Floats:
        """List value left of a timeline by its limits, taken one after another."""
        draws = np.broadcast_arrays(*(np.atleast_1d(value) for value in amount_count.values()))
        parts = []
        for start in range(0, len(draws[0]), CHUNK_DRAWS):
            kept = np.ones((len(timeline.use_usd), len(draws[0][start : start + CHUNK_DRAWS])))
            for limit, amount in zip(order, draws, strict=True):
                kept = kept * _kept(timeline, limit, amount[start : start + CHUNK_DRAWS], kept)
            parts.append(timeline.use_usd @ kept)
        left = np.concatenate(parts)
        return left if any(np.ndim(value) for value in amount_count.values()) else left[0]

    total = counted("total_usd", float(timeline.use_usd.sum()), timeline.source)
    found: Quantity = derive(list_value_kept_usd, total_usd=total, **amounts)
    return found.labelled("list value that all the limits leave")


def _cut(timeline: Timeline, limit: Limit, catalog: Catalog) -> Cut:
    total = counted("total_usd", float(timeline.use_usd.sum()), timeline.source)
    amount = _amount(limit, catalog)

    def list_value_cut_usd(total_usd: Value, amount_count: Value) -> Floats:
        """List value that a limit cuts off a timeline, its windows above the limit cut down to it."""
        whole = np.ones((len(timeline.use_usd), len(np.atleast_1d(amount_count))))
        cut = timeline.use_usd @ (1 - _kept(timeline, limit, np.atleast_1d(amount_count), whole))
        return np.asarray(cut if np.ndim(amount_count) else cut[0])

    def share_cut_frac(cut_usd: Value, total_usd: Value) -> Value:
        """A cut over the whole."""
        return cut_usd / np.maximum(total_usd, np.finfo(float).tiny)

    cut: Quantity = derive(list_value_cut_usd, total_usd=total, amount_count=amount)
    use = _in_unit(timeline, limit)
    groups = _groups(timeline, limit)
    sums = np.bincount(groups, weights=use)
    hit = float(np.mean(sums[:, None] > np.atleast_1d(amount.draws)[None, :], axis=1).sum())
    return Cut(
        limit=limit,
        cut_usd=cut.labelled(f"cut by {limit.unit} a {limit.window}"),
        cut_frac=derive(share_cut_frac, cut_usd=cut, total_usd=total),
        windows_hit=hit,
        windows=len(sums),
    )


def _kept(timeline: Timeline, limit: Limit, amount: Floats, so_far: Floats) -> Floats:
    """The share of each window that the limit leaves, of what is left so far. Shape: (windows, draws)."""
    use = _in_unit(timeline, limit)[:, None] * so_far
    groups = _groups(timeline, limit)
    sums = np.zeros((int(groups.max()) + 1, use.shape[1]))
    np.add.at(sums, groups, use)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(sums > amount, amount / sums, 1.0)
    return np.asarray(share[groups], dtype=np.float64)


def _groups(timeline: Timeline, limit: Limit) -> Indices:
    by_window: dict[str, Callable[[], Indices]] = {
        "5h": lambda: np.arange(len(timeline.use_usd)),
        "week": lambda: timeline.week,
        "month": lambda: timeline.month,
    }
    return by_window[limit.window]()


def _in_unit(timeline: Timeline, limit: Limit) -> Floats:
    """The timeline in the unit that the limit is compared in: requests and tokens as counted, else list dollars."""
    if limit.unit in ("requests", "prompts"):
        return timeline.requests
    return timeline.tokens if limit.unit == "tokens" else timeline.use_usd


def _amount(limit: Limit, catalog: Catalog) -> Quantity:
    """The limit's amount in that unit: prompts as requests, hours and credits as list dollars."""

    def in_counted_unit(amount_count: Value, each_count: Value) -> Value:
        """A limit in the unit that the log counts: units × what one of them is."""
        return amount_count * each_count

    if limit.unit == "prompts":
        each = catalog.quantity("conversion/prompt.requests")
    elif limit.unit == "hours":
        each = _plain(catalog.quantity("conversion/agent-hour.list_usd"))
    elif limit.unit == "credits":
        each = counted("each_count", limit.usd_per_unit or 0.0, limit.source)
    else:
        each = counted("each_count", 1.0, limit.source)
    found: Quantity = derive(in_counted_unit, amount_count=_plain(limit.amount), each_count=each)
    return found


def _plain(quantity: Quantity) -> Quantity:
    """The number of dollars of an amount, so that a limit in any unit is compared with what the log counts."""
    if not quantity.unit:
        return quantity

    def dollars_count(amount_usd: Value) -> Value:
        """Dollars, as a number to compare with the log's dollars."""
        return amount_usd

    found: Quantity = derive(dollars_count, amount_usd=quantity)
    return found
