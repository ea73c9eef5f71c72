"""``costbasis check``: judge a claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session

FILE = PLACE


@click.command("check")
@click.argument("claim")
@click.option("--html", type=FILE, help="Write the verdict as one HTML page.")
@click.option("--card", type=FILE, help="Write a card to share, 1200 × 630: .svg or .png.")
@click.option("--brief", "brief_out", type=FILE, help="Write a one-page brief, as Markdown.")
@click.option("--jsonld", type=FILE, help="Write ClaimReview JSON-LD (schema.org).")
@click.option("--fail-on", default="", metavar="VERDICT,…", help="Exit with 1 when the verdict is one of these words.")
@shared_options
def command(**params: Any) -> None:
    """Judge CLAIM: the id of a shipped claim (costbasis claims), or the path of a claim file."""
    session, own = split_session(params)
    from costbasis.reports.screen import screen_width
    from costbasis.reports.verdict_text import WIDTH, verdict_text

    verdict = build(session, **own)
    for path in write_files(verdict, own["html"], own["card"], own["brief_out"], own["jsonld"]):
        session.say(f"written: {path}")
    show(session, verdict, lambda: verdict_text(verdict, style=session.style, width=min(WIDTH, screen_width())))
    if verdict["verdict"] in words(own["fail_on"]):
        click.get_current_context().exit(1)


def build(
    session: Session,
    *,
    claim: str,
    fail_on: str,
    html: Path | None = None,
    card: Path | None = None,
    brief_out: Path | None = None,
    jsonld: Path | None = None,
) -> dict[str, Any]:
    """The ``costbasis.verdict/1`` object of a claim: at its own date (or ``--as-of``), with today beside it."""
    from costbasis.claims.claimfile import find_claim
    from costbasis.claims.judge import judge
    from costbasis.claims.settings import split_settings, with_settings
    from costbasis.reports.drawing import check_place
    from costbasis.reports.place import refuse_place
    from costbasis.reports.verdict_object import verdict_object

    words(fail_on)
    for place in (html, brief_out, jsonld):
        if place is not None:
            refuse_place(place)
    if card is not None:
        check_place(card)
    mine, others = split_settings(session.overrides)
    session = session.but(overrides=tuple(others))
    found = with_settings(find_claim(claim, session.catalog), mine)
    judged = judge(found, session.catalog, as_of=session.asked_as_of)
    newest = session.catalog.newest_observation
    today = judged if newest == judged.as_of else judge(found, session.catalog, as_of=newest, ranked=False)
    settings = "".join(f" --set {text}" for text in (*mine, *others))
    return verdict_object(judged, today, session.catalog, [], claim if Path(claim).suffix else found.claim.id, settings)


def write_files(
    verdict: dict[str, Any], html: Path | None, card: Path | None, brief_out: Path | None, jsonld: Path | None
) -> list[Path]:
    """Write what was asked for; returns the paths written.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a place that cannot be written.
    """
    from costbasis.reports.place import write_to

    if html is not None:
        from costbasis.reports.verdict_page import verdict_page

        write_to(html, verdict_page(verdict))
    if card is not None:
        from costbasis.reports.card import card_svg
        from costbasis.reports.drawing import write

        write(card_svg(verdict), card)
    if brief_out is not None:
        from costbasis.reports.brief import brief

        write_to(brief_out, brief(verdict))
    if jsonld is not None:
        from costbasis.reports.claimreview import claim_review

        write_to(jsonld, claim_review(verdict))
    return [path for path in (html, card, brief_out, jsonld) if path is not None]


def words(fail_on: str) -> set[str]:
    """The verdict words of ``--fail-on``.

    Errors: :class:`~costbasis.errors.UnknownName` for a word that no verdict uses.
    """
    from costbasis.claims.verdicts import TABLE
    from costbasis.errors import UnknownName

    known = [*dict.fromkeys(word for word, _ in TABLE)]
    asked = {word.strip() for word in fail_on.split(",") if word.strip()}
    for word in sorted(asked - set(known)):
        raise UnknownName("verdict", word, known=known, where="--fail-on", hint=f"verdicts are {', '.join(known)}")
    return asked
