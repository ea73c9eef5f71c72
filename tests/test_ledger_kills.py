"""A ledger whose writer is killed, or whose disk is full: nothing lost, nothing twice, and the next update is right."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from costbasis.usage.ledger.ledger import open_ledger

from .logs import generate, line, raw, write_log
from .tally import assert_sums_are_of_the_requests

WRITER = """
import sys
from pathlib import Path
from costbasis.usage.ledger import manyfiles, storage
from costbasis.usage.ledger.ledger import open_ledger
manyfiles.PARALLEL_BYTES = 1
storage.AT_FIRST = (*storage.AT_FIRST, "cache_size = 16")  # pages: most of them are in the file before it is whole
print("go", flush=True)
ledger = open_ledger([Path(sys.argv[1])], folder=Path(sys.argv[2]), keep_history=True)
ledger.update()
ledger.close()
"""

ROWS = (
    "SELECT request_key, rule, time_ms, session, agent_id, project, model, prompt_tok, output_tok, web_searches,"
    " context_bucket, kv_resident_tok_s, partial_output FROM request ORDER BY request_key"
)


def rows(tree: Path, home: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """What counts, what was skipped, what was dropped, after one more update."""
    ledger = open_ledger([tree], folder=home, keep_history=True)
    ledger.update()
    assert ledger.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert_sums_are_of_the_requests(ledger.connection)
    found = ledger.connection.execute(ROWS).fetchall(), ledger.skipped(), ledger.dropped()
    ledger.close()
    return found


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_killed_at_any_moment_and_again_it_ends_as_a_ledger_that_was_never_killed(tmp_path: Path, kills: int) -> None:
    chance, tree, home = random.Random(kills), tmp_path / "tree", tmp_path / "home"
    generate(tree, sessions=14, target_mb=4, seed=9)
    files = sorted(tree.rglob("*.jsonl"))
    whole = {path: path.read_bytes() for path in files}
    for path in files:
        path.write_bytes(whole[path][: chance.randrange(len(whole[path]) + 1)])  # torn, as if still being written
    longest_s = 0.4
    for _ in range(kills):
        for path in chance.sample(files, 6):
            path.write_bytes(whole[path][: max(path.stat().st_size, chance.randrange(len(whole[path]) + 1))])
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tree), str(home)], stdout=subprocess.PIPE, start_new_session=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        began = time.monotonic()
        try:
            child.wait(chance.uniform(0, longest_s))
            longest_s = (time.monotonic() - began) * 0.8  # it was done before it was killed: kill sooner
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            longest_s *= 1.2
        child.wait()
    for path, data in whole.items():
        path.write_bytes(data)
    assert rows(tree, home) == rows(tree, tmp_path / "clean")


FULL = """
import resource, sys
from pathlib import Path
from costbasis.errors import UnreadableInput
from costbasis.usage.ledger.ledger import open_ledger
if len(sys.argv) > 3:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    open_ledger([Path(sys.argv[1])], folder=Path(sys.argv[2]), keep_history=True).update()
except UnreadableInput as error:
    print(error)
"""


def out_of_room(tree: Path, home: Path, *limit: str) -> str:
    command = [sys.executable, "-c", FULL, str(tree), str(home), *limit]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("limit", [4_096, 40_960, 400_000])
def test_a_file_that_may_not_grow_is_said_and_what_was_there_stays(tmp_path: Path, limit: int) -> None:
    tree, home = tmp_path / "tree", tmp_path / "home"
    path = write_log(tree, raw(line("msg_1")))
    if limit > 40_960:
        rows(tree, home)
    generate(tmp_path / "more", sessions=30, target_mb=16, seed=9)
    (tmp_path / "more" / "projects").rename(path.parent / "more")
    said = out_of_room(tree, home, str(limit))
    assert "no room for the ledger" in said, said
    assert "hint: make room on the disk, or set COSTBASIS_HOME to a folder on another one" in said
    assert rows(tree, home) == rows(tree, tmp_path / "clean")


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can be made by root only")
    try:
        tree = tmp_path / "tree"
        path = write_log(tree, raw(line("msg_1")))
        before = rows(tree, disk / "home")
        generate(tmp_path / "more", sessions=30, target_mb=16, seed=9)
        (tmp_path / "more" / "projects").rename(path.parent / "more")
        assert "no room for the ledger" in out_of_room(tree, disk / "home")
        (path.parent / "more").rename(tmp_path / "away")
        assert rows(tree, disk / "home") == before
        (tmp_path / "away").rename(path.parent / "more")
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert rows(tree, disk / "home") == rows(tree, tmp_path / "clean")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_that_grows_or_vanishes_while_it_is_read_counts_once(tmp_path: Path) -> None:
    tree, home = tmp_path / "tree", tmp_path / "home"
    generate(tree, sessions=10, target_mb=2, seed=4)
    files = sorted(tree.rglob("*.jsonl"))
    grown, gone = files[0], files[1]
    whole, tail = gone.read_bytes(), raw(line("msg_new"))

    def meddle(done: int, total: int) -> None:
        if done < total and grown.stat().st_size < 10**9 and not grown.read_bytes().endswith(tail):
            with grown.open("ab") as file:
                file.write(b"\n" + tail)
            gone.unlink()

    ledger = open_ledger([tree], folder=home)
    ledger.update(meddle)
    ledger.update()
    clean = open_ledger([tree], folder=tmp_path / "clean")
    clean.update()
    assert ledger.connection.execute(ROWS).fetchall() == clean.connection.execute(ROWS).fetchall()
    gone.write_bytes(whole)
    ledger.update()
    clean.update()
    assert ledger.connection.execute(ROWS).fetchall() == clean.connection.execute(ROWS).fetchall()
    truth = json.loads((tree / "truth.json").read_text())
    assert ledger.connection.execute("SELECT COUNT(*) FROM request").fetchone() == (truth["stats"]["requests"] + 1,)
