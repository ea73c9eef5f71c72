"""Copilot CLI: a session's event log; each shutdown tells totals since the session began, a line a model.

Input holds cache reads and writes, output holds reasoning. Between two shutdowns nothing is known of single
requests but their number: the growth is split evenly over them, and the rule says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from costbasis.usage.events import Skipped, TokenCounts, UsageEvent
from costbasis.usage.logline import (
    BAD_COUNT,
    COMMON_REASONS,
    NO_INPUT,
    NO_OUTPUT,
    NOT_AN_OBJECT,
    ODD_SHAPE,
    BadLine,
    cut_lines,
    decode_object,
    is_object,
    time_ms_of,
    whole,
)
from costbasis.usage.readers import FileReading

NAME = "copilot-cli"
REASONS = COMMON_REASONS
RESUMES = False
WANTS_BYTES = True
PRIORITY = 2

BY_SHUTDOWN = "session total, split evenly over its requests"
MARKER = b'"session.shutdown"'
NAME_ENDINGS = ("-1m-internal", "-internal", "-1m")
"""What Copilot adds to a model's name for its own routing; prices do not know it."""


class _Totals(NamedTuple):
    """Tokens since the session began, in disjoint classes (*output* holds *reasoning*), and requests."""

    fresh: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    requests: int


_ZERO = _Totals(0, 0, 0, 0, 0, 0)


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``session-state`` below ``COPILOT_HOME`` (default ``~/.copilot``)."""
    copilot = Path(environ["COPILOT_HOME"]).expanduser() if environ.get("COPILOT_HOME") else home / ".copilot"
    return [copilot / "session-state"]


def claims(path: str, head: bytes) -> bool:
    """``events.jsonl`` of a session, or one that speaks of sessions in its first bytes."""
    return path.endswith("events.jsonl") and (b'"session.' in head or "/session-state/" in path)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The growth of each model's totals from one shutdown to the next."""
    found = FileReading(consumed=start + len(data))
    before: dict[str, _Totals] = {}
    for offset, line, torn in cut_lines(data, start):
        origin = f"{path}:{offset}"
        if torn:
            found.pending, found.consumed = len(line), offset
        elif not is_object(line):
            found.skipped.append(Skipped(origin, NOT_AN_OBJECT))
        elif MARKER in line:
            try:
                found.events += _shutdown(decode_object(line), before, path, offset)
            except BadLine as bad:
                found.skipped.append(Skipped(origin, str(bad)))
    return found


def _shutdown(said: dict[str, Any], before: dict[str, _Totals], path: str, offset: int) -> list[UsageEvent]:
    data = said.get("data")
    metrics = data.get("modelMetrics") if isinstance(data, dict) else None
    if said.get("type") != "session.shutdown" or metrics is None:
        return []
    if not isinstance(metrics, dict):
        raise BadLine(ODD_SHAPE)
    time_ms = time_ms_of(said.get("timestamp"))
    now = {str(model): _totals(metric) for model, metric in metrics.items()}
    events: list[UsageEvent] = []
    for model, totals in now.items():
        grown = _grown(totals, before.get(model, _ZERO))
        events += _split(grown, model, time_ms, str(said.get("id") or offset), path, offset)
    before.update(now)
    return events


def _totals(metric: object) -> _Totals:
    usage = metric.get("usage") if isinstance(metric, dict) else None
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    if usage.get("inputTokens") is None:
        raise BadLine(NO_INPUT)
    if usage.get("outputTokens") is None:
        raise BadLine(NO_OUTPUT)
    requests = metric.get("requests") if isinstance(metric, dict) else None
    count = requests.get("count") if isinstance(requests, dict) else None
    names = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens")
    prompt, read, write, output, reasoning = (whole(usage.get(name)) for name in names)
    if read + write > prompt or reasoning > output:
        raise BadLine(BAD_COUNT)
    return _Totals(prompt - read - write, read, write, output, reasoning, whole(count))


def _grown(now: _Totals, before: _Totals) -> _Totals:
    """What came on top; a total that fell was begun anew (older versions do so when a session is resumed)."""
    grown = _Totals(*(one - other for one, other in zip(now, before, strict=True)))
    return now if min(grown[:-1]) < 0 else grown._replace(requests=max(grown.requests, 0))


def _split(grown: _Totals, model: str, time_ms: int, shutdown: str, path: str, offset: int) -> Iterator[UsageEvent]:
    if not any(grown[:-1]):
        return
    session = Path(path).parent.name
    name = next((model.removesuffix(ending) for ending in NAME_ENDINGS if model.endswith(ending)), model)
    parts = max(grown.requests, 1)
    for part in range(parts):
        share = _Totals(*(value * (part + 1) // parts - value * part // parts for value in grown))
        yield UsageEvent(
            counts=TokenCounts(
                input_tok=share.fresh,
                cache_write_unknown_tok=share.cache_write,
                cache_read_tok=share.cache_read,
                output_tok=share.output,
                reasoning_tok=share.reasoning,
            ),
            model=name,
            provider="",
            mode="standard",
            geo="",
            time_ms=time_ms,
            web_searches=0,
            session=session,
            agent_id="",
            project="",
            agent=NAME,
            request_key=f"p:{session}|{model}|{shutdown}|{part}",
            key_rule=BY_SHUTDOWN,
            is_sidechain=False,
            is_mirror=False,
            partial_output=False,
            lines=1,
            offset=offset,
            origin=f"{path}:{offset}",
        )
