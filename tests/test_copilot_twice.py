"""Copilot tells a session twice: its own log holds totals, its OpenTelemetry export each call. A call counts once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.ledger.ledger import Ledger, open_ledger

from .logs import PUBLIC

SESSION = "5e55"


def shutdown(time: str, prompt: int, output: int, requests: int, model: str = "gpt-5.4") -> dict[str, Any]:
    usage = {"inputTokens": prompt, "outputTokens": output, "cacheReadTokens": 0, "cacheWriteTokens": 0}
    metrics = {model: {"requests": {"count": requests}, "usage": usage}}
    return {"type": "session.shutdown", "id": time, "timestamp": time, "data": {"modelMetrics": metrics}}


def span(seconds: int, prompt: int, output: int, model: str = "gpt-5.4", session: str = SESSION) -> dict[str, Any]:
    usage = {"gen_ai.usage.input_tokens": prompt, "gen_ai.usage.output_tokens": output}
    about = {"gen_ai.operation.name": "chat", "gen_ai.response.model": model, "gen_ai.conversation.id": session}
    trace = f"trace-{seconds}"
    return {
        "type": "span", "traceId": trace, "spanId": "s", "name": f"chat {model}", "endTime": [seconds, 0],
        "attributes": about | usage,
    }  # fmt: skip


def write(path: Path, *lines: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(said) + "\n" for said in lines))


@pytest.fixture
def copilot(tmp_path: Path) -> Path:
    return tmp_path / ".copilot"


@pytest.fixture
def ledger(copilot: Path, tmp_path: Path) -> Ledger:
    copilot.mkdir()
    return open_ledger([copilot], folder=tmp_path / "ledgers")


def state(copilot: Path) -> Path:
    return copilot / "session-state" / SESSION / "events.jsonl"


def otel(copilot: Path) -> Path:
    return copilot / "otel" / "trace.jsonl"


def counted(ledger: Ledger) -> list[tuple[int, int]]:
    ledger.update()
    return ledger.connection.execute("SELECT input_tok, output_tok FROM request ORDER BY time_ms, input_tok").fetchall()


NOON = 1_777_636_800  # 2026-05-01T12:00:00Z
TOTAL = shutdown("2026-05-01T12:00:00.000Z", 300, 30, 2)


def test_calls_up_to_a_sessions_total_are_in_it_and_later_ones_are_not(copilot: Path, ledger: Ledger) -> None:
    write(otel(copilot), span(NOON - 60, 200, 20), span(NOON, 100, 10), span(NOON + 60, 7, 8))
    write(state(copilot), TOTAL)
    assert counted(ledger) == [(150, 15), (150, 15), (7, 8)]
    assert [row[:2] for row in ledger.dropped()] == [("part of the session's total", 2)]


def test_another_model_and_another_session_are_calls_of_their_own(copilot: Path, ledger: Ledger) -> None:
    write(otel(copilot), span(NOON - 60, 1, 2, model="gpt-5.5"), span(NOON - 50, 3, 4, session="other"))
    write(state(copilot), TOTAL)
    assert counted(ledger) == [(1, 2), (3, 4), (150, 15), (150, 15)]


@pytest.mark.parametrize("first", ["otel", "state"])
def test_the_order_in_which_the_logs_are_found_does_not_matter(copilot: Path, ledger: Ledger, first: str) -> None:
    logs = {"otel": (otel(copilot), span(NOON - 60, 200, 20)), "state": (state(copilot), TOTAL)}
    write(*logs.pop(first))
    counted(ledger)
    write(*logs.popitem()[1])
    assert counted(ledger) == [(150, 15), (150, 15)]


def test_calls_count_again_when_the_total_is_gone(copilot: Path, ledger: Ledger) -> None:
    write(otel(copilot), span(NOON - 60, 200, 20), span(NOON, 100, 10))
    write(state(copilot), TOTAL)
    assert counted(ledger) == [(150, 15), (150, 15)]
    shutil.rmtree(state(copilot).parent)
    assert counted(ledger) == [(200, 20), (100, 10)]
    assert ledger.dropped() == []


def test_a_later_shutdown_takes_the_calls_since_into_its_total(copilot: Path, ledger: Ledger) -> None:
    write(otel(copilot), span(NOON + 60, 70, 8))
    write(state(copilot), TOTAL)
    assert counted(ledger) == [(150, 15), (150, 15), (70, 8)]
    write(state(copilot), TOTAL, shutdown("2026-05-01T13:00:00.000Z", 370, 38, 3))
    assert counted(ledger) == [(150, 15), (150, 15), (70, 8)]
    assert [row[:2] for row in ledger.dropped()] == [("part of the session's total", 1)]


def test_the_fixture_of_ccusage_holds_the_totals_and_the_one_call_beside_them(tmp_path: Path) -> None:
    """ccusage 78be4764, MIT: the span of session-a (999 / 999) is in its total, that of session-c is in none."""
    ledger = open_ledger([PUBLIC / "ccusage" / "copilot"], folder=tmp_path)
    ledger.update()
    rows = ledger.connection.execute(
        "SELECT session, SUM(input_tok), SUM(cache_read_tok), SUM(cache_write_unknown_tok), SUM(output_tok)"
        " FROM request GROUP BY session"
    ).fetchall()
    assert rows == [("session-a", 150, 20, 30, 80), ("session-c", 7, 0, 0, 8), ("session-credits", 40, 0, 0, 10)]
