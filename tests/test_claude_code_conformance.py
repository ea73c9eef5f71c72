"""Conformance: micro-logs on which usage analyzers of Claude Code logs went wrong, and what each must count.

The cases are those of published issue threads and sources of such tools; each names what went wrong there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from costbasis.usage.ledger import open_ledger

from .logs import line, raw, write_log

SUMS = {
    "requests": "COUNT(*)",
    "input": "SUM(input_tok)",
    "output": "SUM(output_tok)",
    "read": "SUM(cache_read_tok)",
    "write_5m": "SUM(cache_write_5m_tok)",
    "write_1h": "SUM(cache_write_1h_tok)",
    "write_unknown": "SUM(cache_write_unknown_tok)",
    "searches": "SUM(web_searches)",
    "lower_bounds": "SUM(partial_output)",
    "modes": "group_concat(DISTINCT mode)",
    "geos": "group_concat(DISTINCT geo)",
}

EARLY, LATE = "2026-03-05T10:00:00.000Z", "2026-03-05T10:00:09.000Z"
PARTIAL = line(usage={"output_tokens": 3}, stop=None, time=EARLY)
FINAL = line(time=LATE)


class Case(NamedTuple):
    """A tree of logs, and what it holds. What is not said is not asked."""

    name: str
    files: dict[str, bytes]
    holds: dict[str, Any]
    skipped: int = 0


def one(name: str, *lines: dict[str, Any] | bytes | str, skipped: int = 0, **holds: Any) -> Case:
    return Case(name, {"s1.jsonl": raw(*lines)}, holds, skipped)


def mirror(said: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The old progress line in the parent's log that repeats a subagent's line."""
    inner = {"type": "assistant", "timestamp": said["timestamp"], "message": said["message"], "requestId": "req_1"}
    data = {"type": "agent_progress", "message": inner, "agentId": "a1", "prompt": ""}
    return {"type": "progress", "sessionId": "s1", "cwd": "/p", "timestamp": said["timestamp"], "data": data} | fields


def split(total: int | None, five: int, hour: int, *iterations: tuple[int, int]) -> dict[str, Any]:
    """A usage with a cache write of a total and its split."""
    parts = {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}
    rounds = [
        {"cache_creation": {"ephemeral_5m_input_tokens": one, "ephemeral_1h_input_tokens": other}}
        for one, other in iterations
    ]
    return {"cache_creation_input_tokens": total, "cache_creation": parts, "iterations": rounds}


