"""Reads the table of end-to-end runs (TTFT and TPOT) with one rule for each trap in it, counting what each drops."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from costbasis.calibration.measurement import (
    Measurement,
    Pool,
    accelerator_name,
    model_name,
    months_since_2024,
)
from costbasis.catalog.tables import Row

DRAWN_LENGTH = 0.9
"""Benchmarks of InferenceX draw lengths uniformly from 0.8 to 1.0 of the nominal one."""

EXACT_LENGTHS = re.compile(r"source_file=(Qwen_|meta|nvidia_|qwen3_|openai_|deepseek_)")
"""Sources whose lengths are as stated; the rest are InferenceX."""

NODE = 8


def silicon_measurements(rows: Sequence[Row], has_experts: dict[str, bool]) -> tuple[list[Measurement], Counter[str]]:
    """The aggregated runs that pass every rule, and how many rows each rule dropped.

    Throughput is batch × ranks × output / (end-to-end × accelerators), end-to-end = TTFT + (output − 1) × TPOT.
    """
    kept: list[Measurement] = []
    dropped: Counter[str] = Counter()
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        reason, found = _one(row, has_experts)
        if found is None:
            dropped[reason] += 1
            continue
        what = (found.family, found.accelerator, found.precision, found.engine, found.input_tok, found.output_tok)
        key = (what, found.concurrency, found.pool, row["silicon_ttft_ms"][:7], row["silicon_tpot_ms"][:7])
        if key in seen:
            dropped["the same run in another dump"] += 1
            continue
        seen.add(key)
        kept.append(found)
    return kept, dropped


def _one(row: Row, has_experts: dict[str, bool]) -> tuple[str, Measurement | None]:
    if row["mode"] != "agg":
        return "disaggregated: most carry no worker counts", None
    sizes = [row[name] for name in ("tp_size", "attention_dp_size", "moe_tp_size", "moe_ep_size")]
    tensor, data, expert_tensor, expert_ranks = (int(float(size or 1)) for size in sizes)
    if not (tensor and data and expert_tensor and expert_ranks):
        return "a parallel size of 0", None
    if tensor * data > NODE:
        return "more accelerators than a node: the layout was misread", None
    if row["system"].startswith("gb"):
        return "aggregated on GB200: off four-fold in every tool, concurrency misrecorded", None
    model = model_name(row["model_path"])
    if has_experts[model] and expert_tensor * expert_ranks != tensor * data:
        return "experts and attention on different numbers of accelerators", None
    source = row["silicon_data_source"]
    batch = float(row["batch_size"])
    concurrency = re.search(r"silicon_concurrency=(\d+)", source)
    if concurrency is None or abs(float(concurrency[1]) - batch * data) > 0.5:
        return "batch × ranks is not the concurrency of the source", None
    scale = 1.0 if EXACT_LENGTHS.match(source) else DRAWN_LENGTH
    output_tok = float(row["osl"]) * scale
    ttft_s, tpot_s = float(row["silicon_ttft_ms"]) / 1e3, float(row["silicon_tpot_ms"]) / 1e3
    end_to_end_s = ttft_s + (output_tok - 1) * tpot_s
    measured = re.search(r"measured=(\S+)", source)
    found = Measurement(
        id=row["id"],
        set="aggregated",
        model=model,
        accelerator=accelerator_name(row["system"]),
        precision=row["precision"] or "bf16",
        engine=row["backend"],
        regime="closed",
        input_tok=float(row["isl"]) * scale,
        output_tok=output_tok,
        tok_per_s_per_accel=batch * data * output_tok / (end_to_end_s * tensor * data),
        pool=Pool(tensor, data),
        concurrency=batch * data,
        month=months_since_2024(measured[1]) if measured else None,
    )
    return "", found
