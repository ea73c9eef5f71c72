"""What a shell offers for a word that is being typed: names out of the catalogue's tables, read without loading it.

Attached to parameters by their name, so that a command gets them by calling its parameter ``plan`` or ``model``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

DATA = Path(__file__).parents[1] / "catalog" / "data"

BASES = ("list", "realised", "market", "serving", "marginal", "opportunity", "loaded")


def attach(command: click.Command) -> click.Command:
    """*command* with completion for the parameters that the tables know names for."""
    for parameter in command.params:
        names = BY_NAME.get(parameter.name or "")
        is_choice = isinstance(parameter.type, click.Choice)
        if names is not None and not is_choice and parameter._custom_shell_complete is None:
            parameter._custom_shell_complete = _completing(names)
    return command


Completing = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _completing(names: Callable[[str], Iterable[str]]) -> Completing:
    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found = sorted({name for name in names(incomplete) if name.startswith(incomplete)})
        return [CompletionItem(name) for name in found]

    return complete


def _column(table: str, *columns: str) -> Iterable[str]:
    """The values of a table's columns, joined by a slash."""
    import csv  # here: a command line that runs is not one that is being typed
    import gzip

    path = DATA / table
    text = gzip.decompress(path.read_bytes()) if table.endswith(".gz") else path.read_bytes()
    rows = csv.DictReader(text.decode("utf-8").splitlines())
    return ["/".join(row[column] for column in columns) for row in rows]


def _plans(incomplete: str) -> Iterable[str]:
    return _column("plan.csv", "vendor", "plan_id")


def _models(incomplete: str) -> Iterable[str]:
    return _column("retail.csv", "model")


def _claims(incomplete: str) -> Iterable[str]:
    return [path.stem for path in (DATA / "claims").glob("*.toml")]


def _zones(incomplete: str) -> Iterable[str]:
    from zoneinfo import available_timezones

    return available_timezones()


def _bases(incomplete: str) -> Iterable[str]:
    """The next of a comma list."""
    before, comma, _ = incomplete.rpartition(",")
    return [f"{before}{comma}{basis}" for basis in BASES if basis not in before.split(",")]


BY_NAME: dict[str, Callable[[str], Iterable[str]]] = {
    "plan": _plans,
    "plan_name": _plans,
    "model": _models,
    "claim": _claims,
    "tz": _zones,
    "basis": _bases,
}
"""Name of a parameter to the names it may hold."""
