"""The built site: strict, offline, every link and every anchor of it leads somewhere, every claim has its page."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from docsite.blocks import ROOT

from costbasis.catalog import load_catalog

pytestmark = pytest.mark.slow

FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
"""What a browser fetches by itself, and the attribute that says from where."""

NOT_FETCHED = ("canonical", "prev", "next")


class Page(HTMLParser):
    """The links, fetches and ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.ids |= {said[name] for name in ("id", "name") if name in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if FETCHED.get(tag, "-") in said and said.get("rel", "") not in NOT_FETCHED:
            self.fetched.append(said[FETCHED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make docs`` builds it."""
    folder = tmp_path_factory.mktemp("site")
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Every page of it."""
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


def test_no_page_fetches_anything_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    for path, page in pages.items():
        away = [address for address in page.fetched if urlsplit(address).netloc]
        assert not away, f"{path.relative_to(site)}: {away}"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "url(http" not in text, sheet.name
        assert "@import" not in text, sheet.name


def test_every_link_and_anchor_inside_leads_somewhere(pages: dict[Path, Page], site: Path) -> None:
    for path, page in pages.items():
        if path.name == "404.html":
            continue  # its links begin at the root of whatever serves it
        for link in [*page.links, *page.fetched]:
            target, anchor = urldefrag(link)
            if urlsplit(target).scheme:
                continue
            found = path if not target else (path.parent / unquote(urlsplit(target).path)).resolve()
            found = found / "index.html" if found.is_dir() else found
            assert found.is_file(), f"{path.relative_to(site)}: {link}"
            if anchor and found in pages:
                assert unquote(anchor) in pages[found].ids | {"__search"}, f"{path.relative_to(site)}: {link}"


def test_every_shipped_claim_has_a_page_with_its_card_and_its_verdict(pages: dict[Path, Page], site: Path) -> None:
    claims = [path.stem for path in load_catalog().claim_paths()]
    assert len(claims) > 20
    for claim in claims:
        page = site / "claims" / claim / "index.html"
        assert f"../{claim}-card.svg" in pages[page].fetched
        assert f"../{claim}-verdict.html" in pages[page].links
        text = page.read_text(encoding="utf-8")
        for head in ("On four axes", "For whom it is true", "The strongest objections", "Make it again"):
            assert head in text, (claim, head)


def test_the_picture_of_the_bases_has_a_bar_a_basis(site: Path) -> None:
    text = (site / "bases" / "index.html").read_text(encoding="utf-8")
    assert text.count('class="band"') == 5
    assert "<!-- picture" not in text


def test_what_a_command_prints_is_on_its_page(site: Path) -> None:
    text = (site / "start" / "index.html").read_text(encoding="utf-8")
    assert "What were these tokens worth?" in text
    assert "right number, wrong basis" in (site / "for-journalists" / "index.html").read_text(encoding="utf-8")
