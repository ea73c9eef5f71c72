"""Everything that is made while the site is built, by name: the claim gallery, the API, the decisions, the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from costbasis.catalog import load_catalog
from docsite import api, gallery, pictures

DECISIONS = Path(__file__).parents[2] / "docs" / "decisions"


def page_names() -> list[str]:
    """The made pages, without making them."""
    claims = [path.stem for path in load_catalog().claim_paths()]
    return ["api.md", "decisions/index.md", "claims/index.md", *(f"claims/{claim}.md" for claim in claims)]


@cache
def everything() -> dict[str, str | bytes]:
    """File name below ``docs/`` to its content."""
    found: dict[str, str | bytes] = {"api.md": api.page(), "decisions/index.md": _decisions()}
    return found | gallery.files() | pictures.files()


def picture(name: str, up: str) -> str:
    """The Markdown of a picture on a page, *up* being the way to the top of the site."""
    return pictures.figure(name, up)


def _decisions() -> str:
    return "\n".join(["# Decisions", "", "What was decided and why, in the order it came up.", "", *_decided()]) + "\n"


def _decided() -> Iterator[str]:
    for path in sorted(DECISIONS.glob("*.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        number, _, words = title.partition(". ")
        yield f"- [{number}. {words}]({path.name})"
