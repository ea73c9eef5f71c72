"""Usage as it happens: the current five-hour block, the day, the week and the month, at one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from costbasis.formulas.burn import burn_tok_per_s, burn_usd_per_s, projected_tok, projected_usd
from costbasis.units import PICO_PER_USD
from costbasis.usage.blocks import HOURS_PER_BLOCK, block_starts
from costbasis.usage.events import TokenCounts, add_counts
from costbasis.usage.periods import zone
from costbasis.usage.pricing.cells import Cell
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import price_usage

S_PER_HOUR = 3600
MS_PER_HOUR = 1000 * S_PER_HOUR

RECENT_S = 600
"""How far back "now" reaches."""

LEAST_S = 60
"""A rate over less than a minute says nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The usage from *start_ms* to before *end_ms* (epoch, UTC), as far as it has happened.

    *list_pico_usd* leaves *unpriced_requests* out. *first_ms*: of its first request, None where there is none.
    """

    start_ms: int
    end_ms: int
    requests: int
    unpriced_requests: int
    counts: TokenCounts
    list_pico_usd: int
    first_ms: int | None

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.counts.prompt_tok + self.counts.output_tok

    @property
    def list_usd(self) -> float:
        """For rates, never for money of record."""
        return self.list_pico_usd / PICO_PER_USD


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a stretch was used, and its use at its end if it goes on like that."""

    tok_per_s: float
    usd_per_s: float
    projected_tok: float
    projected_usd: float


@dataclass(frozen=True, slots=True)
class Live:
    """What a live view shows. *block*: None where none is running. *recent*: the last ten minutes."""

    at_ms: int
    tz: str
    block: Stretch | None
    recent: Stretch
    day: Stretch
    week: Stretch
    month: Stretch


def look(connection: sqlite3.Connection, book: PriceBook, wanted: Grouping, at_ms: int) -> Live:
    """Usage up to the moment *at_ms*; *wanted* says the zone and which agent, project, … to look at."""
    local = zone(wanted.tz)
    today = datetime.fromtimestamp(at_ms / 1000, local).date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)

    def stretch(start_ms: int, end_ms: int) -> Stretch:
        return _stretch(connection, book, wanted, start_ms, end_ms, at_ms)

    def days(start: date, end: date) -> Stretch:
        midnights = [int(datetime.combine(day, time(), local).timestamp() * 1000) for day in (start, end)]
        return stretch(*midnights)

    begins = _block_start(connection, wanted, at_ms)
    return Live(
        at_ms=at_ms,
        tz=wanted.tz,
        block=None if begins is None else stretch(begins, begins + HOURS_PER_BLOCK * MS_PER_HOUR),
        recent=stretch(at_ms - RECENT_S * 1000, at_ms + 1),
        day=days(today, today + timedelta(days=1)),
        week=days(monday, monday + timedelta(days=7)),
        month=days(first, following),
    )


def rate_of(stretch: Stretch, at_ms: int, *, since_ms: int | None = None) -> Rate:
    """The mean rate from *since_ms* (default: the first request) to *at_ms*, carried on to the end of the stretch."""
    start = stretch.first_ms if since_ms is None else since_ms
    elapsed_s = max((at_ms - (at_ms if start is None else start)) / 1000, LEAST_S)
    remaining_s = max(stretch.end_ms - at_ms, 0) / 1000
    tok_per_s = float(burn_tok_per_s(float(stretch.tokens), elapsed_s))
    usd_per_s = float(burn_usd_per_s(stretch.list_usd, elapsed_s))
    return Rate(
        tok_per_s=tok_per_s,
        usd_per_s=usd_per_s,
        projected_tok=float(projected_tok(float(stretch.tokens), tok_per_s, remaining_s)),
        projected_usd=float(projected_usd(stretch.list_usd, usd_per_s, remaining_s)),
    )


def _stretch(
    connection: sqlite3.Connection, book: PriceBook, wanted: Grouping, start_ms: int, end_ms: int, at_ms: int
) -> Stretch:
    grouping = wanted.but(by="total", from_ms=start_ms, before_ms=min(end_ms, at_ms + 1))
    cells: Sequence[Cell] = price_usage(connection, book, grouping).cells
    counts = TokenCounts()
    for cell in cells:
        counts = add_counts(counts, cell.counts)
    return Stretch(
        start_ms=start_ms,
        end_ms=end_ms,
        requests=sum(cell.requests for cell in cells),
        unpriced_requests=sum(cell.requests for cell in cells if cell.value is None),
        counts=counts,
        list_pico_usd=sum(cell.value.total for cell in cells if cell.value is not None),
        first_ms=min((cell.first_time_ms for cell in cells), default=None),
    )


def _block_start(connection: sqlite3.Connection, wanted: Grouping, at_ms: int) -> int | None:
    """When the block began that is running at *at_ms*; None where none is."""
    of_agent = "AND agent = :agent" if wanted.agent else ""
    rows = connection.execute(
        f"SELECT DISTINCT hour FROM tally WHERE first_ms <= :at {of_agent}", {"at": at_ms, "agent": wanted.agent}
    )
    starts = block_starts(row[0] for row in rows)
    if not starts:
        return None
    begins = max(starts.values()) * MS_PER_HOUR
    return begins if at_ms < begins + HOURS_PER_BLOCK * MS_PER_HOUR else None
