"""A conformance table: small Claude Code logs on which usage tools differ, each with its right answer.

A case says what the logs hold, not what the product happens to do; where a peer is known to answer otherwise, the
case says so. Names of files are relative to a ``projects`` folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.logline import (
    BAD_COUNT,
    BAD_TIME,
    BOM,
    MALFORMED,
    NO_INPUT,
    NO_MODEL,
    NO_OUTPUT,
    NOT_AN_OBJECT,
    ODD_SHAPE,
)
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.readers.claude_code import NO_TOKENS, SYNTHETIC

from .logs import line, raw, write_log

Line = dict[str, Any] | bytes

CLASSES = TokenCounts._fields[:6]
MOMENT = "strftime('%Y-%m-%dT%H:%M:%S', time_ms / 1000, 'unixepoch')"

S1, S2 = "-p/s1.jsonl", "-p/s2.jsonl"
SUBAGENT = "-p/s1/subagents/agent-a1.jsonl"
ASIDE = "-p/s1/subagents/agent-aside_question-1.jsonl"


@dataclass(frozen=True)
class Case:
    """Logs and what they hold. *also*: a column of the requests, in order of time, and its right values.

    *ends*: what the last line of each file ends with.
    """

    name: str
    files: dict[str, list[Line]]
    right: TokenCounts
    requests: int
    skipped: dict[str, int] = field(default_factory=dict)
    peers: str = ""
    also: dict[str, list[Any]] = field(default_factory=dict)
    ends: bytes = b"\n"


def times(requests: int, **instead: int) -> TokenCounts:
    """What so many lines of ``line()`` hold, some classes set to another sum."""
    return TokenCounts(10 * requests, 0, 0, 0, 30 * requests, 40 * requests)._replace(**instead)


def case(name: str, files: dict[str, list[Line]], requests: int = 1, **said: Any) -> Case:
    return Case(name, files, said.pop("right", times(requests)), requests, **said)


def one(name: str, *lines: Line, requests: int = 1, **said: Any) -> Case:
    """A case of one session's log."""
    return case(name, {S1: list(lines)}, requests, **said)


def lost(name: str, bad: Line, reason: str, **said: Any) -> Case:
    """A line that cannot be counted between two that can."""
    return one(name, line("msg_before"), bad, line("msg_after"), requests=2, skipped={reason: 1}, **said)


def text(said: dict[str, Any], **how: Any) -> bytes:
    return json.dumps(said, **how).encode()


def with_message(**fields: Any) -> dict[str, Any]:
    """A line whose message has these fields, null where None."""
    said = line()
    return said | {"message": said["message"] | fields}


def calls(**fields: Any) -> dict[str, Any]:
    """A response that calls a tool with this input."""
    return line(message={"content": [{"type": "tool_use", "id": "toolu_1", "name": "q", "input": fields}]})


