"""``costbasis ledger``: where usage is remembered, what the ledger holds, and the ledgers of other machines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session

DOES = ("show", "path", "merge")


@click.command("ledger")
@click.argument("does", type=click.Choice(DOES), default="show")
@click.argument("others", nargs=-1, type=PLACE)
@shared_options
def command(**params: Any) -> None:
    """The ledger of this machine's agents: it keeps what deleted logs said.

    show: hosts, requests and tokens it holds. path: its file. merge OTHER…: take in the ledgers of other machines;
    what two of them saw counts once, and merging again counts nothing twice.
    """
    session, own = split_session(params)
    if own["does"] == "path":
        click.echo(str(_path()))
        return
    result = build(session, **own)
    show(session, result, lambda: _text(result))


def _path() -> Path:
    from costbasis.usage.ledger.places import ledger_path

    return ledger_path([], True, None)


def build(session: Session, *, does: str, others: tuple[Path, ...]) -> dict[str, Any]:
    """What the ledger holds, after the merge where one is asked for."""
    from costbasis.errors import BadArgument, NoLogs
    from costbasis.usage.ledger.ledger import open_ledger
    from costbasis.usage.ledger.merge import merge
    from costbasis.usage.ledger.places import home_roots

    if (does == "merge") != bool(others):
        raise BadArgument(
            "merge takes the files of other ledgers, show and path take none",
            where="costbasis ledger",
            hint="costbasis ledger merge laptop.sqlite; costbasis ledger path prints where a ledger is",
        )
    try:
        roots = home_roots(os.environ, Path.home())
    except NoLogs:
        if does == "show":
            raise
        roots = []
    ledger = open_ledger(roots, keep_history=True)
    try:
        if roots:
            ledger.update()
        merged = [merge(ledger, path) for path in others]
        return _holds(ledger) | {
            "merged": [
                {
                    "path": one.path,
                    "hosts": one.hosts,
                    "files": one.files,
                    "requests": one.requests,
                    "new_requests": one.new_requests,
                }
                for one in merged
            ]
        }
    finally:
        ledger.close()


def _holds(ledger: Any) -> dict[str, Any]:
    files, requests = ledger.history()
    rows = ledger.connection.execute(
        "SELECT host, COUNT(*), SUM(prompt_tok + output_tok), date(MIN(time_ms) / 1000, 'unixepoch'),"
        " date(MAX(time_ms) / 1000, 'unixepoch') FROM request GROUP BY host ORDER BY host"
    )
    names = ("host", "requests", "tokens", "first_day", "last_day")
    return {
        "schema": "costbasis.ledger/1",
        "path": str(ledger.path),
        "bytes": ledger.path.stat().st_size,
        "identity": ledger.identity,
        "hosts": [dict(zip(names, row, strict=True)) for row in rows],
        "deleted_logs": {"files": files, "requests": requests},
        "skipped": {reason: lines for reason, lines, _ in ledger.skipped()},
        "usage_sha256": ledger.usage_sha256,
    }


def _text(result: dict[str, Any]) -> str:
    lines = [f"{result['path']} ({result['bytes'] / 1e6:.1f} MB)"]
    for one in result["merged"]:
        lines.append(f"merged {one['path']}: {one['files']} files of {', '.join(one['hosts'])};")
        lines.append(f"  {one['requests']:,} requests, {one['new_requests']:+,} count that did not before")
    for host in result["hosts"]:
        lines.append(
            f"{host['host']}: {host['requests']:,} requests, {host['tokens']:,} tokens,"
            f" {host['first_day']} to {host['last_day']} (UTC)"
        )
    gone = result["deleted_logs"]
    lines.append(f"of deleted logs: {gone['requests']:,} requests of {gone['files']:,} files")
    return "\n".join(lines)
