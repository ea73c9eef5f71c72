"""A first scan begins before its command is loaded: ledger and table are the same, whatever becomes of a process."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.ledger import listing
from costbasis.usage.ledger.ledger import open_ledger

from .command import Run
from .logs import generate, line, raw, write_log
from .needed import missing
from .tally import assert_sums_are_of_the_requests


@pytest.fixture(autouse=True)
def _a_machine_that_reads_ahead() -> None:
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        missing("a system on which it is safe to fork, with two processors")


WORDS = ("usage", "--basis", "list", "--json")

CALL = """
import os, sys, time
from costbasis.lane import readahead
from costbasis.usage.ledger import manyfiles, processes
manyfiles.PARALLEL_BYTES = 1
{meddle}
from costbasis.__main__ import main
main()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    generate(tmp_path / ".claude", sessions=10, target_mb=2, seed=5)
    return tmp_path


def called(home: Path, meddle: str = "", cb: str = "cb", words: tuple[str, ...] = WORDS) -> subprocess.Popen[str]:
    where = {"HOME": str(home), "PATH": os.environ["PATH"], "COSTBASIS_HOME": str(home / cb), "TZ": "UTC"}
    command = [sys.executable, "-c", CALL.format(meddle=meddle), *words]
    return subprocess.Popen(
        command, env=where, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def said(child: subprocess.Popen[str]) -> str:
    out, err = child.communicate()
    assert (child.returncode, err) == (0, "")
    return out


def requests(home: Path, cb: str = "cb") -> list[Any]:
    ledger = open_ledger([home / ".claude"], folder=home / cb / "ledgers", keep_history=True)
    assert_sums_are_of_the_requests(ledger.connection)
    rows = ledger.connection.execute("SELECT request_key, time_ms, output_tok FROM request ORDER BY 1").fetchall()
    ledger.close()
    return rows


@pytest.fixture
def expected(home: Path) -> Iterator[str]:
    """The table of a ledger that one process filled; whatever a test did must end as that."""
    alone = said(called(home, "readahead.begin = lambda paths: False\nmanyfiles.PARALLEL_BYTES = 10**12", "alone"))
    truth = json.loads((home / ".claude/truth.json").read_text())
    assert json.loads(alone)["total"]["requests"] == truth["stats"]["requests"]
    yield alone
    assert requests(home) == requests(home, "alone")


COUNTS = "readahead.take_look = lambda was=readahead.take_look: (was(), print(len(readahead.LOOKED), file=sys.stderr))"


def test_a_first_scan_begins_ahead_and_its_ledger_and_table_are_the_same(home: Path, expected: str) -> None:
    child = called(home, COUNTS)
    out, err = child.communicate()
    assert (out, err) == (expected, "1\n")
    assert Run(home, *WORDS).out == expected


def test_so_does_one_of_a_folder_and_a_second_call_finds_its_answer(home: Path, expected: str) -> None:
    child = called(home, COUNTS, words=("usage", ".claude", *WORDS[1:]))
    out, err = child.communicate()
    assert err == "1\n"
    assert json.loads(out)["total"] == json.loads(expected)["total"]
    assert Run(home, "usage", ".claude", *WORDS[1:]).out == out
    assert said(called(home)) == expected


@pytest.mark.parametrize(
    "meddle",
    [
        "readahead._plan = lambda paths: os.kill(os.getpid(), 9)",
        "readahead._plan = lambda paths: 1 / 0",
        "readahead._plan = lambda paths: (0, bytes, 0, b'')",
        "def no_fork(): raise OSError(11, 'none')\nos.fork = no_fork",
        "manyfiles._said = lambda result: os.kill(os.getpid(), 9)",
        "was, first = manyfiles._said, os.getpid()\n"
        "manyfiles._said = lambda result: was(result) if os.getpid() > first + 1 else os.kill(os.getpid(), 9)",
    ],
    ids=["killed at once", "fails", "finds nothing", "no fork", "all killed", "one killed"],
)
def test_what_the_processes_do_not_say_is_read_by_the_command(home: Path, expected: str, meddle: str) -> None:
    assert said(called(home, f"me = os.getpid()\n{meddle}")) == expected


def test_where_the_logs_are_is_known_after_a_first_scan(home: Path) -> None:
    said(called(home))
    child = called(
        home, "import atexit\natexit.register(lambda: print(*sys.modules, file=sys.stderr))", words=("daily",)
    )
    _, err = child.communicate()
    assert "costbasis.usage.pricing.priceview" in err.split()
    assert "costbasis.usage.readers.codex" not in err.split(), "every reader was asked again"


def test_three_first_scans_at_once_wait_for_each_other(home: Path, expected: str) -> None:
    children = [called(home) for _ in range(3)]
    assert [said(child) for child in children] == [expected] * 3


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_any_moment_the_next_call_is_right_and_nobody_is_left(home: Path, expected: str, kills: int) -> None:
    chance, longest_s = random.Random(kills), 1.0
    for kill in range(kills):
        child, began = called(home), time.monotonic()
        try:
            child.wait(chance.uniform(0, longest_s))
            longest_s = (time.monotonic() - began) * 0.8
        except subprocess.TimeoutExpired:
            if kill % 2:
                child.kill()  # the command alone: its processes end by themselves
            else:
                os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        assert_nobody_is_left(child.pid)
    assert said(called(home)) == expected


def assert_nobody_is_left(group: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("a process of a command that has ended is still there")


def test_a_command_that_fails_leaves_nobody_behind_and_says_what_it_says_otherwise(home: Path) -> None:
    child = called(home, "manyfiles._said = lambda result: time.sleep(60)", words=("usage", "--basis", "nonsense"))
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out) == (2, "")
    assert "nonsense" in err and "Traceback" not in err
    assert_nobody_is_left(child.pid)


def test_where_no_agent_keeps_logs_the_command_says_it(tmp_path: Path) -> None:
    child = called(tmp_path)
    out, err = child.communicate()
    assert (child.returncode, out) == (2, "")
    assert err.startswith(f"costbasis: {tmp_path}: no agent logs below it") and "Traceback" not in err


def test_a_look_that_was_told_is_the_look_that_was_taken(tmp_path: Path) -> None:
    write_log(tmp_path, raw(line("msg_1")))
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    (tmp_path / "away").symlink_to("nowhere")
    roots = [str(tmp_path), str(tmp_path / "absent")]
    seen, met = listing.into_every_folder(roots)
    mine, told = listing.look_anew(roots), listing.look_of(listing.said_of(roots, seen, met))
    assert (told.tree, told.files, told.roots) == (mine.tree, mine.files, mine.roots)
    assert (told.met.folders, told.met.absent, told.met.links) == (met.folders, met.absent, met.links)
    assert [(path, str(error), is_folder) for path, _, error, is_folder in told.seen] == [
        (path, str(error), is_folder) for path, _, error, is_folder in mine.seen
    ]


def test_a_command_loads_no_reader_where_others_read(home: Path) -> None:
    child = called(home, "import atexit\natexit.register(lambda: print(*sys.modules, file=sys.stderr))")
    _, err = child.communicate()
    modules = set(err.split())
    assert "costbasis.usage.pricing.priceview" in modules
    assert not modules & {"costbasis.usage.readers.claude_code", "costbasis.usage.formats.claude_plain"}
    assert not modules & {"multiprocessing", "concurrent.futures", "threading"}
