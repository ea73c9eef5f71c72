"""Fits everything anew and writes the calibration that ships: ``python -m costbasis.calibration.publish``.

It writes the posterior, the models' effects, the error scale, and the constants fitted without each model, each
accelerator system and each vendor, with a hash of what they were made from. It takes minutes; ``--error`` redoes
only what follows from the stored fits.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from costbasis.calibration.error import (
    between_families,
    error_scale,
    family_effects,
    feature_table,
    widened,
)
from costbasis.calibration.fit import FITTED, Problem, covariance, fit, left_out, log_errors, problem_of
from costbasis.calibration.measurement import Measurement
from costbasis.calibration.predict import Candidates, candidates
from costbasis.calibration.sets import Sets, catalogue_rows, evaluation_sets
from costbasis.catalog.posterior import FEATURES, KNOWN_MODEL, NEW_MODEL, features
from costbasis.catalog.tables import DATA
from costbasis.performance.constants import PRIOR

Floats = NDArray[np.float64]

DRAWS = 512
SEED = 20_260_701
FOLDER = Path(str(DATA / "calibration"))

GROUPS: dict[str, Callable[[Measurement], str]] = {
    "model": lambda one: one.family,
    "system": lambda one: one.accelerator,
    "vendor": lambda one: one.vendor,
}
"""What is left out: a model's geometry, an accelerator, a vendor of accelerators."""


def shipped_problem() -> tuple[Sets, Problem]:
    """The evaluation sets and the fitting problem over them."""
    sets = evaluation_sets()
    architectures, accelerators = catalogue_rows()
    return sets, problem_of(sets.measurements, candidates(sets.measurements, architectures, accelerators))


def inputs_sha256() -> str:
    """Hash of all that the calibration is made from: the tables, the performance model, the rules and priors."""
    digest = hashlib.sha256()
    package = Path(str(files("costbasis")))
    sources = [
        *sorted((package / "performance").glob("*.py")),
        *sorted((package / "formulas").glob("*.py")),
        *sorted((package / "calibration").glob("*.py")),
        package / "catalog" / "hardware" / "deployments.py",
    ]
    for name in ("benchmarks/silicon_sample.csv.gz", "benchmarks/serving_measured.csv.gz"):
        sources.append(Path(str(DATA / name)))
    for path in sources:
        if path.stem not in ("population", "company", "subscription", "billing", "publish", "update"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def row_features(tables: Sequence[Candidates], count: int) -> Floats:
    """The features of each measurement's first candidate, shape (rows, features)."""
    found = np.zeros((count, len(FEATURES)))
    for table in tables:
        parts = features(table.deployment, two_pools=table.regime == "pools", offline=table.regime == "offline")
        broadcast = {name: np.broadcast_to(part, table.row.shape) for name, part in parts.items()}
        found[table.row[::-1]] = feature_table(broadcast)[::-1]
    return found


def main(arguments: Sequence[str]) -> None:
    """Fit, leave out, and write; with ``--error``, only the effects and the error scale, from the stored fits."""
    sets, problem = shipped_problem()
    if "--error" not in arguments:
        mode = fit(problem)
        print("fitted", dict(zip(FITTED, np.exp(mode).round(6), strict=True)), flush=True)
        without = {}
        for kind, group in GROUPS.items():
            without[kind] = left_out(problem, mode, group)[1]
            print("left out by", kind, flush=True)
        write_fit(mode, covariance(problem, mode), without)
    write_error(problem)
    made_from = {
        "inputs_sha256": inputs_sha256(),
        "rows": len(sets.measurements),
        "dropped": sets.dropped,
        "compared_rows": sets.compared,
        "compared_median_ratio": round(sets.median_ratio, 4),
    }
    (FOLDER / "made_from.json").write_text(json.dumps(made_from, indent=1) + "\n", encoding="utf-8")


def write_fit(mode: Floats, spread: Floats, without: dict[str, dict[str, Floats]]) -> None:
    """Write the posterior's draws, each constant with its prior, and the constants without each group."""
    FOLDER.mkdir(exist_ok=True)
    draws = np.random.Generator(np.random.Philox(SEED)).multivariate_normal(mode, spread, DRAWS)
    draws += mode - np.median(draws, axis=0)
    _csv("serving_posterior.csv", FITTED, [[f"{value:.6g}" for value in row] for row in np.exp(draws)])
    _csv(
        "serving_without.csv",
        ("kind", "group", *FITTED),
        [
            [kind, name, *(f"{value:.6g}" for value in np.exp(values))]
            for kind, groups in without.items()
            for name, values in groups.items()
        ],
    )
    _csv(
        "serving_constants.csv",
        ("constant", "prior", "prior_log_spread", "posterior", "posterior_log_spread", "why"),
        [
            [name, repr(PRIOR[name][0]), repr(PRIOR[name][1]), f"{value:.4g}", f"{wide:.3f}", PRIOR[name][2]]
            for name, value, wide in zip(FITTED, np.exp(mode), np.sqrt(np.diag(spread)), strict=True)
        ],
    )


def write_error(problem: Problem) -> None:
    """Write the models' effects and the error scale, for models that were left out and for known ones."""
    measurements, count = problem.measurements, len(problem.measurements)
    families = np.array([one.family for one in measurements])
    errors = np.full(count, np.nan)
    for name, log_values in stored_without("model").items():
        held = families == name
        if held.any():
            errors[held] = log_errors(problem, log_values, held)
    table = row_features(problem.tables, count)
    known = np.isfinite(errors) & (problem.weight > 0)
    parts = error_scale(errors[known], table[known], problem.weight[known])
    parts[0] += np.log(widened(errors[known], np.exp(table[known] @ parts)))
    scale = np.exp(table @ parts)
    between = between_families(np.where(known, errors, np.nan), families)
    fitted = np.where(problem.weight > 0, log_errors(problem, stored_mode()), np.nan)
    effects = family_effects(fitted, families, scale, between)
    left = fitted - np.array([effects[name][0] if name in effects else np.nan for name in families])
    narrower = np.log(widened(left[known], scale[known]))
    _csv(
        "serving_effects.csv",
        ("family", "mean", "spread"),
        [
            *([name, f"{mean:.4f}", f"{wide:.4f}"] for name, (mean, wide) in effects.items()),
            [NEW_MODEL, "0", f"{between:.4f}"],
        ],
    )
    rows = [[name, f"{part:.4f}"] for name, part in zip(FEATURES, parts, strict=True)]
    _csv("serving_error.csv", ("feature", "log_scale"), [*rows, [KNOWN_MODEL, f"{narrower:.4f}"]])


def stored_mode() -> Floats:
    """The logarithms of the fitted constants, from the stored draws, whose median they are."""
    rows = csv.DictReader(io.StringIO((FOLDER / "serving_posterior.csv").read_text(encoding="utf-8")))
    return np.asarray(np.median([[np.log(float(row[name])) for name in FITTED] for row in rows], axis=0))


def stored_without(kind: str) -> dict[str, Floats]:
    """The logarithms of the constants that were fitted without each group of one kind."""
    rows = csv.DictReader(io.StringIO((FOLDER / "serving_without.csv").read_text(encoding="utf-8")))
    return {row["group"]: np.log([float(row[name]) for name in FITTED]) for row in rows if row["kind"] == kind}


def _csv(name: str, header: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (FOLDER / name).write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
