"""``costbasis explain``: replay a command and print the tree of one of its numbers."""

from __future__ import annotations

from typing import Any

import click

from costbasis.cli.common import shared_options
from costbasis.cli.replaying import replay
from costbasis.cli.session import Session, show, split_session


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
