"""What every command shares: options, the session made of them, and how results are printed.

A command module has ``command`` (the click command) and, where its result is an object, ``build(session,
**own_params)`` that makes it: ``explain`` replays a command through the same two names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.errors import BadArgument

if TYPE_CHECKING:
    from costbasis.catalog import Catalog

PLACE = click.Path(path_type=Path, readable=False)
"""A file or folder that an option or argument names. Who reads or writes it says what is wrong with it, not click."""


@dataclass(frozen=True)
class Session:
    """The shared options of one call."""

    as_json: bool
    as_of_text: str | None
    seed: int
    overrides: tuple[str, ...]
    scenario: Path | None
    quiet: bool
    no_color: bool
    known_on_text: str | None = None
    calibration: Path | None = None

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue with this call's overrides. Imported here: help and completion do without it."""
        from costbasis.catalog import load_catalog
        from costbasis.catalog.book.overlay import own_book
        from costbasis.sampling import Sampling

        return load_catalog(
            overrides=self.overrides,
            scenario=self.scenario,
            sampling=Sampling(seed=self.seed),
            own_book=own_book(os.environ, Path.home()),
            known_on=None if self.known_on_text is None else parse_day(self.known_on_text, "--known-on"),
            calibration=self.calibration,
        )

    @property
    def as_of(self) -> date:
        """The day that facts are looked up for: as asked, else the newest observation in the catalogue."""
        return self.asked_as_of or self.catalog.newest_observation

    @property
    def asked_as_of(self) -> date | None:
        """``--as-of`` where it was given."""
        return None if self.as_of_text is None else parse_day(self.as_of_text, "--as-of")

    def plain(self) -> Session:
        """The same call with nothing set."""
        return replace(self, overrides=(), scenario=None)

    def with_json(self) -> Session:
        """The same call, its result as JSON."""
        return replace(self, as_json=True)

    def style(self, text: str, **how: Any) -> str:
        """*text* in a terminal style, plain where output is piped, ``NO_COLOR`` is set or ``--no-color`` given."""
        plain = self.no_color or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
        return text if plain else click.style(text, **how)

    def say(self, text: str) -> None:
        """Talk: on stderr, unless ``--quiet``."""
        if not self.quiet:
            click.echo(text, err=True)


def parse_day(text: str, option: str) -> date:
    """An ISO date from an option.

    Errors: :class:`~costbasis.errors.BadArgument` with the value got and an example.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadArgument(f'"{text}" is not a date', where=option, hint="write it as 2026-03-31") from None


def shared_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command has. They arrive as one ``session``."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout."),
    click.option("--as-of", "as_of_text", metavar="DAY", help="Look facts up as of this day (2026-03-31)."),
    click.option("--known-on", "known_on_text", metavar="DAY", help="Prices as the book knew them on this day."),
    click.option("--seed", type=int, default=1, show_default=True, help="Seed of all draws."),
    click.option("--set", "overrides", multiple=True, metavar="KEY=LOW..HIGH", help="Override a fact; repeatable."),
    click.option("--scenario", type=PLACE, help="A TOML file of overrides."),
    click.option(
        "--calibration",
        type=PLACE,
        metavar="FILE",
        help="Your calibration of the serving model, as costbasis calibrate --out wrote it.",
    ),
    click.option("--quiet", is_flag=True, help="No progress and no talk on stderr."),
    click.option("--no-color", is_flag=True, help="No colours (NO_COLOR does the same)."),
)

_SESSION = tuple(field.name for field in fields(Session))


def split_session(params: dict[str, Any]) -> tuple[Session, dict[str, Any]]:
    """The session of a command's parsed parameters, and the parameters that are the command's own."""
    return Session(**{name: params[name] for name in _SESSION}), {
        name: value for name, value in params.items() if name not in _SESSION
    }


def show(session: Session, result: dict[str, Any], text: Callable[[], str]) -> None:
    """Print a result: JSON where asked, else its text."""
    if session.as_json:
        from costbasis.reports.json import to_json

        click.echo(to_json(result))
    else:
        from costbasis.reports.screen import fitted

        click.echo(fitted(text))


BASES = ("list", "realised", "market", "serving", "opportunity")


def bases(text: str) -> list[str]:
    """The bases of ``--basis``, in the order asked for.

    Errors: :class:`~costbasis.errors.UnknownName` for a basis that does not exist.
    """
    from costbasis.errors import UnknownName

    asked = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in asked or [text]:
        if name not in BASES:
            raise UnknownName("basis", name, known=BASES, where="--basis", hint=f"bases are {', '.join(BASES)}")
    return asked
