"""Evidence of usage: which lines counted, by which rule, and why others did not; as an object and as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from costbasis.reports.format import counted, named, tokens
from costbasis.usage.ledger.evidence import Evidence

CLASSES = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning")

MOST_SHOWN = 20
"""Requests, and skipped lines, that the text shows; the object has all of them."""


def lines_object(evidence: Evidence) -> dict[str, Any]:
    """The ``lines`` of a ``costbasis.usage/1`` object."""
    return {
        "key": evidence.key,
        "requests": [
            {
                "request": request.key,
                "time": datetime.fromtimestamp(request.time_ms / 1000, UTC).isoformat(timespec="milliseconds"),
                "session": request.session,
                "agent": request.agent,
                "model": request.model,
                "tokens": dict(zip(CLASSES, request.counts, strict=True)),
                "web_searches": request.web_searches,
                "partial_output": request.partial_output,
                "counted": {"origin": request.origin, "rule": request.rule},
                "not_counted": [other._asdict() for other in request.others],
            }
            for request in evidence.requests
        ],
        "skipped": [{"origin": origin, "reason": reason} for origin, reason in evidence.skipped],
    }


def lines_text(found: dict[str, Any], tz: str) -> str:
    """The same for people, the first requests only."""
    requests, skipped = found["requests"], found["skipped"]
    others = sum(other["lines"] for request in requests for other in request["not_counted"])
    spoke = f"{counted(len(requests), 'request')} counted, {counted(others, 'more line')} spoke of them"
    lines = [f"{found['key']}: {spoke}", ""]
    for request in requests[:MOST_SHOWN]:
        lines += _request(request, ZoneInfo(tz))
    lines += _more(len(requests), "requests")
    if skipped:
        lines.append(f"Skipped in the same files: {counted(len(skipped), 'line')}")
        lines += [f"  {skip['origin']}  {skip['reason']}" for skip in skipped[:MOST_SHOWN]]
        lines += _more(len(skipped), "lines")
    return "\n".join(lines).rstrip()


def _request(request: dict[str, Any], local: ZoneInfo) -> list[str]:
    moment = datetime.fromisoformat(request["time"]).astimezone(local)
    counts = ", ".join(
        f"{tokens(count)} {name.replace('_', ' ')}" for name, count in request["tokens"].items() if count
    )
    bound = " (a lower bound: no line says that the response ended)" if request["partial_output"] else ""
    lines = [
        f"{request['request']}  {moment:%Y-%m-%d %H:%M:%S}  {named(request['model'])}  {counts or 'no tokens'}{bound}",
        f"  counted      {request['counted']['origin']}  {request['counted']['rule']}",
    ]
    for other in request["not_counted"]:
        lines.append(f"  not counted  {other['origin']}  {other['lines']}× {other['reason']}")
    return [*lines, ""]


def _more(count: int, what: str) -> list[str]:
    return [f"… and {count - MOST_SHOWN:,} more {what}; --json has all", ""] if count > MOST_SHOWN else []
