"""What can go wrong around a ledger: a value or a message in three parts, never a traceback, and the rest counts."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from costbasis.errors import NoLogs, UnreadableInput
from costbasis.usage.ledger import storage
from costbasis.usage.ledger.ledger import Ledger, open_ledger
from costbasis.usage.ledger.places import home_roots
from costbasis.usage.readers import discover

from .logs import generate, line, raw, write_log
from .older_ledger import make_older
from .tally import assert_sums_are_of_the_requests

NOBODY = 65534

FIXTURES = Path(__file__).parent / "fixtures"


def output(ledger: Ledger) -> int:
    total: int = ledger.connection.execute("SELECT COALESCE(SUM(output_tok), 0) FROM request").fetchone()[0]
    return total


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user can reach and write."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder).resolve()


@contextmanager
def ordinary_user() -> Iterator[None]:
    """The system manager may read everything, so such tests step down."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_and_a_folder_without_rights_are_problems_and_the_rest_counts(place: Path) -> None:
    logs = place / "logs"
    write_log(logs, raw(line("msg_1")))
    secret = write_log(logs, raw(line("msg_2")), "secret.jsonl")
    closed = write_log(logs, raw(line("msg_3")), "s.jsonl", project="-closed").parent
    secret.chmod(0)
    closed.chmod(0)
    try:
        with ordinary_user():
            ledger = open_ledger([logs], folder=place / "home")
            summary = ledger.update()
            requests = summary.requests
            ledger.close()
    finally:
        closed.chmod(0o700)
    assert [(problem.kind, problem.path, problem.what) for problem in summary.problems] == [
        ("folder", str(closed), "unreadable folder (Permission denied)"),
        ("file", str(secret), "unreadable file (Permission denied)"),
    ]
    assert (summary.files, requests) == (2, 1)


def test_what_lies_in_a_folder_that_is_shut_for_now_is_not_gone(place: Path) -> None:
    closed = write_log(place / "logs", raw(line("msg_1")), project="-closed").parent
    write_log(place / "logs", raw(line("msg_2")), project="-closed-not")
    with ordinary_user():
        ledger = open_ledger([place / "logs"], folder=place / "home")
        ledger.update()
    closed.chmod(0)
    (place / "logs/projects/-closed-not/s1.jsonl").unlink()
    try:
        with ordinary_user():
            ledger.update()
    finally:
        closed.chmod(0o700)
    assert output(ledger) == 40
    assert ledger.connection.execute("SELECT request_key FROM request").fetchall() == [("m:msg_1",)]


def test_a_path_without_rights_is_an_error_in_three_parts(place: Path) -> None:
    logs = write_log(place / "logs", raw(line())).parent
    logs.chmod(0)
    try:
        with ordinary_user(), pytest.raises(UnreadableInput) as error:
            open_ledger([logs / "s1.jsonl"], folder=place / "home")
        with ordinary_user(), pytest.raises(NoLogs) as nothing:
            open_ledger([logs], folder=place / "home").update()
    finally:
        logs.chmod(0o700)
    assert str(error.value) == f"{logs}/s1.jsonl: unreadable (Permission denied)\nhint: check its rights"
    assert str(nothing.value) == (
        f"{logs}: no agent logs that can be read: unreadable folder (Permission denied)\n"
        "hint: check that place, or give another"
    )


def test_a_ledger_that_cannot_be_written_says_where_to_put_it(place: Path) -> None:
    write_log(place / "logs", raw(line()))
    (place / "home").mkdir(mode=0o500)
    with ordinary_user(), pytest.raises(UnreadableInput) as error:
        open_ledger([place / "logs"], folder=place / "home" / "ledgers")
    assert error.value.where == str(place / "home" / "ledgers")
    assert error.value.what.startswith("no ledger can be kept there: ")
    assert error.value.hint == "set COSTBASIS_HOME to a writable folder"


def test_pipes_and_links_that_lead_nowhere_are_problems_and_nothing_waits(place: Path) -> None:
    folder = write_log(place / "logs", raw(line())).parent
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "self.jsonl").symlink_to(folder / "self.jsonl")
    (folder / "folder.jsonl").mkdir()
    ledger = open_ledger([place / "logs"], folder=place / "home")
    assert [(Path(problem.path).name, problem.what) for problem in ledger.update().problems] == [
        ("pipe.jsonl", "not a regular file"),
        ("self.jsonl", "unreadable file (Too many levels of symbolic links)"),
    ]
    assert output(ledger) == 40


