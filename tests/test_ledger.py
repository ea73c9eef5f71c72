"""The ledger: each request once, only what changed is read, and nothing is lost to a torn line or a killed process."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from costbasis.errors import NoLogs, UnreadableInput
from costbasis.usage.ledger.ledger import Ledger, open_ledger
from costbasis.usage.ledger.places import home_roots, ledger_home
from costbasis.usage.readers import discover

from .logs import PUBLIC, generate, line, mirror, raw, write_log

CLASSES = {
    "input": "input_tok",
    "output": "output_tok",
    "cache_create_5m": "cache_write_5m_tok",
    "cache_create_1h": "cache_write_1h_tok",
    "cache_read": "cache_read_tok",
}


def cells(ledger: Ledger) -> dict[tuple[str, str], dict[str, int]]:
    sums = ", ".join(f"SUM({column})" for column in CLASSES.values())
    rows = ledger.connection.execute(
        f"SELECT date(time_ms / 1000, 'unixepoch'), model, {sums} FROM request GROUP BY 1, 2"
    )
    return {(row[0], row[1]): dict(zip(CLASSES, row[2:], strict=True)) for row in rows}


def truth_cells(truth: dict[str, Any]) -> dict[tuple[str, str], dict[str, int]]:
    return {(day, model): counts for day, models in truth["daily"].items() for model, counts in models.items()}


def total_output(ledger: Ledger) -> int:
    total: int = ledger.connection.execute("SELECT COALESCE(SUM(output_tok), 0) FROM request").fetchone()[0]
    return total


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "ledgers"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def opened(logs: Path, home: Path, **how: Any) -> Ledger:
    return open_ledger([logs], folder=home, **how)


def test_every_cell_of_a_generated_tree_is_right(tmp_path: Path, home: Path) -> None:
    truth = generate(tmp_path / "tree", sessions=24, target_mb=6, seed=3)
    ledger = opened(tmp_path / "tree", home)
    summary = ledger.update()
    assert cells(ledger) == truth_cells(truth)
    stats = truth["stats"]
    searches, requests = ledger.connection.execute("SELECT SUM(web_searches), COUNT(*) FROM request").fetchone()
    assert requests == stats["requests"]
    assert 0 < searches <= stats["web_search_requests"]  # the older line format of the tree does not log searches
    skipped = {reason: count for reason, count, _ in ledger.skipped()}
    assert sum(skipped.values()) == stats["malformed"] + stats["synthetic"]
    assert summary.bytes_read == stats["bytes"]


@pytest.mark.slow
def test_every_cell_of_a_100_mb_tree_is_right(tmp_path: Path, home: Path) -> None:
    truth = generate(tmp_path / "tree", sessions=60, target_mb=100)
    ledger = opened(tmp_path / "tree", home)
    ledger.update()
    assert cells(ledger) == truth_cells(truth)


def test_what_did_not_change_is_not_opened(logs: Path, home: Path) -> None:
    path = write_log(logs, raw(line()))
    opened(logs, home).update()
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    again = opened(logs, home).update()
    assert (again.files, again.files_read, again.bytes_read) == (1, 0, 0)


def test_a_file_that_no_reader_claims_is_no_log_at_first_and_later(logs: Path, home: Path) -> None:
    path = write_log(logs, raw(line()))
    (logs / "settings.json").write_text('{"theme": "dark"}')
    with closing(opened(logs, home)) as ledger:
        first, again = ledger.update(), ledger.update()
        paths = ledger.connection.execute("SELECT path FROM file").fetchall()
    assert (first.files, first.files_read, first.problems) == (1, 1, [])
    assert (again.files, again.files_read, again.problems) == (1, 0, [])
    assert paths == [(str(path),)]


def test_a_grown_file_is_read_from_where_it_stopped(logs: Path, home: Path) -> None:
    path = write_log(logs, raw(line("msg_1", usage={"output_tokens": 3}, stop=None)))
    ledger = opened(logs, home)
    ledger.update()
    more = raw(line("msg_1", usage={"output_tokens": 40}), line("msg_2"))
    with path.open("ab") as file:
        file.write(more)
    summary = ledger.update()
    assert summary.bytes_read == len(more)
    assert total_output(ledger) == 80
    assert ledger.connection.execute("SELECT partial_output FROM request ORDER BY 1").fetchall() == [(0,), (0,)]


def test_a_torn_last_line_is_read_later_and_once(logs: Path, home: Path) -> None:
    whole = raw(line("msg_2"), end=b"")
    path = write_log(logs, raw(line("msg_1")) + whole[:50])
    ledger = opened(logs, home)
    assert ledger.update().pending == 1
    assert total_output(ledger) == 40
    assert ledger.skipped() == []
    with path.open("ab") as file:
        file.write(whole[50:] + b"\n")
    assert ledger.update().pending == 0
    assert total_output(ledger) == 80
    assert ledger.update().bytes_read == 0


def test_a_complete_last_line_counts_without_its_newline(logs: Path, home: Path) -> None:
    path = write_log(logs, raw(line("msg_1"), end=b""))
    ledger = opened(logs, home)
    assert ledger.update().pending == 0
    assert total_output(ledger) == 40
    with path.open("ab") as file:
        file.write(b"\n" + raw(line("msg_2")))
    ledger.update()
    assert total_output(ledger) == 80


@pytest.mark.parametrize("data", [raw(line("msg_9", usage={"output_tokens": 7})), b""])
def test_a_rewritten_or_emptied_file_is_retracted_and_read_again(logs: Path, home: Path, data: bytes) -> None:
    path = write_log(logs, raw(line("msg_1"), line("msg_2"), b"junk"))
    ledger = opened(logs, home)
    ledger.update()
    path.write_bytes(data)
    ledger.update()
    assert total_output(ledger) == (7 if data else 0)
    assert ledger.skipped() == []


def test_a_vanished_file_is_retracted_and_its_copy_takes_over(logs: Path, home: Path) -> None:
    first = write_log(logs, raw(line("msg_1"), line("msg_2")), "a.jsonl")
    write_log(logs, raw(line("msg_1")), "b.jsonl")
    ledger = opened(logs, home)
    ledger.update()
    assert total_output(ledger) == 80
    first.unlink()
    ledger.update()
    assert total_output(ledger) == 40


def test_history_outlives_deleted_logs_where_it_is_kept(logs: Path, home: Path) -> None:
    path = write_log(logs, raw(line("msg_1"), line("msg_2")))
    write_log(logs, raw(line("msg_3")), "other.jsonl")
    ledger = opened(logs, home, keep_history=True)
    ledger.update()
    path.unlink()
    summary = ledger.update()
    assert total_output(ledger) == 120
    assert (summary.history_files, summary.history_requests) == (1, 2)
    write_log(logs, raw(line("msg_1"), line("msg_2")))
    assert ledger.update().history_files == 0
    assert total_output(ledger) == 120


def test_forks_replays_and_mirrors_are_dropped_with_the_rule_that_dropped_them(logs: Path, home: Path) -> None:
    original = line("msg_1")
    write_log(logs, raw(line("msg_1", stop=None, usage={"output_tokens": 2}), original), "s1.jsonl")
    write_log(logs, raw(line("msg_1", sessionId="s2")), "s2.jsonl")
    write_log(logs, raw(line("msg_1", isSidechain=True, requestId="req_2")), "s1/subagents/agent-aside_1.jsonl")
    write_log(logs, raw(mirror(original)), "s3.jsonl")
    ledger = opened(logs, home)
    ledger.update()
    assert total_output(ledger) == 40
    assert {reason: count for reason, count, _ in ledger.dropped()} == {
        "copy in another file": 1,
        "earlier line of the response": 1,
        "progress mirror": 1,
        "sidechain replay": 1,
    }


def test_the_context_sums_are_those_of_the_request(logs: Path, home: Path) -> None:
    usage = {"input_tokens": 100, "output_tokens": 50, "cache_read_input_tokens": 4000}
    usage |= {"cache_creation_input_tokens": 900, "cache_creation": {"ephemeral_5m_input_tokens": 900}}
    later = {"ephemeral_1h_input_tokens": 10}
    write_log(
        logs,
        raw(
            line("msg_1", usage=usage, time="2026-03-05T10:00:00Z"),
            line("msg_2", usage=usage, time="2026-03-05T10:01:00Z"),
            line("msg_3", usage=usage, time="2026-03-05T12:00:00Z"),
            line("msg_4", usage=usage | {"cache_creation_input_tokens": 10, "cache_creation": later}, sessionId="s9"),
        ),
    )
    ledger = opened(logs, home)
    ledger.update()
    rows = ledger.connection.execute(
        "SELECT prompt_tok, context_bucket, output_ctx_tok2, new_ctx_tok2, kv_resident_tok_s FROM request"
        " ORDER BY request_key"
    ).fetchall()
    held = [4900 * 60.0, 4900 * 300.0, 4900 * 300.0]
    assert rows[:3] == [(5000, 12, 50 * 5025.0, 1000 * 4500.0, seconds) for seconds in held]
    assert rows[3][-1] == 4010 * 3600.0


def test_public_fixtures_count_as_their_sources_say(tmp_path: Path, home: Path) -> None:
    """logpile, MIT: a request in two sessions once; a root session and its subagent as two requests."""
    claims = open_ledger([PUBLIC / "logpile" / "claudecode" / "claims"], folder=home)
    claims.update()
    sums = "SUM(input_tok), SUM(cache_read_tok), SUM(cache_write_unknown_tok), SUM(output_tok), COUNT(*)"
    assert claims.connection.execute(f"SELECT {sums} FROM request").fetchone() == (10, 30, 20, 40, 1)


KILLED = """
import sys
from pathlib import Path
from costbasis.usage.ledger.ledger import open_ledger
ledger = open_ledger([Path(sys.argv[1])], folder=Path(sys.argv[2]))
def stop_here(done, total):
    if done > total / 2:
        print("half", flush=True)
        sys.stdin.read()
