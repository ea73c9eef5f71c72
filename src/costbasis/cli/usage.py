"""``costbasis usage``: usage tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import Session, parse_day, shared_options, show, split_session
from costbasis.cli.progress import scanning

GROUPS = ("day", "week", "month", "session", "project", "model", "agent", "host")
BASES = ("list", "realised", "market", "serving", "opportunity")


@click.command("usage")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--by", type=click.Choice(GROUPS), default="day", show_default=True, help="What a row is.")
@click.option("--since", metavar="DAY", help="First local day (2026-03-01).")
@click.option("--until", metavar="DAY", help="Last local day, included.")
@click.option("--tz", help="IANA time zone of days [default: this machine's].")
@click.option("--agent", help="Only this agent, such as claude-code.")
@click.option("--model", help="Only this model, as in the log or as in the catalogue.")
@click.option("--project", help="Only this project.")
@click.option("--basis", default="list,market,serving", show_default=True, help="Bases to show.")
@click.option("--breakdown", is_flag=True, help="One line a model under each row.")
@shared_options
def command(**params: Any) -> None:
    """Usage by day, week, month, session, project, model, agent or host, on the bases asked for.

    Reads the agents' logs on this machine, or PATHS.
    """
    session, own = split_session(params)
    from costbasis.reports.usage_text import usage_text

    table = build(session, **own)
    show(
        session, table, lambda: usage_text(table, bases(own["basis"]), breakdown=own["breakdown"], style=session.style)
    )


def build(
    session: Session,
    *,
    paths: tuple[Path, ...],
    by: str,
    since: str | None,
    until: str | None,
    tz: str | None,
    agent: str | None,
    model: str | None,
    project: str | None,
    basis: str,
    breakdown: bool,
) -> dict[str, Any]:
    """The ``costbasis.usage/1`` object."""
    from costbasis.bases import engine
    from costbasis.reports.head import Warn
    from costbasis.reports.usage_object import Table, usage_object
    from costbasis.usage.reading import Wanted, local_zone, read_usage

    wanted = Wanted(
        by=by,
        tz=tz or local_zone(),
        since=parse_day(since, "--since") if since else None,
        until=parse_day(until, "--until") if until else None,
        model=model,
        project=project,
        agent=agent,
    )
    asked = bases(basis)
    with scanning(session) as progress:
        reading = read_usage(paths, session.catalog, wanted, session.as_of, progress)
    estimated = [name for name in asked if name != "list"]
    valued = engine.value(reading.amounts, session.catalog, only=estimated) if reading.amounts.groups else {}
    table = Table(by, wanted.tz, reading.cells, reading.unpriced, reading.skipped, reading.amounts, valued)
    warnings = [Warn(warn.kind, warn.count, warn.first, warn.effect) for warn in reading.warnings]
    return usage_object(table, session.catalog, session.as_of, warnings)


def bases(text: str) -> list[str]:
    """The bases of ``--basis``, in the order asked for.

    Errors: :class:`~costbasis.errors.UnknownName` for a basis that does not exist.
    """
    from costbasis.errors import UnknownName

    asked = [name.strip() for name in text.split(",") if name.strip()]
    for name in asked:
        if name not in BASES:
            raise UnknownName("basis", name, known=BASES, where="--basis", hint=f"bases are {', '.join(BASES)}")
    return asked
