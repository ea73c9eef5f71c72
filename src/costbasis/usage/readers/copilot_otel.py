"""Copilot's OpenTelemetry export: JSON lines of spans and logs, in which one call stands in up to four kinds.

A chat span tells a call; where a trace has none, a log of the inference does, else a log of the agent's turn, else
the span that sums the agent up. What the session's own log already holds in its totals is not counted again: the ledger
knows a session by its id and a model by its name, which are the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from costbasis.usage.events import UsageEvent
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, id_of, object_of, prompt_with_cache, text_of, told_call
from costbasis.usage.formats.copilot import model_name
from costbasis.usage.formats.json_log import first_line_has, marked_lines
from costbasis.usage.formats.logline import (
    BAD_TIME,
    COMMON_REASONS,
    NO_INPUT,
    NO_OUTPUT,
    BadLine,
    epoch_ms,
    time_ms_of,
    whole,
)
from costbasis.usage.formats.programs import named_folder
from costbasis.usage.readers import Caveat, FileReading

NAME = "copilot-otel"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 2

BY_RESPONSE = "response id, model and counts"
BY_SPAN = "trace and span"
BY_TIME = "session, time and counts"

MARKER = b"gen_ai."
CHAT_SPAN, INFERENCE_LOG, TURN_LOG, AGENT_SPAN = range(4)
"""The kinds of records that tell of a call, the best first."""

SESSION_NAMES = (
    "gen_ai.conversation.id", "copilot_chat.session_id", "copilot_chat.chat_session_id", "session.id",
    "github.copilot.interaction_id",
)  # fmt: skip
_WRITES = ("gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens")
_REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens")
_TIMES = ("endTime", "startTime", "hrTime", "_hrTime", "time", "timestamp", "observedTimestamp", "timeUnixNano")


class _Record(NamedTuple):
    """A record that tells of a call, and where it stands."""

    kind: int
    offset: int
    trace: str
    response: str
    said: dict[str, Any]
    attributes: dict[str, Any]


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``otel`` below ``COPILOT_HOME`` (default ``~/.copilot``), and ``COPILOT_OTEL_FILE_EXPORTER_PATH``, a file."""
    copilot = named_folder(environ, home, "COPILOT_HOME") or home / ".copilot"
    exported = named_folder(environ, home, "COPILOT_OTEL_FILE_EXPORTER_PATH")
    return [copilot / "otel", *([exported] if exported else [])]


