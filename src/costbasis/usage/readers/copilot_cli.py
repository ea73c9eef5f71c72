"""Copilot CLI: a session's event log; each shutdown tells totals since the session began, a line a model.

Input holds cache reads and writes, output holds reasoning. Between two shutdowns nothing is known of single
requests but their number: the growth is shared out evenly over them, and the rule says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from msgspec.structs import replace

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import counted, needed, object_of, prompt_with_cache, text_of
from costbasis.usage.formats.copilot import model_name
from costbasis.usage.formats.json_log import marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, ODD_SHAPE, BadLine, time_ms_of, whole
from costbasis.usage.formats.programs import named_folder
from costbasis.usage.formats.totals import BY_SHARE, SHARED, shared_out
from costbasis.usage.readers import FileReading

NAME = "copilot-cli"
REASONS = COMMON_REASONS
CAVEATS = {BY_SHARE: SHARED}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 2

MARKERS = (b'"session.shutdown"', b'"session.start"')


class _Totals(NamedTuple):
    """Tokens since the session began, and requests."""

    counts: TokenCounts
    requests: int


_ZERO = _Totals(TokenCounts(), 0)


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``session-state`` below ``COPILOT_HOME`` (default ``~/.copilot``)."""
    return [(named_folder(environ, home, "COPILOT_HOME") or home / ".copilot") / "session-state"]


def claims(path: str, head: bytes) -> bool:
    """``events.jsonl`` of a session, or one that speaks of sessions in its first bytes."""
    return path.endswith("events.jsonl") and (b'"session.' in head or "/session-state/" in path)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The growth of each model's totals from one shutdown to the next."""
    found = FileReading()
    before: dict[str, _Totals] = {}
    for offset, said in marked_lines(data, path, start, found, MARKERS):
        about = object_of(said.get("data"))
        if said.get("type") == "session.start":
            found.project = found.project or text_of(object_of(about.get("context")).get("cwd"))
        elif said.get("type") == "session.shutdown" and about.get("modelMetrics") is not None:
            try:
                events = _shutdown(said, about["modelMetrics"], before, f"{path}:{offset}")
                found.events += [replace(event, project=found.project) for event in events]
            except BadLine as bad:
                found.skip(path, offset, bad)
    return found


def _shutdown(said: dict[str, Any], metrics: object, before: dict[str, _Totals], origin: str) -> list[UsageEvent]:
    if not isinstance(metrics, dict):
        raise BadLine(ODD_SHAPE)
    time_ms = time_ms_of(said.get("timestamp"))
    now = {str(model): _totals(metric) for model, metric in metrics.items()}
    path, _, offset = origin.rpartition(":")
    session, shutdown = PurePath(path).parent.name, text_of(said.get("id")) or offset
    events: list[UsageEvent] = []
    for model, totals in now.items():
        grown = _grown(totals, before.get(model, _ZERO))
        events += _shares(grown, model, time_ms, session, shutdown, origin)
    before.update(now)
    return events


def _totals(metric: object) -> _Totals:
    said = object_of(metric)
    usage = said.get("usage")
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    prompt, output = needed(usage, "inputTokens", "outputTokens")
    read, write, reasoning = counted(usage, "cacheReadTokens", "cacheWriteTokens", "reasoningTokens")
    requests = whole(object_of(said.get("requests")).get("count"))
    return _Totals(prompt_with_cache(prompt, read, write, output, reasoning), min(requests, MOST_REQUESTS))


MOST_REQUESTS = 10_000
"""Between two shutdowns: more are one share, so that a damaged number makes no million rows."""


def _grown(now: _Totals, before: _Totals) -> _Totals:
    """What came on top; a total that fell was begun anew (some versions do so when a session is resumed)."""
    grown = TokenCounts(*(one - other for one, other in zip(now.counts, before.counts, strict=True)))
    return now if min(grown) < 0 else _Totals(grown, max(now.requests - before.requests, 0))


def _shares(grown: _Totals, model: str, time_ms: int, session: str, shutdown: str, origin: str) -> Iterator[UsageEvent]:
    return shared_out(
        grown.counts,
        model_name(model),
        [time_ms] * max(grown.requests, 1),
        agent=NAME,
        session=session,
        key=f"p:{session}|{model}|{shutdown}",
        origin=origin,
    )
