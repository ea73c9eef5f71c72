"""What every command shares: the options that all of them have. What becomes of them is in ``cli/session.py``.

A command module has ``command`` (the click command) and, where its result is an object, ``build(session,
**own_params)`` that makes it: ``explain`` replays a command through the same two names.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

PLACE = click.Path(path_type=Path, readable=False)
"""A file or folder that an option or argument names. Who reads or writes it says what is wrong with it, not click."""


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
