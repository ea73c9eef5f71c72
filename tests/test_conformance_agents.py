"""A conformance table beside Claude Code's: small logs of other agents on which usage tools differ.

A case says what the logs hold, not what the product happens to do; where a peer is known to answer otherwise, or
once did, the case says so (M: measured on its binary, S: read in its source, I: from its issues).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.codex_session import REPLAYED
from costbasis.usage.formats.logline import (
    BAD_COUNT,
    BAD_TIME,
    NO_INPUT,
    NO_OUTPUT,
    NOT_AN_OBJECT,
    ODD_SHAPE,
    PART_ABOVE_WHOLE,
)
from costbasis.usage.ledger.ledger import open_ledger

from .fixture_trees import make_database

Line = dict[str, Any] | str


@dataclass(frozen=True)
class Case:
    """Files of a home and what they hold: fresh, unknown writes, reads, output, reasoning; requests; lines skipped."""

    name: str
    files: dict[str, Any]
    right: tuple[int, int, int, int, int]
    requests: int = 1
    skipped: dict[str, int] = field(default_factory=dict)
    peers: str = ""
    also: dict[str, list[Any]] = field(default_factory=dict)


NAMES = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "cache_write_input_tokens")
DAY = "2026-06-01"


def usage(*counts: int) -> dict[str, int]:
    return dict(zip(NAMES, counts, strict=False))


def at(time: str, kind: str, payload: Any) -> dict[str, Any]:
    return {"timestamp": f"{DAY}T{time}Z", "type": kind, "payload": payload}


def meta(session: str = "s", parent: str | None = None, time: str = "10:00:00.000", **more: Any) -> dict[str, Any]:
    fork = {"forked_from_id": parent} if parent else {}
    return at(time, "session_meta", {"id": session, "timestamp": f"{DAY}T{time}Z", "cwd": "/p"} | fork | more)


def told(
    total: tuple[int, ...] | None, last: tuple[int, ...] | None = None, time: str = "10:01:00.000"
) -> dict[str, Any]:
    parts = {"total_token_usage": total, "last_token_usage": last}
    info = {name: usage(*counts) for name, counts in parts.items() if counts is not None}
    return at(time, "event_msg", {"type": "token_count", "info": info})


def turn(started: int | None, time: str = "10:00:00.100") -> dict[str, Any]:
    when = {} if started is None else {"started_at": started}
    return at(time, "event_msg", {"type": "task_started", "turn_id": "t"} | when)


def tier(**settings: str) -> dict[str, Any]:
    return at("10:00:30.000", "event_msg", {"type": "thread_settings_applied", "thread_settings": settings})


def record(response: str, *counts: int, **more: Any) -> dict[str, Any]:
    return at("10:00:50.000", "token_usage_record", {"response_id": response, "usage": usage(*counts)} | more)


def compacted(response: str) -> dict[str, Any]:
    return at("10:00:51.000", "compacted", {"message": "so far", "compaction_response_id": response})


MODEL = at("10:00:00.010", "turn_context", {"model": "gpt-5.5"})
BEGAN = 1_780_308_000  # 2026-06-01T10:00:00Z


def codex(name: str, *lines: Line, right: tuple[int, int, int, int, int], requests: int = 1, **more: Any) -> Case:
    path = ".codex/sessions/2026/06/01/rollout-2026-06-01T10-00-00-s.jsonl"
    return Case(f"codex: {name}", {path: list(lines)}, right, requests, **more)


LIVE = (100, 60, 10, 4)
CODEX = (
    codex("cached is a part of input, reasoning of output", meta(), told(LIVE), right=(40, 0, 60, 10, 4),
          peers="Tools that add them double tokens (tokscale#1022, I)."),
    codex("written to a cache is a part of input too", meta(), told((100, 60, 10, 4, 30)), right=(10, 30, 60, 10, 4)),
    codex("a count written again without a new response", meta(), told(LIVE), told(LIVE), right=(40, 0, 60, 10, 4),
          peers="ccusage counted it again, +30 to 67 % (#1288, I)."),
    codex("growth of the totals", meta(), told(LIVE), told((250, 160, 30, 4)), right=(90, 0, 160, 30, 4), requests=2),
    codex("a response's own count beside the totals", meta(), told(LIVE, LIVE), told((150, 80, 15, 4), (50, 20, 5, 0)),
          right=(70, 0, 80, 15, 4), requests=2),
    codex("a response's own count alone", meta(), told(None, LIVE), told(None, LIVE, "10:02:00.000"),
          right=(80, 0, 120, 20, 8), requests=2),
    codex("a lost line: the next total holds it", meta(), told(LIVE, LIVE), told((300, 100, 40, 4), (50, 0, 5, 0)),
          right=(200, 0, 100, 40, 4), requests=2),
    codex("a counter that begins anew", meta(), told((400, 300, 60, 20)), told((800, 600, 100, 30)),
          told((1100, 900, 60, 30)), right=(400, 0, 1500, 160, 60), requests=3,
          peers="logpile's counter-reset-epochs: 2,060 tokens."),
    codex("no count at all", meta(), at("10:00:01.000", "event_msg", {"type": "token_count", "info": None}),
          right=(0, 0, 0, 0, 0), requests=0),
    codex("no model", meta(), told(LIVE), right=(40, 0, 60, 10, 4), also={"model": ["(model not logged)"]},
          peers="ccusage says gpt-5, with a flag."),
    codex("a server's alias for a model stays what it is", meta(), MODEL | {"payload": {"model": "codex-auto-review"}},
          told(LIVE), right=(40, 0, 60, 10, 4), also={"model": ["codex-auto-review"]},
          peers="ccusage maps it by a hand-kept table of dates."),
    codex("priority", meta(), MODEL, tier(service_tier="priority"), told(LIVE), right=(40, 0, 60, 10, 4),
          also={"mode": ["priority"]}),
    codex("priority by its older name", meta(), MODEL, tier(service_tier="fast"), told(LIVE),
          right=(40, 0, 60, 10, 4), also={"mode": ["priority"]}),
    codex("flex", meta(), MODEL, tier(service_tier="flex"), told(LIVE), right=(40, 0, 60, 10, 4),
          also={"mode": ["flex"]}),
    codex("settings that name no tier leave it", meta(), tier(service_tier="priority"), tier(model="gpt-5.5"),
          told(LIVE), right=(40, 0, 60, 10, 4), also={"mode": ["priority"]}),
    codex("back to the default tier", meta(), tier(service_tier="priority"), tier(service_tier="default"), told(LIVE),
          right=(40, 0, 60, 10, 4), also={"mode": ["standard"]}),
    codex("a compaction that the totals leave out", meta(), told(LIVE), record("r1", 300, 200, 20), compacted("r1"),
          right=(140, 0, 260, 30, 4), requests=2, peers="ccusage's later source counts it (S)."),
    codex("the mark of a compaction before its record", meta(), compacted("r1"), record("r1", 300, 200, 20),
          right=(100, 0, 200, 20, 0)),
    codex("a compaction that the totals hold", meta(), told(LIVE), record("r1", 300, 200, 20),
          told((400, 260, 30, 4), (300, 200, 20, 0)), compacted("r1"), right=(140, 0, 260, 30, 4), requests=2),
    codex("a compaction that the thread's totals hold", meta(),
          record("r1", 300, 200, 20, thread_token_usage=usage(400, 260, 30, 4)), told((400, 260, 30, 4)),
          compacted("r1"), right=(140, 0, 260, 30, 4)),
    codex("a record of an ordinary response", meta(), told(LIVE), record("r1", 300, 200, 20), right=(40, 0, 60, 10, 4)),
    codex("a fork whose parent is gone replays it over seconds", meta("leaf", "gone"),
          meta("gone", time="09:00:00.000"), turn(BEGAN - 90_000), told((236_700_000, 200_000_000, 2_000_000, 200_000)),
          turn(BEGAN - 80_000, "10:00:02.500"), turn(BEGAN + 1200, "10:20:00.000"),
          told((236_705_000, 200_003_000, 2_000_500, 200_050), time="10:21:00.000"), right=(2000, 0, 3000, 500, 50),
          skipped={REPLAYED: 1}, peers="ccusage 20.0.24: 238,705,500 tokens; tokscale: 0 (M)."),
    codex("a fork that bursts within a second is live", meta("leaf", "gone"), turn(BEGAN),
          told((1000, 600, 50, 10), time="10:00:00.300"), told((2000, 1400, 90, 20), time="10:00:00.900"),
          told((3000, 2400, 120, 30), time="10:01:06.000"), right=(600, 0, 2400, 120, 30), requests=3,
          peers="A rule by time alone drops it."),
    codex("a fork of an old version, whose turns tell no time", meta("leaf", "gone"), meta("gone", time="09:00:00.000"),
          turn(None), told((9000, 0, 900, 0), time="10:00:00.200"), told((9500, 0, 950, 0), time="10:00:00.900"),
          turn(None), told((9600, 0, 990, 0), time="10:05:00.000"), right=(100, 0, 0, 40, 0), skipped={REPLAYED: 2}),
    codex("a fork of an old version that replays one answer", meta("leaf", "gone"), meta("gone", time="09:00:00.000"),
          told((9000, 0, 900, 0), time="10:00:00.200"), told((9600, 0, 990, 0), time="10:05:00.000"),
          right=(600, 0, 0, 90, 0), skipped={REPLAYED: 1}),
    codex("a fork that carries its parent's total on without its lines", meta("leaf", "gone"), turn(BEGAN + 5),
          told((9_000_000, 8_000_000, 9000, 0), (100, 60, 10, 4)), told((9_000_100, 8_000_060, 9010, 4), LIVE),
          right=(80, 0, 120, 20, 8), requests=2),
    codex("a subagent's turn is said to begin",
          meta("leaf", source={"subagent": {"thread_spawn": {"parent_thread_id": "p"}}}),
          told((9000, 0, 900, 0), time="10:00:00.200"),
          at("10:00:01.000", "inter_agent_communication_metadata", {"trigger_turn": True}),
          told((9600, 0, 990, 0), time="10:05:00.000"), right=(600, 0, 0, 90, 0), skipped={REPLAYED: 1}),
    codex("more cached than input", meta(), told((10, 60, 10, 0)), right=(0, 0, 0, 0, 0), requests=0,
          skipped={PART_ABOVE_WHOLE: 1}),
    codex("a count below zero", meta(), told((-10, 0, 10, 0)), right=(0, 0, 0, 0, 0), requests=0,
          skipped={BAD_COUNT: 1}),
    codex("no time", meta(), told(LIVE) | {"timestamp": None}, right=(0, 0, 0, 0, 0), requests=0,
          skipped={BAD_TIME: 1}),
    codex("junk between lines", meta(), "<<<<<<< HEAD", told(LIVE), right=(40, 0, 60, 10, 4),
          skipped={NOT_AN_OBJECT: 1}),
    Case("codex: a session archived while it stays", {
        f".codex/{folder}/rollout-2026-06-01T10-00-00-s.jsonl": [meta(), told(LIVE)]
        for folder in ("sessions/2026/06/01", "archived_sessions")
    }, (40, 0, 60, 10, 4), peers="ccusage drops archives by their relative path."),
    Case("codex: a parent and its leaf", {
        ".codex/sessions/rollout-a.jsonl": [
            meta("p", time="09:00:00.000"), told((100, 50, 10, 1), time="09:01:00.000"),
        ],
        ".codex/sessions/rollout-b.jsonl": [
            meta("leaf", "p"), meta("p", time="09:00:00.000"), turn(BEGAN - 3600), told((100, 50, 10, 1)),
            turn(BEGAN + 60, "10:01:00.000"), told((5100, 2050, 210, 51), time="10:02:00.000"),
        ],
    }, (3050, 0, 2050, 210, 51), 2, {REPLAYED: 1}, peers="tokscale: 110 instead of 5,310 (M)."),
)  # fmt: skip


def copilot(*totals: tuple[int, int, int, int, int]) -> list[Line]:
    names = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens")
    return [
        {"type": "session.shutdown", "id": f"e{hour}", "timestamp": f"{DAY}T1{hour}:00:00Z",
         "data": {"modelMetrics": {"gpt-5.4": {
             "usage": dict(zip(names, total, strict=True)), "requests": {"count": 1}}}}}
        for hour, total in enumerate(totals)
    ]  # fmt: skip


def gemini(tokens: dict[str, int] | None, identity: str = "m1") -> dict[str, Any]:
    return {
        "id": identity, "type": "gemini", "timestamp": f"{DAY}T10:00:00Z", "model": "gemini-3-pro-preview",
        "tokens": tokens,
    }  # fmt: skip


HEAD = {"sessionId": "g", "projectHash": "h"}
G = dict(zip(("input", "output", "cached", "thoughts", "tool", "total"), (100, 20, 60, 5, 0, 125), strict=True))
CHAT = ".gemini/tmp/h/chats/session-1.jsonl"


def qwen(**counts: int) -> list[Line]:
    return [{"uuid": "u", "sessionId": "q", "timestamp": f"{DAY}T10:00:00Z", "model": "m", "usageMetadata": counts}]


QWEN = ".qwen/projects/p/chats/q.jsonl"


def opencode(*messages: dict[str, Any]) -> str:
    rows = (
        f"INSERT INTO message VALUES ('msg_{number}', 'ses', '{json.dumps(said)}');"
        for number, said in enumerate(messages)
    )
    return "CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, data TEXT);" + "".join(rows)


def answer(created: int = 1_780_308_000_000, **tokens: Any) -> dict[str, Any]:
    cache = {"read": 30, "write": 40}
    return {
        "role": "assistant", "modelID": "m", "providerID": "p", "time": {"created": created, "completed": created + 9},
        "tokens": {"input": 10, "output": 20, "reasoning": 5, "cache": cache} | tokens,
    }  # fmt: skip


DB = ".local/share/opencode/opencode.db"
KIMI = ".kimi-code/sessions/w/s/agents/main/wire.jsonl"


def kimi(scope: str, time: int = 1_780_308_000_000, kind: str = "usage.record") -> dict[str, Any]:
    counts = {"inputOther": 10, "output": 20, "inputCacheRead": 30, "inputCacheCreation": 40}
    return {"type": kind, "model": "kimi-code/kimi-k2.6", "usage": counts, "usageScope": scope, "time": time}


def grok(**counts: int) -> list[Line]:
    update = {"sessionUpdate": "turn_completed", "usage": {"modelUsage": {"grok-4.5-build": counts}}}
    return [{"timestamp": 1_780_308_000, "params": {"sessionId": "s", "update": update, "_meta": {"eventId": "e"}}}]


GROK = ".grok/sessions/p/s/updates.jsonl"


def panel(**counts: Any) -> Any:
    return [{"ts": 1_780_308_000_000, "type": "say", "say": "api_req_started", "text": json.dumps(counts)}]


def storage(extension: str) -> str:
    return f".config/Code/User/globalStorage/{extension}/tasks/t/ui_messages.json"


ROO, CLINE = storage("rooveterinaryinc.roo-cline"), storage("saoudrizwan.claude-dev")


def pi(**counts: Any) -> list[Line]:
    message = {"role": "assistant", "model": "m", "timestamp": 1_780_308_000_000, "usage": counts}
    return [{"type": "message", "id": "a1b2c3d4", "message": message}]


OTHERS = (
    Case("copilot: shutdowns are cumulative, input holds the cache",
         {".copilot/session-state/s/events.jsonl": copilot((100, 50, 10, 20, 5), (200, 80, 20, 30, 10))},
         (150, 30, 20, 80, 10), 2, peers="Adding the shutdowns counts the first twice."),
    Case("copilot: a session that begins anew", {".copilot/session-state/s/events.jsonl":
         copilot((100, 50, 10, 20, 5), (30, 5, 0, 0, 0))}, (100, 20, 10, 55, 5), 2),
    Case("copilot: a shutdown written twice", {".copilot/session-state/s/events.jsonl":
         copilot((100, 50, 10, 20, 5), (100, 50, 10, 20, 5))}, (70, 20, 10, 50, 5)),
    Case("gemini: cached is in the input when the total says so", {CHAT: [HEAD, gemini(G)]}, (40, 0, 60, 25, 5)),
    Case("gemini: cached comes on top when the total says so", {CHAT: [HEAD, gemini(G | {"total": 185})]},
         (100, 0, 60, 25, 5)),
    Case("gemini: a line written again as it grew", {CHAT: [HEAD, gemini(G | {"output": 1}), gemini(G)]},
         (40, 0, 60, 25, 5), peers="Counting lines counts it twice."),
    Case("gemini: two sessions with the same message id",
         {CHAT: [HEAD, gemini(G)], CHAT.replace("-1", "-2"): [HEAD | {"sessionId": "k"}, gemini(G)]},
         (80, 0, 120, 50, 10), 2),
    Case("gemini: a tool's result is input", {CHAT: [HEAD, gemini(G | {"tool": 7, "total": 132})]},
         (47, 0, 60, 25, 5)),
    Case("gemini: no tokens told yet", {CHAT: [HEAD, gemini(None)]}, (0, 0, 0, 0, 0), 0),
    Case("qwen: the prompt holds the cached tokens", {QWEN: qwen(
         promptTokenCount=100, candidatesTokenCount=20, cachedContentTokenCount=60, totalTokenCount=120)},
         (40, 0, 60, 20, 0), peers="ccusage (June source) and tokscale add cached on top (S)."),
    Case("qwen: thoughts beside the candidates", {QWEN: qwen(
         promptTokenCount=100, candidatesTokenCount=20, thoughtsTokenCount=5, totalTokenCount=125)},
         (100, 0, 0, 25, 5)),
    Case("qwen: thoughts inside the candidates", {QWEN: qwen(
         promptTokenCount=100, candidatesTokenCount=20, thoughtsTokenCount=5, totalTokenCount=120)},
         (100, 0, 0, 20, 5)),
    Case("qwen: a prompt smaller than what was cached does not hold it", {QWEN: qwen(
         promptTokenCount=10, candidatesTokenCount=20, cachedContentTokenCount=60)}, (10, 0, 60, 20, 0)),
    Case("qwen: no candidates: unknown is not zero", {QWEN: qwen(promptTokenCount=10)}, (0, 0, 0, 0, 0), 0,
         {NO_OUTPUT: 1}, peers="tokscale counts it with an output of 0 (S)."),
    Case("opencode: reasoning comes on top of output", {DB: opencode(answer())}, (10, 40, 30, 25, 5)),
    Case("opencode: reasoning is inside when the total says so", {DB: opencode(answer(total=100))},
         (10, 40, 30, 20, 5)),
    Case("opencode: a fork repeats an answer under a new id", {DB: opencode(answer(), answer())}, (10, 40, 30, 25, 5),
         peers="tokscale counts it twice where each has an id of its own (S)."),
    Case("opencode: two answers with the same counts", {DB: opencode(answer(), answer(1_780_308_000_001))},
         (20, 80, 60, 50, 10), 2),
    Case("opencode: the database and the older file of an answer", {DB: opencode(answer()),
         ".local/share/opencode/storage/message/ses/msg_0.json": answer() | {"id": "msg_0", "sessionID": "ses"}},
         (10, 40, 30, 25, 5)),
    Case("opencode: an answer that was given up", {DB: opencode(answer(
         input=0, output=0, reasoning=0, cache={"read": 0, "write": 0}))}, (0, 0, 0, 0, 0), 0),
    Case("kimi: calls within a turn and outside of one", {KIMI: [kimi("turn"), kimi("session", 1_780_308_009_000)]},
         (20, 80, 60, 40, 0), 2, peers="ccusage and tokscale leave out those outside a turn (S)."),
    Case("kimi: the end of a step repeats its record", {KIMI: [kimi("turn"), kimi("turn", kind="step.end")]},
         (10, 40, 30, 20, 0)),
    Case("grok: cached is in the input, reasoning in the output", {GROK: grok(
         inputTokens=100, outputTokens=20, cachedReadTokens=40, reasoningTokens=10)}, (60, 0, 40, 20, 10),
         peers="Early ccusage added reasoning to the total (S)."),
    Case("grok: the price knows the model without its ending", {GROK: grok(inputTokens=1, outputTokens=1)},
         (1, 0, 0, 1, 0), also={"model": ["grok-4.5"]}),
    Case("roo: the prompt holds the cache", {ROO: panel(tokensIn=100, tokensOut=9, cacheReads=60, cacheWrites=30)},
         (10, 30, 60, 9, 0), peers="tokscale and codeburn add the cache on top (S)."),
    Case("roo: a prompt too small to hold it", {ROO: panel(tokensIn=10, tokensOut=9, cacheReads=60, cacheWrites=30)},
         (10, 30, 60, 9, 0)),
    Case("cline: the prompt is without the cache", {CLINE: panel(tokensIn=100, tokensOut=9, cacheReads=60)},
         (100, 0, 60, 9, 0)),
    Case("cline: a request without counts yet", {CLINE: panel(request="…")}, (0, 0, 0, 0, 0), 0, {NO_INPUT: 1},
         peers="Others count a request of zero, or nothing in silence (S)."),
    Case("pi: reasoning is in the output", {".pi/agent/sessions/p/s.jsonl": pi(input=10, output=20, reasoning=5)},
         (10, 0, 0, 20, 5)),
    Case("pi: a fork's copy of an entry",
         {f".pi/agent/sessions/p/{name}.jsonl": pi(input=10, output=20) for name in "ab"},
         (10, 0, 0, 20, 0), peers="tokscale counts it twice but for one of its clients (S)."),
    Case("pi: a usage that is a list", {".pi/agent/sessions/p/s.jsonl": [
         {"type": "message", "message": {"role": "assistant", "usage": [1, 2]}}]}, (0, 0, 0, 0, 0), 0, {ODD_SHAPE: 1}),
)  # fmt: skip

CASES = (*CODEX, *OTHERS)
CLASSES = ("input_tok", "cache_write_unknown_tok", "cache_read_tok", "output_tok", "reasoning_tok")


def lay_out(case: Case, home: Path) -> None:
    for name, content in case.files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".db"):
            make_database(content, path)
        elif name.endswith(".jsonl"):
            path.write_text("".join((said if isinstance(said, str) else json.dumps(said)) + "\n" for said in content))
        else:
            path.write_text(json.dumps(content))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_logs_hold_what_is_right_whatever_other_tools_make_of_them(case: Case, tmp_path: Path) -> None:
    lay_out(case, tmp_path / "home")
    ledger = open_ledger([tmp_path / "home"], folder=tmp_path / "ledgers")
    summary = ledger.update()
    requests, skipped = summary.requests, dict(summary.skipped)
    ask = ledger.connection.execute
    sums = ask(f"SELECT {', '.join(f'COALESCE(SUM({name}), 0)' for name in CLASSES)} FROM request").fetchone()
    everything = ask(f"SELECT {', '.join(f'COALESCE(SUM({name}), 0)' for name in TokenCounts._fields)} FROM request")
    rest = {column: [row[0] for row in ask(f"SELECT {column} FROM request ORDER BY time_ms")] for column in case.also}
    counted = TokenCounts(*everything.fetchone())
    ledger.close()
    assert sums == case.right
    assert counted.cache_write_5m_tok == counted.cache_write_1h_tok == 0
    assert requests == case.requests
    assert skipped == case.skipped
    assert rest == case.also
    assert summary.problems == []


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60
