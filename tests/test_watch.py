"""The live view: what it shows of a moment, that it reads only what is new, and that it ends when asked to."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.usage.events import TokenCounts
from costbasis.usage.live import Stretch, rate_of

from .command import Run
from .logs import line, raw, write_log

AT = "2026-03-05T12:00:00Z"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A block from ten to three, worth $10 in its first hour and $2.50 in the last ten minutes before noon; before
    it, one on the day before worth $5, one in February; after noon, more."""
    root = tmp_path_factory.mktemp("logs")
    times = {
        "2026-02-20T10:00:00Z": 100_000,
        "2026-03-04T10:00:00Z": 200_000,
        "2026-03-05T10:30:00Z": 400_000,
        "2026-03-05T11:55:00Z": 100_000,
        "2026-03-05T12:00:01Z": 800_000,
    }
    none = {"input_tokens": 0, "cache_read_input_tokens": 0}
    said = [line(f"msg_{time}", time=time, usage=none | {"output_tokens": tok}) for time, tok in times.items()]
    write_log(root, raw(*said))
    return root


def frame(home: Path, logs: Path, *words: str) -> Any:
    return Run(home, "watch", str(logs), "--at", AT, "--json", *words).json


def test_a_moment_shows_the_block_the_day_the_week_and_the_month_up_to_it(home: Path, logs: Path) -> None:
    found = frame(home, logs)
    assert found["schema"] == "costbasis.watch/1"
    assert (found["block"]["from"], found["block"]["to"]) == ("2026-03-05T10:00:00+00:00", "2026-03-05T15:00:00+00:00")
    assert [found[name]["list_usd"] for name in ("block", "day", "week", "month")] == [
        "12.50",
        "12.50",
        "17.50",
        "17.50",
    ]
    assert [found[name]["requests"] for name in ("block", "day", "week", "month")] == [2, 2, 3, 3]
    assert found["block"]["tokens"]["output"] == 500_000


def test_burn_is_the_use_since_the_first_request_and_goes_on_to_the_end(home: Path, logs: Path) -> None:
    block = frame(home, logs)["block"]
    assert block["burn"]["list_usd_per_hour"] == pytest.approx(12.5 / 1.5)  # from half past ten to noon
    assert block["burn"]["tok_per_min"] == pytest.approx(500_000 / 90, abs=0.1)
    assert block["burn_last_10_min"]["list_usd_per_hour"] == pytest.approx(2.5 * 6)
    assert block["projected"]["list_usd"] == pytest.approx(12.5 + 3 * 12.5 / 1.5)
    assert block["projected"]["tokens"] == 1_500_000


@given(st.integers(0, 10**9), st.integers(0, 10**15), st.integers(0, 5 * 3600), st.integers(1, 5 * 3600))
def test_a_projection_is_never_less_than_what_is_used_and_is_it_at_the_end(
    tok: int, pico: int, first_s: int, at_s: int
) -> None:
    five = 5 * 3_600_000
    counts = TokenCounts(output_tok=tok)
    stretch = Stretch(0, five, 1, 0, counts, pico, min(first_s, at_s) * 1000)
    rate = rate_of(stretch, at_s * 1000)
    assert rate.projected_tok >= tok
    assert rate.projected_usd >= pico / 10**12
    assert rate_of(stretch, five).projected_tok == tok


def test_a_block_that_is_over_is_none(home: Path, logs: Path) -> None:
    late = Run(home, "watch", str(logs), "--at", "2026-03-05T15:00:00Z", "--json").json
    assert late["block"] is None
    text = Run(home, "watch", str(logs), "--at", "2026-03-05T15:00:00Z").out
    assert "No five-hour block is running" in text


def test_a_moment_without_an_offset_is_of_the_zone_asked_for(home: Path, logs: Path) -> None:
    zurich = Run(home, "watch", str(logs), "--at", "2026-03-05T13:00", "--tz", "Europe/Zurich", "--json").json
    assert zurich["at"] == "2026-03-05T12:00:00+00:00"
    assert zurich["day"]["from"] == "2026-03-04T23:00:00+00:00"


@pytest.mark.slow
def test_a_plan_says_what_is_used_of_its_limits_and_what_cannot_be_determined(home: Path, logs: Path) -> None:
    limits = frame(home, logs, "--plan", "max_20x")["plan"]["limits"]
    by_unit = {(limit["window"], limit["unit"]): limit for limit in limits}
    dollars = by_unit["5h", "usd"]
    assert dollars["used"] == pytest.approx(12.5)
    assert dollars["projected"] == pytest.approx(12.5 + 3 * 12.5 / 1.5)
    assert dollars["state"] == "within"
    assert by_unit["5h", "prompts"]["state"].startswith("cannot be determined: the logs count requests")
    assert by_unit["5h", "prompts"]["used"] is None
    text = Run(home, "watch", str(logs), "--at", AT, "--plan", "max_20x").out
    assert "12.5 used, 37.5 at its end, limit 200 – 363 list USD (trust E): within" in text


def test_a_plan_without_known_limits_says_so(home: Path, logs: Path) -> None:
    text = Run(home, "watch", str(logs), "--at", AT, "--plan", "cursor/ultra").out
    assert "cannot be determined: no limit of this plan is known" in text


