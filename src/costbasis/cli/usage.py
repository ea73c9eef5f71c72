"""``costbasis usage``: usage tables."""

from __future__ import annotations

from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.usagetable import FORMATS, GROUPS, ORDERS, WEEKDAYS, run
from costbasis.cli.usagetable import build as build


@click.command("usage")
@click.argument("paths", nargs=-1, type=PLACE)
@click.option("--by", type=click.Choice(GROUPS), default="day", show_default=True, help="What a row is.")
@click.option("-s", "--since", metavar="DAY", help="First local day (2026-03-01 or 20260301).")
@click.option("-u", "--until", metavar="DAY", help="Last local day, included.")
@click.option("--last", type=int, metavar="N", help="Only the last N days, weeks, months or blocks with usage.")
@click.option("-z", "--tz", "--timezone", "tz", help="IANA time zone of days [default: this machine's].")
@click.option("--agent", help="Only this agent, such as claude-code.")
@click.option("--model", help="Only this model, as in the log or as in the catalogue.")
@click.option("-p", "--project", help="Only this project.")
@click.option("--session", "session_id", help="Only this session.")
@click.option("--host", help="Only this machine.")
@click.option("--basis", default="list,market,serving", show_default=True, help="Bases to show.")
@click.option("-w", "--start-of-week", "week_start", type=click.Choice(WEEKDAYS), help="Name weeks by their first day.")
@click.option(
    "-o",
    "--order",
    type=click.Choice(ORDERS),
    default="asc",
    show_default=True,
    help="Of rows: by key, or by list USD.",
)
@click.option("-b", "--breakdown", is_flag=True, help="One line a model under each row.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="The output.")
@click.option("--reconcile", type=PLACE, help="Compare with another tool's JSON: ccusage's.")
@click.option("--invoice", type=PLACE, help="Compare list with a provider's bill (docs/invoices.md).")
@click.option("--contract", type=PLACE, help="Value list under a contract's terms (TOML).")
@click.option("--out", type=PLACE, help="Write what was measured here, for --scenario.")
@click.option("--lines", metavar="KEY", help="Which lines counted for a row or a request, and why others did not.")
@shared_options
def command(**params: Any) -> None:
    """Usage by day, week, month, session, project, model, agent, host, key, user or five-hour block, on the
    bases asked for.

    Reads the agents' logs on this machine, or PATHS.
    """
    run(params)
