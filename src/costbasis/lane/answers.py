"""Answers: kept in the ledger they are of, found again as long as nothing that they rest on has changed."""

from __future__ import annotations

import os
import sys

from costbasis.lane.question import paths_of, question_of
from costbasis.usage.ledger.listing import look_again, place_of
from costbasis.usage.ledger.where import AGENTS, are_real, ledger_folder, name_of, real_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from costbasis.usage.ledger.listing import Look

    Looked = tuple[str, str, Look]
    """A ledger's file, the variables by which its roots were found, and what was seen below them."""

_FIND = "SELECT environ, roots, tree, out, err FROM answer WHERE question = ?"

LOOKED: list[Looked] = []
"""What was looked at for an answer that no longer holds: the command that comes next need not look again."""

MISSING: list[str] = []
"""The ledger that was looked for and is not there yet."""

UNSET = "\0"
"""Of a variable that is not there."""


def find(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[str, str] | None:
    """What a command line printed before on the two streams, if it still holds. Nothing is written.

    Anything unexpected, a ledger that is busy, damaged or of another version, is no answer: the command says it.
    """
    paths = paths_of(arguments)
    if paths is None:
        return None
    return holding(paths, lambda: question_of(arguments, environ, sys.stdout), environ)


def holding(paths: Sequence[str], question: Callable[[], str], environ: Mapping[str, str]) -> tuple[str, str] | None:
    """What the ledger of *paths* (without any: of this machine's agents) keeps for a question, if it still holds."""
    try:
        roots = real_paths(paths)
        folder = ledger_folder(environ, os.path.expanduser("~"))
        place = f"{folder}/{f'{name_of(roots)}.sqlite' if paths else AGENTS}"
        if not os.path.exists(place):
            MISSING[:] = [place]
            return None
        kept = _kept(place, question())
        if kept is None:
            return None
        named, known, tree, out, err = kept
        if not paths:
            if not is_same(named, environ):
                return None
            roots = known.split("\n")
            if not are_real(roots):
                return None
        now = look_again(place_of(place), roots)
        if now.tree == tree:
            return out, err
        LOOKED[:] = [(place, named, now)]
        return None
    except (OSError, ValueError):
        return None


def _kept(place: str, question: str) -> Any:
    try:
        from _sqlite3 import connect
    except ImportError:
        from sqlite3 import connect
    try:
        ledger = connect(f"file:{_quoted(place)}?mode=ro", uri=True, timeout=0.2)
        try:
            return ledger.execute(_FIND, (question,)).fetchone()
        finally:
            ledger.close()
    except Exception:  # whatever is wrong with the file, the command itself will say it better
        return None


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def is_same(named: str, environ: Mapping[str, str]) -> bool:
    """Whether the variables by which the agents' places were found are as they were."""
    for line in named.split("\n") if named else ():
        name, _, value = line.partition("=")
        if environ.get(name, UNSET) != value:
            return False
    return True