def claims(path: str, head: bytes) -> bool:
    """A ``*.jsonl`` in an ``otel`` folder, or one that begins with a record of generative AI."""
    if not path.endswith(".jsonl"):
        return False
    if "/otel/" in path or ("otel" in path and PurePath(path).parent.name == "otel"):
        return True
    return MARKER in head and first_line_has(head, MARKER, b'"attributes"')


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each call, from the best kind of record that tells of it."""
    found = FileReading()
    records: list[_Record] = []
    sessions: dict[str, str] = {}
    for offset, said in marked_lines(data, path, start, found, (MARKER,)):
        attributes = object_of(said.get("attributes"))
        trace = _trace(said)
        if trace and _session(attributes):
            sessions.setdefault(trace, _session(attributes))
        kind = _kind(said, attributes)
        if kind is not None and any(name.startswith("gen_ai.usage.") for name in attributes):
            records.append(
                _Record(kind, offset, trace, text_of(attributes.get("gen_ai.response.id")), said, attributes)
            )
    events: dict[str, UsageEvent] = {}
    for record in _best(records):
        try:
            event = _event(record, sessions, path)
        except BadLine as bad:
            found.skip(path, record.offset, bad)
        else:
            earlier = events.setdefault(event.request_key, event)
            if event.time_ms < earlier.time_ms:
                events[event.request_key] = event
    found.events = list(events.values())
    return found


def _best(records: list[_Record]) -> Iterator[_Record]:
    """Those of which no better kind tells, by trace or by response."""
    traces: list[set[str]] = [{record.trace for record in records if record.kind == kind} for kind in range(4)]
    responses: list[set[str]] = [{record.response for record in records if record.kind == kind} for kind in range(4)]
    for record in records:
        by_trace = record.trace and any(record.trace in traces[kind] for kind in range(record.kind))
        by_response = record.response and any(record.response in responses[kind] for kind in range(record.kind))
        if not by_trace and not by_response:
            yield record


def _kind(said: Mapping[str, Any], attributes: Mapping[str, Any]) -> int | None:
    name, operation = text_of(said.get("name")), text_of(attributes.get("gen_ai.operation.name"))
    event = text_of(attributes.get("event.name"))
    body = text_of(said.get("body")) or text_of(said.get("_body"))
    if said.get("type") == "span" or (said.get("type") is None and name and _trace(said)):
        if operation == "chat" or name.startswith("chat "):
            return CHAT_SPAN
        return AGENT_SPAN if operation == "invoke_agent" or name.startswith("invoke_agent ") else None
    if event == "gen_ai.client.inference.operation.details" or body.startswith("GenAI inference:"):
        return INFERENCE_LOG
    is_turn = event == "copilot_chat.agent.turn" or body.startswith("copilot_chat.agent.turn")
    return TURN_LOG if is_turn else None


def _trace(said: Mapping[str, Any]) -> str:
    return id_of(said.get("traceId")) or id_of(object_of(said.get("spanContext")).get("traceId"))


def _session(attributes: Mapping[str, Any]) -> str:
    return next((id_of(attributes[name]) for name in SESSION_NAMES if id_of(attributes.get(name))), "")


def _event(record: _Record, sessions: Mapping[str, str], path: str) -> UsageEvent:
    attributes, said = record.attributes, record.said
    counts = prompt_with_cache(
        _count(attributes, NO_INPUT, "gen_ai.usage.input_tokens"),
        _count(attributes, "", "gen_ai.usage.cache_read.input_tokens"),
        _count(attributes, "", *_WRITES),
        _count(attributes, NO_OUTPUT, "gen_ai.usage.output_tokens"),
        _count(attributes, "", *_REASONING),
    )
    session = _session(attributes) or sessions.get(record.trace, "") or record.trace or PurePath(path).stem
    named = text_of(attributes.get("gen_ai.response.model")) or text_of(attributes.get("gen_ai.request.model"))
    model, time_ms = model_name(named) or MODEL_NOT_LOGGED, _time_ms(said)
    span = id_of(said.get("spanId")) or id_of(object_of(said.get("spanContext")).get("spanId"))
    seen = f"{model}|{'/'.join(map(str, counts))}"
    key, rule = f"t:{session}@{time_ms}|{seen}", BY_TIME
    if record.response:
        key, rule = f"t:{record.response}@{seen}", BY_RESPONSE
    elif record.trace and span:
        key, rule = f"t:{record.trace}@{span}", BY_SPAN
    return told_call(
        counts,
        model,
        time_ms,
        agent="copilot-cli",
        session=session,
        key=key,
        rule=rule,
        origin=f"{path}:{record.offset}",
    )


def _count(attributes: Mapping[str, Any], missing: str, *names: str) -> int:
    """The first of *names* that is there; where none is, 0, or the reason *missing*."""
    value = next((attributes[name] for name in names if attributes.get(name) is not None), None)
    if value is None and missing:
        raise BadLine(missing)
    return whole(int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value)


def _time_ms(said: Mapping[str, Any]) -> int:
    """When the call ended, else when it began: seconds with nanoseconds, or a number of whichever unit fits."""
    for name in _TIMES:
        value = said.get(name)
        if isinstance(value, list) and len(value) == 2 and all(type(part) is int for part in value):
            return epoch_ms(value[0] * 1000 + value[1] / 1_000_000)
        if isinstance(value, str) and not value.isdigit():
            return time_ms_of(value)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return epoch_ms(_milliseconds(int(value[:20]) if isinstance(value, str) else value))
    raise BadLine(BAD_TIME)


def _milliseconds(number: int) -> float:
    """A time in seconds, milliseconds, microseconds or nanoseconds, told apart by its size."""
    for unit, least in ((1e-6, 10**17), (1e-3, 10**14), (1, 10**11)):
        if number >= least:
            return number * unit
    return number * 1000
