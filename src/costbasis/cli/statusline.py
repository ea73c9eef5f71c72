"""``costbasis statusline``: one line for an agent's status bar, from the agent's JSON on stdin.

Whatever is wrong, it prints one short line and ends with status 0: a failing command blanks the bar.
"""

from __future__ import annotations

from typing import Any

import click

from costbasis.cli.common import shared_options
from costbasis.cli.statusfacts import build as build
from costbasis.cli.statusfacts import run


@click.command("statusline")
@click.option("--plan", default="", metavar="VENDOR/PLAN", help="Set the month's list value against this plan's price.")
@shared_options
def command(**params: Any) -> None:
    """Print one line for an agent's status bar; reads the agent's JSON on stdin (Claude Code's statusLine).

    List value of the session, of today and of the open five-hour block, the time that is left of it, the burn rate
    and the share of the context window in use. In Claude Code's settings.json:

    \b
      "statusLine": {"type": "command", "command": "costbasis statusline"}
    """
    run(params)
