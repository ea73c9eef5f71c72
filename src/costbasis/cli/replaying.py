"""A command line, run again as far as its object: what ``explain`` looks into, and what the explorer hands out."""

from __future__ import annotations

import shlex
from typing import Any

from costbasis.cli.app import COMMANDS
from costbasis.cli.common import Session
from costbasis.cli.parsed import parsed
from costbasis.lane.question import ALIASES

_NOT_EXPLAINED = (
    "explain", "claims", "catalog", "validate", "watch", "statusline", "ledger", "export", "explore", "mcp",
)  # fmt: skip


def replay(of: str) -> tuple[Session, dict[str, Any]]:
    """Run the command line *of* again as far as its object.

    Errors: :class:`~costbasis.errors.BadArgument` for a command without explained numbers.
    """
    from costbasis.errors import BadArgument

    words = shlex.split(of)
    if words[:1] == ["costbasis"]:
        words = words[1:]
    name, arguments = (words[0], words[1:]) if words and not words[0].startswith("-") else ("report", words)
    explained = [known for known in COMMANDS if known not in _NOT_EXPLAINED]
    if name not in (*explained, *ALIASES):
        raise BadArgument(
            f'"{name}" prints no explained numbers', where="--of", hint=f"explain one of: {', '.join(explained)}"
        )
    found = parsed(name, arguments, where=f"--of '{of}'")
    return found.session, found.build()
