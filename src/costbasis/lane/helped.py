"""``costbasis --help`` as text that lies ready, for the two widths that nearly every screen has.

The text is click's own, written by ``costbasis.cli.helped``; a test holds it to what click says. For any other width,
or a screen that cannot show it, click is loaded.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTHS = (78, 98)
"""Of a screen of 80 columns, which is also what a pipe is taken for, and of one of 100 and more."""

SHOWN = ("utf-8", "utf8", "UTF-8")


def help_of(environ: Mapping[str, str]) -> str | None:
    """The help of the whole command line; None where nothing lies ready for the screen."""
    if sys.stdout.encoding not in SHOWN:
        return None
    try:
        with open(place_of(width_of(environ)), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def place_of(width: int) -> str:
    """Where the text of a width lies."""
    return f"{os.path.dirname(os.path.abspath(__file__))}/help/{width}.txt"


def width_of(environ: Mapping[str, str]) -> int:
    """How wide click writes help, by the rules of ``shutil.get_terminal_size``, which takes long to load."""
    columns, lines = _whole(environ.get("COLUMNS")), _whole(environ.get("LINES"))
    if columns <= 0 or lines <= 0:
        try:
            size = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else -1)
        except (AttributeError, ValueError, OSError):
            size = os.terminal_size((80, 24))
        if columns <= 0:
            columns = size.columns or 80
    return max(min(columns, 100) - 2, 50)


def _whole(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return 0
