"""The fast lane: the same bytes, from the standard library alone, and never an answer that no longer holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest

from costbasis.cli.usage import command
from costbasis.lane import question
from costbasis.usage.readers import discover

from .command import Run
from .logs import line, raw, write_log

BANNED = {"click", "numpy", "msgspec", "dataclasses", "pathlib", "rich", "scipy", "costbasis.usage.ledger.ledger"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_log(tmp_path / ".claude", raw(line("msg_1"), line("msg_2", time="2026-03-06T10:00:00Z")))
    return tmp_path


def loaded(home: Path, *words: str, **environ: str) -> set[str]:
    """The modules that a call of the command line imports beyond a bare interpreter's."""
    log = home / "modules"
    code = (
        "import sys; before = set(sys.modules)\n"
        "import atexit, os\n"
        f"atexit.register(lambda: open({str(log)!r}, 'w').write(' '.join(set(sys.modules) - before)))\n"
        "from costbasis.__main__ import main; main()"
    )
    where = {"HOME": str(home), "PATH": os.environ["PATH"], "COSTBASIS_HOME": str(home / "cb"), "TZ": "UTC", **environ}
    subprocess.run([sys.executable, "-c", code, *words], env=where, cwd=home, check=True, capture_output=True)
    return set(log.read_text().split())


def is_answered(home: Path, *words: str, **environ: str) -> bool:
    return "costbasis.usage.ledger.ledger" not in loaded(home, *words, **environ)


@pytest.mark.parametrize(
    "words",
    [
        ("usage", "--basis", "list"),
        ("usage", "--basis", "list", "--json"),
        ("usage", ".claude", "--basis", "list", "--format", "csv"),
        ("daily", "--basis=list", "--breakdown"),
        ("session", "--basis", "list", "--since", "2026-03-06", "--tz", "Europe/Zurich", "--no-color"),
    ],
)
def test_the_lane_prints_the_same_bytes_and_imports_nothing_heavy(home: Path, words: tuple[str, ...]) -> None:
    slow = Run(home, *words)
    assert slow.status == 0, slow.err
    modules = loaded(home, *words)
    assert not BANNED & modules, sorted(modules)
    fast = Run(home, *words)
    assert (fast.out, fast.err, fast.status) == (slow.out, slow.err, 0)
    assert len(fast.out) > 40


def test_a_first_table_of_list_prices_loads_neither_numpy_nor_the_whole_catalogue(home: Path) -> None:
    modules = loaded(home, "usage", "--basis", "list")
    assert "costbasis.catalog.shipped" in modules, "what prices the table was not met"
    assert not {"numpy", "costbasis.catalog.catalog", "costbasis.quantity"} & modules
    (home / "cb" / "book.json").write_text("[]")  # a book of one's own takes the catalogue, which refuses this one
    assert Run(home, "usage", "--basis", "list").status == 2


def grown(home: Path) -> None:
    with (home / ".claude/projects/-p/s1.jsonl").open("ab") as file:
        file.write(raw(line("msg_3")))


NOT_AFTER_AN_APPEND = {
    "click", "numpy", "rich", "dataclasses", "inspect", "tempfile", "shutil", "multiprocessing", "concurrent",
    "importlib.resources", "tomllib", "textwrap", "pathlib", "urllib.parse", "costbasis.catalog", "costbasis.cli.app",
    "costbasis.cli.ahead", "costbasis.usage.ledger.firstscan", "costbasis.usage.ledger.places",
}  # fmt: skip


def test_a_table_after_an_append_loads_what_reads_and_prices_it_and_no_more(home: Path) -> None:
    words = ("usage", "--basis", "list", "--json")
    write_log(home / ".claude", raw(*(line(f"msg_1{number}") for number in range(40))))  # its head tells the reader
    before = Run(home, *words).json["total"]["requests"]
    grown(home)
    modules = loaded(home, *words)
    assert Run(home, *words).json["total"]["requests"] == before + 1
    assert "costbasis.usage.readers.claude_code" in modules, "nothing was read"
    code = "import msgspec, sys; print(*sys.modules)"  # which brings along what it finds installed
    by_msgspec = set(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    )
    assert modules & NOT_AFTER_AN_APPEND - by_msgspec == set()


def added(home: Path) -> None:
    write_log(home / ".claude", raw(line("msg_4")), "new.jsonl")


def vanished(home: Path) -> None:
    (home / ".claude/projects/-p/s1.jsonl").unlink()
    added(home)


def touched(home: Path) -> None:
    path = home / ".claude/projects/-p/s1.jsonl"
    path.write_bytes(raw(line("msg_1"), line("msg_9", time="2026-03-06T10:00:00Z")))
    os.utime(path, ns=(0, 5))


