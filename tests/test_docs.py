"""The documents tell the truth: code blocks run, generated pages are fresh, links lead somewhere."""

from __future__ import annotations

import doctest
import os
import re
from pathlib import Path

import pytest
from docsite.made import page_names
from markdown.extensions.toc import slugify

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
            assert (path.parent / target).exists() or _made(path, target), target
    for named in re.findall(r"`((?:docs|src|tests|benchmarks|tools)/[\w./-]+)`", text):
        assert (ROOT / named).exists(), named


def _made(path: Path, target: str) -> bool:
    """Whether a link leads to a page that is made while the site is built."""
    below = os.path.normpath(path.parent.relative_to(ROOT) / target)
    return below.removeprefix("docs/") in page_names()


def test_links_to_a_heading_find_it() -> None:
    for path in DOCS:
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
            text = (path.parent / target if target else path).read_text(encoding="utf-8")
            heads = [slugify(head, "-") for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
            assert anchor in heads, f"{path.name}: #{anchor}; {target or path.name} has {', '.join(heads)}"


def test_every_page_is_in_the_navigation() -> None:
    said = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        assert re.search(rf"[ :]{re.escape(path.name)}$", said, re.MULTILINE), (
            f"name {path.name} under nav: in mkdocs.yml"
        )


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
