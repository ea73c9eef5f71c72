"""``costbasis validate``: how far the product is off published measurements."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.progress import counting
from costbasis.cli.session import Session, show, split_session


@click.command("validate")
@click.argument("kind", required=False)
@click.option("--measured", type=PLACE, help="Your own measurements instead of the shipped ones.")
@click.option("--check", is_flag=True, help="Exit 1 where a score is worse than the stored one.")
@shared_options
def command(**params: Any) -> None:
    """Accuracy of one KIND of answer against published measurements, by group, with coverage and peers.

    Without KIND: the kinds there are. For example: costbasis validate market
    """
    session, own = split_session(params)
    result = build(session, **own)
    from costbasis.reports.validation_text import validation_text

    show(session, result, lambda: validation_text(result, style=session.style))
    if own["check"] and result.get("worse"):
        sys.exit(1)


def build(session: Session, *, kind: str | None, measured: Path | None, check: bool) -> dict[str, Any]:
    """The ``costbasis.validation/1`` object: scores of a kind, or the kinds there are.

    Errors: :class:`~costbasis.errors.UnknownName` with the kinds; :class:`~costbasis.errors.BadArgument` for a
    calibration that would not be used; what the kind says of an unusable file.
    """
    from costbasis.errors import BadArgument, UnknownName
    from costbasis.reports.head import head
    from costbasis.validation import discover
    from costbasis.validation.regression import worse

    kinds = discover()
    if session.calibration is not None and (kind != "serving" or measured is None):
        raise BadArgument(
            "your own calibration is scored against your own measurements",
            where="--calibration",
            hint="costbasis validate serving --measured FILE --calibration FILE",
        )
    found = head("costbasis.validation/1", session.catalog, session.as_of, [])
    if kind is None:
        return found | {"kinds": {name: validator.LABEL for name, validator in sorted(kinds.items())}}
    if kind not in kinds:
        raise UnknownName("kind of validation", kind, known=kinds, hint=f"kinds are {', '.join(sorted(kinds))}")
    with counting(session, f"scoring {kind}") as step:
        result = kinds[kind].validate(session.catalog, measured, step)
    compared = worse(kind, result) if check and measured is None else []
    return found | {"kind": kind, "label": kinds[kind].LABEL, **result} | ({"worse": compared} if check else {})