def test_unpriced_requests_make_a_lower_bound(home: Path, tmp_path: Path) -> None:
    write_log(tmp_path, raw(line(time="2026-03-05T11:00:00Z", message={"model": "no-such-model-9"})))
    text = Run(home, "watch", str(tmp_path), "--at", AT).out
    assert "≥ 0.00" in text
    assert "≥ leaves out requests without a list price: 1 this month" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--interval", "0"), "--interval: 0 seconds between frames\nhint: a number from 0.2 on"),
        (("--interval", "nan"), "--interval: nan seconds between frames"),
        (("--at", "soon"), '--at: "soon" is not a moment\nhint: write it as 2026-03-05T12:30'),
        (("--tz", "Mars/Olympus", "--once"), '--tz: unknown time zone "Mars/Olympus"'),
        (("--plan", "nobody/none", "--once"), 'unknown plan "nobody/none"'),
        (("--agent", "nobody", "--once"), '--agent: no request of agent "nobody"'),
    ],
)
def test_bad_values_are_refused_in_three_parts(home: Path, logs: Path, words: tuple[str, ...], message: str) -> None:
    done = Run(home, "watch", str(logs), *words)
    assert done.status == 2
    assert message in done.err


# --- a running one ------------------------------------------------------------------------------------


class Watching:
    """A live view that runs; its frames as they come."""

    def __init__(self, home: Path, logs: Path, *words: str) -> None:
        environ = {"HOME": str(home), "PATH": os.environ["PATH"], "COSTBASIS_HOME": str(home / "cb"), "TZ": "UTC"}
        command = [sys.executable, "-m", "costbasis", "watch", str(logs), "--interval", "0.2", *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, bufsize=0)

    def frame(self) -> Any:
        assert self.process.stdout is not None
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], 60)
            assert ready, "no frame within a minute"
            piece = self.process.stdout.read(65_536)
            assert piece, "the view ended"
            text += piece
        return json.loads(text.splitlines()[-1])

    def end(self, how: int) -> tuple[int, str]:
        self.process.send_signal(how)
        _, talk = self.process.communicate(timeout=60)
        return self.process.returncode, talk.decode()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    now = datetime.now().astimezone()
    first = [line(f"msg_{at}", time=(now - timedelta(minutes=at)).isoformat()) for at in range(3)]
    write_log(tmp_path, raw(*first))
    yield tmp_path


@pytest.mark.slow
def test_it_reads_only_what_is_new_and_shows_it_in_the_next_frames(home: Path, fresh: Path) -> None:
    view = Watching(home, fresh, "--json")
    try:
        first = view.frame()
        assert first["read_bytes"] > 0
        assert first["month"]["requests"] >= 1
        more = raw(line("msg_new", time=datetime.now().astimezone().isoformat()))
        path = next(fresh.rglob("*.jsonl"))
        with path.open("ab") as file:
            file.write(more)
        frames = [view.frame() for _ in range(12)]
        grown = [found for found in frames if found["read_bytes"]]
        assert [found["read_bytes"] for found in grown] == [len(more)]
        assert frames[-1]["day"]["requests"] == first["day"]["requests"] + 1
    finally:
        status, talk = view.end(signal.SIGTERM)
    assert (status, talk) == (0, "")


def test_ctrl_c_ends_it_without_a_word(home: Path, fresh: Path) -> None:
    view = Watching(home, fresh, "--json")
    view.frame()
    assert view.end(signal.SIGINT) == (0, "")


MANY_SIGNALS = """
import os, signal
from costbasis.cli.watch import _stopped
with _stopped() as stop:
    assert not stop(0)
    parent, child = os.getpid(), os.fork()
    if child == 0:
        for _ in range(5_000):
            os.kill(parent, signal.SIGINT)
        os._exit(0)
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        stop(0)
    assert stop(60)
"""


def test_a_signal_at_any_moment_of_the_wait_ends_it() -> None:
    done = subprocess.run([sys.executable, "-c", MANY_SIGNALS], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_piped_it_is_plain_text(home: Path, logs: Path) -> None:
    out = Run(home, "watch", str(logs), "--at", AT).out
    assert "\x1b" not in out
    assert out.startswith(
        "costbasis watch  2026-03-05 12:00:00 (UTC)\n\nBlock 10:00 – 15:00, 3 h 00 min left, 2 requests"
    )


def test_on_a_terminal_it_redraws_on_the_other_screen_and_leaves_the_last_frame(home: Path, logs: Path) -> None:
    pty = pytest.importorskip("pty")
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(HOME=str(home), COSTBASIS_HOME=str(home / "cb"), TZ="UTC", TERM="xterm")
        os.execv(sys.executable, [sys.executable, "-m", "costbasis", "watch", str(logs), "--interval", "0.2"])
    shown, asked = b"", False
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:
            break
        shown += piece
        if shown.count(b"costbasis watch") >= 3 and not asked:
            asked = bool(os.write(terminal, b"\x03"))
        if not piece:
            break
    _, status = os.waitpid(child, 0)
    assert status == 0
    drawn, _, left = shown.partition(b"\x1b[?1049l")
    assert drawn.count(b"\x1b[?1049h") == 1
    assert drawn.count(b"\x1b[H") >= 3
    assert left.count(b"costbasis watch") == 1
    assert b"Traceback" not in shown
