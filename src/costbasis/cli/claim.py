"""``costbasis claim new``: a claim file to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, parse_day, show, split_session


@click.command("claim")
@click.argument("action", type=click.Choice(["new"]))
@click.option("--from", "sentence", required=True, metavar="SENTENCE", help="The claim's words.")
@click.option("--value", type=float, required=True, help="The figure.")
@click.option("--unit", required=True, help="Its unit: usd/month, usd, x, share, usd/mtok, …")
@click.option("--who", default="", help="Who said it.")
@click.option("--when", help="The day it was said (2026-03-05) [default: the catalogue's newest day].")
@click.option("--model", default="claude-opus-4-6", show_default=True, help="The model whose tokens are meant.")
@click.option("--plan", default="", help="The plan that is meant, as vendor/plan.")
@click.option("--out", type=PLACE, help="Write it here instead of printing it.")
@shared_options
def command(**params: Any) -> None:
    """Write a claim file from a sentence and its figure; what is guessed is marked "check".

    For example: costbasis claim new --from "a plan burns $5,000 of compute" --value 5000 --unit usd/month
    """
    session, own = split_session(params)
    made = build(session, **own)
    if made["file"] is None:
        show(session, made, lambda: str(made["text"]).rstrip("\n"))
        return
    session.say(f"written: {made['file']}; fill in what is marked, then: costbasis check {made['file']}")
    if session.as_json:
        show(session, made, str)


def build(
    session: Session,
    *,
    action: str,
    sentence: str,
    value: float,
    unit: str,
    who: str,
    when: str | None,
    model: str,
    plan: str,
    out: Path | None,
) -> dict[str, Any]:
    """The ``costbasis.newclaim/1`` object: the text of the file, and where it was written (None: nowhere).

    Errors: :class:`~costbasis.errors.BadArgument` for a figure that is none or a file that is there already,
    :class:`~costbasis.errors.UnknownName` for a unit, a model or a plan that is not known.
    """
    from costbasis.claims.scaffold import scaffold
    from costbasis.errors import BadArgument
    from costbasis.reports.head import head
    from costbasis.reports.place import write_to

    if not sentence.strip():
        raise BadArgument("a claim is a sentence", where="--from", hint="give the words that were said")
    if not abs(value) < 1e30 or value == 0:
        raise BadArgument(f"{value:g} is no figure", where="--value", hint="a number that is not 0")
    day = parse_day(when, "--when") if when else session.catalog.newest_observation
    found = session.catalog.find_model(model, where="--model")
    if plan:
        session.catalog.plan(plan, day)
    text = scaffold(sentence, value, unit, who=who, when=day, model=found, plan=plan)
    if out is not None:
        if out.exists():
            raise BadArgument("there is such a file already", where=str(out), hint="choose another name")
        write_to(out, text)
    made = head("costbasis.newclaim/1", session.catalog, session.as_of, [])
    return made | {"text": text, "file": None if out is None else str(out)}
