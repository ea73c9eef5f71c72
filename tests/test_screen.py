"""What the terminal is given: lines that fit, words that stay, bars over time, plain text where nobody sees colours."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.quantity import Estimate
from costbasis.reports.format import BARS, interval, number, price, share, sparkline, tokens, usd
from costbasis.reports.screen import TO_COPY, folded
from costbasis.reports.timeline import over_time

from .command import Run
from .logs import line, raw, write_log
from .needed import missing

WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12))


@given(WORDS, st.integers(0, 12), st.integers(40, 200))
def test_a_folded_line_fits_and_keeps_its_words(words: list[str], indent: int, width: int) -> None:
    line = " " * indent + " ".join(words)
    found = folded(line, width)
    assert found.split() == line.split()
    if not line.lstrip().startswith(TO_COPY):
        for part in found.split("\n"):
            assert len(part) <= width or len(part.split()) <= 2, part


@given(WORDS, st.integers(40, 200))
def test_folding_twice_changes_nothing(words: list[str], width: int) -> None:
    once = folded(" ".join(words), width)
    assert folded(once, width) == once


def test_a_command_to_copy_stays_on_its_line() -> None:
    why = "Why?  costbasis explain --of 'report --plan anthropic/max_20x --as-of 2026-03-31' /ladder/4/usd"
    assert folded(why, 60) == why


def test_a_styled_line_is_folded_by_what_is_seen() -> None:
    assert folded("\x1b[1mone two three four five six seven eight nine ten\x1b[0m", 40) == (
        "\x1b[1mone two three four five six seven eight\n    nine ten\x1b[0m"
    )


def test_numbers_are_written_one_way() -> None:
    assert [number(value) for value in (0, 0.00123, 0.999, 4.96, 83.2, 1234, -1234.0, float("nan"))] == [
        "0", "0.0012", "1.0", "5.0", "83", "1,200", "−1,200", "unknown",
    ]  # fmt: skip
    assert [price(value) for value in (20, 7.99, 19.999, 1200)] == ["20", "7.99", "20", "1,200"]
    assert [share(value) for value in (0, 0.004, 0.155, 1)] == ["0 %", "0.40 %", "16 %", "100 %"]
    assert [usd(value) for value in (0, 4_999_999_999, 5_000_000_000, -(10**12))] == ["0.00", "0.00", "0.01", "−1.00"]
    assert [tokens(value) for value in (0, 999, 1000, 6_349_364_251)] == ["0", "999", "1.00 k", "6.35 B"]
    assert interval(Estimate(-3_430.0, -969.0, 151.0, 0.0)) == "−3,400 – 150"


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=4000), st.integers(1, 200))
def test_bars_are_as_many_as_fit_and_the_greatest_is_full(values: list[int], width: int) -> None:
    bars = sparkline(values, width)
    assert len(bars) == min(len(values), width)
    assert set(bars) <= {*BARS, "·"}
    assert ("█" in bars) == any(values)
    if len(values) <= width:
        assert [bar == "·" for bar in bars] == [value == 0 for value in values]


def test_days_without_use_are_gaps_in_the_line_over_time() -> None:
    def row(day: str, dollars: int) -> dict[str, object]:
        return {"key": day, "bases": {"list_usd": Money(dollars * 10**12)}}

    drawn = over_time("day", [row("2026-03-01", 1), row("2026-03-02", 8), row("2026-03-05", 4)], 40)
    assert drawn == ("▁█··▄", "8.00", "2026-03-02")
    assert over_time("day", [row("2026-03-01", 1), row("2026-03-02", 8)], 40) is None
    assert over_time("project", [row(str(name), 1) for name in range(9)], 40) is None
    ten_years = [row(f"{year}-{month:02d}-01", 1) for year in range(2016, 2026) for month in range(1, 13)]
    drawn = over_time("day", ten_years, 40)
    assert drawn is not None and len(drawn.line) == 40


class Money:
    """A leaf of exact money, as usage tables hold it."""

    def __init__(self, pico_usd: int) -> None:
        self.pico_usd = pico_usd


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    big = {"input_tokens": 5_000, "output_tokens": 9_000, "cache_read_input_tokens": 9_000_000}
    days = [
        line(f"m{day}", usage=big, time=f"2026-03-{day:02d}T10:00:00.000Z", requestId=f"r{day}") for day in range(1, 25)
    ]
    write_log(folder / ".claude", raw(*days), project="-home-somebody-a-project-with-a-long-name-of-its-own")
    return folder


COMMANDS = [
    "report --plan anthropic/max_20x",
    "usage",
    "usage --by week --breakdown",
    "usage --by session",
    "usage --by project",
    "usage --by model --basis list,realised,market,serving,opportunity",
    "check forbes-5000",
    "check sora-15m",
    "claims",
    "plan anthropic/max_20x",
    "compare",
    "company openai",
    "catalog",
    "catalog plan",
    "catalog retail claude-opus-4-6",
    "catalog sources",
    "price claude-opus-4-6",
    "serving deepseek-v3",
    "validate",
    "watch --once --at 2026-03-05T12:30",
    "explain --of report /ladder/0/usd",
]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "usage --by decade",
            "usage --by: 'decade' is not one of 'day', 'week', 'month', 'session', 'project', 'model', 'agent', "
            "'host', 'key', 'user', 'block'\nhint: costbasis usage --help says what it takes",
        ),
        ("claims --nope", "claims: no such option '--nope'\nhint: costbasis claims --help says what it takes"),
        ("claim", "claim: missing argument '{new}'. Choose from: new\nhint: costbasis claim --help says what it takes"),
        ("plan", "plan: missing argument 'PLAN'\nhint: costbasis plan --help says what it takes"),
        (
            "report --seed x",
            "report --seed: 'x' is not a valid integer\nhint: costbasis report --help says what it takes",
        ),
        ("--nope", "no such option '--nope'\nhint: costbasis --help says what it takes"),
    ],
)
def test_a_wrong_command_line_is_told_in_three_parts(tmp_path: Path, words: str, message: str) -> None:
    run = Run(tmp_path, *words.split())
    assert (run.status, run.out, run.err) == (2, "", f"costbasis: {message}\n")


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS)
def test_no_line_of_a_command_is_wider_than_the_screen(home: Path, words: str) -> None:
    run = Run(home, *words.split(), COLUMNS="80")
    assert run.status == 0, run.err
    for text in run.out.splitlines():
        is_one_word = max((len(word) for word in text.split()), default=0) > 40
        assert len(text) <= 80 or is_one_word or text.startswith(TO_COPY), text
    assert "\x1b" not in run.out


@pytest.mark.slow
def test_colours_are_for_a_terminal_that_wants_them(home: Path) -> None:
    assert "\x1b[1m" in _in_a_terminal(home, "company", "openai")
    assert "\x1b" not in _in_a_terminal(home, "company", "openai", NO_COLOR="1")
    assert "\x1b" not in _in_a_terminal(home, "company", "openai", "--no-color")


def _in_a_terminal(home: Path, *words: str, **environ: str) -> str:
    """What a command answers on a pseudo-terminal."""
    return _on_a_terminal(home, [sys.executable, "-m", "costbasis", *words], "stdout", **environ)


def _on_a_terminal(home: Path, command: list[str], stream: str, **environ: str) -> str:
    ours, theirs = pty.openpty()
    where = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "COSTBASIS_HOME": str(home / "cb"),
        "TERM": "xterm",
        **environ,
    }
    out, errors = (theirs, None) if stream == "stdout" else (None, theirs)
    process = subprocess.Popen(command, stdout=out, stderr=errors, env=where, cwd=home)
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 65536):
            said += data
    except OSError:  # a pseudo-terminal says so that its other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return said.decode()


LONG_WORK = """
from costbasis.cli.session import Session
from costbasis.cli.progress import counting
with counting(Session(False, None, 1, (), None, {quiet}, False), "scoring") as step:
    if step is not None:
        [step(done, 3) for done in (1, 2, 3)]
