"""``validate serving``: predicted against measured throughput, with constants that never saw the model at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costbasis.calibration.measurement import Measurement
from costbasis.calibration.sets import evaluation_sets
from costbasis.calibration.userfile import read_measurements
from costbasis.catalog import Catalog
from costbasis.validation.score import Case, Step, by_group, score, stepped

KIND = "serving"
LABEL = "throughput per accelerator, hence cost per token, against published measurements"

Floats = NDArray[np.float64]

GROUPS = ("model", "accelerator", "precision", "engine")
MAIN_SET, LOAD_SET = "aggregated", "load study"
SCORED = (
    "aggregated",
    "inferencex",
    "disaggregated",
    "tensorrt-llm offline",
    "mlperf offline, best submission",
    "mlperf server, best submission",
    "large-scale experts",
    "load study",
)
UNSCORED = ("mlperf offline, length assumed", "mlperf server, length assumed")
"""Shown, held to nothing: the input length is a recollection that no log confirms."""


def validate(catalog: Catalog, measured: Path | None, step: Step | None = None) -> dict[str, Any]:
    """Accuracy by set and group: each model predicted by a fit without it; a user's *measured* file as shipped."""
    if measured is not None:
        return _measured(measured, catalog)
    from costbasis.validation.serving_rows import left_out_rows

    sets = evaluation_sets()
    rows = left_out_rows(sets.measurements, "model")
    found = [
        _set(name, rows.of_set(name), rows.peers, (*GROUPS, "load") if name == LOAD_SET else GROUPS) for name in SCORED
    ]
    main = next(one for one in found if one["set"] == MAIN_SET)
    every = [row for name in SCORED for row in rows.of_set(name)]
    others = [*(one for one in found if one is not main), _set("all of these sets", every, {}, groups=("model",))]
    others += [_set(name, rows.of_set(name), {}, groups=("model",)) for name in UNSCORED]
    for kind, label in stepped((("system", "each accelerator left out"), ("vendor", "each vendor left out")), step):
        beside = left_out_rows(sets.measurements, kind)
        for name in (MAIN_SET, "inferencex"):
            cases = beside.of_set(name)
            others.append(
                _set(f"{name}, {label}", cases, {}, groups=("accelerator" if kind == "system" else "vendor",))
            )
    notes = [
        f"dropped of {table}: {sum(dropped.values())} rows: "
        + "; ".join(f"{count} {reason}" for reason, count in sorted(dropped.items(), key=lambda item: -item[1]))
        for table, dropped in sets.dropped.items()
    ]
    notes.append(
        "aiconfigurator-core 0.12.0 was asked once, on 2026-11-25, with benchmarks/peer_aiconfigurator.py; refused: no "
        "data for the operation, or out of memory"
    )
    notes.append(f"the two tables agree on {sets.compared} shared configurations, median ratio {sets.median_ratio:.2f}")
    return {**main, "sets": others, "notes": notes}


def _measured(path: Path, catalog: Catalog) -> dict[str, Any]:
    """A file of the columns of ``serving_measured.csv``, predicted with the shipped posterior, or the user's."""
    from costbasis.validation.serving_rows import shipped_rows

    kept, dropped = read_measurements(path)
    rows = shipped_rows(kept, catalog.calibration.posterior if catalog.calibration else None)
    names = sorted({one.set for one in kept}, key=lambda name: (name not in SCORED, name))
    found = [_set(name, rows.of_set(name), {}) for name in names]
    whole = _set("all rows", rows.cases, {})
    notes = [f"not compared: {count} rows: {reason}" for reason, count in sorted(dropped.items())]
    return {**whole, "sets": found if len(found) > 1 else [], "notes": notes}


def _set(
    name: str,
    rows: Sequence[tuple[Measurement, Case | None]],
    peers: dict[str, dict[str, float]],
    groups: Iterable[str] = GROUPS,
) -> dict[str, Any]:
    cases = [case for _, case in rows if case is not None]
    refused = len(rows) - len(cases)
    grouped = [row for kind in groups for row in by_group(cases, kind)]
    beside = [_peer(peer, rows, told) for peer, told in peers.items()]
    return {
        "set": name,
        **score(cases),
        "refused": refused,
        "refused_frac": refused / len(rows) if rows else 0.0,
        "groups": grouped,
        "peers": [peer for peer in beside if peer is not None],
    }


def _peer(name: str, rows: Sequence[tuple[Measurement, Case | None]], told: dict[str, float]) -> dict[str, Any] | None:
    """A peer's score on the rows that it answers, and ours on just those."""
    asked = [(one, case) for one, case in rows if one.id in told]
    answered = [(one, case) for one, case in asked if np.isfinite(told[one.id]) and case is not None]
    if not answered:
        return None
    theirs = [Case(one.id, case.actual, told[one.id], told[one.id], told[one.id], {}) for one, case in answered]
    found = score(theirs)
    ours = score([case for _, case in answered])
    return {
        "name": name,
        "n": found["n"],
        "refused": len(asked) - len(answered),
        "mdape": found["mdape"],
        "p90_abs_log": found["p90_abs_log"],
        "bias": found["bias"],
        "coverage80": None,
        "ours_on_the_same": {"mdape": ours["mdape"], "p90_abs_log": ours["p90_abs_log"]},
    }
