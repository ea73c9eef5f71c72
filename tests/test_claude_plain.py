"""The ordinary line, read in one step, says what the same line says when it is read a field at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from costbasis.usage.events import UsageEvent
from costbasis.usage.formats import claude_plain
from costbasis.usage.ledger.seen import entries_of
from costbasis.usage.readers import claude_code

COUNT = st.integers(0, 2**33) | st.sampled_from([None, -1, 5.0, 5.5, "5", True])
TEXT = st.sampled_from(["", "a", "agent-a", "us", "fast", "batch", "standard", "é"]) | st.none() | st.just(7)
MOMENTS = (
    "2026-04-02T10:00:00.123Z", "2026-04-02T10:00:01+02:00", "2026-04-02 10:00:00Z", "2026-04-02T10:00:00",
     "1999-12-31T23:59:59Z", "1999-12-31T23:30:00-01:00", "2099-12-31T23:30:00-01:00", "2100-01-01T00:30:00+01:00",
     "2100-01-01T00:00:00Z", "20260402T100000Z", "yesterday", "", None, 5,
)  # fmt: skip
TIME = st.sampled_from(MOMENTS)
SPLIT = st.none() | st.fixed_dictionaries(
    {}, optional={"ephemeral_5m_input_tokens": COUNT, "ephemeral_1h_input_tokens": COUNT}
)
ROUND = st.fixed_dictionaries(
    {"input_tokens": COUNT, "output_tokens": COUNT},
    optional={"type": st.sampled_from(["message", "compaction", "advisor_message", "tool", None, 3])},
)
USAGE = st.fixed_dictionaries(
    {
        "input_tokens": st.integers(0, 9) | COUNT,
        "cache_creation_input_tokens": st.sampled_from([0, 5, 12]),
        "cache_read_input_tokens": st.integers(0, 9),
        "cache_creation": st.sampled_from(
            [{"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0}, {"ephemeral_1h_input_tokens": 12}]
        )
        | SPLIT,
        "output_tokens": st.integers(0, 9) | COUNT,
    },
    optional={
        "service_tier": TEXT,
        "speed": TEXT,
        "inference_geo": TEXT,
        "server_tool_use": st.none() | st.fixed_dictionaries({}, optional={"web_search_requests": COUNT}),
        "iterations": st.none() | st.lists(ROUND, max_size=2) | st.just("none"),
    },
)
MESSAGE = st.fixed_dictionaries(
    {"id": st.sampled_from(["msg_1", "msg_1", "msg_2", "chat-1", "", None, 4]), "usage": USAGE},
    optional={
        "model": st.sampled_from(["claude-opus-4-6", "claude-opus-4-6", "<synthetic>", "<odd>", "", None]),
        "stop_reason": st.sampled_from(["end_turn", None, 3]),
    },
)
LINE = st.fixed_dictionaries(
    {"message": MESSAGE, "timestamp": TIME},
    optional={
        "isSidechain": st.sampled_from([True, False, None, "yes"]),
        "agentId": TEXT,
        "cwd": st.sampled_from(["/p", "/home/dev/app", "", None, 3]),
        "sessionId": TEXT,
        "requestId": TEXT,
        "data": st.just({"message": 5, "agentId": "b"}),
    },
)
MIRRORED = st.fixed_dictionaries({"message": MESSAGE}, optional={"timestamp": TIME, "requestId": TEXT})
MIRROR = st.fixed_dictionaries(
    {"data": st.fixed_dictionaries({"message": MIRRORED}, optional={"agentId": TEXT})},
    optional={
        "timestamp": TIME,
        "message": st.none() | MESSAGE,
        "isSidechain": st.sampled_from([True, False, None, "yes"]),
        "cwd": st.sampled_from(["/p", "", None]),
        "sessionId": TEXT,
        "agentId": TEXT,
    },
)
LINES = st.lists(LINE | MIRROR, max_size=6)


def mirroring(line: dict[str, Any], **around: Any) -> dict[str, Any]:
    """A line of a parent's log that repeats another one."""
    return {"data": {"message": line, "agentId": "agent-a"}, "timestamp": "2026-04-02T10:00:09Z"} | around