ledger.update(stop_here)
"""


def test_a_killed_update_leaves_what_was_there_and_the_next_one_is_right(tmp_path: Path, home: Path) -> None:
    tree = tmp_path / "tree"
    truth = generate(tree, sessions=12, target_mb=3, seed=5)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tree), str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"half\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    ledger = opened(tree, home)
    assert total_output(ledger) == 0
    ledger.update()
    assert cells(ledger) == truth_cells(truth)


def test_two_updates_at_once_wait_for_each_other(tmp_path: Path, home: Path) -> None:
    tree = tmp_path / "tree"
    truth = generate(tree, sessions=8, target_mb=2, seed=6)
    script = KILLED.replace("ledger.update(stop_here)", "ledger.update()")
    children = [subprocess.Popen([sys.executable, "-c", script, str(tree), str(home)]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert cells(opened(tree, home)) == truth_cells(truth)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_big_scan_in_processes_is_the_same(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    truth = generate(tmp_path / "tree", sessions=10, target_mb=2, seed=7)
    monkeypatch.setattr("costbasis.usage.ledger.manyfiles.PARALLEL_BYTES", 1)
    monkeypatch.setattr("costbasis.usage.ledger.manyfiles.START_METHOD", method)
    ledger = opened(tmp_path / "tree", home)
    ledger.update()
    assert cells(ledger) == truth_cells(truth)


def test_a_file_that_cannot_be_read_is_a_problem_and_the_rest_counts(logs: Path, home: Path) -> None:
    write_log(logs, raw(line()))
    dangling = logs / "projects" / "-p" / "gone.jsonl"
    dangling.symlink_to(logs / "nowhere")
    ledger = opened(logs, home)
    summary = ledger.update()
    assert [(problem.path, problem.what) for problem in summary.problems] == [
        (str(dangling), "unreadable file (No such file or directory)")
    ]
    assert total_output(ledger) == 40


def test_a_path_that_is_not_there_is_an_error_in_three_parts(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as error:
        open_ledger([tmp_path / "nowhere"], folder=home)
    assert str(error.value) == f"{tmp_path}/nowhere: no such file or folder\nhint: check the path"


def test_no_logs_at_all_says_where_it_looked_for_how_many_agents_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoLogs) as error:
        home_roots({}, tmp_path)
    agents = [name for name, reader in discover().items() if reader.roots({}, tmp_path)]
    assert len(agents) > 20 and "helicone" not in agents  # an export lies where its owner put it
    assert str(error.value) == (
        f"{tmp_path}: no agent logs below it (looked where {len(agents)} agents keep theirs)\n"
        "hint: give the folder that holds them, or try: costbasis report --sample; docs/agents.md lists the places"
    )


def test_the_ledgers_home_follows_the_environment(tmp_path: Path) -> None:
    assert ledger_home({"COSTBASIS_HOME": "/c"}, tmp_path) == Path("/c/ledgers")
    assert ledger_home({"XDG_DATA_HOME": "/x"}, tmp_path) == Path("/x/costbasis/ledgers")
    assert ledger_home({}, tmp_path) == tmp_path / ".local/share/costbasis/ledgers"


def test_a_damaged_ledger_is_named(logs: Path, home: Path) -> None:
    write_log(logs, raw(line()))
    ledger = opened(logs, home)
    ledger.close()
    ledger.path.write_bytes(b"this is no database, it is a text of some length" * 9)
    with pytest.raises(UnreadableInput, match="the ledger is damaged"):
        opened(logs, home)


def test_the_fingerprint_is_of_what_counts(logs: Path, home: Path, tmp_path: Path) -> None:
    write_log(logs, raw(line("msg_1"), line("msg_2")))
    ledger = opened(logs, home)
    ledger.update()
    write_log(tmp_path / "twin", raw(line("msg_2")) + raw(line("msg_1")))
    twin = opened(tmp_path / "twin", home)
    twin.update()
    assert ledger.usage_sha256 == twin.usage_sha256 != ""


def test_ledger_rows_are_plain_sqlite(logs: Path, home: Path) -> None:
    write_log(logs, raw(line()))
    ledger = opened(logs, home)
    ledger.update()
    ledger.close()
    with sqlite3.connect(ledger.path) as other:
        assert json.loads(other.execute("SELECT json_array(rule, project, agent) FROM request").fetchone()[0]) == [
            "message id",
            "/p",
            "claude-code",
        ]


def test_progress_is_told_in_bytes(logs: Path, home: Path) -> None:
    for number in range(3):
        write_log(logs, raw(line(f"msg_{number}")), f"{number}.jsonl")
    told: list[tuple[int, int]] = []
    opened(logs, home).update(lambda done, total: told.append((done, total)))
    assert [done == total for done, total in told] == [False, False, True]


def test_the_hash_of_the_usage_is_made_when_asked_for_and_only_of_what_was_read(logs: Path, home: Path) -> None:
    write_log(logs, raw(line("msg_1")))
    ledger = open_ledger([logs], folder=home)
    ledger.update()
    told = ledger.told()
    ledger.connection.execute("BEGIN IMMEDIATE")  # it cannot be written down now
    digest = told.usage_sha256()
    ledger.connection.execute("ROLLBACK")
    assert digest == ledger.usage_sha256 == told.usage_sha256() != ""
    write_log(logs, raw(line("msg_2")), name="s2.jsonl")
    ledger.update()
    assert told.usage_sha256() == ""
    assert ledger.told().usage_sha256() == ledger.usage_sha256 != digest
    ledger.close()
