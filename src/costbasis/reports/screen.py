"""The screen: how wide it is, and text folded to it. Tables fit by themselves; this is for sentences and lists."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable

PIPED = 200
"""Columns of output that is piped, where ``COLUMNS`` does not say another number."""

LEAST = 40
"""A screen that is narrower is written to as if it had so many."""

TO_COPY = ("Why?", "Report  ")
"""Lines that begin so hold a command or a path to copy: they stay whole."""

_CODES = re.compile(r"^((?:\x1b\[[0-9;]*m)*)(.*?)((?:\x1b\[[0-9;]*m)*)$", re.DOTALL)
_CONTROLS = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")
_NUMBER_AND_UNIT = re.compile(r"(?<=\d) (?=%|–|[A-Za-z$×]{1,4}\b)|(?<=–) (?=[\d−])")
_GAP = re.compile(r"\S {2,}(?=\S)")


def screen_width() -> int:
    """Columns of the terminal, or of ``COLUMNS``."""
    piped = not sys.stdout.isatty() and not os.environ.get("COLUMNS")
    return PIPED if piped else max(LEAST, shutil.get_terminal_size().columns)


def is_free() -> bool:
    """Whether nobody says how wide a line may be: piped, and no ``COLUMNS``."""
    return not sys.stdout.isatty() and not os.environ.get("COLUMNS")


def folded(text: str, width: int) -> str:
    """*text* with no line wider than *width*, but for words that are themselves wider, and lines to copy.

    A line is folded between words, never between a number and its unit, and goes on under the text that follows its
    first column.

    >>> print(folded("  owner  no   earns 191, pays serving 1,200: −970 (−3,400 – −150)", 40))
      owner  no   earns 191, pays serving
                  1,200: −970
                  (−3,400 – −150)
    """
    return "\n".join(part for line in text.split("\n") for part in _fold(line, width))


def _fold(line: str, width: int) -> list[str]:
    found = _CODES.match(line)
    before, plain, after = found.groups() if found else ("", line, "")
    if len(plain) <= width or plain.lstrip().startswith(TO_COPY):
        return [line]
    hang = " " * _hang(plain, width)
    indent = plain[: len(plain) - len(plain.lstrip())]
    kept = _NUMBER_AND_UNIT.sub("\u00a0", plain)
    head, gap, tail = kept[: len(hang)], len(hang) > len(indent) + 4, kept[len(hang) :]
    first = head if gap else indent
    rest = tail if gap else kept.lstrip()
    lines = textwrap.wrap(
        rest, width, initial_indent=first, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )
    lines = [part.replace("\u00a0", " ") for part in lines] or [""]
    return (
        [f"{before}{lines[0]}", *lines[1:-1], f"{lines[-1]}{after}"] if len(lines) > 1 else [before + lines[0] + after]
    )


def _hang(plain: str, width: int) -> int:
    """Where a folded line goes on: under what follows the last gap of its first three fifths, else four columns in."""
    gaps = [found.end() for found in _GAP.finditer(plain) if found.end() <= 3 * width // 5]
    indent = len(plain) - len(plain.lstrip())
    return max(gaps, default=min(indent + 4, width // 2))


def fitted(text: Callable[[], str]) -> str:
    """A command's text as the screen takes it; as wide as it is where nobody says how wide that is."""
    plain = harmless(text())
    return plain if is_free() else folded(plain, screen_width())


def harmless(text: str) -> str:
    r"""*text* with all controls but ends of lines, tabs and colours as their codes: a log may hold any name.

    >>> print(harmless("bell \a, title \x1b]0;x\a, bold \x1b[1mb").replace("\x1b[1m", "(bold)"))
    bell \x07, title \x1b]0;x\x07, bold (bold)b
    """
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
