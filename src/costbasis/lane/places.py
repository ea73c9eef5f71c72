"""Where the logs of a question lie: every reader is asked once, and it is kept, as loading them takes long."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from costbasis.lane.answers import LOOKED, UNSET, is_same
from costbasis.lane.question import code_seen
from costbasis.usage.ledger.where import AGENTS, are_real, ledger_folder

Places = tuple[str, list[str], str]
"""A ledger's file, its roots, and the variables by which they were found."""

KEPT = "agents.roots"

HOMES = ("HOME", "USERPROFILE", "COSTBASIS_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA")
"""Variables by which a home may be found, whichever reader asks."""

BETWEEN = "\x1e"


def places_of(paths: Sequence[str]) -> Places | None:
    """The ledger that the answer is of, its roots, and the variables by which they were found.

    From the lane, where it looked for the same call. Where this machine's agents keep their logs is kept until the code
    or one of those variables is another.
    """
    if LOOKED:
        place, named, look = LOOKED[0]
        return place, look.roots, named
    folder = ledger_folder(os.environ, os.path.expanduser("~"))
    known = None if paths else _known(folder)
    if known is not None:
        return known
    found = _found(paths)
    if found is not None and not paths:
        remember(found)
    return found


class _Asked(dict[str, str]):
    """The environment, and which variables were looked at."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.names: dict[str, None] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """As a mapping does."""
        self.names[name] = None
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.names[name] = None
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.names[str(name)] = None
        return super().__contains__(name)


def _found(paths: Sequence[str]) -> Places | None:
    from pathlib import Path

    from costbasis.errors import CostbasisError
    from costbasis.usage.ledger.places import home_roots, ledger_path
    from costbasis.usage.ledger.where import real_paths

    asked = _Asked(os.environ)
    try:
        found = [Path(path) for path in paths] or home_roots(asked, Path.home())
        ledger = ledger_path(found, not paths, None)
    except (CostbasisError, ValueError, OSError):
        return None
    named = "\n".join(f"{name}={os.environ.get(name, UNSET)}" for name in sorted(asked.names))
    return str(ledger), real_paths(map(str, found)), named


def _known(folder: str) -> Places | None:
    ledger = f"{folder}/{AGENTS}"
    try:
        with open(f"{folder}/{KEPT}", "rb") as file:
            code, variables, named, *roots = file.read().decode("utf-8", "surrogateescape").split(BETWEEN)
    except (OSError, ValueError):
        return None
    holds = (code, variables) == (code_seen(), _variables()) and is_same(named, os.environ) and are_real(roots)
    return (ledger, roots, named) if holds and os.path.exists(ledger) else None


def remember(found: Places) -> None:
    """Write down where this machine's agents keep their logs, beside a ledger that is there. Where that cannot be done,
    it is found again."""
    ledger, roots, named = found
    if not os.path.exists(ledger):
        return
    parts = (code_seen(), _variables(), named, *roots)
    if any(BETWEEN in part for part in parts):
        return
    at = os.path.join(os.path.dirname(ledger), KEPT)
    new = f"{at}.{os.getpid()}"
    try:
        with open(new, "wb") as file:
            file.write(BETWEEN.join(parts).encode("utf-8", "surrogateescape"))
        os.replace(new, at)
    except (OSError, ValueError):
        return


def _variables() -> str:
    return "\n".join(f"{name}={os.environ.get(name, UNSET)}" for name in HOMES)
