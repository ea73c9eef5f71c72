"""A command line, run again as far as its object: what ``explain`` looks into, and what the explorer hands out."""

from __future__ import annotations

import importlib
import shlex
from typing import Any

import click

from costbasis.cli.app import COMMANDS, app
from costbasis.cli.common import Session, split_session
from costbasis.lane.question import ALIASES

_NOT_EXPLAINED = ("explain", "claims", "catalog", "validate", "watch", "statusline", "ledger", "export", "explore")


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
    context = click.Context(app)
    found = app.get_command(context, name)
    assert found is not None
    try:
        parsed = found.make_context(name, list(arguments), parent=context)
    except click.UsageError as error:
        raise BadArgument(error.format_message(), where=f"--of '{of}'", hint=f"costbasis {name} --help") from error
    session, own = split_session(parsed.params)
    module = importlib.import_module(f"costbasis.cli.{'usage' if name in ALIASES else name}")
    result: dict[str, Any] = module.build(session, **own)
    return session, result
