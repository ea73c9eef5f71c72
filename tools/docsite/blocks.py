"""The code blocks of the documents: what they are, which commands they hold, and what a console block prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

FENCE = re.compile(
    r"^```(?P<language>\w*)(?: +title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
PROMPT = "$ "
ANYTHING = "…"
"""A line of a console block that stands for any number of lines."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: the file that it stands in, its first line, its language, and the file that it shows."""

    path: Path
    line: int
    language: str
    title: str
    text: str

    @property
    def where(self) -> str:
        """Address for messages."""
        return f"{self.path.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Call:
    """A command of a block, and the output that the block shows for it; None where it shows none."""

    words: str
    output: tuple[str, ...] | None


def documents() -> list[Path]:
    """Every Markdown page of ``docs/``."""
    return sorted((ROOT / "docs").rglob("*.md"))


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(path, text.count("\n", 0, found.start()) + 1, found["language"], found["title"] or "", found["text"])
        for found in FENCE.finditer(text)
    ]


def calls(block: Block) -> list[Call]:
    """The commands of a ``bash`` block (a line each, ``\\`` goes on) or of a ``console`` block (after ``$``)."""
    if block.language == "bash":
        lines = block.text.replace("\\\n", " ").splitlines()
        return [Call(words, None) for line in lines if (words := _without_comment(line))]
    if block.language != "console":
        return []
    return list(_console(block.text.splitlines()))


def _console(lines: list[str]) -> Iterator[Call]:
    starts = [place for place, line in enumerate(lines) if line.startswith(PROMPT)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        output = tuple(lines[start + 1 : end])
        yield Call(_without_comment(lines[start].removeprefix(PROMPT)), output or None)


def _without_comment(line: str) -> str:
    return re.split(r"(?:^|\s)#\s", line, maxsplit=1)[0].strip()


def is_as_shown(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether the output is what the block shows; ``…`` alone on a line stands for any lines.

    >>> is_as_shown(("a", "…", "c"), ["a", "b", "b", "c"]), is_as_shown(("a",), ["a", "b"])
    (True, False)
    """
    pattern = "\n".join(".*" if line.strip() == ANYTHING else re.escape(line.rstrip()) for line in shown)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed), re.DOTALL) is not None
