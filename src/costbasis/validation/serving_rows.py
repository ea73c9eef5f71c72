"""Predictions of serving measurements, as cases: by constants that left their group out, or as shipped."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from costbasis.calibration.fit import constants_at
from costbasis.calibration.measurement import Measurement
from costbasis.calibration.predict import Candidates, candidates, predict, subset
from costbasis.calibration.publish import GROUPS, row_features, stored_without
from costbasis.calibration.sets import catalogue_rows
from costbasis.catalog.posterior import FEATURES, KNOWN_MODEL, NEW_CLASS_LOG_SCALE, TAIL, Posterior, serving_posterior
from costbasis.catalog.tables import read_bytes
from costbasis.performance import Constants, constants_of
from costbasis.validation.score import Case

Floats = NDArray[np.float64]

PEER_FILES = {"aiconfigurator 0.12.0": "calibration/peer_aiconfigurator.csv.gz"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Measurements with what was predicted for them (None: refused), and what peers said of the same rows."""

    cases: list[tuple[Measurement, Case | None]]
    peers: dict[str, dict[str, float]] = field(default_factory=dict)

    def of_set(self, name: str) -> list[tuple[Measurement, Case | None]]:
        """The rows of one set; ``…, best submission`` keeps the fastest of each accelerator, model and round."""
        base = name.removesuffix(", best submission")
        rows = [(one, case) for one, case in self.cases if one.set == base]
        if base == name:
            return rows
        best: dict[tuple[object, ...], tuple[Measurement, Case | None]] = {}
        for one, case in rows:
            key = (one.model, one.accelerator, one.precision, one.id.partition("-")[0])
            if key not in best or one.tok_per_s_per_accel > best[key][0].tok_per_s_per_accel:
                best[key] = (one, case)
        return list(best.values())


def left_out_rows(measurements: Sequence[Measurement], kind: str) -> Rows:
    """Each row predicted by the stored constants that were fitted without its group (model, system or vendor)."""
    tables = _tables(measurements)
    posterior = serving_posterior()
    group = GROUPS[kind]
    names = np.array([group(one) for one in measurements])
    predicted = np.full(len(measurements), np.nan)
    for name, log_values in stored_without(kind).items():
        held = names == name
        if held.any():
            predicted[held] = predict(subset(tables, held), constants_at(log_values), len(measurements))[held]
    scale = _scales(posterior, tables, measurements)
    cases = _cases(measurements, predicted, np.zeros(len(measurements)), scale)
    return Rows(cases, _peers(measurements, tables))


def shipped_rows(measurements: Sequence[Measurement], posterior: Posterior | None = None) -> Rows:
    """Each row predicted as the product does: the posterior's centre, the model's own effect where it is known.

    *posterior*: the shipped one where not given.
    """
    tables = _tables(measurements)
    posterior = posterior or serving_posterior()
    predicted = predict(tables, posterior.centre, len(measurements))
    known = np.array([posterior.knows(one.model) for one in measurements])
    mean = np.where(known, [posterior.effect(one.model)[0] for one in measurements], 0.0)
    scale = _scales(posterior, tables, measurements) * np.exp(np.where(known, posterior.error[KNOWN_MODEL], 0.0))
    return Rows(_cases(measurements, predicted, mean, scale))


def _tables(measurements: Sequence[Measurement]) -> list[Candidates]:
    return candidates(measurements, *catalogue_rows())


def _scales(posterior: Posterior, tables: Sequence[Candidates], measurements: Sequence[Measurement]) -> Floats:
    parts = np.array([posterior.error[name] for name in FEATURES])
    new_class = np.zeros(len(measurements))
    for table in tables:
        compresses = np.asarray(table.deployment.architecture.global_compression) > 1
        new_class[table.row] = NEW_CLASS_LOG_SCALE * compresses
    scale: Floats = np.exp(row_features(tables, len(measurements)) @ parts + new_class)
    return scale


def _cases(
    measurements: Sequence[Measurement], predicted: Floats, mean: Floats, scale: Floats
) -> list[tuple[Measurement, Case | None]]:
    """The error's scale holds for left-out models; a known model's own effect is taken out of its middle."""
    from scipy.special import stdtrit

    reach = float(stdtrit(TAIL, 0.9)) * scale
    middle = predicted * np.exp(-mean)
    found: list[tuple[Measurement, Case | None]] = []
    for index, one in enumerate(measurements):
        case = None
        if np.isfinite(predicted[index]):
            low, high = middle[index] * np.exp(-reach[index]), middle[index] * np.exp(reach[index])
            case = Case(one.id, one.tok_per_s_per_accel, low, float(middle[index]), high, _groups(one))
        found.append((one, case))
    return found


def _groups(one: Measurement) -> dict[str, str]:
    return {
        "model": one.family,
        "accelerator": one.accelerator,
        "precision": one.precision,
        "engine": one.engine.split()[0],
        "vendor": one.vendor,
        "load": _load(one),
    }


SATURATED = 0.8
"""A run that completes less than this share of what is offered is at saturation."""


def _load(one: Measurement) -> str:
    if one.offered_request_per_s is None:
        return ""
    offered = one.offered_request_per_s * one.output_tok / one.pool.accelerators
    return "below saturation" if one.tok_per_s_per_accel >= SATURATED * offered else "at saturation"


def _peers(measurements: Sequence[Measurement], tables: Sequence[Candidates]) -> dict[str, dict[str, float]]:
    """The ideal roofline, computed here, and what stored peers said."""
    ideal = predict(tables, _ideal(), len(measurements))
    peers = {"ideal roofline": {one.id: float(rate) for one, rate in zip(measurements, ideal, strict=True)}}
    for name, path in PEER_FILES.items():
        try:
            text = read_bytes(path).decode()
        except FileNotFoundError:
            continue
        peers[name] = {
            row["id"]: float(row["tok_per_s_per_accel"] or "nan") for row in csv.DictReader(io.StringIO(text))
        }
    return peers


def _ideal() -> Constants:
    """No inefficiency: full peaks and bandwidth, no overhead, uniform routing."""
    full = (
        *("gemm_mfu_frac", "fp8_peak_frac", "fp4_peak_frac", "weight_only_peak_frac", "hbm_mbu_frac"),
        *("attention_mfu_frac", "kv_read_frac", "expert_gemm_frac", "expert_read_frac", "expert_spread_frac"),
        *("cdna3_peak_frac", "cdna3_fp8_frac", "cdna4_peak_frac", "link_frac", "exchange_link_frac"),
        *("lockstep_factor", "offline_factor", "pool_factor", "tuned_expert_factor", "atom_factor"),
        *("slo_headroom_frac", "overlap_frac"),
    )
    nothing = ("kernel_s", "step_s", "sequence_s", "collective_s", "hidden_passes", "width_passes", "permute_passes")
    values = dict.fromkeys(full, 1.0) | dict.fromkeys(nothing, 0.0)
    return constants_of(values | {"expert_padding_tok": 1e-9, "drift_per_month": 0.0})
