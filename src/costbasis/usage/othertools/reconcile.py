"""Why another tool's report differs from ours: every difference as a sum of named requests and named reasons.

The other tool's rules are run over the same logs, so that each request's part in a difference is known. What the
rules do not account for is left as *unexplained*: explained and unexplained always add up to the difference.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from costbasis.usage.blocks import HOURS_PER_BLOCK
from costbasis.usage.events import TokenCounts
from costbasis.usage.ledger.block import unfold_for_good
from costbasis.usage.othertools.ccusage_lines import VERSION
from costbasis.usage.othertools.ccusage_told import AGENT, told_by
from costbasis.usage.othertools.othertool import OtherReport
from costbasis.usage.othertools.reconcile_effects import Keys, Parties
from costbasis.usage.othertools.reconciliation import OurRequest, Reconciliation
from costbasis.usage.periods import S_PER_QUARTER, periods
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.onerequest import Call, RequestPrices
from costbasis.usage.pricing.priceview import Grouping, price_tables

MS_PER_HOUR = 3_600_000
MS_PER_BLOCK = HOURS_PER_BLOCK * MS_PER_HOUR
MS_PER_QUARTER = 1000 * S_PER_QUARTER

OFFSETS = tuple(f"Etc/GMT{hours:+d}" for hours in range(-14, 13))
"""Zones of whole hours, tried where the other report's days are neither ours nor those of Greenwich."""


def reconcile(
    connection: sqlite3.Connection, book: PriceBook, report: OtherReport, wanted: Grouping, local: str
) -> Reconciliation:
    """Compare *report* with the requests of a ledger between the days that are *wanted*, in their zone.

    The other report does not say its zone: ours, this machine's (*local*) and whole hours are tried in turn.
    """
    requests = our_requests(connection, book, report, wanted)
    told = told_by(connection, report.by)
    wanted_keys = {request.key for request in requests}
    told.entries = {key: entries for key, entries in told.entries.items() if key in wanted_keys}
    if wanted.since or wanted.until:
        told.unknown.clear()
    times_ms = [entry.time_ms for group in told.entries.values() for entry in group]
    times_ms += [request.time_ms for request in requests if request.agent != AGENT]
    zones = {tz: keys_in(report, tz, times_ms) for tz in dict.fromkeys((wanted.tz, local, "UTC", *OFFSETS))}
    parties = Parties(report, requests, told, RequestPrices(book))
    zone = parties.zone_of_report(zones)
    cells = parties.compared(zones[wanted.tz], zones[zone])
    inside = parties.inside(cells)
    outside = sum(place not in inside for place in parties.places)
    return Reconciliation(
        report=report,
        rules=f"{report.tool} {VERSION}",
        zone=zone,
        cells={key: cells[key] for key in sorted(cells) if key.key in inside},
        requests=len(requests) - outside,
        outside=outside,
    )


def our_requests(
    connection: sqlite3.Connection, book: PriceBook, report: OtherReport, wanted: Grouping
) -> list[OurRequest]:
    """The requests that the report should hold, each with its list value."""
    grouping = Grouping(tz=wanted.tz, since=wanted.since, until=wanted.until, agent=None)
    prices = RequestPrices(book)
    of_agent = "WHERE request.agent = ?" if report.is_of_agent else ""
    names = (report.is_of_agent,) if report.is_of_agent else ()
    unfold_for_good(connection)
    with price_tables(connection, book, grouping) as (cursor, _):
        rows = cursor.execute(
            "SELECT request_key, rule, time_ms, session, request.agent, price.model, request.model, request.mode,"
            " request.geo, request.hour, input_tok, cache_write_5m_tok, cache_write_1h_tok, cache_write_unknown_tok,"
            " cache_read_tok, output_tok, reasoning_tok, web_searches, path || ':' || request.offset,"
            " gone OR source != ''"
            " FROM request JOIN period USING (quarter) JOIN file ON file.id = file_id"
            " JOIN epoch_of ON epoch_of.log_model = request.model AND epoch_of.mode = request.mode"
            " AND epoch_of.geo = request.geo AND epoch_of.hour = request.hour JOIN price USING (price_epoch)"
            f" {of_agent} ORDER BY time_ms, request_key",
            names,
        ).fetchall()
    found = []
    for key, rule, time_ms, session, agent, model, name, mode, geo, hour, *rest in rows:
        call = Call(name, mode, geo, hour, TokenCounts(*rest[:7]), rest[7])
        value = prices.list_pico_usd(call)
        found.append(OurRequest(key, rule, time_ms, session, agent, model, rest[8], bool(rest[9]), call, value))
    return found


def keys_in(report: OtherReport, tz: str, times_ms: Sequence[int]) -> Keys:
    """From times and sessions to the keys of the report's rows, with days of zone *tz*.

    *times_ms*: of everything that the report counts; its five-hour blocks follow from them.
    """
    starts = _block_starts(times_ms)

    def of_sessions(places: Iterable[tuple[int, str]]) -> list[str]:
        return [session for _, session in places]

    def of_blocks(places: Iterable[tuple[int, str]]) -> list[str]:
        return [_block_name(starts, time_ms) for time_ms, _ in places]

    def of_days(places: Iterable[tuple[int, str]]) -> list[str]:
        quarters = [time_ms // MS_PER_QUARTER for time_ms, _ in places]
        found = periods(sorted(set(quarters)), by=report.by, tz=tz, week_start=report.week_start)
        key_of = {row.quarter: row.key for row in found}
        return [key_of[quarter] for quarter in quarters]

    return {"session": of_sessions, "block": of_blocks}.get(report.by, of_days)


def _block_starts(times_ms: Sequence[int]) -> list[int]:
    """When the tool's five-hour blocks begin: with the hour of a request, 5 hours after the last block did or later."""
    starts: list[int] = []
    last = 0
    for time_ms in sorted(set(times_ms)):
        if not starts or time_ms - starts[-1] > MS_PER_BLOCK or time_ms - last > MS_PER_BLOCK:
            starts.append(time_ms // MS_PER_HOUR * MS_PER_HOUR)
        last = time_ms
    return starts


def _block_name(starts: Sequence[int], time_ms: int) -> str:
    index = bisect_right(starts, time_ms) - 1
    is_inside = index >= 0 and time_ms - starts[index] <= MS_PER_BLOCK
    start = starts[index] if is_inside else time_ms // MS_PER_HOUR * MS_PER_HOUR
    return f"{datetime.fromtimestamp(start / 1000, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
