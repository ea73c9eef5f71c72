"""The evaluation sets: both shipped tables, every rule applied, what was dropped counted by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median

from costbasis.calibration.measured import measured_measurements
from costbasis.calibration.measurement import Measurement
from costbasis.calibration.silicon import silicon_measurements
from costbasis.catalog.tables import Row, read_csv, slug

DISAGREES = log(1.5)
"""A row that is off by more than this from the same configuration in the other table is dropped."""

KNOWN_ODD = "accelerator or model not in the catalogue"


@dataclass(frozen=True, slots=True)
class Sets:
    """The measurements kept, how many rows each rule dropped by table, and how well the tables agree."""

    measurements: list[Measurement]
    dropped: Mapping[str, Mapping[str, int]]
    compared: int
    median_ratio: float


def evaluation_sets() -> Sets:
    """Every usable measurement that ships with costbasis."""
    architectures, accelerators = catalogue_rows()
    has_experts = {name: bool(row["routed_experts"]) for name, row in architectures.items()}
    silicon, silicon_dropped = silicon_measurements(read_csv("benchmarks/silicon_sample.csv.gz"), has_experts)
    measured, measured_dropped = measured_measurements(read_csv("benchmarks/serving_measured.csv.gz"))
    measured, unknown = known_only(measured, architectures, accelerators)
    measured_dropped[KNOWN_ODD] += unknown
    measured, disagreeing, compared, ratio = _cross_checked(measured, silicon)
    measured_dropped["disagrees with the same configuration in the other table"] += disagreeing
    return Sets(
        [*silicon, *measured],
        {"silicon_sample": dict(silicon_dropped), "serving_measured": dict(measured_dropped)},
        compared,
        ratio,
    )


def catalogue_rows() -> tuple[dict[str, Row], dict[str, Row]]:
    """Architectures by model, accelerators by short name."""
    return (
        {row["model"]: row for row in read_csv("architecture.csv")},
        {slug(row["accelerator"]): row for row in read_csv("accelerator.csv")},
    )


def known_only(
    measurements: Sequence[Measurement], architectures: Mapping[str, Row], accelerators: Mapping[str, Row]
) -> tuple[list[Measurement], int]:
    """Those whose model and accelerator the catalogue knows, and how many others there were."""
    kept = [one for one in measurements if one.model in architectures and one.accelerator in accelerators]
    return kept, len(measurements) - len(kept)


def _cross_checked(
    measured: list[Measurement], silicon: list[Measurement]
) -> tuple[list[Measurement], int, int, float]:
    """Reconstructed rows against the labelled ones: which stay, how many left, how many met, their median ratio."""
    labelled: dict[tuple[object, ...], list[float]] = {}
    for one in silicon:
        labelled.setdefault(_configuration(one), []).append(one.tok_per_s_per_accel)
    kept, ratios, left = [], [], 0
    for one in measured:
        same = labelled.get(_configuration(one)) if one.set == "inferencex" else None
        if same is None:
            kept.append(one)
            continue
        ratio = log(one.tok_per_s_per_accel / median(same))
        ratios.append(ratio)
        if abs(ratio) > DISAGREES:
            left += 1
        else:
            kept.append(one)
    return kept, left, len(ratios), exp(median(ratios)) if ratios else 1.0


def _configuration(one: Measurement) -> tuple[object, ...]:
    engine = next((name for name in ("sglang", "vllm", "atom") if name in one.engine), "trt")
    lengths = (round(one.input_tok), round(one.output_tok))
    return (
        one.family,
        one.accelerator,
        one.precision,
        engine,
        lengths,
        one.concurrency,
        one.pool.tensor,
        one.pool.data,
    )
