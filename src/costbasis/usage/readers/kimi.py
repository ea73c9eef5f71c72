"""Kimi: JSON lines of a session's wire, of Kimi CLI and of its successor Kimi Code.

Kimi Code writes what each call added, within a turn and outside of one (when it compacts, say); both are calls.
Kimi CLI writes a call's usage in a status line, which may come again as it grows, and no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, counted, needed, object_of, text_of, told_call
from costbasis.usage.formats.json_log import marked_lines
from costbasis.usage.formats.logline import BAD_TIME, COMMON_REASONS, ODD_SHAPE, BadLine, epoch_ms
from costbasis.usage.formats.programs import is_named, named_folder, parts_of
from costbasis.usage.ledger.dedupe import better
from costbasis.usage.readers import Caveat, FileReading

NAME = "kimi"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = True
WANTS_BYTES = True
PRIORITY = 2

BY_MESSAGE = "session and message id"
BY_TIME = "session, agent, time and counts"
MARKERS = (b'"token_usage"', b'"usage.record"', b'"llm.request"')


class _Place(NamedTuple):
    session: str
    agent_id: str


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``sessions`` below ``KIMI_CODE_HOME`` (default ``~/.kimi-code``) and ``KIMI_SHARE_DIR`` (default ``~/.kimi``)."""
    code = named_folder(environ, home, "KIMI_CODE_HOME") or home / ".kimi-code"
    cli = named_folder(environ, home, "KIMI_SHARE_DIR", "KIMI_DATA_DIR") or home / ".kimi"
    return [code / "sessions", cli / "sessions"]


def claims(path: str, head: bytes) -> bool:
    """``wire.jsonl``."""
    return is_named(path, "wire.jsonl")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each record of a call."""
    found = FileReading()
    model, place = known.get("model", ""), _place(path)
    best: dict[str, UsageEvent] = {}
    for offset, said in marked_lines(data, path, start, found, MARKERS):
        if said.get("type") == "llm.request":
            model = _concrete(said.get("model")) or model
            continue
        try:
            event = _event(said, model, place, f"{path}:{offset}")
        except BadLine as bad:
            found.skip(path, offset, bad)
            continue
        if event is not None:
            earlier = best.get(event.request_key)
            best[event.request_key] = event if earlier is None else better(earlier, event)
    found.events, found.known = list(best.values()), {"model": model}
    return found


def _place(path: str) -> _Place:
    """Session and agent: ``…/SESSION/agents/AGENT/wire.jsonl``, or ``…/SESSION/wire.jsonl``."""
    folders = ("", "", "(session not logged)", *parts_of(path)[:-1])
    if folders[-2] == "agents":
        return _Place(folders[-3], "" if folders[-1] == "main" else folders[-1])
    return _Place(folders[-1], "")


def _event(said: dict[str, Any], model: str, place: _Place, origin: str) -> UsageEvent | None:
    if said.get("type") == "usage.record":
        named = _concrete(said.get("model")) or model
        counts = _counts(said.get("usage"), "inputOther", "inputCacheRead", "inputCacheCreation")
        return _call(counts, named, epoch_ms(said.get("time")), "", place, origin)
    message = object_of(said.get("message"))
    payload = object_of(message.get("payload"))
    if message.get("type") != "StatusUpdate" or payload.get("token_usage") is None:
        return None
    counts = _counts(payload["token_usage"], "input_other", "input_cache_read", "input_cache_creation")
    return _call(counts, "", _milliseconds(said.get("timestamp")), text_of(payload.get("message_id")), place, origin)


def _call(counts: TokenCounts, model: str, time_ms: int, message: str, place: _Place, origin: str) -> UsageEvent:
    seen = f"{place.session}+{place.agent_id}@{time_ms}|{'/'.join(map(str, counts))}"
    return told_call(
        counts,
        model or MODEL_NOT_LOGGED,
        time_ms,
        agent=NAME,
        session=place.session,
        key=f"k:{place.session}|{message}" if message else f"k:{seen}",
        rule=BY_MESSAGE if message else BY_TIME,
        origin=origin,
        provider="moonshot",
        agent_id=place.agent_id,
    )


def _counts(usage: object, prompt: str, cache_read: str, cache_write: str) -> TokenCounts:
    """Input is without cache; reasoning is told nowhere and part of output."""
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    fresh, output = needed(usage, prompt, "output")
    read, write = counted(usage, cache_read, cache_write)
    return TokenCounts(input_tok=fresh, cache_write_unknown_tok=write, cache_read_tok=read, output_tok=output)


def _milliseconds(seconds: object) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadLine(BAD_TIME)
    return epoch_ms(seconds * 1000)


def _concrete(model: object) -> str:
    """A model's own name; "" for a name that stands for one from the settings, such as ``__kimi_env_model__``."""
    name = text_of(model).removeprefix("kimi-code/")
    return "" if name.startswith("__") and name.endswith("__") else name
