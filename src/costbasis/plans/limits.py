"""Limits in their own units, as list dollars: conversions are distributions, and the tightest limit is the ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.limits import WINDOWS_S, Limit
from costbasis.formulas.subscription import limit_list_usd, use_at_limit_usd
from costbasis.formulas.values import Value
from costbasis.quantity import Quantity, Source, counted, derive

ONE = Source("one of a kind", trust="A", status="definition", as_of="2026-11-24")


@dataclass(frozen=True, slots=True)
class Worth:
    """A limit and what it is worth at list: a window, and a month of windows all used up."""

    limit: Limit
    window_usd: Quantity
    month_usd: Quantity


@dataclass(frozen=True, slots=True)
class Exchange:
    """What turns a plan's units into list dollars: the list value of a request and of a token of this use."""

    request_usd: Quantity
    tok_usd: Quantity


def worth_of(limit: Limit, exchange: Exchange, catalog: Catalog) -> Worth:
    """*limit* in list dollars.

    A prompt is several requests, an hour of use so many dollars: both are distributions of the catalogue
    (``conversion/…``). A credit is worth what the vendor says.
    """
    each, unit = _unit(limit, exchange, catalog)
    if limit.unit == "usd":
        window = limit.amount
    else:
        window = derive(limit_list_usd, amount_count=limit.amount, requests_each=each, request_usd=unit)
    period = catalog.quantity("period/month.length_days_per_month")
    seconds = WINDOWS_S.get(limit.window)
    if seconds is None:
        return Worth(limit, window, window)
    month: Quantity = derive(
        use_at_limit_usd,
        window_usd=window,
        window_s=counted("window_s", seconds, ONE),
        period_s=counted("period_s", float(period.draws), period_source(catalog)),
    )
    return Worth(limit, window.labelled(f"a {limit.window} window, at list"), month)


def period_source(catalog: Catalog) -> Source:
    """Where the length of a month is from."""
    return catalog.fact("period/month.length_days_per_month").source


def _unit(limit: Limit, exchange: Exchange, catalog: Catalog) -> tuple[Quantity, Quantity]:
    """How many requests a unit is, and what a request (or the unit itself) is worth."""
    one = counted("requests_each", 1.0, ONE)
    if limit.unit == "prompts":
        return catalog.quantity("conversion/prompt.requests"), exchange.request_usd
    if limit.unit == "hours":
        return one, catalog.quantity("conversion/agent-hour.list_usd")
    if limit.unit == "credits":
        return one, counted("credit_usd", limit.usd_per_unit or 0.0, limit.source)
    if limit.unit == "tokens":
        return one, exchange.tok_usd
    return one, exchange.request_usd


def ceiling_of(worths: Sequence[Worth]) -> Quantity | None:
    """The list value of a month in which the tightest limit is used up; None where no weekly or monthly limit is known.

    A five-hour limit alone is no ceiling: nobody uses every window of a month.

    Several readings of one window are alternatives: the geometric mean of them stands, draw by draw.
    """
    if all(worth.limit.window == "5h" for worth in worths):
        return None
    windows = dict.fromkeys(worth.limit.window for worth in worths)
    by_window = {
        f"{window} limits": _middle([worth.month_usd for worth in worths if worth.limit.window == window])
        for window in windows
    }

    def tightest_limit_usd(**limit_usd: Value) -> Value:
        """The least of a month's limits, draw by draw."""
        least: Value = np.min(np.broadcast_arrays(*limit_usd.values()), axis=0)
        return least

    found: Quantity = derive(tightest_limit_usd, **by_window)
    return found.labelled("most that the limits allow a month, at list")


def _middle(readings: Sequence[Quantity]) -> Quantity:
    if len(readings) == 1:
        return readings[0]

    def middle_reading_usd(**reading_usd: Value) -> Value:
        """The geometric mean of several readings of one limit."""
        logs = [np.log(value) for value in reading_usd.values()]
        middle: Value = np.exp(sum(logs) / len(logs))
        return middle

    named = {f"reading {number}": reading for number, reading in enumerate(readings, start=1)}
    found: Quantity = derive(middle_reading_usd, **named)
    return found