def test_linked_folders_are_followed_and_a_circle_ends(place: Path) -> None:
    elsewhere = write_log(place / "elsewhere", raw(line("msg_1"))).parent
    logs = write_log(place / "logs", raw(line("msg_2"))).parent
    (logs / "linked").symlink_to(elsewhere)
    (logs / "circle").symlink_to(place / "logs")
    ledger = open_ledger([place / "logs"], folder=place / "home")
    assert ledger.update().files == 2
    assert output(ledger) == 80


def test_a_file_name_that_is_no_text_is_read_all_the_same(place: Path) -> None:
    good = raw(line(sessionId=None))
    path = write_log(place / "logs", good + b"junk\n", "caf\udce9.jsonl")
    ledger = open_ledger([place / "logs"], folder=place / "home")
    ledger.update()
    assert ledger.skipped() == [("not a JSON object", 1, f"{path.parent}/caf\\udce9.jsonl:{len(good)}")]
    assert ledger.connection.execute("SELECT session FROM request").fetchall() == [("caf\\udce9",)]
    assert ledger.update().files_read == 0


def test_a_file_rewritten_behind_its_head_is_read_again(place: Path) -> None:
    lines = [line(f"msg_{number}") for number in range(70)]
    path = write_log(place / "logs", raw(*lines[:60]))
    ledger = open_ledger([place / "logs"], folder=place / "home")
    ledger.update()
    path.write_bytes(raw(*lines[:40], *lines[41:]))
    ledger.update()
    keys = {key for (key,) in ledger.connection.execute("SELECT request_key FROM request")}
    assert keys == {f"m:msg_{number}" for number in range(70) if number != 40}


def test_a_folder_without_logs_says_so(place: Path) -> None:
    with pytest.raises(NoLogs) as error:
        open_ledger([place], folder=place / "home").update()
    assert str(error.value) == (
        f"{place}: no agent logs here\n"
        "hint: docs/agents.md lists where agents keep theirs; or try: costbasis report --sample"
    )


def test_the_home_ledger_remembers_when_a_place_comes_and_when_all_are_gone(place: Path) -> None:
    environ = {"COSTBASIS_HOME": str(place / "costbasis")}

    def update() -> Ledger:
        ledger = open_ledger(home_roots(environ, place), keep_history=True, folder=place / "costbasis" / "ledgers")
        ledger.update()
        return ledger

    path = write_log(place / ".claude", raw(line("msg_1")))
    update().close()
    path.unlink()
    write_log(place / ".config" / "claude", raw(line("msg_2")))
    assert output(update()) == 80
    (place / ".config" / "claude" / "projects").rename(place / "away")
    ledger = update()
    assert output(ledger) == 80
    assert ledger.history() == (2, 2)


def test_while_another_process_writes_reading_goes_on_and_an_update_says_why_it_stops(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "BUSY_S", 0.05)
    path = write_log(place / "logs", raw(line("msg_1")))
    ledger = open_ledger([place / "logs"], folder=place / "home")
    ledger.update()
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ledger.update().requests == 1
    with path.open("ab") as file:
        file.write(raw(line("msg_2")))
    with pytest.raises(UnreadableInput) as error:
        ledger.update()
    assert str(error.value) == (
        f"{ledger.path}: another costbasis is bringing this ledger up to date\nhint: wait for it to end, then try again"
    )
    other.execute("ROLLBACK")
    assert ledger.update().requests == 2


def test_a_new_ledger_has_a_write_ahead_log_after_its_first_update_or_once_nobody_else_is_at_work(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "BUSY_S", 0.05)
    mode = "PRAGMA journal_mode"
    write_log(place / "logs", raw(line("msg_1")))
    new = open_ledger([place / "logs"], folder=place / "home")
    assert new.connection.execute(mode).fetchone() == ("delete",)
    with new.transaction():
        second = open_ledger([place / "logs"], folder=place / "home")
        assert second.connection.execute(mode).fetchone() == ("delete",)
    second.close()
    assert new.update().requests == 1
    assert new.connection.execute(mode).fetchone() == ("wal",)


