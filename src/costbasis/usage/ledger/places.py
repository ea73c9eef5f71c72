"""Where logs are looked for, and where ledgers are kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from costbasis.errors import NoLogs
from costbasis.usage.ledger.where import ledger_file, ledger_folder
from costbasis.usage.readers import discover

POINT_AT_LOGS = "give the folder that holds them, or try: costbasis report --sample; docs/agents.md lists the places"
WHERE_LOGS_ARE = "docs/agents.md lists where agents keep theirs; or try: costbasis report --sample"


def home_roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """Where every known agent keeps its logs on this machine, whether the places exist by now or not.

    All of them, so that the ledger stays the same when a place comes or goes.

    Errors: :class:`~costbasis.errors.NoLogs` with how many agents were looked for, where none exists and none ever did.
    """
    of_agents = {name: reader.roots(environ, home) for name, reader in discover().items()}
    places = [root for roots in of_agents.values() for root in roots]
    kept = ledger_path(places, True, ledger_home(environ, home))
    if not kept.exists() and not any(place.exists() for place in places):
        agents = sum(bool(roots) for roots in of_agents.values())
        raise NoLogs(
            f"no agent logs below it (looked where {agents} agents keep theirs)", where=str(home), hint=POINT_AT_LOGS
        )
    return places


def ledger_home(environ: Mapping[str, str], home: Path) -> Path:
    """Where ledgers are kept: below ``COSTBASIS_HOME``, else ``XDG_DATA_HOME``, else ``~/.local/share``."""
    return Path(ledger_folder(environ, str(home)))


def ledger_path(roots: Sequence[Path], keep_history: bool, folder: Path | None) -> Path:
    """The file of the ledger of a set of roots, in any order.

    The one that keeps history is the one of this machine's agents, whichever of them there are.
    """
    return (folder or ledger_home(os.environ, Path.home())) / ledger_file(map(str, roots), keep_history)
