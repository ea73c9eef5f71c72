"""A command line made of words, run as far as its object: what ``explain``, the Python API and agents go through."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import click

from costbasis.cli.app import app
from costbasis.cli.session import Session, split_session
from costbasis.lane.question import ALIASES


class Parsed(NamedTuple):
    """A command line, understood: its shared options, the command's own parameters, and the command's module."""

    session: Session
    own: dict[str, Any]
    module: ModuleType

    def build(self) -> dict[str, Any]:
        """The command's object."""
        result: dict[str, Any] = self.module.build(self.session, **self.own)
        return result


def parsed(name: str, words: Sequence[str], *, where: str) -> Parsed:
    """The command *name* with the arguments *words*, not run yet; *where* is what errors name.

    Errors: :class:`~costbasis.errors.BadArgument` for what the command does not take.
    """
    from costbasis.errors import BadArgument

    if any("\0" in word for word in words):
        raise BadArgument("a text with a NUL in it is none that a command takes", where=where, hint="leave it out")
    context = click.Context(app)
    command = app.get_command(context, name)
    assert command is not None, name
    try:
        found = command.make_context(name, list(words), parent=context)
    except click.UsageError as error:
        raise BadArgument(error.format_message(), where=where, hint=f"costbasis {name} --help") from error
    session, own = split_session(found.params)
    return Parsed(session, own, importlib.import_module(f"costbasis.cli.{'usage' if name in ALIASES else name}"))