def test_a_ledger_of_another_version_is_left_alone(place: Path) -> None:
    write_log(place / "logs", raw(line()))
    ledger = open_ledger([place / "logs"], folder=place / "home")
    ledger.connection.execute("PRAGMA user_version = 99")
    ledger.close()
    with pytest.raises(UnreadableInput) as error:
        open_ledger([place / "logs"], folder=place / "home")
    assert error.value.what.startswith("this ledger is of version 99, this costbasis keeps version ")
    assert error.value.hint == "a newer costbasis wrote it: update this one, or set COSTBASIS_HOME to another folder"


def test_a_line_longer_than_a_chunk_is_read_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costbasis.usage.ledger.readfile.CHUNK_BYTES", 700)
    lines = [line(f"msg_{number}", message={"content": "x" * (number * 400)}) for number in range(6)]
    data = raw(*lines, b"junk", lines[0], end=b"")
    write_log(place / "logs", data)
    ledger = open_ledger([place / "logs"], folder=place / "home")
    summary = ledger.update()
    assert (summary.requests, summary.bytes_read, summary.skipped) == (6, len(data), {"not a JSON object": 1})
    assert ledger.dropped()[0][1] == 1


PARALLEL = """
import sys
from pathlib import Path
from costbasis.usage.ledger import manyfiles, processes
from costbasis.usage.ledger.ledger import open_ledger
manyfiles.PARALLEL_BYTES = 1
processes.PIPE_BYTES = 4096  # what they say next waits until it is taken
def stop_here(done, total):
    print("some", flush=True)
    sys.stdin.read()
open_ledger([Path(sys.argv[1])], folder=Path(sys.argv[2])).update(stop_here)
"""


