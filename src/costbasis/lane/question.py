"""A question: everything that the bytes of an answer depend on, but the logs themselves."""

from __future__ import annotations

import os
import sys
import time

from costbasis.sha256 import sha256
from costbasis.usage.ledger.where import ledger_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

ALIASES = {"daily": "day", "weekly": "week", "monthly": "month", "session": "session", "blocks": "block"}
"""Other words for ``usage --by``, as the usage tools before this one have them."""

COMMANDS = ("usage", *ALIASES)

FLAGS = ("--breakdown", "-b", "--json", "--quiet", "--no-color")
VALUES = (
    "--by", "--last", "--tz", "-z", "--timezone", "--agent", "--model", "--project", "-p", "--session", "--host",
    "--basis", "--start-of-week", "-w", "--order", "-o", "--format", "--lines", "--as-of", "--known-on", "--seed",
    "--set",
)  # fmt: skip
DAYS = ("--since", "-s", "--until", "-u")
"""Options of one value each; a day may be said as seen from today. After any other option an answer is not kept."""

ESTIMATED = ("market", "serving")
"""Bases that are estimates, with values kept of one unit."""

NONE_ASKED = "list,market,serving"
"""What ``usage --basis`` is without a word."""

MARKED = ("--lines", "--set")
"""With these there is no such table, or none from kept values."""

DRAWN_BY = (
    "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "TERM", "COLUMNS", "LINES", "TTY_COMPATIBLE",
    "TTY_INTERACTIVE", "PYTHONIOENCODING", "PYTHONUTF8", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TZDIR", "PYTHONTZPATH",
    "COSTBASIS_HOME", "XDG_DATA_HOME", "HOME", "USERPROFILE",
)  # fmt: skip
"""Variables that change how an answer looks, or where logs and ledgers are."""


def paths_of(arguments: Sequence[str]) -> list[str] | None:
    """The paths among the arguments of ``usage``; None where the answer must not be kept.

    >>> paths_of(["usage", "--by", "day", "logs", "--tz=UTC"]), paths_of(["usage", "--invoice", "bill.csv"])
    (['logs'], None)
    """
    if not arguments or arguments[0] not in COMMANDS:
        return None
    paths: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        name, has_value, _ = argument.partition("=")
        if argument == "--":
            paths += rest
        elif not argument.startswith("-") or argument == "-":
            paths.append(argument)
        elif argument in FLAGS:
            continue
        elif name in VALUES or name in DAYS:
            if not has_value and next(rest, None) is None:
                return None
        else:
            return None
    return paths


def asks_for_estimates(arguments: Sequence[str]) -> bool:
    """Whether a command line is of a usage table with a column that has kept values.

    >>> asks_for_estimates(["usage"]), asks_for_estimates(["daily", "--basis", "list,market"])
    (True, True)
    >>> asks_for_estimates(["usage", "--basis=list"]), asks_for_estimates(["usage", "--lines", "x"])
    (False, False)
    """
    if paths_of(arguments) is None or any(one.partition("=")[0] in MARKED for one in arguments):
        return False
    asked = NONE_ASKED
    for place, argument in enumerate(arguments):
        name, has_value, value = argument.partition("=")
        if name == "--basis":
            asked = value if has_value else (*arguments, "")[place + 1]
    names = {name.strip() for name in asked.split(",")}
    return bool(names & {*ESTIMATED})


def question_of(arguments: Sequence[str], environ: Mapping[str, str], out: TextIO, by: str = "") -> str:
    """What is asked, by what code, of which facts, for what kind of screen, in which zone. *by*: the code, where its
    hash is known."""
    asked = [*arguments, os.getcwd()]
    if any(argument.partition("=")[0] in DAYS for argument in arguments):
        asked.append(time.strftime("%Y-%m-%d"))
    drawn = [f"{name}={environ.get(name)}" for name in DRAWN_BY]
    return "\0".join([*asked, *drawn, *_screen(out), *_zone(), sys.version, by or code(), _own_book(environ)])


def _own_book(environ: Mapping[str, str]) -> str:
    """The user's own price book, which lies beside the ledgers."""
    folder = os.path.dirname(ledger_folder(environ, os.path.expanduser("~")))
    return stamp(f"{folder}/book.json")


def _screen(out: TextIO) -> list[str]:
    encoding = f"{out.encoding} {out.errors}"
    if not out.isatty():
        return [encoding]
    try:
        size = os.get_terminal_size(out.fileno())
    except (OSError, ValueError):
        return [encoding, "a screen of unknown size"]
    return [encoding, f"{size.columns}x{size.lines}"]


def _zone() -> list[str]:
    """The machine's own time zone: which file says it, and since when."""
    place = os.path.realpath("/etc/localtime")
    return [place, stamp(place)]


_SEEN: list[str] = []


def code_seen() -> str:
    """The hash as it was when this process last looked, which it did before it was asked anything."""
    return _SEEN[-1] if _SEEN else code()


def code() -> str:
    """A hash over the names, sizes and times of every file of this package, facts included, and when packages changed.

    So an edited row of the catalogue or of a source file, in a checkout too, is another question.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    stamps: list[str] = []
    folders = [package]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=_name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        folders.append(entry.path)
                    continue
                now = entry.stat()
                stamps.append(f"{entry.path}\0{now.st_size}\0{now.st_mtime_ns}")
    stamps += [f"{place}\0{stamp(place)}" for place in sys.path if place.endswith(("site-packages", "dist-packages"))]
    _SEEN[:] = [str(sha256("\n".join(stamps).encode("utf-8", "surrogateescape")).hexdigest())]
    return _SEEN[-1]


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def stamp(place: str) -> str:
    """Size and time of a file; the same words wherever there is none."""
    try:
        now = os.stat(place)
    except OSError:
        return "not there"
    return f"{now.st_size}\0{now.st_mtime_ns}"
