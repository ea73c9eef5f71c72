"""Accelerators: peaks, memory, and what an hour of one is rented or owned for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from costbasis.catalog.memory import OF_ROWS
from costbasis.catalog.overrides import Override
from costbasis.catalog.tables import Row, slug, source_of
from costbasis.errors import BadOverride, UnknownName
from costbasis.quantity import Quantity, Source, given, joint_source
from costbasis.sampling import Sampling, Spread, exactly
from costbasis.units import to_base

BYTES_PER_PARAM = {"4bit": 0.5625, "8bit": 1.0, "16bit": 2.0}
"""Bytes a weight takes: four-bit formats carry a scale for every 16 weights."""

KV_PRECISION = {"4bit": 0.5, "8bit": 0.5, "16bit": 1.0}
"""KV cache at FP8 beside four- and eight-bit weights, at BF16 beside sixteen-bit ones."""

RENTED = ("on_demand", "on_demand_median", "reserved", "retail_tier", "contract_index", "commit_1y", "serverless")
OWNED = ("owner_tco_hyperscaler", "owner_tco_internal")


@dataclass(frozen=True, slots=True)
class MachineTable:
    """Rows of (accelerator, precision) with their weights: one machine a draw. *accelerator* is an index."""

    columns: Mapping[str, Sequence[float]]
    weights: Sequence[float]
    sources: Sequence[Source]


def accelerator_rows(rows: Sequence[Row]) -> dict[str, Row]:
    """The accelerator table by short name."""
    return {slug(row["accelerator"]): row for row in rows}


def machine_table(
    rows: Mapping[str, Row], names: Sequence[str], precision_weights: Mapping[str, float]
) -> MachineTable:
    """Every accelerator of *names* (equally likely) at every precision (as likely as said).

    An accelerator without hardware for a precision computes at the next wider one it has; weights keep
    their size. Units: FLOP/s, bytes and bytes/s per accelerator, bytes per parameter.
    """
    columns: dict[str, list[float]] = {
        name: []
        for name in (
            "accelerator",
            "bytes_per_param",
            "kv_precision_frac",
            "peak_flop_per_s_per_accel",
            "bf16_flop_per_s_per_accel",
            "hbm_bytes_per_accel",
            "hbm_bytes_per_s_per_accel",
        )
    }
    weights, sources = [], []
    for index, name in enumerate(names):
        row = known(rows, name)
        bf16 = to_base(float(row["bf16_dense_tflops"]), "tflop_per_s")
        for precision, weight in precision_weights.items():
            if weight <= 0:
                continue
            values = (
                float(index),
                BYTES_PER_PARAM[precision],
                KV_PRECISION[precision],
                to_base(_peak_tflops(row, precision), "tflop_per_s"),
                bf16,
                to_base(float(row["hbm_gb"]), "gb"),
                to_base(float(row["hbm_bandwidth_gb_s"]), "gb_per_s"),
            )
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
            weights.append(weight / len(names))
            sources.append(source_of(row, "accelerator"))
    return MachineTable(columns, weights, sources)


def known(rows: Mapping[str, Row], name: str) -> Row:
    """The row of an accelerator.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest.
    """
    if name not in rows:
        raise UnknownName("accelerator", name, known=rows, hint="costbasis catalog accelerator lists them")
    return rows[name]


def _peak_tflops(row: Row, precision: str) -> float:
    wider = {"4bit": ("fp4", "fp8", "bf16"), "8bit": ("fp8", "bf16"), "16bit": ("bf16",)}[precision]
    return next(float(row[f"{format_}_dense_tflops"]) for format_ in wider if row[f"{format_}_dense_tflops"])


def rates_of(rows: Sequence[Row], name: str) -> list[Row]:
    """The rent and ownership rows of one accelerator that carry a price, owner's older vintages left out."""
    wanted = (*RENTED, *OWNED)
    return [
        row
        for row in rows
        if slug(row["accelerator"]) == name and row["price_usd_per_gpu_hour"] and row["pricing_type"] in wanted
    ]


ANY = "any"
"""Stands for every accelerator in a key of hire that a user sets."""


def hire_key(name: str) -> str:
    """The key of an accelerator's hire, or (``any``) of every one's."""
    return f"rate/{name}{OF_ROWS}"


def hire_as_set(over: Override, rates: Sequence[Row], sampling: Sampling) -> Quantity:
    """USD per accelerator-second as a user set it; one set for any accelerator is one price for all, in every draw.

    *rates*: the accelerator's own rows, whose trust stays.

    Errors: :class:`~costbasis.errors.BadOverride` for a price that is not above zero.
    """
    if over.low <= 0:
        raise BadOverride(f"{over.key} must be above zero, and {over.low:g} was given", where="--set")
    low, mid, high = (to_base(value, "usd_per_accel_hour") for value in (over.low, over.mid, over.high))
    spread = exactly(mid) if over.is_exact else Spread("positive", low, mid, high)
    trust = joint_source([source_of(row, "rate") for row in rates]).trust
    source = Source("set by the user", place="--set or scenario", trust=trust, status="override")
    found = given("hire_usd_per_accel_s", spread, source, sampling, key=over.key)
    return found.labelled(f"$ per accelerator-hour, {over.key.partition('/')[2].partition('.')[0]}")


def hire(rates: Sequence[Row], name: str, sampling: Sampling) -> Quantity:
    """USD per accelerator-second: from owning at a hyperscaler's volume (p10) over the middle of the rents
    (median) to a dear rent (p90).

    Vendors of models own, reserve and rent; which, at what price, is private. *rates*: the accelerator's own rows,
    whatever their day: the tables hold a few dated snapshots of 2026, not a price history.
    """
    rents = sorted(float(row["price_usd_per_gpu_hour"]) for row in rates if row["pricing_type"] in RENTED)
    owned = [float(row["price_usd_per_gpu_hour"]) for row in rates if row["pricing_type"] in OWNED]
    middle = median([*rents, *owned])
    low = min(owned) if owned else min(rents) / 2
    high = max(rents) if rents else middle * 2
    low, high = min(low, middle), max(high, middle)
    unit = "usd_per_accel_hour"
    spread = Spread("positive", to_base(low, unit), to_base(middle, unit), to_base(high, unit))
    source = joint_source([source_of(row, "rate") for row in rates])
    return given("hire_usd_per_accel_s", spread, source, sampling, key=hire_key(name)).labelled(
        f"$ per accelerator-hour, {name}"
    )
