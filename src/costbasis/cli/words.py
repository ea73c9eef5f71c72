"""The command line that makes a result again: its arguments, and each option that is not at its default."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import click
import msgspec

from costbasis.cli.session import Session

TALK = ("as_json", "quiet", "no_color")
"""Options that change how a result is shown, and not the result."""


def command_line(command: click.Command, session: Session, own: Mapping[str, Any]) -> str:
    """The words after ``costbasis`` that make this result again."""
    said = {**msgspec.structs.asdict(session), **own}
    words = [str(command.name)]
    for parameter in command.params:
        name = str(parameter.name)
        value = said.get(name)
        if name not in TALK and value not in (None, (), "") and value != parameter.default:
            words += _words(parameter, value)
    return shlex.join(words)


def _words(parameter: click.Parameter, value: Any) -> Iterator[str]:
    if isinstance(parameter, click.Argument):
        yield from (str(one) for one in (value if isinstance(value, tuple) else (value,)))
        return
    if isinstance(value, bool):
        spelled = parameter.opts if value else parameter.secondary_opts
        if spelled:
            yield max(spelled, key=len)
        return
    for one in value if isinstance(value, tuple) else (value,):
        yield max(parameter.opts, key=len)
        yield str(one)
