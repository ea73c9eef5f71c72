"""Reports of providers by time bucket: pages of buckets of results, and what a bucket cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from costbasis.usage.formats.calls import list_of
from costbasis.usage.formats.export_rows import MORE_PAGES, rows_of
from costbasis.usage.formats.gateway import Call, calls_of, events_of, utc_ms
from costbasis.usage.formats.logline import BadLine
from costbasis.usage.readers import Caveat, FileReading

BUCKET = "bucket of a report, its requests in one"
UNTOLD = "bucket of a report, an untold number of requests in one"
NO_RESULTS = "a bucket without results"
BUCKET_REASONS = (NO_RESULTS, MORE_PAGES)

SUMMED = Caveat(
    "bucket totals", "exact by bucket (UTC); a request's context is their mean, so long-context prices are not exact"
)

OUTPUT_EACH_TOK = 500
"""Output of one request where a report tells none: assumed, between the measured means of API traffic (155) and of
coding agents (523; ``workload`` in the catalogue). Input over output is the report's own, so it sets the context."""

UNTOLD_SUMMED = Caveat(
    "bucket totals",
    "exact by bucket (UTC); the report tells no number of requests, so none is counted; their context is assumed at"
    f" {OUTPUT_EACH_TOK} output tokens each, which moves serving value, and list only without context_window",
)


def read_buckets(data: bytes, path: str, to_call: Callable[..., Call | None], *, agent: str) -> FileReading:
    """All results of a report: the call that *to_call* makes of each (its place, its bucket's time, what it says)."""
    found = FileReading()
    results = _results(rows_of(data, path, found), path, found)
    events_of([*calls_of(results, to_call, path, found)], found, agent=agent, path=path)
    return found


def _results(
    rows: Iterable[tuple[int, dict[str, Any]]], path: str, found: FileReading
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each result with its place among all results, and the time that its bucket begins.

    A row that is itself a result (the analytics' rows by user) is its own bucket.
    """
    place = 0
    for number, bucket in rows:
        begins = bucket.get("starting_at") or bucket.get("start_time")
        results = bucket.get("results", [bucket])
        try:
            time_ms = utc_ms(begins)
        except BadLine as bad:
            found.skip(path, number, bad)
            continue
        if not isinstance(results, list):
            found.skip(path, number, NO_RESULTS)
            continue
        for result in list_of(results):
            place += 1
            if isinstance(result, dict):
                yield place, time_ms, result
            else:
                found.skip(path, number, NO_RESULTS)