"""


def test_long_work_shows_how_far_it_is_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    said = _on_a_terminal(tmp_path, [sys.executable, "-c", LONG_WORK.format(quiet=False)], "stderr")
    assert "scoring" in said
    assert re.search(r"3/3.*\d\.\d/s", said)
    assert _on_a_terminal(tmp_path, [sys.executable, "-c", LONG_WORK.format(quiet=True)], "stderr") == ""
    piped = subprocess.run(
        [sys.executable, "-c", LONG_WORK.format(quiet=False)], capture_output=True, text=True, check=True
    )
    assert (piped.stdout, piped.stderr) == ("", "")


FULL = Path("/dev/full")


@pytest.mark.parametrize("words", [("--help",), ("catalog", "vm"), ("catalog", "vm", "--json")])
def test_an_output_that_takes_nothing_is_said_and_not_a_traceback(tmp_path: Path, words: tuple[str, ...]) -> None:
    if not FULL.exists():
        missing(str(FULL))
    with FULL.open("w") as full:
        command = [sys.executable, "-m", "costbasis", *words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env={"HOME": str(tmp_path)}, check=False)
    said = b"costbasis: the output: No space left on device\nhint: make room there, or choose another place\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_letters_that_the_encoding_lacks_are_replaced_and_escaped_in_json(tmp_path: Path) -> None:
    """As where Windows writes to a file."""
    where = {"HOME": str(tmp_path), "PYTHONIOENCODING": "latin-1"}

    def said(*words: str) -> str:
        command = [sys.executable, "-m", "costbasis", "claim", "new", "--from", "“λ” is \U0001f600 é", "--value", "5",
                   "--unit", "usd", *words]  # fmt: skip
        return subprocess.run(command, stdout=subprocess.PIPE, env=where, check=True).stdout.decode("latin-1")

    assert "??? is ? é" in said()
    assert "“λ” is \U0001f600 é" in json.loads(said("--json"))["text"]
