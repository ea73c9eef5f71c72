"""A call: its shared options, and how its result is printed. Without click, which a plain call does without."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from costbasis.errors import BadArgument

if TYPE_CHECKING:
    from pathlib import Path

    from costbasis.catalog import Catalog

ESCAPE = "\x1b"
PLAIN = ("utf-8", "utf8", "UTF-8")
"""Encodings that have every letter."""


class Session(msgspec.Struct, frozen=True, dict=True):
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
        from pathlib import Path

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
        return self.but(overrides=(), scenario=None)

    def with_json(self) -> Session:
        """The same call, its result as JSON."""
        return self.but(as_json=True)

    def but(self, **changes: Any) -> Session:
        """The same call with other options."""
        return msgspec.structs.replace(self, **changes)

    def style(self, text: str, **how: Any) -> str:
        """*text* in a terminal style, plain where output is piped, ``NO_COLOR`` is set or ``--no-color`` given."""
        plain = self.no_color or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
        if plain:
            return text
        import click

        return click.style(text, **how)

    def say(self, text: str) -> None:
        """Talk: on stderr, unless ``--quiet``."""
        if not self.quiet:
            import click

            click.echo(text, err=True)


def parse_day(text: str, option: str) -> date:
    """An ISO date from an option.

    Errors: :class:`~costbasis.errors.BadArgument` with the value got and an example.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadArgument(f'"{text}" is not a date', where=option, hint="write it as 2026-03-31") from None


SESSION = Session.__struct_fields__


def split_session(params: dict[str, Any]) -> tuple[Session, dict[str, Any]]:
    """The session of a command's parsed parameters, and the parameters that are the command's own."""
    return Session(**{name: params[name] for name in SESSION}), {
        name: value for name, value in params.items() if name not in SESSION
    }


def show(session: Session, result: dict[str, Any], text: Callable[[], str]) -> None:
    """Print a result: JSON where asked, else its text."""
    if session.as_json:
        from costbasis.reports.json import to_json

        print_line(to_json(result))
    else:
        from costbasis.reports.screen import fitted

        print_line(fitted(text))


def print_line(text: str) -> None:
    """A line on stdout; by click where that mends something: codes of colour, an encoding that lacks letters."""
    if ESCAPE in text or sys.stdout.encoding not in PLAIN:
        import click

        click.echo(text)
        return
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


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
