"""The command group. A bare ``costbasis`` is ``costbasis report``."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from click.shell_completion import CompletionItem

from costbasis import __version__
from costbasis.cli.complete import attach
from costbasis.lane.question import ALIASES

COMMANDS = {
    "report": "What a month of use was worth on every basis, and for whom it pays",
    "serving": "What a model costs to serve: layouts, prices by class of token, routes, frontier",
    "usage": "Usage tables by day, week, month, session, project, model",
    "watch": "Live view: burn rate, block and month so far, a plan's limits",
    "price": "What a mix of tokens costs: list over time, hosts, market, mark-up over serving",
    "explore": "A local page: sliders over a usage or a claim, and what would have to be true",
    "statusline": "One line for an agent's status bar, from the agent's JSON on stdin",
    "ledger": "Where usage is remembered; merge the ledgers of several machines",
    "import": "Exports of gateways and providers, and tables of your own, as usage",
    "export": "The requests as a Parquet or CSV file",
    "value": "A warehouse's table of requests, priced where it lies: DuckDB, Spark, ClickHouse",
    "check": "Judge a claim: on which basis is it true, for whom, how sure",
    "claims": "List the claims that ship with costbasis",
    "plan": "Does a subscription plan pay, for whom, at what use, under which limits",
    "compare": "Subscribe, buy tokens, switch to an open model, or host it: by the month",
    "company": "From list value to cash: a company's walk, and its margins by definition",
    "claim": "Write a claim file: costbasis claim new",
    "mcp": "Tools for an agent: usage, price, serving, plan, check, explain (stdio)",
    "explain": "The tree of any printed number, down to its sources",
    "catalog": "Any fact with its source, date and trust",
    "update": "What an upstream would change in the price book; --apply adds it to yours",
    "calibrate": "Update the cost-to-serve model with your own measurements",
    "validate": "How far the answers are off published measurements",
}
"""Command to its one line of help: the modules behind them are imported only when called."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        """As click does, its complaints in our three parts."""
        with _three_parts():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, its complaints in our three parts."""
        with _three_parts():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of a user's questions."""
        return [*COMMANDS, *ALIASES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        if cmd_name in ALIASES:
            return _usage_by(ALIASES[cmd_name])
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"costbasis.cli.{cmd_name}")
        return attach(module.command)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and aliases with their help, without importing any."""
        words = COMMANDS | {name: f"usage --by {by}" for name, by in ALIASES.items()}
        found = [CompletionItem(name, help=text) for name, text in words.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("Aliases"):
            formatter.write_dl([(name, f"usage --by {by}") for name, by in ALIASES.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does, but an unknown command names the nearest ones."""
        name = args[0]
        if self.get_command(ctx, name) is None:
            from costbasis.errors import UnknownName

            raise UnknownName("command", name, known=[*COMMANDS, *ALIASES], hint="costbasis --help lists the commands")
        return super().resolve_command(ctx, args)


@contextmanager
def _three_parts() -> Iterator[None]:
    """What click finds wrong with a command line, as what, where and what to do.

    Errors: :class:`~costbasis.errors.BadArgument` instead of click's own.
    """
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        from costbasis.errors import BadArgument

        path = error.ctx.command_path if error.ctx else "costbasis"
        where = path.removeprefix("costbasis").strip()
        what = " ".join(error.format_message().split()).rstrip(".")
        if type(error) is click.BadParameter and error.param is not None:
            where, what = f"{where} {'/'.join(error.param.opts)}", error.message.rstrip(".")
        raise BadArgument(what[:1].lower() + what[1:], where=where, hint=f"{path} --help says what it takes") from None


def _usage_by(by: str) -> click.Command:
    """The usage command with another default of ``--by``."""
    command: click.Command = copy.copy(attach(importlib.import_module("costbasis.cli.usage").command))
    command.params = [copy.copy(parameter) for parameter in command.params]
    for parameter in command.params:
        if parameter.name == "by":
            parameter.default = by
    return command


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="costbasis")
@click.pass_context
def app(ctx: click.Context) -> None:
    """What these tokens really cost, on which basis, and who makes the money.

    Values agent logs on every named cost basis (list, market, serving, …), says for whom a plan pays, and
    checks public claims. Without a command: report on the logs found on this machine.
    """
    if ctx.invoked_subcommand is None:
        command = app.get_command(ctx, "report")
        assert command is not None
        with command.make_context("report", [], parent=ctx) as sub:
            command.invoke(sub)