def aside(said: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A side question's replay of a line."""
    return said | {"isSidechain": True, "requestId": "req_aside", "agentId": "aside_question-1"} | fields


def subagent(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"isSidechain": True, "agentId": "a1"}


def mirror(said: dict[str, Any], **inner: Any) -> dict[str, Any]:
    """The progress line by which a parent's log repeats a subagent's line."""
    told = {"type": "assistant"} | {name: said[name] for name in ("timestamp", "message", "requestId")} | inner
    data = {"type": "agent_progress", "message": told, "agentId": "a1", "prompt": "look"}
    return {"type": "progress", "sessionId": "s1", "cwd": "/p", "timestamp": said["timestamp"], "data": data}


def split(five: int | None, hour: int | None) -> dict[str, Any]:
    return {"cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}}


def writes(total: int | None, *parts: dict[str, Any], rounds: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """A line with a cache write: its total, its split if any, and the rounds that it was made of."""
    usage: dict[str, Any] = {"cache_creation_input_tokens": total}
    for part in parts:
        usage |= part
    return line(usage=usage | ({"iterations": list(rounds)} if rounds else {}))


EARLY, LATE = "2026-03-05T10:00:00.000Z", "2026-03-05T10:00:09.000Z"
PARTIAL = line(usage={"output_tokens": 3}, stop=None, time=EARLY)
FINAL = line(time=LATE)
OPTIONAL_OF_USAGE = (
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cache_creation",
    "server_tool_use",
    "service_tier",
    "speed",
    "inference_geo",
    "iterations",
)
NOTHING = {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}

KEPT_THE_FIRST = "ccusage gives the final count; up to version 18 it kept the first line, output 2 to 3 times too low."
TWICE = "ccusage and tokscale count it twice."
NO_REQUEST_ID = "ccusage's daily report counts two timestamps twice, its session report once."
NEVER_DEDUPED = "ccusage never dedupes lines without a message id."
REPLAY = "ccusage drops the replay, tokscale counts it."
SILENT_DROP = "ccusage drops the line without a word."
SILENT_SKIP = "ccusage skips the line without a word."
SPLIT_REPLACES = "ccusage lets the split replace the total."
CONTRADICTION = "ccusage believes the split, codeburn the larger; logpile the last round that agrees, else unknown."
NEVER_PRICED = "Neither ccusage nor tokscale prices it."
MIRROR_ONLY = "ccusage's daily report counts it, its session report does not."

RESPONSES = (
    one("partial, then final", PARTIAL, FINAL, peers=KEPT_THE_FIRST),
    one("final, then partial", FINAL, PARTIAL, peers=KEPT_THE_FIRST),
    one("partial, final, partial again", PARTIAL, FINAL, PARTIAL, also={"partial_output": [0]}),
    one("four lines of one response", *[FINAL] * 4),
    one(
        "only the partial line was logged",
        PARTIAL,
        right=times(1, output_tok=3),
        also={"partial_output": [1]},
        peers="No tool can repair it: the output is a lower bound.",
    ),
    one("one id before and after midnight", PARTIAL | {"timestamp": "2026-03-04T23:59:59.900Z"}, FINAL),
    one(
        "the whole count before midnight, its end after it",
        FINAL | {"timestamp": "2026-03-04T23:59:59.900Z", "message": FINAL["message"] | {"stop_reason": None}},
        FINAL,
        also={MOMENT: ["2026-03-04T23:59:59"]},
    ),
    Case(
        "the whole count before midnight in one file, its end after it in another",
        {
            S1: [
                FINAL | {"timestamp": "2026-03-04T23:59:59.900Z", "message": FINAL["message"] | {"stop_reason": None}}
            ],
            S2: [FINAL],
        },
        times(1),
        1,
        also={MOMENT: ["2026-03-04T23:59:59"]},
    ),
    case(
        "one id on two days in two sessions",
        {S1: [FINAL], S2: [FINAL | {"sessionId": "s2", "timestamp": "2026-03-06T08:00:00.000Z"}]},
    ),
    one("two responses to one request id", line("msg_1"), line("msg_2"), requests=2),
    one("the cost that old versions logged changes no token", FINAL | {"costUSD": 0.25}),
    one("a type that nobody knows", FINAL | {"type": "something new"}, peers="ccusage does not check the type either."),
)

IDENTITY = (
    one("one message id, two request ids", FINAL, FINAL | {"requestId": "req_2"}, peers=TWICE),
    one("one message id, two request ids, partial first", PARTIAL, FINAL | {"requestId": "req_2"}, peers=TWICE),
    one(
        "one message id, two request ids, the second a sidechain",
        FINAL,
        FINAL | {"requestId": "req_2", "isSidechain": True},
        peers=REPLAY,
    ),
    one("one message id, once with a request id and once without", line(), line(requestId=None)),
    one("no message id, one request id twice", line(None), line(None), peers=NEVER_DEDUPED),
    one(
        "no message id, two request ids",
        line(None, requestId="req_1"),
        line(None, requestId="req_2"),
        requests=2,
        peers=NEVER_DEDUPED,
    ),
    one("no request id, two timestamps", *[line(requestId=None, time=at) for at in (EARLY, LATE)], peers=NO_REQUEST_ID),
    one("neither id, the same line twice", *[line(None, requestId=None)] * 2, peers=NEVER_DEDUPED),
    one("neither id, two moments", *[line(None, requestId=None, time=at) for at in (EARLY, LATE)], requests=2),
    case(
        "neither id, the same line in a resumed session",
        {name: [line(None, requestId=None, sessionId=name)] for name in (S1, S2)},
        peers=NEVER_DEDUPED,
    ),
    one("an empty message id is none", line("", requestId="req_1"), line("", requestId="req_2"), requests=2),
    one("an empty message id, one request id", line(""), line("")),
    one("both ids empty, two moments", *[line("", requestId="", time=at) for at in (EARLY, LATE)], requests=2),
    one(
        "a gateway's id, partial then final",
        PARTIAL | {"message": PARTIAL["message"] | {"id": "chatcmpl-1"}},
        line("chatcmpl-1", time=LATE),
    ),
    one(
        "a gateway's id without a request id, three lines",
        *[line("chatcmpl-1", requestId=None, time=at) for at in (EARLY, LATE, LATE)],
        peers=NO_REQUEST_ID,
    ),
    one("two ids of a gateway", line("chatcmpl-1"), line("chatcmpl-2"), requests=2),
    case(
        "a gateway's id comes again in another session at another time",
        {S1: [line("1", time=EARLY)], S2: [line("1", time=LATE, sessionId="s2")]},
        requests=2,
    ),
    case(
        "a gateway's id repeated by a fork",
        {S1: [line("chatcmpl-1")], S2: [line("chatcmpl-1", sessionId="s2")]},
    ),
)

REPLAYS = (
    case(
        "a fork repeats its parent",
        {S1: [PARTIAL, FINAL], S2: [said | {"sessionId": "s2"} for said in (PARTIAL, FINAL)]},
    ),
    case(
        "a fork repeats the head of its parent and goes on",
        {S1: [line("msg_1"), line("msg_2")], S2: [line("msg_1", sessionId="s2"), line("msg_3", sessionId="s2")]},
        requests=3,
    ),
    case("a resume has the final line that the first log lacks", {S1: [PARTIAL], S2: [FINAL | {"sessionId": "s2"}]}),
    case(
        "a whole file lies there twice",
        {S1: [FINAL, line("msg_2")], "-p/s1 copy.jsonl": [FINAL, line("msg_2")]},
        requests=2,
    ),
    case("a whole file was copied to another project", {S1: [PARTIAL, FINAL], "-q/s1.jsonl": [PARTIAL, FINAL]}),
    case(
        "a junk line in a file that lies there twice is a line lost in each",
        {name: [FINAL, b"<<<<<<< HEAD"] for name in (S1, S2)},
        skipped={NOT_AN_OBJECT: 2},
    ),
    case("a side question replays its parent", {S1: [FINAL], ASIDE: [aside(FINAL)]}, peers=REPLAY),
    case(
        "a side question replays its parent, dated later and with more output",
        {S1: [FINAL], ASIDE: [aside(line(usage={"output_tokens": 99}), timestamp="2026-03-05T11:00:00.000Z")]},
        peers="ccusage's daily and session reports disagree; tokscale counts the replay.",
    ),
    case(
        "a side question's own answer counts beside its replay",
        {S1: [FINAL], ASIDE: [aside(FINAL), aside(line("msg_2"))]},
        requests=2,
        peers=REPLAY,
    ),
    case("a side question whose parent is gone", {ASIDE: [aside(PARTIAL), aside(FINAL)]}),
    case(
        "a subagent's file counts with its parent's session",
        {S1: [line("msg_0")], SUBAGENT: [subagent(FINAL)]},
        requests=2,
        also={"session": ["s1", "s1"], "agent_id": ["", "a1"]},
        peers="codeburn once skipped subagent files, 46 % of the calls.",
    ),
    case(
        "a subagent of a workflow, deep below",
        {"-p/s1/subagents/workflows/wf-1/agent-a1.jsonl": [subagent(PARTIAL), subagent(FINAL)]},
    ),
    case(
        "a subagent's flat file of old versions",
        {S1: [line("msg_0")], "-p/agent-a1.jsonl": [subagent(FINAL)]},
        requests=2,
    ),
    case(
        "a subagent's file in the old and in the new place",
        {SUBAGENT: [subagent(FINAL)], "-p/agent-a1.jsonl": [subagent(FINAL)]},
    ),
    case(
        "a mirror beside its subagent's file",
        {S1: [mirror(PARTIAL), mirror(FINAL)], SUBAGENT: [subagent(PARTIAL), subagent(FINAL)]},
    ),
    case("a mirror beside its subagent's flat file", {S1: [mirror(FINAL)], "-p/agent-a1.jsonl": [subagent(FINAL)]}),
    case(
        "a subagent's file has the partial line, the mirror the final one",
        {S1: [mirror(FINAL)], SUBAGENT: [subagent(PARTIAL)]},
        also={"partial_output": [0]},
    ),
    case(
        "a replay has the final line that the parent lacks",
        {S1: [PARTIAL], ASIDE: [aside(FINAL)]},
        also={"partial_output": [0]},
        peers="ccusage keeps the parent's partial line.",
    ),
    one(
        "a mirror whose subagent's file is gone",
        mirror(PARTIAL),
        mirror(FINAL),
        also={"agent_id": ["a1"]},
        peers=MIRROR_ONLY,
    ),
    one("a mirror without a request id", mirror(FINAL, requestId=None), peers=SILENT_DROP),
    one("a mirror of a line without a time takes its own", mirror(FINAL, timestamp=None), also={MOMENT: [LATE[:19]]}),
    one("mirrors of two responses", mirror(line("msg_1")), mirror(line("msg_2")), requests=2, peers=MIRROR_ONLY),
)

NESTED = (
    one(
        "a tool's result that reports a subagent's usage",
        {
            "type": "user",
            "message": {"role": "user", "content": []},
            "toolUseResult": {"usage": FINAL["message"]["usage"]},
        },
        FINAL,
    ),
    case(
        "a subagent's usage in its file, its mirror and the tool's result",
        {
            S1: [
                mirror(FINAL),
                {"type": "user", "toolUseResult": {"totalTokens": 80, "usage": FINAL["message"]["usage"]}},
            ],
            SUBAGENT: [subagent(FINAL)],
        },
    ),
    one("a payload that spells a usage object", line(message={"content": [{"text": '{"usage":{"output_tokens":9}}'}]})),
    one("a tool called with a usage object", calls(usage={"input_tokens": 5, "output_tokens": 9})),
    one("a tool called with a whole message", calls(message=FINAL["message"], data={"message": FINAL})),
    one(
        "rounds that add up to the top are not added to it",
        line(usage={"iterations": [{"type": "message", "input_tokens": 5, "output_tokens": 20}] * 2}),
    ),
    one(
        "a single round that repeats the top is not added to it",
        line(usage={"iterations": [{"type": "message", "input_tokens": 10, "output_tokens": 40}]}),
    ),
    one(
        "a compaction round without tokens",
        line(usage={"iterations": [{"type": "compaction", "input_tokens": 0, "output_tokens": 0}]}),
    ),
    one("no rounds", line(usage={"iterations": []})),
    one(
        "rounds of an unknown shape",
        line(usage={"iterations": {}}),
        line("msg_2", usage={"iterations": [None]}),
        requests=2,
        peers=SILENT_DROP,
    ),
    one(
        "a compaction round is billed beside the top: it is a request of its own",
        line(
            usage={
                "iterations": [
                    {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
                    {"type": "message", "input_tokens": 10, "output_tokens": 40},
                ]
            }
        ),
        requests=2,
        right=times(1, input_tok=180_010, output_tok=3_540),
        also={"prompt_tok": [40, 180_000], "rule": ["message id", "message id, compaction"]},
        peers="ccusage and tokscale count the top alone.",
    ),
    one(
        "four lines of a response with a compaction round",
        *[line(usage={"iterations": [{"type": "compaction", "input_tokens": 500, "output_tokens": 5}]})] * 4,
        requests=2,
        right=times(1, input_tok=510, output_tok=45),
        peers="ccusage and tokscale count the top alone.",
    ),
    one(
        "an advisor's round is of its own model",
        line(
            usage={
                "iterations": [
                    {"type": "message", "input_tokens": 10, "output_tokens": 40},
                    {"type": "advisor_message", "model": "claude-opus-4-6", "input_tokens": 900, "output_tokens": 60},
                ]
            }
        ),
        requests=2,
        right=times(1, input_tok=910, output_tok=100),
        also={"model": [line()["message"]["model"], "claude-opus-4-6"]},
        peers="tokscale counts the top alone.",
    ),
    lost(
        "a compaction round that cannot be read",
        line("msg_9", usage={"iterations": [{"type": "compaction", "input_tokens": "many"}]}),
        ODD_SHAPE,
    ),
)

NULLS = (
    *[
        one(f"{name} null in a tool's input", calls(**{name: None}), peers=SILENT_DROP)
        for name in ("id", "model", "cwd", "version", "requestId")
    ],
    *[
        one(f"{name} null in the line", line() | {name: None}, peers=SILENT_DROP)
        for name in ("cwd", "version", "requestId")
    ],
    *[
        one(f"{name} null in the line", line() | {name: None})
        for name in ("sessionId", "agentId", "isSidechain", "data", "costUSD")
    ],
    one("usage null in a tool's input", calls(usage=None)),
    one("message id null", with_message(id=None), with_message(id=None), peers=SILENT_DROP),
    one("message id and request id null", with_message(id=None) | {"requestId": None}, peers=SILENT_DROP),
    lost("model null in the message: nothing to price it by", with_message(model=None), NO_MODEL, peers=SILENT_DROP),
    one("model null in the partial line only", with_message(model=None), FINAL, skipped={NO_MODEL: 1}),
    one("nulls in a mirror's payload", mirror(calls(id=None, model=None)), peers=SILENT_DROP),
    one(
        "null in every optional field of the usage",
        with_message(usage=dict.fromkeys(OPTIONAL_OF_USAGE) | {"input_tokens": 10, "output_tokens": 40}),
        right=times(1, cache_read_tok=0),
    ),
    one("a usage that is null", with_message(usage=None), FINAL),
)

SHAPES = (
    one("spaces after colons", text(FINAL, separators=(", ", ": ")), peers=SILENT_DROP),
    one("no spaces after colons", text(FINAL, separators=(",", ":"))),
    one("spaces on both sides of colons", text(FINAL, separators=(" , ", " : ")), peers=SILENT_DROP),
    one("fields in another order", dict(reversed(FINAL.items()))),
    one(
        "counts as floats",
        line(usage={"input_tokens": 10.0, "output_tokens": 40.0, "cache_read_input_tokens": 3e1}),
        peers=SILENT_DROP,
    ),
    one("a version that is not of three numbers", FINAL | {"version": "2.1-nightly"}, peers=SILENT_DROP),
    one("an empty version", FINAL | {"version": ""}, peers=SILENT_DROP),
    one("a byte-order mark", BOM + text(FINAL), peers=SILENT_DROP),
    one("carriage returns", text(line("msg_1")) + b"\r", text(line("msg_2")) + b"\r", requests=2),
    one("empty lines", b"", FINAL, b" \t", b"\r", b""),
    one("no newline at the end", FINAL, ends=b""),
    one("unicode as it is", text(line(message={"content": "naïve 日本語 🦀 \u2028 \u0085"}), ensure_ascii=False)),
    one("unicode escaped", line(message={"content": "naïve 日本語 🦀 \u2028"})),
    one("half an emoji", line(message={"content": "cut \ud83d"})),
    one("a byte that is no unicode", text(line(message={"content": "@@@"})).replace(b"@@@", b"\xff\xfe\xe9")),
    one(
        "unicode in the names of folder and session", line(cwd="/Übung/日本", sessionId="sé"), also={"session": ["sé"]}
    ),
    one("a line of two megabytes", line(message={"content": "x" * 2_000_000})),
    one("a line of two megabytes of escapes", line(message={"content": '"\\\n' * 350_000})),
    one("a line of two megabytes without a usage", {"type": "user", "toolUseResult": "x" * 2_000_000}, FINAL),
)

DAMAGE = (
    lost("a torn line", text(FINAL)[:120], NOT_AN_OBJECT, peers=SILENT_SKIP),
    lost("a line torn behind the marker", text(FINAL)[: text(FINAL).index(b'"usage"') + 30], NOT_AN_OBJECT),
    lost("a line that lacks its head", text(FINAL)[40:], NOT_AN_OBJECT, peers=SILENT_SKIP),
    lost("a conflict's mark with the marker", b'<<<<<<< HEAD {"usage":{', NOT_AN_OBJECT),
    lost("a list with the marker", b'["usage", {"output_tokens": 9}]', NOT_AN_OBJECT),
    lost("an object with the marker that is not JSON", b'{"message":{"usage":{"output_tokens":}}}', MALFORMED),
    lost("a count that is not a number", text(line(usage={"output_tokens": float("nan")})), ODD_SHAPE),
    one("not a number in a tool's input", text(calls(share=float("nan"))), peers=SILENT_DROP),
    one("a byte-order mark inside a file", line("msg_1"), BOM + text(line("msg_2")), requests=2, peers=SILENT_DROP),
    one("numbers for the ids around a response", line(requestId=7, sessionId=1234), also={"session": ["1234"]}),
    one("a text where a mirror would stand", FINAL | {"data": "progress"}),
    one("a mirror that is a text, beside a usage of its own", FINAL | {"data": {"message": "done"}}),
    lost("a line of zeros", b"\0" * 4096, NOT_AN_OBJECT),
    one("zeros before a line", b"\0" * 9 + text(FINAL), skipped={NOT_AN_OBJECT: 1}),
    one("zeros behind a line", text(FINAL) + b"\0" * 9, line("msg_2"), requests=2, skipped={NOT_AN_OBJECT: 1}),
    one("two lines run together", text(line("msg_1")) + text(line("msg_2")), requests=2),
    one("a line behind a complete one torn", text(FINAL) + text(line("msg_2"))[:90], skipped={NOT_AN_OBJECT: 1}),
    one("a torn last line is still being written", FINAL, text(line("msg_2"))[:200], ends=b""),
    one("zeros at the end of a file", FINAL, b"\0" * 64, ends=b""),
    one("junk without the marker that is JSON", b'{"type":"summary","summary":"x"}', FINAL),
    lost("no output: unknown is not zero", line("msg_9", usage={"output_tokens": None}), NO_OUTPUT),
    lost("no input: unknown is not zero", line("msg_9", usage={"input_tokens": None}), NO_INPUT),
    lost("an empty usage", with_message(id="msg_9", usage={}), NO_OUTPUT),
    one("no output in the partial line only", line(usage={"output_tokens": None}), FINAL, skipped={NO_OUTPUT: 1}),
    lost("a count below zero", line("msg_9", usage={"input_tokens": -5}), BAD_COUNT),
    lost("a cache read below zero", line("msg_9", usage={"cache_read_input_tokens": -1}), BAD_COUNT),
    lost("a fraction of a token", line("msg_9", usage={"output_tokens": 39.5}), BAD_COUNT, peers=SILENT_DROP),
    lost("a count as a string", line("msg_9", usage={"output_tokens": "40"}), ODD_SHAPE),
    lost("a count of true", line("msg_9", usage={"output_tokens": True}), ODD_SHAPE),
    lost("a usage that is a list", with_message(id="msg_9", usage=[1, 2]), ODD_SHAPE),
    one("a very large count", line(usage={"cache_read_input_tokens": 2**33}), right=times(1, cache_read_tok=2**33)),
    lost("a count of 2**40, more than any request holds", line("msg_9", usage={"input_tokens": 2**40}), BAD_COUNT),
    one("no tokens at all is a request of none", line(usage=NOTHING), right=TokenCounts()),
)

SYNTHETICS = (
    one(
        "a synthetic message without tokens",
        line("msg_9", usage=NOTHING, message={"model": SYNTHETIC}),
        FINAL,
        skipped={NO_TOKENS: 1},
    ),
    one(
        "a synthetic message with tokens",
        line("msg_9", message={"model": SYNTHETIC}),
        FINAL | {"timestamp": "2026-03-05T10:00:10Z"},
        requests=2,
        also={"model": [SYNTHETIC, "claude-opus-4-6"]},
        peers="ccusage adds its tokens to the totals, without a row for the model and at no cost.",
    ),
    case(
        "a synthetic message in a session and in its fork",
        {name: [line("msg_9", usage=NOTHING, message={"model": SYNTHETIC})] for name in (S1, S2)},
        requests=0,
        skipped={NO_TOKENS: 2},
    ),
)

CACHE = (
    one("writes of 5 minutes", writes(900, split(900, 0)), right=times(1, cache_write_5m_tok=900)),
    one(
        "writes of 1 hour",
        writes(900, split(0, 900)),
        right=times(1, cache_write_1h_tok=900),
        peers="tokscale bills them at the rate of 5 minutes.",
    ),
    one(
        "writes of 5 minutes and 1 hour",
        writes(900, split(300, 600)),
        right=times(1, cache_write_5m_tok=300, cache_write_1h_tok=600),
    ),
    one(
        "a split of zeros against a total of a million",
        writes(1_000_000, split(0, 0)),
        right=times(1, cache_write_unknown_tok=1_000_000),
        peers="ccusage loses the million: the split replaces the total.",
    ),
    one("an empty split", writes(600, {"cache_creation": {}}), right=times(1, cache_write_unknown_tok=600)),
    one("a split of nulls", writes(600, split(None, None)), right=times(1, cache_write_unknown_tok=600)),
    one("half a split, the other half null", writes(600, split(None, 600)), right=times(1, cache_write_1h_tok=600)),
    one("no split", writes(600), right=times(1, cache_write_unknown_tok=600)),
    one("a split that is null", writes(600, {"cache_creation": None}), right=times(1, cache_write_unknown_tok=600)),
    one(
        "a split without a total",
        writes(None, split(30, 70)),
        right=times(1, cache_write_5m_tok=30, cache_write_1h_tok=70),
    ),
    one(
        "a split above the total",
        writes(600, split(0, 800)),
        right=times(1, cache_write_unknown_tok=600),
        peers=CONTRADICTION,
    ),
    one(
        "a split below the total",
        writes(800, split(100, 500)),
        right=times(1, cache_write_unknown_tok=800),
        peers=SPLIT_REPLACES,
    ),
    one(
        "a split above the total, the last round agrees",
        writes(600, split(300, 500), rounds=[split(200, 0), split(100, 500)]),
        right=times(1, cache_write_5m_tok=100, cache_write_1h_tok=500),
        peers=CONTRADICTION,
    ),
    one(
        "a split above the total, two rounds agree: the last counts",
        writes(600, split(700, 500), rounds=[split(600, 0), split(100, 500), split(1, 1)]),
        right=times(1, cache_write_5m_tok=100, cache_write_1h_tok=500),
        peers=CONTRADICTION,
    ),
    one(
        "a split above the total, no round agrees",
        writes(600, split(300, 500), rounds=[split(200, 0), split(0, 500)]),
        right=times(1, cache_write_unknown_tok=600),
        peers=CONTRADICTION,
    ),
)

PRICED_APART = (
    one(
        "web searches",
        line(usage={"server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 5}}),
        also={"web_searches": [3]},
        peers="Neither ccusage nor tokscale prices them, codeburn does.",
    ),
    one(
        "web searches of four lines of one response",
        *[line(usage={"server_tool_use": {"web_search_requests": 3}})] * 4,
        also={"web_searches": [3]},
    ),
    one(
        "web searches null", line(usage={"server_tool_use": {"web_search_requests": None}}), also={"web_searches": [0]}
    ),
    one("a batch", line(usage={"service_tier": "batch"}), also={"mode": ["batch"]}, peers=NEVER_PRICED),
    one("priority", line(usage={"service_tier": "priority"}), also={"mode": ["priority"]}, peers=NEVER_PRICED),
    one("standard", line(usage={"service_tier": "standard", "speed": "standard"}), also={"mode": ["standard"]}),
    one(
        "fast",
        line(usage={"service_tier": "standard", "speed": "fast"}),
        also={"mode": ["fast"], "model": ["claude-opus-4-6"]},
        peers="ccusage multiplies the price and renames the model, tokscale ignores it.",
    ),
    one(
        "inference in the United States", line(usage={"inference_geo": "us"}), also={"geo": ["us"]}, peers=NEVER_PRICED
    ),
    one("inference at no known place", line(usage={"inference_geo": "not_available"}), also={"geo": [""]}),
)

TIMES = (
    *[
        one(f"a time {how}", line(time=at), also={MOMENT: [right]})
        for how, at, right in (
            ("east of Greenwich", "2026-03-06T01:30:00.000+02:00", "2026-03-05T23:30:00"),
            ("west of Greenwich", "2026-03-05T20:30:00.000-05:30", "2026-03-06T02:00:00"),
            ("without milliseconds", "2026-03-05T10:00:07Z", "2026-03-05T10:00:07"),
            ("with microseconds", "2026-03-05T10:00:07.123456Z", "2026-03-05T10:00:07"),
            ("with nanoseconds", "2026-03-05T10:00:07.123456789Z", "2026-03-05T10:00:07"),
            ("with a blank before the hour", "2026-03-05 10:00:07+00:00", "2026-03-05T10:00:07"),
        )
    ],
    one(
        "one moment in two zones",
        *[line(None, requestId=None, time=at) for at in ("2026-03-05T10:00:00Z", "2026-03-05T12:00:00+02:00")],
    ),
    lost("a time without a zone", line("msg_9", time="2026-03-05T10:00:00"), BAD_TIME),
    lost("no time", line("msg_9") | {"timestamp": None}, BAD_TIME),
    lost("a time that is none", line("msg_9", time="2026-02-30T10:00:00Z"), BAD_TIME),
)

CASES = (
    *RESPONSES,
    *IDENTITY,
    *REPLAYS,
    *NESTED,
    *NULLS,
    *SHAPES,
    *DAMAGE,
    *SYNTHETICS,
    *CACHE,
    *PRICED_APART,
    *TIMES,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_logs_hold_what_is_right_whatever_other_tools_make_of_them(case: Case, tmp_path: Path) -> None:
    for name, lines in case.files.items():
        project, _, below = name.partition("/")
        write_log(tmp_path / "logs", raw(*lines, end=case.ends), below, project)
    ledger = open_ledger([tmp_path / "logs"], folder=tmp_path / "ledgers")
    summary = ledger.update()
    requests, skipped = summary.requests, dict(summary.skipped)
    ask = ledger.connection.execute
    sums = ask(f"SELECT {', '.join(f'COALESCE(SUM({name}), 0)' for name in CLASSES)} FROM request").fetchone()
    rest = {
        column: [
            row[0] for row in ask(f"SELECT {column} FROM request ORDER BY time_ms, session, agent_id, request_key")
        ]
        for column in case.also
    }
    ledger.close()
    assert requests == case.requests
    assert TokenCounts(*sums) == case.right
    assert skipped == case.skipped
    assert rest == case.also
    assert summary.problems == []


def test_the_table_is_long_and_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60
