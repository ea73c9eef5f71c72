"""Columns worked out in a second process are those of this one, to the last digit, and nothing depends on it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from costbasis.cli import ahead
from costbasis.kept import Kept

from .logs import line, raw, write_log
from .needed import missing
from .test_lane import loaded

TABLE = ("usage", "--basis", "list,market", "--json", "--tz", "UTC")


@pytest.fixture(autouse=True)
def _two_processors() -> None:
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        missing("a Linux of two processors")


def alone(home: Path, *words: str, code: str = "os.cpu_count = lambda: 1") -> str:
    """What is printed where *code* ran before: by default, on a machine of one processor."""
    where = {"HOME": str(home), "PATH": os.environ["PATH"], "COSTBASIS_HOME": str(home / "cb"), "TZ": "UTC"}
    run = f"import os; {code}; from costbasis.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", run, *words], env=where, cwd=home, check=True, capture_output=True)
    assert done.stderr == b""
    return done.stdout.decode()


def test_columns_come_from_the_second_process_once_values_are_kept_and_are_the_same(tmp_path: Path) -> None:
    write_log(tmp_path / ".claude", raw(line("msg_1"), line("msg_2", time="2026-03-06T10:00:00Z")))
    first = alone(tmp_path, *TABLE, code="pass")  # nothing is kept yet: it is drawn here
    assert '"market_usd"' in first
    assert "numpy" not in loaded(tmp_path, *TABLE, "--since", "2020-01-01")
    assert alone(tmp_path, *TABLE, "--since", "2020-01-02", code="pass") == first
    assert "numpy" in loaded(
        tmp_path, *TABLE, "--since", "2020-01-03", "--set", "retail/claude-opus-4-6.standard.cache_read_usd_per_mtok=5"
    )
    assert alone(tmp_path, *TABLE, "--since", "2020-01-04") == first
    killed = "from costbasis.cli import ahead; ahead._work = lambda *_: os.abort()"
    assert alone(tmp_path, *TABLE, "--since", "2020-01-05", code=killed) == first


def test_a_process_that_fails_or_is_not_needed_is_no_answer_and_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(reads: int, sends: int) -> None:
        raise RuntimeError

    for work in (ahead._work, fails):
        monkeypatch.setattr(ahead, "_work", work)
        ahead.start()
        (worker,) = ahead._STARTED
        assert ahead.table_of([], date(2026, 3, 1), ["market"], None) is None
        with pytest.raises(ChildProcessError):
            os.waitpid(worker.process, 0)
        assert ahead.table_of([], date(2026, 3, 1), ["market"], Kept(Path("nowhere"), "")) is None
