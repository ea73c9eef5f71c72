"""Codex: JSON lines of a session; token counts are cumulative, and a fork replays its parent's from the start.

Cached input is a part of input and reasoning a part of output: neither is added. A fork's replay is told by the
turns' own start times: turns that began before the session did are the parent's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from costbasis.usage.events import Skipped, TokenCounts, UsageEvent
from costbasis.usage.logline import (
    BAD_COUNT,
    COMMON_REASONS,
    NOT_AN_OBJECT,
    BadLine,
    cut_lines,
    decode_object,
    is_object,
    time_ms_of,
    whole,
)
from costbasis.usage.readers import FileReading

NAME = "codex"
REASONS = COMMON_REASONS
RESUMES = False
WANTS_BYTES = True
PRIORITY = 1

BY_TOTALS = "session and cumulative totals"
BY_TIME = "session, time and counts"

MODEL_NOT_LOGGED = "(model not logged)"
CLOCK_SLACK_S = 60
"""A live turn may be stamped a little before the session's own first line."""

_MARKERS = (b'"token_count"', b'"session_meta"', b'"turn_context"', b'"task_started"', b'"thread_settings_applied"')


class _Totals(NamedTuple):
    """Tokens since the session began (or of one response): input holds cached, output holds reasoning."""

    input: int
    cached: int
    output: int
    reasoning: int

    def since(self, before: _Totals) -> _Totals | None:
        """What came on top of *before*; None where a total fell, which is a reset."""
        grown = _Totals(*(now - then for now, then in zip(self, before, strict=True)))
        return None if min(grown) < 0 else grown


_ZERO = _Totals(0, 0, 0, 0)


@dataclass(slots=True)
class _Session:
    """What the lines so far say of the session."""

    id: str
    project: str = ""
    model: str = ""
    mode: str = "standard"
    began_s: float = 0.0
    is_fork: bool = False
    in_replay: bool = False
    totals: _Totals = _ZERO
    resets: int = 0
    events: list[UsageEvent] = field(default_factory=list)


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``sessions`` and ``archived_sessions`` below ``CODEX_HOME`` (default ``~/.codex``)."""
    codex = Path(environ["CODEX_HOME"]).expanduser() if environ.get("CODEX_HOME") else home / ".codex"
    return [codex / "sessions", codex / "archived_sessions"]


def claims(path: str, head: bytes) -> bool:
    """A ``*.jsonl`` named ``rollout-…``, or one that begins with a session's or a turn's own line."""
    if not path.endswith(".jsonl"):
        return False
    first = head.lstrip().partition(b"\n")[0]
    return Path(path).name.startswith("rollout-") or b'"session_meta"' in first or b'"turn_context"' in first


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The responses of one session: what each token count adds to the one before."""
    found = FileReading(consumed=start + len(data))
    session = _Session(Path(path).stem)
    for offset, line, torn in cut_lines(data, start):
        origin = f"{path}:{offset}"
        if torn:
            found.pending, found.consumed = len(line), offset
        elif not is_object(line):
            found.skipped.append(Skipped(origin, NOT_AN_OBJECT))
        elif any(marker in line for marker in _MARKERS):
            try:
                _take(decode_object(line), session, origin, offset)
            except BadLine as bad:
                found.skipped.append(Skipped(origin, str(bad)))
    found.events = session.events
    return found


def _take(said: dict[str, Any], session: _Session, origin: str, offset: int) -> None:
    payload = said.get("payload")
    if not isinstance(payload, dict):
        return
    kind = payload.get("type") if said.get("type") == "event_msg" else said.get("type")
    if kind == "session_meta":
        _take_meta(payload, session)
    elif kind == "turn_context" and isinstance(payload.get("model"), str):
        session.model = payload["model"]
    elif kind == "task_started":
        _take_turn(payload, session)
    elif kind == "thread_settings_applied":
        settings = payload.get("thread_settings")
        tier = settings.get("service_tier") if isinstance(settings, dict) else None
        session.mode = tier if isinstance(tier, str) and tier not in ("", "default", "auto") else "standard"
    elif kind == "token_count" and isinstance(payload.get("info"), dict):
        _take_count(payload["info"], said.get("timestamp"), session, origin, offset)


def _take_meta(payload: dict[str, Any], session: _Session) -> None:
    """The first such line is the session's own; a later one is a parent's, and what follows it is replayed."""
    if session.began_s:
        session.in_replay = session.in_replay or session.is_fork
        return
    session.id = str(payload.get("id") or session.id)
    session.project = str(payload.get("cwd") or "")
    session.began_s = time_ms_of(payload.get("timestamp")) / 1000
    session.is_fork = bool(payload.get("forked_from_id"))
    session.in_replay = session.is_fork


def _take_turn(payload: dict[str, Any], session: _Session) -> None:
    """A turn that began after the session did ends the replay."""
    started = payload.get("started_at")
    if isinstance(started, int | float) and started >= session.began_s - CLOCK_SLACK_S:
        session.in_replay = False


def _take_count(info: dict[str, Any], time: object, session: _Session, origin: str, offset: int) -> None:
    totals, last = _totals(info.get("total_token_usage")), _totals(info.get("last_token_usage"))
    if totals is None and last is None:
        return
    if totals == session.totals:
        return  # written again without a new response
    added = _added(totals, last, session)
    if session.in_replay:
        return
    if added.cached > added.input or added.reasoning > added.output:
        raise BadLine(BAD_COUNT)
    time_ms = time_ms_of(time)
    model = info.get("model") if isinstance(info.get("model"), str) else session.model
    key, rule = f"c:{session.id}|{time_ms}|{'/'.join(map(str, added))}", BY_TIME
    if totals is not None:
        key, rule = f"c:{session.id}|{session.resets}|{'/'.join(map(str, totals))}", BY_TOTALS
    session.events.append(
        UsageEvent(
            counts=TokenCounts(
                input_tok=added.input - added.cached,
                cache_read_tok=added.cached,
                output_tok=added.output,
                reasoning_tok=added.reasoning,
            ),
            model=str(model or MODEL_NOT_LOGGED),
            provider="openai",
            mode=session.mode,
            geo="",
            time_ms=time_ms,
            web_searches=0,
            session=session.id,
            agent_id="",
            project=session.project,
            agent=NAME,
            request_key=key,
            key_rule=rule,
            is_sidechain=False,
            is_mirror=False,
            partial_output=False,
            lines=1,
            offset=offset,
            origin=origin,
        )
    )


def _added(totals: _Totals | None, last: _Totals | None, session: _Session) -> _Totals:
    """What this count adds: the growth of the totals; after a reset, the response's own count, else the new total."""
    if totals is None:
        assert last is not None
        return last
    grown = totals.since(session.totals)
    session.totals = totals
    if grown is not None:
        return grown
    session.resets += 1
    return last or totals


def _totals(usage: object) -> _Totals | None:
    if not isinstance(usage, dict):
        return None
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
    return _Totals(*(whole(usage.get(name)) for name in names))
