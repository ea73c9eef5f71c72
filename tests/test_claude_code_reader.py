"""The Claude Code reader: what counts, what is skipped and why, and that nothing depends on where a read stops."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from costbasis.usage.events import OtherLines, TokenCounts, UsageEvent
from costbasis.usage.formats import logline
from costbasis.usage.ledger.dedupe import WON_BY, better
from costbasis.usage.readers import FileReading
from costbasis.usage.readers import claude_code as reader

from .logs import PUBLIC, line, mirror, raw


def read(data: bytes, known: dict[str, str] | None = None, start: int = 0) -> FileReading:
    return reader.read(data, "/logs/s1.jsonl", start, known or {})


def only(data: bytes) -> UsageEvent:
    found = read(data)
    assert [skip.reason for skip in found.skipped] == []
    (event,) = found.requests
    return event


def test_a_response_of_several_lines_counts_once_with_its_final_output() -> None:
    partial = line(usage={"output_tokens": 3}, stop=None, time="2026-03-05T10:00:00Z")
    final = line(usage={"output_tokens": 40}, time="2026-03-05T10:00:09Z")
    for order in ((partial, final), (final, partial)):
        event = only(raw(*order))
        assert event.counts.output_tok == 40
        assert event.lines == 2
        assert event.time_ms % 60_000 == 9_000
        assert not event.partial_output


def test_a_response_is_dated_by_the_first_line_with_its_final_output() -> None:
    lines = [line(time=f"2026-03-05T10:00:0{second}Z") for second in (4, 2, 7)]
    assert only(raw(*lines)).time_ms % 60_000 == 2_000


def test_a_response_that_never_stopped_is_a_lower_bound() -> None:
    assert only(raw(line(stop=None))).partial_output


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a space after the colon", json.dumps(line(), separators=(", ", ": "))),
        ("a byte-order mark", "\ufeff" + json.dumps(line())),
        ("a carriage return", json.dumps(line()) + "\r"),
        ("counts as floats", json.dumps(line(usage={"input_tokens": 10.0, "output_tokens": 40.0}))),
        ("nulls in the payload", json.dumps(line(message={"content": [{"input": {"id": None, "model": None}}]}))),
        ("nulls around it", json.dumps(line() | {"requestId": None, "cwd": None, "version": None, "agentId": None})),
        ("a version that is no version", json.dumps(line(version="nightly"))),
        ("an unknown type", json.dumps(line(type="something new"))),
        ("half an emoji in the payload", json.dumps(line(message={"content": "cut \ud83d"}))),
        ("a tab in a string", json.dumps(line(message={"content": "a?b"})).replace("?", "\t")),
        ("zeros before it", "\0" * 9 + json.dumps(line())),
        ("a torn line behind it", json.dumps(line()) + '{"message":{"usage":{"out'),
        ("fields in another order", json.dumps(dict(reversed(line().items())))),
    ],
)
def test_a_line_counts_by_what_it_is(name: str, data: str) -> None:
    (event,) = read(data.encode() + b"\n").requests
    assert event.counts == TokenCounts(input_tok=10, cache_read_tok=30, output_tok=40), name


def test_lines_that_a_killed_process_ran_together_all_count() -> None:
    first, second = raw(line("msg_1"), end=b""), raw(line("msg_2"), end=b"")
    found = read(first + second + b'{"message":{"usage"' + b"\n" + raw(line("msg_3")))
    assert [event.offset for event in found.requests] == [0, len(first), len(first + second) + 20]
    assert [skip.origin for skip in found.skipped] == [f"/logs/s1.jsonl:{len(first + second)}"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<<<<<<< HEAD", logline.NOT_AN_OBJECT),
        (b"\x00" * 64, logline.NOT_AN_OBJECT),
        (b'{"message":{"usage":{"output', logline.NOT_AN_OBJECT),
        (b'{"message":{"usage":{"output_tokens":}}}', logline.MALFORMED),
        (raw(line(usage={"output_tokens": None}), end=b""), logline.NO_OUTPUT),
        (raw(line(usage={"input_tokens": None}), end=b""), logline.NO_INPUT),
        (raw(line(usage={"output_tokens": -1}), end=b""), logline.BAD_COUNT),
        (raw(line(usage={"output_tokens": 1.5}), end=b""), logline.BAD_COUNT),
        (raw(line(usage={"output_tokens": "40"}), end=b""), logline.ODD_SHAPE),
        (raw(line(usage={"output_tokens": 10**25}), end=b""), logline.BAD_COUNT),
        (raw(line(usage={"cache_read_input_tokens": 1e300}), end=b""), logline.BAD_COUNT),
        (raw(line(message={"x": "@"}), end=b"").replace(b'"@"', b"[" * 99_999 + b"]" * 99_999), logline.MALFORMED),
        (raw(line(time="9999-12-31T23:59:59Z"), end=b""), logline.BAD_TIME),
        (raw(line(time="0001-01-01T00:00:00+14:00"), end=b""), logline.BAD_TIME),
        (raw(line() | {"timestamp": None}, end=b""), logline.BAD_TIME),
        (raw(line(message={"model": None}), end=b""), logline.NO_MODEL),
        (raw(line(time="yesterday"), end=b""), logline.BAD_TIME),
        (raw(line(time="2026-03-05T10:00:00"), end=b""), logline.BAD_TIME),
    ],
)
def test_what_cannot_be_counted_is_skipped_with_its_address_and_reason(data: bytes, reason: str) -> None:
    good = raw(line("msg_before"))
    found = read(good + data + b"\n" + raw(line("msg_after")))
    assert [(skip.origin, skip.reason) for skip in found.skipped] == [(f"/logs/s1.jsonl:{len(good)}", reason)]
    assert len(found.requests) == 2
    assert reason in reader.REASONS


def test_a_synthetic_message_without_tokens_is_skipped_as_such() -> None:
    nothing = dict.fromkeys(("input_tokens", "output_tokens", "cache_read_input_tokens"), 0)
    found = read(raw(line(usage=nothing, message={"model": "<synthetic>"})))
    assert [skip.reason for skip in found.skipped] == [reader.NO_TOKENS]


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "user", "message": {"role": "user", "content": "x"}, "toolUseResult": {"usage": {"output_tokens": 9}}},
        {"type": "user", "message": {"role": "user", "content": [{"text": '{"usage": {"output_tokens": 9}}'}]}},
        {"type": "system", "message": "text", "usage": {"output_tokens": 9}},
        {"type": "progress", "data": {"type": "hook", "usage": {"output_tokens": 9}}},
        {"type": "progress", "data": "text", "usage": 1},
    ],
)
def test_usage_in_a_payload_is_no_request_and_no_loss(payload: dict[str, Any]) -> None:
    found = read(raw(payload))
    assert not found.requests
    assert found.skipped == []


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("before", [0, 2000])
@pytest.mark.parametrize("behind", [0, 2000])
def test_a_response_counts_whatever_a_user_said_around_it_in_one_line(
    before: int, behind: int, separators: tuple[str, str]
) -> None:
    """The newlines between them were lost, or never written."""

    def user(length: int) -> bytes:
        said = {"type": "user", "message": {"role": "user", "content": "x" * length}}
        return json.dumps(said, separators=separators).encode()

    response = json.dumps(line("msg_1"), separators=separators).encode()
    found = read(user(before) + response + user(behind) + b"\n" + raw(line("msg_2")))
    assert len(found.requests) == 2
    torn = user(before)[:-3]
    found = read(torn + response + user(behind) + b"\n")
    assert [skip.reason for skip in found.skipped] == [logline.MALFORMED]


def test_a_mirror_in_a_line_with_a_text_of_the_user_counts() -> None:
    said = {
        "message": mirror(line())["data"]["message"],
        "beside": {"message": {"role": "user", "content": "x" * 4000}},
    }
    found = read(raw({"type": "progress", "data": said}))
    assert len(found.requests) == 1


def test_keys_say_which_rule_made_them() -> None:
    found = read(
        raw(
            line("msg_1"),
            line("chat-7", time="2026-03-05T10:00:00Z"),
            line("chat-7", time="2026-03-05T10:00:05Z", usage={"output_tokens": 50}),
            line(None, requestId="req_9"),
            line(None, requestId=None, time="2026-03-05T11:00:00Z"),
        )
    )
    assert [(event.key_rule, event.lines) for event in found.requests] == [
        (reader.BY_MESSAGE, 1),
        (reader.BY_ID_AND_TIME, 2),
        (reader.BY_REQUEST, 1),
        (reader.BY_CONTENT, 1),
    ]


def test_a_mirror_and_a_sidechain_never_win_over_the_original() -> None:
    original = line(usage={"output_tokens": 40})
    aside = line(usage={"output_tokens": 90}, isSidechain=True, requestId="req_2")
    told = mirror(original, type="agent_progress", agentId="a1")
    event = only(raw(told, aside, original))
    assert (event.counts.output_tok, event.is_mirror, event.is_sidechain, event.lines) == (40, False, False, 3)
    alone = only(raw(told))
    assert (alone.is_mirror, alone.agent_id, alone.counts.output_tok) == (True, "a1", 40)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"cache_creation_input_tokens": 600}, (0, 0, 600)),
        (
            {"cache_creation_input_tokens": 1_000_000, "cache_creation": {"ephemeral_5m_input_tokens": 0}},
            (0, 0, 1_000_000),
        ),
        ({"cache_creation_input_tokens": 600, "cache_creation": {"ephemeral_1h_input_tokens": 800}}, (0, 0, 600)),
        ({"cache_creation_input_tokens": 600, "cache_creation": {"ephemeral_5m_input_tokens": 600}}, (600, 0, 0)),
        ({"cache_creation_input_tokens": None, "cache_creation": {"ephemeral_1h_input_tokens": 7}}, (0, 7, 0)),
    ],
)
def test_a_cache_split_is_believed_where_it_adds_up_and_else_kept_as_unknown(
    usage: dict[str, Any], expected: tuple[int, int, int]
) -> None:
    counts = only(raw(line(usage=usage))).counts
    assert (counts.cache_write_5m_tok, counts.cache_write_1h_tok, counts.cache_write_unknown_tok) == expected


@pytest.mark.parametrize(
    ("usage", "mode", "geo", "searches"),
    [
        ({"service_tier": "standard", "speed": "standard"}, "standard", "", 0),
        ({"service_tier": "batch"}, "batch", "", 0),
        ({"service_tier": None, "speed": "fast"}, "fast", "", 0),
        ({"service_tier": "priority", "inference_geo": "us"}, "priority", "us", 0),
        ({"inference_geo": "not_available", "server_tool_use": {"web_search_requests": 3}}, "standard", "", 3),
    ],
)
def test_mode_region_and_searches_are_read(usage: dict[str, Any], mode: str, geo: str, searches: int) -> None:
    event = only(raw(line(usage=usage)))
    assert (event.mode, event.geo, event.web_searches) == (mode, geo, searches)


FIXTURES = PUBLIC / "logpile" / "claudecode"


@pytest.mark.parametrize(
    ("name", "writes"), [("cache-iteration-match.jsonl", (100, 500, 0)), ("cache-unknown-remainder.jsonl", (0, 0, 600))]
)
def test_public_fixtures_of_contradictory_splits(name: str, writes: tuple[int, int, int]) -> None:
    """logpile, MIT: the totals of SOURCES.md."""
    counts = only((FIXTURES / name).read_bytes()).counts
    assert (counts.cache_write_5m_tok, counts.cache_write_1h_tok, counts.cache_write_unknown_tok) == writes


def test_public_fixture_of_one_request_in_two_sessions_has_one_key() -> None:
    """logpile, MIT: the same request in two sessions counts once: 10/30/20/40."""
    found = [only((FIXTURES / "claims" / f"claim-{name}.jsonl").read_bytes()) for name in ("parent", "child")]
    assert found[0].request_key == found[1].request_key
    assert found[0].counts == TokenCounts(10, 0, 0, 20, 30, 40)


def test_hostile_names_in_logs_are_just_text() -> None:
    for path in sorted((PUBLIC / "codeburn").rglob("*.jsonl")):
        found = reader.read(path.read_bytes(), str(path), 0, {})
        assert all(skip.reason in reader.REASONS for skip in found.skipped)


def told(number: int, prefix: str, output: int, second: int, kind: str, stop: str | None) -> bytes:
    """A line of a small world in which requests, mirrors and replays meet often."""
    usage, time = {"output_tokens": output}, f"2026-03-05T10:00:{second:02d}Z"
    said = line(f"{prefix}{number}", usage=usage, time=time, stop=stop, isSidechain=kind == "sidechain", cwd="/p/deep")
    return raw(mirror(said) if kind == "mirror" else said, end=b"")


LINE = st.builds(
    told,
    st.integers(0, 2),
    st.sampled_from(["msg_", "chat-"]),
    st.integers(0, 3),
    st.integers(0, 5),
    st.sampled_from(["line", "sidechain", "mirror"]),
    st.sampled_from([None, "end_turn"]),
)
JUNK = st.sampled_from(
    [b"{torn", b'{"usage":1', b'{"message":{"usage":{}}}', b"\x00\x00", b"<<<<<<< HEAD", b"\xff\xfe"]
)
ODD = st.one_of(
    LINE,
    JUNK,
    st.sampled_from([b"", b"\r", b" \t", b'{"usage":1}']),
    st.builds(lambda one, two: one + two, LINE, LINE),
    st.builds(lambda one: b"\x00\x00" + one + b"\r", LINE),
    st.builds(lambda one, rest: one + b" " + rest, LINE, JUNK),
)


def merged(readings: list[FileReading]) -> dict[str, UsageEvent]:
    best: dict[str, UsageEvent] = {}
    for event in (event for reading in readings for event in reading.requests):
        earlier = best.get(event.request_key)
        best[event.request_key] = event if earlier is None else better(earlier, event)
    return {key: replace(event, project=readings[-1].project) for key, event in best.items()}


@given(lines=st.lists(ODD, max_size=12), cuts=st.lists(st.integers(0, 4000), max_size=6))
@settings(max_examples=150, deadline=None)
def test_reading_in_pieces_is_reading_at_once(lines: list[bytes], cuts: list[int]) -> None:
    data = b"".join(part + b"\n" for part in lines)
    whole = read(data)
    readings = [FileReading()]
    for cut in [*sorted(cut for cut in cuts if cut < len(data)), len(data)]:
        start = readings[-1].consumed
        readings.append(reader.read(data[start:cut], "/logs/s1.jsonl", start, readings[-1].known))
    assert merged(readings) == merged([whole])
    assert [skip for piece in readings for skip in piece.skipped] == whole.skipped
    assert readings[-1].consumed == len(data)


@given(lines=st.lists(LINE, min_size=1, max_size=5), junk=st.lists(st.tuples(st.integers(0, 5), JUNK), max_size=6))
@settings(max_examples=60, deadline=None)
def test_junk_changes_no_total_and_each_piece_is_addressed(lines: list[bytes], junk: list[tuple[int, bytes]]) -> None:
    mixed = list(lines)
    for place, part in junk:
        mixed.insert(place, part)
    data = b"".join(part + b"\n" for part in mixed)
    clean, found = read(b"".join(part + b"\n" for part in lines)), read(data)
    assert {event.request_key: (event.counts, event.time_ms, event.lines) for event in found.requests} == {
        event.request_key: (event.counts, event.time_ms, event.lines) for event in clean.requests
    }
    addresses = [int(skip.origin.rpartition(":")[2]) for skip in found.skipped]
    assert [data[at:].split(b"\n")[0] for at in addresses] == [part for part in mixed if part not in lines]


@given(lines=st.lists(LINE, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_which_line_counts_does_not_depend_on_the_order_in_which_they_are_compared(lines: list[bytes]) -> None:
    found = [
        replace(event, offset=at, request_key="k", key_rule="")
        for at, part in enumerate(lines)
        for event in read(part).requests
    ]
    assert reduce(better, found) == reduce(better, reversed(found))


def test_the_rule_that_let_a_line_count_is_the_one_that_beat_its_closest_rival() -> None:
    lines = [told(1, "msg_", output, 3, kind, None) for output, kind in ((9, "mirror"), (2, "line"), (5, "line"))]
    assert WON_BY[only(raw(*lines)).won_by] == "more output"
    assert WON_BY[only(raw(lines[0], lines[2])).won_by] == "not a mirror"
    assert WON_BY[only(raw(lines[0])).won_by] == ""
    assert only(raw(*lines)).others == (OtherLines("line", 1, len(lines[0]) + 1), OtherLines("mirror", 1, 0))


def test_roots_follow_the_agents_own_variable() -> None:
    home = Path("/home/dev")
    assert reader.roots({}, home) == [home / ".config/claude/projects", home / ".claude/projects"]
    assert reader.roots({"CLAUDE_CONFIG_DIR": "/a, /b/projects"}, home) == [Path("/a/projects"), Path("/b/projects")]


def test_a_project_is_the_folder_that_its_slug_stands_for() -> None:
    def project(path: str, *cwds: str) -> str:
        return reader.read(raw(*(line(f"msg_{cwd}", cwd=cwd) for cwd in cwds)), path, 0, {}).requests[0].project

    slug = "/h/.claude/projects/-home-dev-my-app"
    assert project(f"{slug}/s.jsonl", "/tmp", "/home/dev/my.app/src") == "/home/dev/my.app"
    assert project(f"{slug}/s/subagents/agent-1.jsonl", "/home/dev/my_app") == "/home/dev/my_app"
    assert project(f"{slug}/s.jsonl", "/tmp") == "-home-dev-my-app"
    assert project("/backup/s.jsonl", "/home/dev/my.app") == "/home/dev/my.app"


def test_a_subagent_is_named_by_its_field_or_its_file() -> None:
    named = line("msg_1", isSidechain=True, agentId="a1")
    nameless = line("msg_2", isSidechain=True)
    found = reader.read(raw(named, nameless), "/h/projects/-p/s/subagents/agent-b2.jsonl", 0, {})
    assert [event.agent_id for event in found.requests] == ["a1", "b2"]