def test_workers_end_with_a_parent_that_is_killed(place: Path) -> None:
    generate(place / "tree", sessions=8, target_mb=2, seed=8)
    command = [sys.executable, "-c", PARALLEL, str(place / "tree"), str(place / "home")]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"some\n"
    assert len(running(str(place / "home"))) > 1
    child.send_signal(signal.SIGKILL)
    child.wait()
    deadline = time.monotonic() + 10
    while running(str(place / "home")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(str(place / "home")) == []


def running(argument: str) -> list[str]:
    """Processes with *argument* on their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if argument.encode() in said:
            found.append(process.name)
    return found


def test_a_file_whose_format_must_be_read_whole_is_read_again_when_it_grows(place: Path) -> None:
    whole = next(
        reader for reader in discover().values() if not reader.RESUMES and reader.claims("rollout-1.jsonl", b"")
    )
    path = write_log(place / "logs", b'{"type":"session_meta"}\n', "rollout-1.jsonl")
    ledger = open_ledger([place / "logs"], folder=place / "home")
    first = ledger.update().bytes_read
    with path.open("ab") as file:
        file.write(b'{"type":"turn_context"}\n')
    assert ledger.update().bytes_read == 2 * first
    assert ledger.connection.execute("SELECT reader FROM file").fetchall() == [(whole.NAME,)]


def test_a_file_that_was_empty_finds_its_reader_by_what_is_written_first(place: Path) -> None:
    path = write_log(place / "logs", b"", "s.jsonl")
    ledger = open_ledger([place / "logs"], folder=place / "home")
    ledger.update()
    path.write_bytes(b'{"type":"session_meta","payload":{}}\n')
    ledger.update()
    assert ledger.connection.execute("SELECT reader FROM file").fetchall() == [("codex",)]


REQUESTS = "SELECT * FROM request ORDER BY request_key"


def older(place: Path, version: int, *lines: dict[str, Any]) -> tuple[Path, list[Any]]:
    """A log of some lines whose ledger was left by an older version, and the requests that this version had found."""
    path = write_log(place / "logs", raw(*lines))
    ledger = open_ledger([place / "logs"], folder=place / "home")
    ledger.update()
    before = ledger.connection.execute(REQUESTS).fetchall()
    make_older(ledger.connection, version)
    ledger.close()
    return path, before


def grow(path: Path, *lines: dict[str, Any]) -> None:
    with path.open("ab") as file:
        file.write(raw(*lines))


def test_a_ledger_of_version_8_is_taken_over_and_notes_what_moves_its_prices(place: Path) -> None:
    path, _ = older(place, 8, line("msg_1"))
    with closing(open_ledger([place / "logs"], folder=place / "home")) as ledger:
        ledger.connection.execute("INSERT INTO priced VALUES ('a', '')")
        grow(path, line("msg_2", time="2026-03-06T00:00:00Z"))
        assert ledger.update().requests == 2
        assert_sums_are_of_the_requests(ledger.connection)
        came = "SELECT 'a', MAX(quarter) FROM tally"  # the other request is held as long as it was
        assert ledger.connection.execute(came).fetchall() == ledger.connection.execute("SELECT * FROM moved").fetchall()


@pytest.mark.parametrize("version", [9, 8, 7, 6, 5])
def test_a_ledger_of_an_older_version_is_taken_over_and_grows(place: Path, version: int) -> None:
    path, before = older(place, version, line("msg_1"), line("msg_2", time="2026-03-05T23:59:59Z"))
    with closing(open_ledger([place / "logs"], folder=place / "home")) as ledger:
        assert ledger.update().requests == 2
        assert ledger.connection.execute(REQUESTS).fetchall() == before
        assert_sums_are_of_the_requests(ledger.connection)
        grow(path, line("msg_3"))
        assert ledger.update().requests == 3
        assert_sums_are_of_the_requests(ledger.connection)


def test_a_request_of_a_ledger_of_version_6_keeps_its_date(place: Path) -> None:
    """As version 6 was: without the times that may date a request."""
    path, _ = older(place, 6, line("msg_1"), line("msg_2", stop=None, time="2026-03-05T23:59:59Z"))
    with closing(open_ledger([place / "logs"], folder=place / "home")) as ledger:
        ledger.update()
        grow(path, line("msg_2", time="2026-03-06T00:00:01Z"))
        ledger.update()
        dates = "SELECT request_key, strftime('%Y-%m-%d', time_ms / 1000, 'unixepoch') FROM request ORDER BY 1"
        assert ledger.connection.execute(dates).fetchall() == [("m:msg_1", "2026-03-05"), ("m:msg_2", "2026-03-05")]
        assert_sums_are_of_the_requests(ledger.connection)


def test_a_view_of_requests_that_version_7_left_is_made_anew(place: Path) -> None:
    older(place, 7, line("msg_1"))
    path = next((place / "home").rglob("*.sqlite"))
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE VIEW request AS SELECT *, 0.5 AS output_ctx_tok2 FROM seen WHERE counts")
    with closing(open_ledger([place / "logs"], folder=place / "home")) as ledger:
        assert ledger.update().requests == 1
        assert_sums_are_of_the_requests(ledger.connection)


def test_a_ledger_of_version_3_is_taken_over_with_what_it_knows_of_deleted_logs(place: Path) -> None:
    """The fixture was written by the code of version 3: two files, one of them deleted since, a fork, a torn line."""
    logs = place / "logs"
    write_log(logs, raw(line("msg_2")), "kept.jsonl")
    home = place / "home"
    home.mkdir()
    dump = (FIXTURES / "ledger" / "version_3.sql").read_text().replace("@LOGS@", str(logs))
    old = sqlite3.connect(home / "agents.sqlite", isolation_level=None)
    old.executescript(dump)
    old.execute("PRAGMA user_version = 3")
    old.close()
    ledger = open_ledger([logs], keep_history=True, folder=home)
    ledger.update()
    fresh = open_ledger([logs], folder=place / "other")
    fresh.update()
    assert ledger.history() == (1, 2)
    rows = "SELECT request_key, rule, output_tok, kv_resident_tok_s, context_bucket FROM request ORDER BY 1"
    assert ledger.connection.execute(rows).fetchall() == [
        ("m:msg_1", "message id", 40, 0.0, 5),
        ("m:msg_2", "message id; earlier", 40, 30 * 300.0, 5),
        ("m:msg_3", "message id", 40, 30 * 300.0, 5),
    ]
