"""``costbasis explain``: replay a command and print the tree of one of its numbers."""

from __future__ import annotations

import importlib
import shlex
from typing import Any

import click

from costbasis.cli.app import COMMANDS, app
from costbasis.cli.common import Session, shared_options, show, split_session
from costbasis.lane.question import ALIASES

_NOT_EXPLAINED = ("explain", "claims", "catalog", "validate", "watch", "statusline", "ledger", "export")


@click.command("explain")
@click.option("--of", "of", required=True, metavar="'COMMAND'", help="The command that printed the number.")
@click.argument("pointer")
@click.option("--depth", type=int, default=12, show_default=True, help="Levels to print.")
@shared_options
def command(**params: Any) -> None:
    """Print how the number at POINTER of a command's JSON was made, down to its sources.

    For example: costbasis explain --of 'report --sample' /ladder/0/usd
    """
    session, own = split_session(params)
    from costbasis.reports.tree import tree_text

    explained = build(session, **own)
    show(session, explained, lambda: tree_text(explained["tree"], style=session.style, depth=own["depth"]))


def build(session: Session, *, of: str, pointer: str, depth: int) -> dict[str, Any]:
    """The ``costbasis.explain/1`` object: the tree of one number, every leaf with source, date and trust."""
    from costbasis.provenance import explain
    from costbasis.reports.head import head
    from costbasis.reports.leaf import at_pointer

    replayed, result = replay(of)
    tree = explain(at_pointer(result, pointer))
    return head("costbasis.explain/1", replayed.catalog, replayed.as_of, []) | {
        "of": of,
        "pointer": pointer,
        "tree": tree,
    }


def replay(of: str) -> tuple[Session, dict[str, Any]]:
    """Run the command line *of* again as far as its object.

    Errors: :class:`~costbasis.errors.BadArgument` for a command without explained numbers.
    """
    from costbasis.errors import BadArgument

    words = shlex.split(of)
    if words[:1] == ["costbasis"]:
        words = words[1:]
    name, arguments = (words[0], words[1:]) if words and not words[0].startswith("-") else ("report", words)
    explained = [known for known in COMMANDS if known not in _NOT_EXPLAINED]
    if name not in (*explained, *ALIASES):
        raise BadArgument(
            f'"{name}" prints no explained numbers', where="--of", hint=f"explain one of: {', '.join(explained)}"
        )
    context = click.Context(app)
    found = app.get_command(context, name)
    assert found is not None
    try:
        parsed = found.make_context(name, list(arguments), parent=context)
    except click.UsageError as error:
        raise BadArgument(error.format_message(), where=f"--of '{of}'", hint=f"costbasis {name} --help") from error
    session, own = split_session(parsed.params)
    module = importlib.import_module(f"costbasis.cli.{'usage' if name in ALIASES else name}")
    result: dict[str, Any] = module.build(session, **own)
    return session, result
