"""A call of the Python API as the command line that it is: one way to an answer, however it is asked."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from datetime import date
from os import PathLike
from typing import Any, TypedDict

from costbasis.api.result import Result
from costbasis.api.texts import text_of
from costbasis.cli.app import app
from costbasis.cli.parsed import parsed

Range = float | str | tuple[float, ...]
"""A number, ``(low, high)`` for an 80 % interval, or the same as the command takes it ("0.05..0.2")."""

Place = str | PathLike[str]


class Facts(TypedDict, total=False):
    """What every answer may be asked under: other facts, another day, another seed.

    *as_of*: look facts up as of this day. *seed*: of all draws. *set*: facts to override, key to value or range.
    *scenario*: a TOML file of such.
    """

    as_of: date | str
    seed: int
    set: Mapping[str, Range]
    scenario: Place


def ask(name: str, *arguments: Any, **options: Any) -> Result:
    """The result of the command *name* with these arguments and options; an option that is None is not given."""
    words = words_of(name, arguments, options)
    found = parsed(name, words, where=f"costbasis.{name}")
    built = found.build()
    return Result(built, command=shlex.join([name, *words]), text=text_of(name, built, found.own))


def words_of(name: str, arguments: Iterable[Any], options: Mapping[str, Any]) -> list[str]:
    """What is typed after the command for these values.

    >>> words_of("price", ["claude-opus-4-6"], {"input": 1000, "as_of": date(2026, 3, 1), "set": {"a/b.c": (1, 2)}})
    ['--input', '1000', '--as-of', '2026-03-01', '--set', 'a/b.c=1..2', 'claude-opus-4-6']
    """
    import click

    command = app.get_command(click.Context(app), name)
    assert command is not None, name
    options_of = [one for one in command.params if isinstance(one, click.Option)]
    flags = {spelled for one in options_of if one.is_flag for spelled in (*one.opts, *one.secondary_opts)}
    words: list[str] = []
    for option, value in options.items():
        typed = f"--{option.replace('_', '-')}"
        if typed in flags:
            words += [typed] if value else []
        else:
            words += [word for one in _values(value) for word in (typed, one)]
    texts = [str(argument) for argument in arguments]
    return [*words, *(["--"] if any(text.startswith("-") for text in texts) else []), *texts]


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [f"{key}={_one(each)}" for key, each in value.items()]
    return [_one(each) for each in value] if isinstance(value, list) else [_one(value)]


def _one(value: Any) -> str:
    """A value as it is typed.

    >>> _one((0.1, 0.25)), _one(date(2026, 3, 1)), _one(1_000_000)
    ('0.1..0.25', '2026-03-01', '1000000')
    """
    if isinstance(value, tuple):
        return "..".join(str(each) for each in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def as_list(value: Any) -> list[Any]:
    """One or several of something, as a list.

    >>> as_list("a"), as_list(["a", "b"]), as_list(None)
    (['a'], ['a', 'b'], [])
    """
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