def of_another_agent(home: Path) -> None:
    path = home / ".qwen/projects/x/chats/a.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("{}\n")


def forgotten(home: Path) -> None:
    shutil.rmtree(home / "cb")


@pytest.mark.slow
@pytest.mark.parametrize("change", [grown, added, vanished, touched, of_another_agent, forgotten])
def test_a_changed_new_or_vanished_file_is_another_answer(home: Path, change: Any) -> None:
    words = ("usage", "--basis", "list", "--json")
    Run(home, *words)
    assert is_answered(home, *words)
    change(home)
    assert not is_answered(home, *words)
    assert is_answered(home, *words)
    shutil.copytree(home / ".claude", home / "again" / ".claude")
    if change not in (vanished,):  # which counts what is no longer there
        now = Run(home, *words).json
        assert now["total"] == Run(home, "usage", "again/.claude", "--basis", "list", "--json").json["total"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "environ", [{"TZ": "Asia/Tokyo"}, {"NO_COLOR": "1"}, {"CLAUDE_CONFIG_DIR": "/nowhere"}, {"COLUMNS": "60"}]
)
def test_another_zone_screen_or_place_is_another_question(home: Path, environ: dict[str, str]) -> None:
    words = ("usage", "--basis", "list")
    Run(home, *words)
    assert is_answered(home, *words)
    assert not is_answered(home, *words, **environ)


def test_a_day_said_from_today_is_asked_anew_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["usage", "--since", "2026-03-01"]
    today = question.question_of(words, {}, sys.stdout)
    assert question.question_of(words, {}, sys.stdout) == today
    monkeypatch.setattr(time, "strftime", lambda form: "2031-01-01")
    assert question.question_of(words, {}, sys.stdout) != today


def test_an_edited_fact_or_source_file_is_another_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "costbasis"
    for name in ("lane/question.py", "catalog/data/retail.csv"):
        (package / name).parent.mkdir(parents=True)
        (package / name).write_text("a,b\n")
    monkeypatch.setattr(question, "__file__", str(package / "lane/question.py"))
    before = question.code()
    assert question.code() == before
    (package / "catalog/data/retail.csv").write_text("a,c\n")
    after = question.code()
    assert after != before
    (package / "catalog/data/new.csv").write_text("")
    assert question.code() != after


def test_what_depends_on_other_files_or_fails_is_not_kept(home: Path) -> None:
    (home / "s.toml").write_text("")
    for words in (("usage", "--basis", "list", "--scenario", "s.toml"), ("usage", "--basis", "nonsense")):
        Run(home, *words)
        assert question.paths_of(words) is None or Run(home, *words).status == 2


def test_what_the_lane_knows_of_options_is_so_and_one_that_it_does_not_know_is_never_kept() -> None:
    options = {name: option for option in command.params for name in option.opts if name.startswith("-")}
    for name in (*question.FLAGS, *question.VALUES, *question.DAYS):
        assert name in options, name
        assert bool(getattr(options[name], "is_flag", False)) == (name in question.FLAGS), name
        assert not isinstance(options[name].type, click.Path), f"{name} names a file: an answer depends on it"
    assert question.paths_of(["usage", "--of-tomorrow"]) is None


def test_where_agents_keep_logs_follows_from_the_environment_alone(tmp_path: Path) -> None:
    for name, reader in discover().items():
        before = reader.roots({}, tmp_path)
        for place in before:
            place.mkdir(parents=True, exist_ok=True)
        assert reader.roots({}, tmp_path) == before, name


def test_a_damaged_or_busy_ledger_is_no_answer_and_the_command_says_it(home: Path) -> None:
    words = ("usage", "--basis", "list")
    Run(home, *words)
    ledger = home / "cb/ledgers/agents.sqlite"
    ledger.write_bytes(b"no database at all, but some text" * 99)
    broken = Run(home, *words)
    assert broken.status == 2
    assert "the ledger is damaged" in broken.err


@pytest.mark.parametrize("place", ["costbasis.lane.answers.find", "costbasis.cli.plainly.ran"])
def test_who_stops_the_command_is_told_so_wherever_it_is(tmp_path: Path, place: str) -> None:
    module, _, name = place.rpartition(".")
    code = (
        f"import sys, {module} as it; sys.argv = ['costbasis', 'usage', '--basis', 'list']\n"
        f"def stopped(*_): raise KeyboardInterrupt\n"
        f"it.{name} = stopped\n"
        "from costbasis.__main__ import main; main()"
    )
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COSTBASIS_HOME": str(tmp_path / "cb")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Aborted!\n")
