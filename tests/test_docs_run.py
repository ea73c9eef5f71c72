"""Every command of the documents runs on a sample home, page by page, and prints what its page shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docsite.blocks import ROOT, blocks, calls, documents, is_as_shown

from costbasis.usage.sample import write_sample

from .docs_commands import NOT_RUN

pytestmark = pytest.mark.slow

THEIRS = ROOT / "tests" / "fixtures" / "ccusage" / "tree.json"
"""What ccusage once said of other logs: it stands in for its report where a page asks the reader to make one."""

GATEWAYS = ROOT / "tests" / "fixtures"
EXPORTS = {
    "metrics.txt": GATEWAYS / "traces" / "vllm_metrics.txt",
    "spend_logs.json": GATEWAYS / "litellm" / "exports" / "spend_logs.json",
    "openrouter_activity.csv": GATEWAYS / "openrouter" / "exports" / "openrouter_activity_2026-06-28.csv",
}
"""Exports of gateways, where a page speaks of the reader's own."""

PAGES = [path for path in documents() if any(calls(block) for block in blocks(path))]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample month in an agent's folder. Pages share it, as a reader's do."""
    folder = tmp_path_factory.mktemp("home")
    write_sample(folder / ".claude", seed=1)
    return folder


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page_run(path: Path, home: Path, tmp_path: Path) -> None:
    theirs = json.loads(THEIRS.read_text(encoding="utf-8"))["reports"]["daily"]
    for name, export in EXPORTS.items():
        (tmp_path / name).write_bytes(export.read_bytes())
    (tmp_path / "theirs.json").write_text(json.dumps(theirs), encoding="utf-8")
    found = blocks(path)
    for block in found:
        if block.title:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    for block in found:
        for call in calls(block):
            if call.words in NOT_RUN:
                continue
            done = run(call.words, home, tmp_path)
            assert done.returncode == 0, f"{block.where}: {call.words}\n{done.stderr}"
            if call.output is not None:
                assert is_as_shown(call.output, done.stdout.splitlines()), f"{block.where}: {call.words}\n{done.stdout}"


def run(words: str, home: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command line in a shell, in a home of its own."""
    environ = {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COSTBASIS_HOME": str(home / "cb"),
        "TZ": "UTC",
    }
    return subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", words],
        capture_output=True,
        text=True,
        env=environ,
        cwd=cwd,
        check=False,
    )
