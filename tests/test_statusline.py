"""The status line: one line, right, from the lane where nothing changed, and never a broken bar."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .logs import line, raw, write_log

SAID = {
    "session_id": "s1",
    "transcript_path": "/nowhere/s1.jsonl",
    "model": {"id": "claude-opus-4-6", "display_name": "Opus 4.6"},
    "workspace": {"current_dir": "/p", "project_dir": "/p"},
    "cost": {"total_cost_usd": 0.0},
    "context_window": {
        "context_window_size": 200000,
        "current_usage": {"input_tokens": 1000, "cache_read_input_tokens": 60000, "output_tokens": 9},
    },
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An hour of use that began at the last full hour but one, on this day of the machine's zone."""
    usage = {"input_tokens": 100_000, "output_tokens": 20_000, "cache_read_input_tokens": 0}
    now = datetime.now(UTC)
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (2, 1)]
    lines = [line(f"msg_{place}", usage=usage, time=time) for place, time in enumerate(times)]
    write_log(tmp_path / ".claude", raw(*lines, line("msg_9", usage=usage, time=times[0], sessionId="s2")))
    return tmp_path


def status(home: Path, said: Any = SAID, *words: str, **environ: str) -> tuple[str, str, int, set[str]]:
    """What is printed on both streams, the exit status, and the modules loaded."""
    log = home / "modules"
    code = (
        "import atexit, sys\n"
        f"atexit.register(lambda: open({str(log)!r}, 'w').write(' '.join(sys.modules)))\n"
        "from costbasis.__main__ import main; main()"
    )
    noon = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # where it is about noon now, so that minutes ago is today
    where = {"HOME": str(home), "PATH": os.environ["PATH"], "COSTBASIS_HOME": str(home / "cb"), "TZ": noon, **environ}
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    done = subprocess.run(
        [sys.executable, "-c", code, "statusline", *words], input=text, env=where, capture_output=True, check=False
    )
    return done.stdout.decode(), done.stderr.decode(), done.returncode, set(log.read_text().split())


def test_the_line_says_session_today_block_and_context_and_the_lane_says_the_same(home: Path) -> None:
    first, err, code, modules = status(home)
    assert (err, code) == ("", 0)
    assert "costbasis.usage.ledger.ledger" in modules
    assert first.startswith("Opus 4.6 | list $2.00 session, $3.00 today, $3.00 block with ")  # $1 a request: 0.5 + 0.5
    assert first.endswith("/h | context 30 %\n")
    again, err, code, modules = status(home)
    assert (err, code) == ("", 0)
    assert not {"click", "numpy", "msgspec", "dataclasses"} & modules
    assert again.split("block")[0] == first.split("block")[0]


def test_a_grown_log_moves_the_line(home: Path) -> None:
    status(home)
    with (home / ".claude/projects/-p/s1.jsonl").open("ab") as file:
        file.write(raw(line("msg_10", usage={"input_tokens": 200_000}, time=datetime.now(UTC).isoformat())))
    assert "list $3.00 session, $4.00 today" in status(home)[0]


def test_a_plan_is_set_against_the_month(home: Path) -> None:
    out = status(home, SAID, "--plan", "anthropic/max_20x")[0]
    assert "$3.00 this month, 0.0× the plan" in out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "words", "expected"),
    [
        (b"", (), "costbasis: no session data (the agent's JSON is expected on stdin)\n"),
        (b"{torn", (), "costbasis: no session data (the agent's JSON is expected on stdin)\n"),
        (b"[1]", (), "costbasis: no session data (the agent's JSON is expected on stdin)\n"),
        (b"\xff\xfe\x00", (), "costbasis: no session data (the agent's JSON is expected on stdin)\n"),
        (b"[" * 99_999, (), "costbasis: no session data (the agent's JSON is expected on stdin)\n"),
        (SAID, ("--plan", "nope"), 'costbasis: unknown plan "nope"'),
        ({"model": 7, "context_window": "x", "session_id": ["s1"]}, (), "list $– session, $3.00 today"),
    ],
)
def test_whatever_is_wrong_the_bar_stays(home: Path, said: Any, words: tuple[str, ...], expected: str) -> None:
    for _ in range(2):
        out, err, code, _ = status(home, said, *words)
        assert out.startswith(expected), out
        assert (out.count("\n"), err, code) == (1, "", 0)


def test_without_logs_or_with_a_damaged_ledger_it_says_so_in_one_line(home: Path, tmp_path_factory: Any) -> None:
    empty = tmp_path_factory.mktemp("empty")
    out, err, code, _ = status(empty)
    assert out.startswith("costbasis: no agent logs below it") and (out.count("\n"), err, code) == (1, "", 0)
    status(home)
    (home / "cb/ledgers/agents.sqlite").write_bytes(b"no database, but a text of some length" * 99)
    out, err, code, _ = status(home)
    assert out.startswith("costbasis: the ledger is damaged") and (out.count("\n"), err, code) == (1, "", 0)
