"""``costbasis calibrate``: a user's own throughput measurements update the cost-to-serve model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, show, split_session


@click.command("calibrate")
@click.argument("file", type=PLACE)
@click.option("--out", type=PLACE, help="Write the updated calibration here (CSV).")
@click.option("--from", "start", type=PLACE, help="Start from this calibration, not the shipped.")
@shared_options
def command(**params: Any) -> None:
    """Update the serving model with the measurements in FILE, and show its error on them before and after.

    FILE is a CSV with the columns of the shipped measurements: id, model, accelerator, precision, framework,
    scenario, isl, osl, tok_s_per_gpu, tok_s_per_gpu_kind, and tp, concurrency where they apply.
    For example: costbasis calibrate mine.csv --out mine-calibration.csv
    """
    session, own = split_session(params)
    result = build(session, **own)
    from costbasis.reports.calibration_text import calibration_text

    show(session, result, lambda: calibration_text(result, style=session.style))


def build(session: Session, *, file: Path, out: Path | None, start: Path | None) -> dict[str, Any]:
    """The ``costbasis.calibration/1`` object.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a file that cannot be used.
    """
    from costbasis.calibration.update import updated, write_overlay
    from costbasis.calibration.userfile import read_measurements
    from costbasis.catalog.posterior import serving_posterior
    from costbasis.reports.calibration_text import calibration_object
    from costbasis.reports.head import Warn, head

    measurements, dropped = read_measurements(file)
    update = updated(serving_posterior(start or session.calibration), measurements)
    if out is not None:
        write_overlay(update, out)
    unused = [Warn(reason, count, "", "not used") for reason, count in dropped.items()]
    found = head("costbasis.calibration/1", session.catalog, session.as_of, unused)
    return found | calibration_object(update, out)
