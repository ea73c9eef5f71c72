"""Verdicts kept: what ``check`` printed holds while the package, the claim's file and the user's book stay the same."""

from __future__ import annotations

import os
import sys

from costbasis.lane.question import question_of, stamp
from costbasis.usage.ledger.where import ledger_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FLAGS = ("--json", "--quiet", "--no-color")
VALUES = ("--as-of", "--known-on", "--seed", "--set", "--fail-on")
"""Options without a file of their own; after any other (a page, a card, a scenario) nothing is kept."""

NAME = "answers.sqlite"
_FIND = "SELECT out, err FROM answer WHERE question = ?"


def claim_of(arguments: Sequence[str]) -> str | None:
    """The claim that a command line judges; None where its answer must not be kept.

    >>> claim_of(["check", "forbes-5000", "--json"]), claim_of(["check", "x", "--html", "v.html"]), claim_of(["claims"])
    ('forbes-5000', None, None)
    """
    if arguments[:1] != ["check"]:
        return None
    claims = []
    rest = iter(arguments[1:])
    for argument in rest:
        name, has_value, _ = argument.partition("=")
        if not argument.startswith("-"):
            claims.append(argument)
        elif argument in FLAGS:
            continue
        elif name not in VALUES or (not has_value and next(rest, None) is None):
            return None
    return claims[0] if len(claims) == 1 else None


def question(arguments: Sequence[str], claim: str, environ: Mapping[str, str]) -> str:
    """Everything that the verdict depends on: the call, the package, and the claim's file where it is one."""
    return "\0".join([question_of(arguments, environ, sys.stdout), stamp(os.path.realpath(claim))])


def place(environ: Mapping[str, str]) -> str:
    """Where verdicts are kept."""
    return f"{ledger_folder(environ, os.path.expanduser('~'))}/{NAME}"


def find_verdict(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[str, str] | None:
    """What a check printed before on the two streams, if it still holds. Nothing is written."""
    claim = claim_of(arguments)
    kept = place(environ) if claim is not None else ""
    if claim is None or not os.path.exists(kept):
        return None
    try:
        from sqlite3 import connect

        ledger = connect(f"file:{kept.replace('%', '%25').replace('?', '%3f').replace('#', '%23')}?mode=ro", uri=True)
        try:
            found = ledger.execute(_FIND, (question(arguments, claim, environ),)).fetchone()
        finally:
            ledger.close()
    except Exception:  # whatever is wrong with the file, the command itself is the answer
        return None
    return None if found is None else (str(found[0]), str(found[1]))
