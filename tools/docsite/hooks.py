"""What mkdocs calls: navigation by folder, made pages and pictures, links where prose names a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parents[1]))  # mkdocs loads a hook by its path alone

from docsite import made, printed

NAMED_PAGE = re.compile(r"`docs/([\w./-]+\.md)`(?!\])")
DAY = re.compile(r"<td>(\d{4}-\d{2}-\d{2})</td>")
SHOWN = re.compile(r"^(```console\n\$ (.+)\n)…\n```$", re.MULTILINE)
"""A console block whose output is left to the build: it can then not be stale."""

PICTURE = re.compile(r"^<!-- picture: ([\w-]+) -->$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A folder in the navigation stands for its pages: those of ``docs/``, and those that are made."""
    assert config.nav is not None
    config.nav = [_entry(entry, Path(config.docs_dir)) for entry in config.nav]
    return config


def _entry(entry: Any, docs: Path) -> Any:
    if not isinstance(entry, dict):
        return entry
    (title, target), *_ = entry.items()
    if isinstance(target, str) and target.endswith("/"):
        committed = {str(path.relative_to(docs)) for path in (docs / target).glob("*.md")}
        names = sorted(committed | {name for name in made.page_names() if name.startswith(target)})
        return {title: sorted(names, key=lambda name: (not name.endswith("index.md"), name))}
    return entry


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """The made pages and files, among those that are committed."""
    for name, content in made.everything().items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A day in a cell of its own stays on one line."""
    return DAY.sub(r'<td class="day">\1</td>', html)


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """``docs/x.md`` in prose becomes a link, a picture's marker the picture, and a command's ``…`` what it prints."""
    up = "../" * page.file.src_uri.count("/")
    filled = SHOWN.sub(lambda found: f"{found[1]}{printed.output(found[2])}\n```", markdown)
    linked = NAMED_PAGE.sub(lambda found: f"[`{found[1]}`]({up}{found[1]})", filled)
    return PICTURE.sub(lambda found: made.picture(found[1], up), linked)
