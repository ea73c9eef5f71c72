"""Every agent's reader on real-shaped logs: totals, what is a part of what, and survival of broken files."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage import readers
from costbasis.usage.events import TokenCounts, add_counts
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.readers import FileReading, Reader, discover

from .logs import PUBLIC

READERS: dict[str, Any] = discover()


def reader_of(path: Path) -> Reader:
    """The reader that claims a file, as a scan would find it."""
    reader = readers.reader_of(str(path), path.read_bytes()[:4096])
    assert reader is not None
    return reader


def test_a_log_that_begins_as_one_of_an_agent_alone_is_its_whatever_its_name_and_needs_an_ending_of_its_own() -> None:
    head = READERS["claude-code"].BEGINS + b'null,"type":"user"}'
    assert readers.reader_of("/x/otel/rollout-1.jsonl", head) is READERS["claude-code"]
    assert readers.reader_of("/x/otel/rollout-1.jsonl", b" " + head) is READERS["codex"]
    assert readers.reader_of("/x/note.json", head) is None


def read(path: Path) -> FileReading:
    reader = reader_of(path)
    return reader.read(path.read_bytes() if reader.WANTS_BYTES else b"", str(path), 0, {})


def total(found: FileReading) -> TokenCounts:
    counts = TokenCounts()
    for event in found.requests:
        counts = add_counts(counts, event.counts)
    return counts


FIXTURES = [
    # file, agent, requests, (fresh, 5 min, 1 h, unknown writes, reads, output, reasoning), skipped
    ("logpile/codex/replay-multisecond.jsonl", "codex", 1, (2000, 0, 0, 0, 3000, 500, 50), 2),
    ("logpile/codex/rollout-2026-05-01T00-00-00-parent-thread.jsonl", "codex", 1, (50, 0, 0, 0, 50, 10, 1), 0),
    ("logpile/codex/rollout-2026-06-08T11-39-04-leaf-thread.jsonl", "codex", 1, (3000, 0, 0, 0, 2000, 200, 50), 2),
    ("ccusage/codex/forks/replay-multisecond-legacy.jsonl", "codex", 1, (2000, 0, 0, 0, 3000, 500, 50), 2),
    ("ccusage/codex/forks/replay-multisecond-modern.jsonl", "codex", 1, (2000, 0, 0, 0, 3000, 500, 50), 3),
    ("ccusage/codex/forks/fork-local-same-second-legacy.jsonl", "codex", 3, (600, 0, 0, 0, 2400, 120, 30), 0),
    ("ccusage/codex/forks/fork-local-same-second-modern.jsonl", "codex", 3, (600, 0, 0, 0, 2400, 120, 30), 0),
    ("ccusage/codex/sessions/project-alpha/session-alpha.jsonl", "codex", 2, (2750, 0, 0, 0, 750, 425, 275), 0),
    ("ccusage/copilot/session-state/session-a/events.jsonl", "copilot-cli", 2, (150, 0, 0, 30, 20, 80, 10), 1),
    ("ccusage/copilot/session-state/session-credits/events.jsonl", "copilot-cli", 2, (40, 0, 0, 0, 0, 10, 0), 0),
    ("splitrail/qwen_code.jsonl", "qwen-code", 2, (1050, 0, 0, 0, 50, 25, 0), 0),
    (
        "tokscale/.local/share/opencode/storage/message/test-project/msg_test001.json",
        "opencode",
        1,
        (1000, 0, 0, 100, 200, 500, 0),
        0,
    ),
    ("logpile/claudecode/cache-iteration-match.jsonl", "claude-code", 1, (2, 100, 500, 0, 30, 10, 0), 0),
    ("logpile/claudecode/cache-unknown-remainder.jsonl", "claude-code", 1, (3, 0, 0, 600, 40, 11, 0), 0),
]


@pytest.mark.parametrize(
    ("name", "agent", "requests", "counts", "skipped"), FIXTURES, ids=lambda value: str(value)[:60]
)
def test_public_fixtures_give_the_totals_of_their_sources(
    name: str, agent: str, requests: int, counts: tuple[int, ...], skipped: int
) -> None:
    found = read(PUBLIC / name)
    assert agent == reader_of(PUBLIC / name).NAME
    assert tuple(total(found)) == counts
    assert len(found.requests) == requests
    assert len(found.skipped) == skipped


def test_a_codex_parent_and_its_leaf_add_up(tmp_path: Path) -> None:
    """logpile, MIT: parent and leaf together 3,050 / 2,050 / 210 (51), total 5,310."""
    folder = tmp_path / "codex"
    folder.mkdir()
    for name in ("rollout-2026-05-01T00-00-00-parent-thread", "rollout-2026-06-08T11-39-04-leaf-thread"):
        (folder / f"{name}.jsonl").write_bytes((PUBLIC / "logpile" / "codex" / f"{name}.jsonl").read_bytes())
    ledger = open_ledger([folder], folder=tmp_path / "ledgers")
    ledger.update()
    sums = "SUM(input_tok), SUM(cache_read_tok), SUM(output_tok), SUM(reasoning_tok)"
    assert ledger.connection.execute(f"SELECT {sums} FROM request").fetchone() == (3050, 2050, 210, 51)


TREES = [
    # folder, by model: requests, (fresh, 5 min, 1 h, unknown writes, reads, output, reasoning)
    (
        "ccusage/claude",
        {
            "claude-haiku-4-5-20251001": (2, (130, 0, 0, 15, 40, 60, 0)),
            "claude-opus-4-20250514": (1, (200, 0, 0, 50, 20, 75, 0)),
            "claude-sonnet-4-20250514": (2, (400, 0, 0, 25, 50, 175, 0)),
        },
    ),
    ("logpile/claudecode/demo", {"claude-fable-5": (2, (110, 50, 150, 0, 320, 45, 0))}),
    ("codeburn/security", {"__proto__": (1, (1, 0, 0, 0, 0, 1, 0)), "claude-opus-4-6": (2, (2, 0, 0, 0, 0, 2, 0))}),
    # A turn of DeepSeek's harness and a conversation without counts: no request, and no failure.
    ("codeburn/dsh", {}),
    ("tokscale/.claude", {}),
]


@pytest.mark.parametrize(("name", "models"), TREES, ids=[name for name, _ in TREES])
def test_public_trees_give_the_totals_of_their_sources(
    name: str, models: dict[str, tuple[int, tuple[int, ...]]], tmp_path: Path
) -> None:
    ledger = open_ledger([PUBLIC / name], folder=tmp_path)
    summary = ledger.update()
    sums = ", ".join(f"SUM({field})" for field in TokenCounts._fields)
    rows = ledger.connection.execute(f"SELECT model, COUNT(*), {sums} FROM request GROUP BY model").fetchall()
    ledger.close()
    assert {model: (requests, tuple(counts)) for model, requests, *counts in rows} == models
    assert summary.problems == []


def test_a_chat_of_vs_code_is_no_readers_log() -> None:
    path = PUBLIC / "splitrail" / "copilot.json"
    assert not [name for name, reader in READERS.items() if reader.claims(str(path), path.read_bytes()[:4096])]


def codex(tmp_path: Path, *lines: dict[str, Any]) -> FileReading:
    path = tmp_path / "rollout-x.jsonl"
    path.write_text("".join(json.dumps(said) + "\n" for said in lines))
    return read(path)


def meta(session: str = "s", time: str = "2026-06-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": time,
        "type": "session_meta",
        "payload": {"id": session, "timestamp": time, "cwd": "/p"} | more,
    }


def count(
    total: int, cached: int = 0, output: int = 0, time: str = "2026-06-01T10:01:00Z", **info: Any
) -> dict[str, Any]:
    usage = {
        "input_tokens": total,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": 0,
    }
    return {
        "timestamp": time,
        "type": "event_msg",
        "payload": {"type": "token_count", "info": {"total_token_usage": usage} | info},
    }


def test_codex_counts_growth_ignores_repeats_and_survives_a_reset(tmp_path: Path) -> None:
    found = codex(
        tmp_path,
        meta(),
        {"type": "turn_context", "payload": {"model": "gpt-5.5"}},
        count(100, 60, 10),
        count(100, 60, 10),
        count(250, 160, 30),
        count(40, 0, 5),
        {"type": "event_msg", "payload": {"type": "token_count", "info": None}},
    )
    assert [tuple(event.counts)[:6] for event in found.requests] == [
        (40, 0, 0, 0, 60, 10),
        (50, 0, 0, 0, 100, 20),
        (40, 0, 0, 0, 0, 5),
    ]
    assert {event.model for event in found.requests} == {"gpt-5.5"}
    assert len({event.request_key for event in found.requests}) == 3


def test_codex_archives_and_resumed_copies_count_once(tmp_path: Path) -> None:
    lines = "".join(json.dumps(said) + "\n" for said in (meta(), count(100, 60, 10), count(250, 160, 30)))
    for folder in ("sessions/2026/06/01", "archived_sessions"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "rollout-a.jsonl").write_text(lines)
    ledger = open_ledger([tmp_path], folder=tmp_path / "ledgers")
    ledger.update()
    assert ledger.connection.execute("SELECT COUNT(*), SUM(output_tok) FROM request").fetchone() == (2, 30)


def test_codex_tier_and_missing_model_are_kept(tmp_path: Path) -> None:
    tier = {
        "type": "event_msg",
        "payload": {"type": "thread_settings_applied", "thread_settings": {"service_tier": "priority"}},
    }
    found = codex(tmp_path, meta(), tier, count(10, 0, 1))
    assert [(event.mode, event.model) for event in found.requests] == [("priority", "(model not logged)")]


def gemini(*messages: dict[str, Any]) -> str:
    return json.dumps({"sessionId": "g1", "projectHash": "h", "messages": list(messages)})


def answer(tokens: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "m1", "type": "gemini", "timestamp": "2026-05-01T08:00:00.000Z", "model": "gemini-3-pro-preview",
        "tokens": tokens,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (
            {"input": 100, "output": 20, "cached": 60, "thoughts": 5, "tool": 0, "total": 125},
            (40, 0, 0, 0, 60, 25, 5),
        ),
        (
            {"input": 100, "output": 20, "cached": 60, "thoughts": 5, "tool": 3, "total": 188},
            (103, 0, 0, 0, 60, 25, 5),
        ),
    ],
)
def test_gemini_cached_is_a_part_of_input_only_when_the_total_says_so(
    tmp_path: Path, tokens: dict[str, Any], expected: tuple[int, ...]
) -> None:
    path = tmp_path / "session-1.json"
    path.write_text(gemini({"id": "u", "type": "user", "content": "x"}, answer(tokens)))
    assert tuple(total(read(path))) == expected


def test_gemini_lines_written_again_count_once_as_they_were_last(tmp_path: Path) -> None:
    path = tmp_path / "session-2.jsonl"
    tokens = {"input": 10, "output": 1, "cached": 0, "thoughts": 0, "tool": 0, "total": 11}
    head = {"sessionId": "g2", "projectHash": "h"}
    lines = [head, answer(tokens), answer(tokens | {"output": 9, "total": 19})]
    path.write_text("".join(json.dumps(said) + "\n" for said in lines))
    assert tuple(total(read(path)))[5] == 9


def test_amp_messages_count_and_the_ledger_only_where_no_message_does(tmp_path: Path) -> None:
    path = tmp_path / "T-1.json"
    usage = {
        "model": "claude-opus-4-6",
        "inputTokens": 5,
        "outputTokens": 7,
        "cacheCreationInputTokens": 11,
        "cacheReadInputTokens": 13,
    }
    message = {"role": "assistant", "timestamp": "2026-05-01T08:00:00Z", "usage": usage}
    event = {"model": "gpt-5.5", "timestamp": "2026-05-01T08:00:00Z", "tokens": {"input": 3, "output": 4, "total": 7}}
    path.write_text(json.dumps({"id": "T-1", "messages": [message], "usageLedger": {"events": [event]}}))
    assert tuple(total(read(path))) == (5, 0, 0, 11, 13, 7, 0)
    path.write_text(json.dumps({"id": "T-1", "messages": [{"role": "user"}], "usageLedger": {"events": [event]}}))
    assert tuple(total(read(path))) == (3, 0, 0, 0, 0, 4, 0)


def opencode_database(path: Path, *messages: dict[str, Any]) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT)")
        for number, said in enumerate(messages):
            database.execute("INSERT INTO message VALUES (?, 's', 0, ?)", (f"msg_{number}", json.dumps(said)))
    database.close()


MESSAGE = {
    "role": "assistant", "modelID": "claude-opus-4-6", "providerID": "anthropic", "sessionID": "s",
    "time": {"created": 1_777_600_000_000}, "path": {"cwd": "/p"},
    "tokens": {"input": 10, "output": 20, "reasoning": 5, "cache": {"read": 30, "write": 40}},
}  # fmt: skip


def test_opencode_database_and_legacy_files_of_the_same_message_count_once(tmp_path: Path) -> None:
    opencode_database(
        tmp_path / "opencode.db", MESSAGE, {"role": "user"}, MESSAGE | {"tokens": MESSAGE["tokens"] | {"total": 100}}
    )
    legacy = tmp_path / "storage" / "message" / "s"
    legacy.mkdir(parents=True)
    (legacy / "msg_0.json").write_text(json.dumps(MESSAGE | {"id": "msg_0"}))
    ledger = open_ledger([tmp_path], folder=tmp_path / "ledgers")
    ledger.update()
    rows = ledger.connection.execute(
        "SELECT input_tok, cache_write_unknown_tok, cache_read_tok, output_tok, reasoning_tok, project FROM request"
    ).fetchall()
    assert rows == [(10, 40, 30, 25, 5, "/p"), (10, 40, 30, 20, 5, "/p")]


def test_a_growing_opencode_database_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    opencode_database(path, MESSAGE)
    ledger = open_ledger([tmp_path], folder=tmp_path / "ledgers")
    ledger.update()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("INSERT INTO message VALUES ('msg_9', 's', 0, ?)", (json.dumps(MESSAGE),))
        database.commit()
        ledger.update()
    assert ledger.connection.execute("SELECT COUNT(*) FROM request").fetchone() == (2,)


def test_a_database_that_is_none_is_skipped_with_its_address(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    path.write_bytes(b"SQLite format 3\x00" + b"\x01" * 200)
    found = read(path)
    assert [(skip.origin, skip.reason) for skip in found.skipped] == [
        (f"{path}:0", "not a readable database of this agent")
    ]


PLACES = {
    "CODEX_HOME": ("codex", "sessions"),
    "QWEN_RUNTIME_DIR": ("qwen-code", "projects"),
    "QWEN_HOME": ("qwen-code", "projects"),
    "QWEN_DATA_DIR": ("qwen-code", "projects"),
    "GEMINI_CLI_HOME": ("gemini-cli", ".gemini/tmp"),
    "GEMINI_DATA_DIR": ("gemini-cli", "tmp"),
    "AMP_DATA_DIR": ("amp", "threads"),
    "COPILOT_HOME": ("copilot-cli", "session-state"),
    "COPILOT_OTEL_FILE_EXPORTER_PATH": ("copilot-otel", "."),
    "OPENCODE_DATA_DIR": ("opencode", "."),
    "KILO_DATA_DIR": ("kilo-cli", "."),
    "CLAUDE_CONFIG_DIR": ("claude-code", "projects"),
    "KIMI_CODE_HOME": ("kimi", "sessions"),
    "GROK_HOME": ("grok-build", "sessions"),
    "PI_CODING_AGENT_SESSION_DIR": ("pi", "."),
    "PI_CODING_AGENT_DIR": ("pi", "sessions"),
    "OPENCLAW_STATE_DIR": ("openclaw", "agents"),
    "CLINE_DIR": ("cline", "."),
    "FACTORY_DIR": ("droid", "sessions"),
    "DROID_SESSIONS_DIR": ("droid", "."),
    "GOOSE_PATH_ROOT": ("goose", "data/sessions"),
    "CRUSH_GLOBAL_DATA": ("crush", "."),
}


@pytest.mark.parametrize("variable", PLACES)
def test_an_agents_own_variable_moves_its_place(variable: str) -> None:
    agent, below = PLACES[variable]
    assert Path("/moved") / below in READERS[agent].roots({variable: "/moved"}, Path("/home/x"))
    assert Path("/home/x/moved") / below in READERS[agent].roots({variable: "~/moved"}, Path("/home/x"))


@pytest.mark.parametrize("agent", ["opencode", "kilo-cli", "amp", "goose", "zed", "crush"])
def test_the_users_data_folder_moves_with_its_variable(agent: str) -> None:
    assert READERS[agent].roots({"XDG_DATA_HOME": "/data"}, Path("/home/x"))[0].is_relative_to("/data")
    assert READERS[agent].roots({}, Path("/home/x"))[0].is_relative_to("/home/x/.local/share")


def test_every_variable_that_is_followed_is_in_the_documents() -> None:
    told = (Path(__file__).parents[1] / "docs" / "agents.md").read_text()
    assert [name for name in PLACES if f"`{name}`" not in told] == []


def test_no_text_of_a_prompt_or_an_answer_is_stored(tmp_path: Path) -> None:
    canary = "CANARY-7f3a"
    said = {
        "type": "assistant", "sessionId": "s", "timestamp": "2026-05-01T08:00:00Z", "cwd": "/p",
        "message": {
            "id": "msg_1", "model": "claude-opus-4-6", "content": [{"type": "text", "text": canary}],
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
    }  # fmt: skip
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.jsonl").write_text(
        json.dumps(said) + "\n" + canary + "\n" + json.dumps({"usage": canary}) + "\n"
    )
    (tmp_path / "logs" / "session-1.json").write_text(
        gemini({"type": "user", "content": canary}, answer({"input": 1, "output": 1}))
    )
    ledger = open_ledger([tmp_path / "logs"], folder=tmp_path / "ledgers")
    ledger.update()
    assert ledger.connection.execute("SELECT COUNT(*) FROM request").fetchone() == (2,)
    ledger.close()
    for path in (tmp_path / "ledgers").iterdir():
        assert canary.encode() not in path.read_bytes()