CASES = (
    # which line of a response
    one("partial then final: kept the first, 2 to 3 times too low", PARTIAL, FINAL, requests=1, output=40),
    one("final then partial", FINAL, PARTIAL, requests=1, output=40),
    one("the same line four times", *[FINAL] * 4, requests=1, output=40),
    one("only the partial line was logged", PARTIAL, requests=1, output=3, lower_bounds=1),
    one("a partial line beside the final one is no lower bound", PARTIAL, FINAL, lower_bounds=0),
    # identity
    one("one message id under two request ids: counted twice", FINAL, FINAL | {"requestId": "req_2"}, requests=1),
    one("two message ids under one request id", line("msg_1"), line("msg_2"), requests=2, output=80),
    one("gateways give no request id: counted 20 to 78 % too much", *[line("chat-1", requestId=None)] * 3, requests=1),
    one("a gateway's id at two times in one file", line("chat-1", time=EARLY), line("chat-1", time=LATE), requests=1),
    Case(
        "a gateway's id comes again in another session: two responses",
        {"s1.jsonl": raw(line("1", time=EARLY)), "s2.jsonl": raw(line("1", time=LATE, sessionId="s2"))},
        {"requests": 2, "output": 80},
    ),
    one("no message id, a request id twice", *[line(None)] * 2, requests=1),
    one("no id at all, the same line twice", *[line(None, requestId=None)] * 2, requests=1),
    one(
        "no id at all, two times",
        line(None, requestId=None, time=EARLY),
        line(None, requestId=None, time=LATE),
        requests=2,
    ),
    one("an empty message id is none", line("", requestId="req_1"), line("", requestId="req_2"), requests=2),
    # replays
    Case(
        "a fork repeats the head of its parent under a new session",
        {"s1.jsonl": raw(PARTIAL, FINAL, line("msg_2")), "s2.jsonl": raw(PARTIAL | {"sessionId": "s2"})},
        {"requests": 2, "output": 80},
    ),
    Case(
        "a side question replays the parent's messages under new request ids",
        {
            "s1.jsonl": raw(FINAL),
            "s1/subagents/agent-aside_question-1.jsonl": raw(FINAL | {"isSidechain": True, "requestId": "req_9"}),
        },
        {"requests": 1, "output": 40},
    ),
    Case(
        "a side question replays with more output: the original still counts",
        {
            "s1.jsonl": raw(FINAL),
            "s1/subagents/agent-aside_question-1.jsonl": raw(line(usage={"output_tokens": 99}, isSidechain=True)),
        },
        {"requests": 1, "output": 40},
    ),
    Case(
        "a subagent counts, its mirror in the parent's log does not",
        {
            "s1.jsonl": raw(line("msg_0"), mirror(FINAL)),
            "s1/subagents/agent-a1.jsonl": raw(FINAL | {"isSidechain": True, "agentId": "a1"}),
        },
        {"requests": 2, "output": 80},
    ),
    one("a mirror whose original is gone counts", mirror(PARTIAL), mirror(FINAL), requests=1, output=40),
    Case(
        "a subagent's log in the old flat layout",
        {"s1.jsonl": raw(line("msg_0")), "agent-0badcafe.jsonl": raw(FINAL | {"isSidechain": True})},
        {"requests": 2, "output": 80},
    ),
    Case(
        "a workflow's subagents, deep below",
        {"s1/subagents/workflows/wf-1/agent-a1.jsonl": raw(FINAL | {"isSidechain": True}), "s1.jsonl": raw()},
        {"requests": 1, "output": 40},
    ),
    # what else is called usage
    one(
        "a tool's result holds the usage of a subagent: not a request",
        {"type": "user", "message": {"role": "user"}, "toolUseResult": {"usage": line()["message"]["usage"]}},
        FINAL,
        requests=1,
        output=40,
    ),
    one(
        "iterations hold more usage: only the top counts", line(usage={"iterations": [{"output_tokens": 9}]}), output=40
    ),
    one(
        "a payload that speaks of usage",
        line(message={"content": [{"text": '"usage":{"output_tokens":9}'}]}),
        output=40,
    ),
    # lines that a stricter reader lost
    one("an id of null in a tool's input", line(message={"content": [{"input": {"id": None}}]}), output=40),
    one("nulls in every optional field", FINAL | dict.fromkeys(("cwd", "version", "requestId", "agentId")), output=40),
    one("a space after the colon", json.dumps(FINAL, indent=None, separators=(" , ", " : ")), output=40),
    one("a new line's carriage return", json.dumps(FINAL) + "\r", output=40),
    one("a byte-order mark", "\ufeff" + json.dumps(FINAL), output=40),
    one("counts as floats", line(usage={"output_tokens": 40.0, "input_tokens": 10.0}), input=10, output=40),
    one("a version that is not of three numbers", FINAL | {"version": "2.1.x-nightly"}, output=40),
    one("no type", {name: value for name, value in FINAL.items() if name != "type"}, output=40),
    one("fields before and after in another order", dict(reversed(FINAL.items())), output=40),
    one("a line of two megabytes", line(message={"content": "x" * 2_000_000}), output=40),
    one("half an emoji, as programs that count in UTF-16 cut it", line(message={"content": "\ud83d"}), output=40),
    # lines that cannot be counted: skipped, and the others count
    one("a torn line in the middle", json.dumps(FINAL)[:90], line("msg_2"), requests=1, skipped=1),
    one("zeros where a disk lost a page", b"\0" * 4096, FINAL, requests=1, skipped=1),
    one("a conflict of versions", '<<<<<<< HEAD {"usage":{', FINAL, requests=1, skipped=1),
    one("empty lines", "", " ", FINAL, "", requests=1),
    one("a count below zero", line(usage={"input_tokens": -5}), FINAL | {"x": 1}, requests=1, skipped=1),
    one(
        "no output at all: unknown is not zero",
        line("msg_9", usage={"output_tokens": None}),
        FINAL,
        output=40,
        skipped=1,
    ),
    # cache writes
    one("5 minutes and 1 hour", line(usage=split(900, 300, 600)), write_5m=300, write_1h=600, write_unknown=0),
    one("a split of zeros against a million: lost it all", line(usage=split(10**6, 0, 0)), write_unknown=10**6),
    one("a split that contradicts, no round agrees", line(usage=split(600, 0, 800, (0, 800))), write_unknown=600),
    one(
        "a split that contradicts, the last round that agrees",
        line(usage=split(600, 0, 800, (600, 0), (100, 500))),
        write_5m=100,
        write_1h=500,
        write_unknown=0,
    ),
    one("no split", line(usage={"cache_creation_input_tokens": 600}), write_unknown=600, write_5m=0, write_1h=0),
    one("a split and no total", line(usage=split(None, 30, 70)), write_5m=30, write_1h=70),
    # what changes the price
    one("fast", line(usage={"speed": "fast", "service_tier": "standard"}), modes="fast"),
    one("batch", line(usage={"service_tier": "batch"}), modes="batch"),
    one("priority", line(usage={"service_tier": "priority"}), modes="priority"),
    one("no tier", line(usage={"service_tier": None, "speed": None}), modes="standard"),
    one("inference in the United States", line(usage={"inference_geo": "us"}), geos="us"),
    one("inference anywhere", line(usage={"inference_geo": "global"}), geos=""),
    one(
        "web searches", line(usage={"server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 5}}), searches=2
    ),
    one("no tools of the server", line(usage={"server_tool_use": None}), searches=0),
    # what is no call
    one(
        "an error message that the agent wrote itself",
        line(
            usage={"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0},
            message={"model": "<synthetic>"},
        ),
        FINAL,
        requests=1,
        skipped=1,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_conformance(case: Case, tmp_path: Path) -> None:
    for name, data in case.files.items():
        write_log(tmp_path / "logs", data, name)
    ledger = open_ledger([tmp_path / "logs"], folder=tmp_path / "home")
    summary = ledger.update()
    found = ledger.connection.execute(f"SELECT {', '.join(SUMS[name] for name in case.holds)} FROM request").fetchone()
    ledger.close()
    assert dict(zip(case.holds, found, strict=True)) == case.holds
    assert summary.skipped.total() == case.skipped


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
