"""A plain ``usage`` or ``statusline``, read without click, which takes as long to load as the answer takes to make.

Only what is spelled plainly is understood: whole names, one value each, and nothing that click would have to think
about or complain of. Everything else is ``None``, for click to read and to answer. Both call the same function with the
same parameters (``tests/test_plainly.py``).
"""

from __future__ import annotations

import sys

from costbasis.cli.usagetable import FORMATS, GROUPS, ORDERS, WEEKDAYS, run
from costbasis.lane.question import ALIASES
from costbasis.lane.status import plan_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

FLAGS = {
    "--breakdown": "breakdown", "-b": "breakdown", "--json": "as_json", "--quiet": "quiet", "--no-color": "no_color",
}  # fmt: skip

VALUES = {
    "--by": "by", "--since": "since", "-s": "since", "--until": "until", "-u": "until", "--last": "last", "--tz": "tz",
    "-z": "tz", "--timezone": "tz", "--agent": "agent", "--model": "model", "--project": "project", "-p": "project",
    "--session": "session_id", "--host": "host", "--basis": "basis", "--start-of-week": "week_start",
    "-w": "week_start", "--order": "order", "-o": "order", "--format": "form", "--lines": "lines",
    "--as-of": "as_of_text", "--known-on": "known_on_text", "--seed": "seed",
}  # fmt: skip
"""An option of one value to its parameter."""

CHOICES = {"by": GROUPS, "order": ORDERS, "form": FORMATS, "week_start": WEEKDAYS}
NUMBERS = ("last", "seed")

MOST_DIGITS = 18
"""Of a number that is plainly one."""

COMPLETING = "_COSTBASIS_COMPLETE"
"""The variable by which a shell asks for completion."""


SHARED: dict[str, Any] = {
    "as_json": False, "as_of_text": None, "known_on_text": None, "seed": 1, "overrides": (), "scenario": None,
    "calibration": None, "quiet": False, "no_color": False,
}  # fmt: skip
"""The parameters of every command, where nothing is said."""


def defaults(by: str) -> dict[str, Any]:
    """Every parameter of the command as it is where nothing is said."""
    return SHARED | {
        "paths": (), "by": by, "since": None, "until": None, "last": None, "tz": None, "agent": None, "model": None,
        "project": None, "session_id": None, "host": None, "basis": "list,market,serving", "week_start": None,
        "order": "asc", "breakdown": False, "form": "table", "reconcile": None, "invoice": None, "contract": None,
        "out": None, "lines": None,
    }  # fmt: skip


def params_of(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The parameters of a plain ``usage`` command line, or of an alias of it; None where click is to read it.

    >>> found = params_of(["daily", "--basis=list", "-z", "UTC", "--json"])
    >>> found and (found["by"], found["basis"], found["tz"], found["as_json"], found["seed"])
    ('day', 'list', 'UTC', True, 1)
    >>> params_of(["usage", "--by", "dya"]), params_of(["usage", "--last", "-3"]), params_of(["usage", "-bz", "UTC"])
    (None, None, None)
    """
    if not arguments or not (arguments[0] == "usage" or arguments[0] in ALIASES):
        return None
    found = defaults(ALIASES.get(arguments[0], "day"))
    paths: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        name, has_value, value = argument.partition("=")
        if not argument.startswith("-"):
            paths.append(argument)
        elif argument in FLAGS:
            found[FLAGS[argument]] = True
        elif name in VALUES and (has_value == "" or name.startswith("--")):
            taken = _taken(VALUES[name], value if has_value else next(rest, ""))
            if taken is None:
                return None
            found[VALUES[name]] = taken
        else:
            return None
    if any(not path or "\0" in path for path in paths):
        return None
    if paths:
        from pathlib import Path

        found["paths"] = tuple(map(Path, paths))
    return found


def _taken(parameter: str, value: str) -> str | int | None:
    """A value as click hands it on; None where it is not plainly one."""
    if not value or value.startswith("-"):
        return None
    if parameter in NUMBERS:
        return int(value) if value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS else None
    return value if value in CHOICES.get(parameter, (value,)) else None


def ran(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether the command line was plain, and was run.

    Errors: those of the command.
    """
    if COMPLETING in environ:
        return False
    params, plan = params_of(arguments), plan_of(arguments)
    try:
        if params is not None:
            run(params)
        elif plan is not None:
            from costbasis.cli.statusfacts import run as run_statusline

            run_statusline(SHARED | {"plan": plan})
        else:
            return False
    except KeyboardInterrupt:
        print("\nAborted!", file=sys.stderr)
        sys.exit(1)
    return True
