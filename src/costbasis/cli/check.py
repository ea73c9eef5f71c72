"""``costbasis check``: judge a claim."""

from __future__ import annotations

from typing import Any

import click

from costbasis.cli.common import Session, shared_options, show, split_session


@click.command("check")
@click.argument("claim")
@click.option("--fail-on", default="", metavar="VERDICT,…", help="Exit with 1 when the verdict is one of these words.")
@shared_options
def command(**params: Any) -> None:
    """Judge CLAIM: the id of a shipped claim (costbasis claims), or the path of a claim file."""
    session, own = split_session(params)
    from costbasis.reports.text import verdict_text

    verdict = build(session, **own)
    show(session, verdict, lambda: verdict_text(verdict, style=session.style))
    if verdict["verdict"] in words(own["fail_on"]):
        click.get_current_context().exit(1)


def build(session: Session, *, claim: str, fail_on: str) -> dict[str, Any]:
    """The ``costbasis.verdict/1`` object of a claim: at its own date (or ``--as-of``), with today beside it."""
    from costbasis.claims.claim import find_claim
    from costbasis.claims.judge import judge
    from costbasis.reports.verdict_object import verdict_object

    words(fail_on)
    found = find_claim(claim, session.catalog)
    judged = judge(found, session.catalog, as_of=session.asked_as_of)
    today = judge(found, session.catalog, as_of=session.catalog.newest_observation)
    return verdict_object(judged, today, session.catalog, [])


def words(fail_on: str) -> set[str]:
    """The verdict words of ``--fail-on``.

    Errors: :class:`~costbasis.errors.UnknownName` for a word that no verdict uses.
    """
    from costbasis.claims.verdicts import TABLE
    from costbasis.errors import UnknownName

    known = [word for word, _ in TABLE]
    asked = {word.strip() for word in fail_on.split(",") if word.strip()}
    for word in sorted(asked - set(known)):
        raise UnknownName("verdict", word, known=known, where="--fail-on", hint=f"verdicts are {', '.join(known)}")
    return asked
