"""The documents tell the truth: code blocks run, generated pages are fresh, links lead somewhere."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from costbasis.cli.app import COMMANDS
from costbasis.reports.pages import pages

ROOT = Path(__file__).parents[1]
DOCS = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_blocks_run(path: Path) -> None:
    failed, _ = doctest.testfile(str(path), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_the_walk_names_six_short_files() -> None:
    text = (ROOT / "docs" / "walk.md").read_text(encoding="utf-8")
    files = re.findall(r"^## \d\. .*`(.+\.py)`$", text, re.MULTILINE)
    assert len(files) == 6
    for name in files:
        assert len((ROOT / "src" / "costbasis" / name).read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target
    for named in re.findall(r"`((?:docs|src|tests|benchmarks|tools)/[\w./-]+)`", text):
        assert (ROOT / named).exists(), named


def test_generated_pages_are_fresh() -> None:
    for name, text in pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"run make docs: {name} is stale"


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"costbasis {name}" in readme, name


def test_no_document_speaks_of_this_machine() -> None:
    for path in DOCS:
        assert not re.search(r"/work/|\.\./shared", path.read_text(encoding="utf-8")), path