def ordinary(moment: Any, stop: str | None = "end_turn", **counts: int) -> dict[str, Any]:
    """A line in which all is as it nearly always is."""
    usage = {"input_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 2, "output_tokens": 5}
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    message = {"id": "msg_1", "model": "m", "stop_reason": stop, "usage": usage | {"cache_creation": split} | counts}
    return {"message": message, "timestamp": moment}


def told(lines: list[dict[str, Any]]) -> tuple[list[UsageEvent], list[str], str]:
    """Events by key, reasons by address, and the project."""
    data = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    reading = claude_code.read(data, "/logs/-home-dev-app/s1.jsonl", 0, {})
    events = sorted(reading.requests, key=lambda event: event.request_key)
    return events, sorted(f"{skip.origin} {skip.reason}" for skip in reading.skipped), reading.project


@settings(max_examples=150, deadline=None)
@given(LINES)
@example([ordinary(moment) for moment in MOMENTS])
@example([mirroring(ordinary(moment)) for moment in MOMENTS])
@example([mirroring(ordinary(None, stop), isSidechain=True) for stop in (None, None, "end_turn")])
@example([ordinary("2026-04-02T10:00:00Z", stop=None), mirroring(ordinary("2026-04-02T10:00:00Z"))])
@example([ordinary("2026-04-02T10:00:00Z", output_tokens=count) for count in (3, 9, 9, 4)])
@example(
    [ordinary("2026-04-02T10:00:00Z", stop=None, output_tokens=count) for count in (9, 3)] + [ordinary(MOMENTS[0])]
)
def test_an_ordinary_line_says_what_it_says_a_field_at_a_time(lines: list[dict[str, Any]]) -> None:
    quick = told(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claude_code, "plain_line", lambda line: None)
        assert quick == told(lines)


@settings(max_examples=100, deadline=None)
@given(LINES)
@example([mirroring(ordinary(None, stop), isSidechain=True) for stop in (None, None, "end_turn")])
def test_entries_made_at_once_are_those_of_the_events(lines: list[dict[str, Any]]) -> None:
    data = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    requests = claude_code.read(data, "/logs/-home-dev-app/s1.jsonl", 0, {}).requests
    assert entries_of(requests) == entries_of(list(requests))


def test_the_lines_of_a_finished_response_are_ordinary() -> None:
    usage = (
        b'"usage":{"input_tokens":3,"cache_creation_input_tokens":7,"cache_read_input_tokens":2,"cache_creation":'
        b'{"ephemeral_5m_input_tokens":7,"ephemeral_1h_input_tokens":0},"output_tokens":4}'
    )
    line = b'{"message":{"model":"m","id":"msg_1",%s},"timestamp":"2026-04-02T10:00:00Z"}' % usage
    said = claude_plain.plain_line(line)
    assert said is not None
    assert claude_plain.counts_of_plain(said.message.usage) == (3, 7, 0, 0, 2, 4, 0)
    assert claude_plain.plain_line(line.replace(b"msg_1", b"chat_1")) is None
    assert claude_plain.plain_line(line.replace(b'_tokens":7,"cache_read', b'_tokens":8,"cache_read')) is None


def test_a_mirror_of_an_ordinary_line_is_ordinary() -> None:
    line = mirroring(ordinary("2026-04-02T10:00:00Z"))
    said = claude_plain.plain_line(json.dumps(line).encode())
    assert isinstance(said, claude_plain.MirrorLine)
    assert (said.agent_id, said.timestamp.second) == ("agent-a", 0)
    assert claude_plain.plain_line(json.dumps(line | {"message": {"role": "user"}}).encode()) is None
