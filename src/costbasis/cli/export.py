"""``costbasis export``: the requests as a file, one row each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import Session, shared_options, show, split_session
from costbasis.cli.progress import scanning


@click.command("export")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--to", required=True, type=click.Path(path_type=Path), help="The file: it ends in .parquet or .csv.")
@shared_options
def command(**params: Any) -> None:
    """Write one row a request: time, host, agent, session, project, model, tokens by class, and where it was logged.

    Of the agents' logs on this machine and what was merged, or of PATHS. No text of prompts or answers is in it.
    """
    session, own = split_session(params)
    result = build(session, **own)
    show(session, result, lambda: f"{result['path']}: {result['requests']:,} requests")


def build(session: Session, *, paths: tuple[Path, ...], to: Path) -> dict[str, Any]:
    """Write the file; what it holds."""
    from costbasis.usage.export import COLUMNS, export
    from costbasis.usage.reading import up_to_date

    with scanning(session) as progress, up_to_date(paths, progress) as (ledger, _):
        count = export(ledger.connection, to)
        digest = ledger.usage_sha256
    return {
        "schema": "costbasis.export/1",
        "path": str(to),
        "requests": count,
        "columns": list(COLUMNS),
        "usage_sha256": digest,
    }
