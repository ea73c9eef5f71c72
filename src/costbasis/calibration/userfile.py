"""Reads a user's CSV of measurements: the columns of the shipped table, models and accelerators we know."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from costbasis.calibration.measured import measured_measurements
from costbasis.calibration.measurement import Measurement
from costbasis.calibration.sets import catalogue_rows, known_only
from costbasis.errors import CostbasisError, UnknownName, UnreadableInput, why


def read_measurements(path: Path) -> tuple[list[Measurement], Counter[str]]:
    """The usable measurements of a file, and how many rows each reason set aside.

    Errors: :class:`~costbasis.errors.UnreadableInput` for a file that is no such table, or has no usable row.
    """
    try:
        table = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="give a CSV file") from error
    try:
        found, dropped = measured_measurements(table)
    except CostbasisError as error:
        where = f"{path}: {error.where}" if error.where else str(path)
        raise UnreadableInput(error.what, where=where, hint=error.hint) from error
    architectures, accelerators = catalogue_rows()
    kept, _ = known_only(found, architectures, accelerators)
    for one in found:
        for kind, name, known in (("model", one.model, architectures), ("accelerator", one.accelerator, accelerators)):
            if name not in known:
                dropped[str(UnknownName(kind, name, known=known))] += 1
    if not kept:
        reasons = "; ".join(f"{count} × {reason}" for reason, count in dropped.items())
        raise UnreadableInput(
            f"no row can be used: {reasons}",
            where=str(path),
            hint="costbasis catalog architecture, costbasis catalog accelerator list the names",
        )
    return kept, dropped
