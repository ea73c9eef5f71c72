"""A command line, run again as far as its object: what ``explain`` looks into, and what the explorer hands out."""

from __future__ import annotations

import shlex
from typing import Any

from costbasis.cli.parsed import parsed
from costbasis.cli.session import Session
from costbasis.lane.question import ALIASES

EXPLAINED = ("report", "serving", "usage", "price", "value", "check", "plan", "compare", "company")
"""Commands whose object holds explained numbers. Making it writes nothing: no other command may be run again."""


def command_named(of: str) -> tuple[str, list[str]]:
    """The command that the line *of* names, and its arguments; a bare line is ``report``.

    Errors: :class:`~costbasis.errors.BadArgument` for a command without explained numbers, or an open quotation.
    """
    from costbasis.errors import BadArgument

    try:
        words = shlex.split(of)
    except ValueError as error:
        what = f"this is no command line: {str(error).lower()}"
        raise BadArgument(what, where=f"--of {of}", hint="close the quotation") from None
    if words[:1] == ["costbasis"]:
        words = words[1:]
    name, arguments = (words[0], words[1:]) if words and not words[0].startswith("-") else ("report", words)
    if name not in (*EXPLAINED, *ALIASES):
        raise BadArgument(
            f'"{name}" prints no explained numbers', where="--of", hint=f"explain one of: {', '.join(EXPLAINED)}"
        )
    return name, arguments


def replay(of: str) -> tuple[Session, dict[str, Any]]:
    """Run the command line *of* again as far as its object.

    Errors: those of :func:`command_named`, and of the command.
    """
    name, arguments = command_named(of)
    found = parsed(name, arguments, where=f"--of '{of}'")
    return found.session, found.build()
