"""Keep what a command prints, for the next time. Used by the slow path alone."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from costbasis.lane.answers import LOOKED
from costbasis.lane.places import places_of, remember
from costbasis.lane.question import code_seen, paths_of, question_of
from costbasis.lane.verdict import claim_of
from costbasis.lane.verdict import place as verdict_place
from costbasis.lane.verdict import question as verdict_question
from costbasis.usage.ledger.listing import Look, keep_names, look_again, place_of
from costbasis.usage.ledger.walk import Change, hand_over, take_back

KEPT = 100
"""Answers a ledger keeps, the newest."""

DRAWN = ("\x1b", "\r")
"""What a progress bar is drawn with: a run that drew one is not kept."""


class _Heard:
    """A stream that writes on, and remembers what was written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._said: list[str] = []
        self.is_whole = True

    def write(self, text: str) -> int:
        """Write text, as the stream does."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._said.append(text)
        return self._stream.write(text)

    @property
    def buffer(self) -> Any:
        """The bytes below: what is written there is not heard."""
        self.is_whole = False
        return self._stream.buffer

    @property
    def said(self) -> str:
        """All that was written."""
        return "".join(self._said)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def kept(arguments: Sequence[str]) -> Iterator[None]:
    """Keep what is printed within the block, where the command line is one whose answer may be kept.

    The logs are looked at before they are read: what changes while the command runs is another tree, and so no
    answer. A command that fails is not kept.
    """
    claim = claim_of(arguments)
    if claim is not None:
        asked = verdict_question(arguments, claim, os.environ)
        with _heard(lambda said: keep_verdict(verdict_place(os.environ), (asked, *said))):
            yield
        return
    paths = paths_of(arguments)
    places = None if paths is None else places_of(paths)
    if places is None:
        yield
        return
    ledger, roots, environ = places
    question, look = question_of(arguments, os.environ, sys.stdout, code_seen()), looked_at(ledger, roots)
    held = _held(ledger)
    try:
        with _heard(lambda said: keep(ledger, (question, environ, *said), look, held)):
            yield
        if held is None and not paths:  # there is a ledger by now
            remember(places)
    finally:
        take_back()
        if held is not None:
            held.close()


def _held(ledger: str) -> sqlite3.Connection | None:
    """The ledger, held open meanwhile: whoever closes it last writes its log into it, which waits for the disk."""
    if not os.path.exists(ledger):
        return None
    try:
        held = sqlite3.connect(ledger, timeout=0.2, isolation_level=None)
        held.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:  # the command says it
        return None
    return held


def looked_at(ledger: str, roots: Sequence[str]) -> Look:
    """The logs as they are, from the lane's look where it had one; the ledger need not look again."""
    had = LOOKED.pop()[-1] if LOOKED else None
    look = had if had is not None and had.roots == roots else look_again(place_of(ledger), roots)
    code = code_seen()
    hand_over(roots, look.seen, Change(f"{look.since} {code}", f"{look.tree} {code}", look.changed))
    return look


@contextmanager
def _heard(then: Callable[[tuple[str, str]], None]) -> Iterator[None]:
    """Hand what is printed within the block to *then*; not where it failed or drew a progress bar."""
    out, err = _Heard(sys.stdout), _Heard(sys.stderr)
    sys.stdout, sys.stderr = out, err
    done = False
    try:
        yield
        done = True
    except SystemExit as exit_:
        done = exit_.code in (0, None)
        raise
    finally:
        sys.stdout, sys.stderr = out._stream, err._stream
        if done and out.is_whole and err.is_whole and not any(mark in err.said for mark in DRAWN):
            then((out.said, err.said))


def keep(ledger: str, answer: tuple[str, str, str, str], look: Look, held: sqlite3.Connection | None = None) -> None:
    """Write down an answer (question, variables, out, err) to the logs of a *look*, and the names of that look.

    Where that cannot be done now, the command is merely not faster next time. *held*: the ledger, where it was opened
    before; it is closed here.
    """
    question, environ, out, err = answer
    row = (question, environ, "\n".join(look.roots), look.tree, out, err)
    if not os.path.exists(ledger):
        return
    try:
        connection = held or sqlite3.connect(ledger, timeout=0.2, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)", row)
            oldest = "SELECT rowid FROM answer ORDER BY rowid DESC LIMIT -1 OFFSET ?"
            connection.execute(f"DELETE FROM answer WHERE rowid IN ({oldest})", (KEPT,))
            connection.execute("COMMIT")
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeError):
        return
    keep_names(place_of(ledger), look)


def keep_verdict(place: str, row: tuple[str, ...]) -> None:
    """Write a verdict down, beside the ledgers. Where that cannot be done, the next one is merely not faster."""
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        connection = sqlite3.connect(place, timeout=0.2, isolation_level=None)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS answer (question TEXT PRIMARY KEY, out TEXT, err TEXT)")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", row)
            oldest = "SELECT rowid FROM answer ORDER BY rowid DESC LIMIT -1 OFFSET ?"
            connection.execute(f"DELETE FROM answer WHERE rowid IN ({oldest})", (KEPT,))
            connection.execute("COMMIT")
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeError, OSError):
        return
