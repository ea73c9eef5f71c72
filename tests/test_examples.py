"""The examples run, and stay short."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .logs import line, raw, write_log

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_is_short(path: Path, tmp_path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40
    write_log(tmp_path, raw(line()))
    environ = {**os.environ, "HOME": str(tmp_path), "COSTBASIS_HOME": str(tmp_path / "cb")}
    done = subprocess.run(
        [sys.executable, str(path), str(tmp_path)], capture_output=True, text=True, env=environ, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "serving" in done.stdout
