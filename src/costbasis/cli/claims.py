"""``costbasis claims``: the claims that ship with costbasis."""

from __future__ import annotations

from typing import Any

import click

from costbasis.cli.common import shared_options
from costbasis.cli.session import Session, show, split_session


@click.command("claims")
@shared_options
def command(**params: Any) -> None:
    """List the claims that ship with costbasis; judge one with: costbasis check ID."""
    session, own = split_session(params)
    listed = build(session, **own)
    show(session, listed, lambda: _text(listed))


def build(session: Session) -> dict[str, Any]:
    """The ``costbasis.claims/1`` object: id, date, claimant, figure and title of every shipped claim."""
    from costbasis.claims.claimfile import read_claim
    from costbasis.reports.head import head

    found = [read_claim(path).claim for path in session.catalog.claim_paths()]
    return head("costbasis.claims/1", session.catalog, session.as_of, []) | {
        "claims": [
            {
                "id": claim.id,
                "when": claim.said.when.isoformat(),
                "who": claim.said.who,
                "stated": claim.stated.value,
                "unit": claim.stated.unit,
                "title": claim.title,
            }
            for claim in sorted(found, key=lambda claim: (claim.said.when, claim.id))
        ]
    }


def _text(listed: dict[str, Any]) -> str:
    width = max(len(row["id"]) for row in listed["claims"])
    lines = [f"{row['id']:<{width}}  {row['when']}  {row['title']}" for row in listed["claims"]]
    return "\n".join([*lines, "", f"Judge one: costbasis check {listed['claims'][0]['id']}"])
