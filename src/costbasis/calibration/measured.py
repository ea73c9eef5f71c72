"""Reads tables with the columns of ``serving_measured.csv``: the shipped one, or a user's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from costbasis.calibration.measurement import (
    Measurement,
    Pool,
    accelerator_name,
    model_name,
    months_since_2024,
    weights_and_cache,
)
from costbasis.calibration.silicon import DRAWN_LENGTH
from costbasis.catalog.tables import Row
from costbasis.errors import UnreadableInput

COLUMNS = (
    "id",
    "model",
    "accelerator",
    "precision",
    "framework",
    "scenario",
    "isl",
    "osl",
    "tok_s_per_gpu",
    "tok_s_per_gpu_kind",
)
"""Columns that must be there; ``tp``, ``dp``, ``ep``, ``pp``, ``concurrency``, ``n_accelerators`` where they apply."""

WORKERS = re.compile(
    r"prefill (\d+) worker\(s\) tp(\d+) ep(\d+) dpattn(\d).*?decode (\d+) worker\(s\) tp(\d+) ep(\d+) dpattn(\d)"
)
MLPERF_LIMITS = re.compile(r"limits TTFT (\d+(?:\.\d+)?) s TPOT (\d+(?:\.\d+)?) ms")
NODE = 8
ASSUMED_INPUT_TOK = {"llama-3.1-8b": 778.0, "deepseek-r1": 800.0}
"""Mean input of MLPerf benchmarks whose logs do not say: recollections, never scored nor fitted to."""
COMPILED_ENGINES = ("tensorrt-llm 0.14", "tensorrt-llm 0.17")
"""Releases with a compiled engine, mature by then: the same cell moved by 2 to 4 % over them, so age says nothing."""


def measured_measurements(rows: Sequence[Row]) -> tuple[list[Measurement], Counter[str]]:
    """The measurements that the model can be compared with, and how many rows each rule dropped.

    Errors: :class:`~costbasis.errors.UnreadableInput` naming the columns that are missing, or the row and
    column of a value that is no number.
    """
    if not rows:
        raise UnreadableInput("the table has no rows", hint=f"it needs the columns {', '.join(COLUMNS)}")
    missing = [name for name in COLUMNS if name not in rows[0]]
    if missing:
        raise UnreadableInput(
            f"the table lacks the columns {', '.join(missing)}",
            hint="the columns are those of benchmarks/serving_measured.csv in the catalogue",
        )
    kept: list[Measurement] = []
    dropped: Counter[str] = Counter()
    for number, row in enumerate(rows, start=2):
        try:
            reason, found = _one(row)
        except (ValueError, ZeroDivisionError) as error:
            raise UnreadableInput(
                f"row {row.get('id') or number} cannot be read: {error}",
                where=f"line {number}",
                hint="numbers are plain, a layout is whole numbers above 0",
            ) from error
        if found is None:
            dropped[reason] += 1
        else:
            kept.append(found)
    return kept, dropped


def _one(row: Row) -> tuple[str, Measurement | None]:
    if row.get("quality") == "suspect":
        return "suspect: little's law fails", None
    if row.get("quality") == "weak" and row["scenario"] == "closed-loop-concurrency":
        return "closed loop marked weak by its source: burst start, few requests, or accelerators not recoverable", None
    if row.get("spec_decode") not in ("none", "", None):
        return "speculative decoding: acceptance unknown", None
    weights, cache = weights_and_cache(row["precision"])
    if weights is None:
        weights = {"w:native checkpoint kv:auto": "fp8"}.get(row["precision"])
    if weights is None:
        return "weights' precision not stated", None
    scenario = row["scenario"]
    readers = {
        "closed-loop-concurrency": _closed_loop,
        "offline-max-throughput": _offline,
        "mlperf-offline": _mlperf,
        "mlperf-server": _mlperf,
        "mlperf-interactive": _mlperf,
        "open-loop-poisson": _open_loop,
        "profile-decode": _one_pool,
        "profile-prefill": _one_pool,
        "prefill-only": _one_pool,
        "decode-only": _one_pool,
        "production-24h-decode": _one_pool,
        "production-24h-prefill": _one_pool,
    }
    if scenario not in readers:
        return f"{scenario}: no steady state", None
    return readers[scenario](row, weights, cache)


def _number(row: Row, name: str, default: float | None = None) -> float | None:
    text = row.get(name) or ""
    return float(text) if text else default


def _whole(row: Row, name: str, default: int = 1) -> int:
    return int(float(row.get(name) or default))


def _measurement(row: Row, weights: str, cache: str | None, pool: Pool, **fields: Any) -> Measurement:
    # a plain dict keeps each scenario to what differs in it
    values: dict[str, Any] = {
        "id": row["id"],
        "model": model_name(row["model"]),
        "accelerator": accelerator_name(row["accelerator"]),
        "precision": weights,
        "engine": row["framework"],
        "tok_per_s_per_accel": _number(row, "tok_s_per_gpu"),
        "pool": pool,
        "month": months_since_2024(row.get("source_date", "")),
        "kv": cache,
    }
    return Measurement(**(values | fields))


def _closed_loop(row: Row, weights: str, cache: str | None) -> tuple[str, Measurement | None]:
    isl, osl, concurrency = (_number(row, name) for name in ("isl", "osl", "concurrency"))
    if not (isl and osl and concurrency):
        return "no lengths or no concurrency", None
    is_inferencex = row["id"].startswith("ix-")
    scale = DRAWN_LENGTH if is_inferencex else 1.0
    rate = _number(row, "tok_s_per_gpu") or 0.0
    if row["tok_s_per_gpu_kind"] == "input+output":
        rate *= osl / (isl + osl)
    if rate <= 0:
        return "no throughput", None
    common: dict[str, object] = {
        "input_tok": isl * scale,
        "output_tok": osl * scale,
        "concurrency": concurrency,
        "tok_per_s_per_accel": rate,
        "month": None if is_inferencex else months_since_2024(row.get("source_date", "")),
        "cached_frac": _number(row, "cached_share", 0.0),
    }
    if row.get("disagg") == "1":
        workers = WORKERS.search(row.get("note", ""))
        if workers is None or "not recoverable" in row["note"]:
            return "disaggregated without worker counts", None
        counts = [int(text) for text in workers.groups()]
        prefill, decode = _workers(*counts[:4]), _workers(*counts[4:])
        made = _measurement(
            row, weights, cache, decode, prefill_pool=prefill, regime="pools", set="disaggregated", **common
        )
        return "", made
    tensor, data = _whole(row, "tp"), _whole(row, "dp")
    accelerators = _whole(row, "n_accelerators", tensor)
    if data > 1 and tensor == accelerators:  # the group's size is printed as tensor parallelism
        tensor //= data
    replicas = max(accelerators // (tensor * data), 1) if not is_inferencex else 1
    pool = Pool(tensor, data, _whole(row, "pp"), replicas)
    name = "inferencex" if is_inferencex else "closed loop, other sources"
    return "", _measurement(row, weights, cache, pool, regime="closed", set=name, **common)


def _workers(count: int, tensor: int, expert: int, data_attention: int) -> Pool:
    size = max(tensor, expert)
    layout = (1, size) if data_attention else (size, 1)
    return Pool(*layout, replicas=count, expert_kernels=bool(data_attention) and size > NODE)


def _offline(row: Row, weights: str, cache: str | None) -> tuple[str, Measurement | None]:
    isl, osl = _number(row, "isl"), _number(row, "osl")
    if not (isl and osl):
        return "no lengths", None
    if row["id"].startswith("trt07"):
        return "software of 2023", None
    pool = Pool(_whole(row, "tp"), _whole(row, "dp"), _whole(row, "pp"))
    made = _measurement(
        row,
        weights,
        cache,
        pool,
        regime="offline",
        set="tensorrt-llm offline",
        engine="tensorrt-llm",
        input_tok=isl,
        output_tok=osl,
        month=None if row["framework"].startswith(COMPILED_ENGINES) else months_since_2024(row.get("source_date", "")),
        either_layout="attention-DP flag" in row.get("note", ""),
    )
    return "", made


def _mlperf(row: Row, weights: str, cache: str | None) -> tuple[str, Measurement | None]:
    isl, osl = _number(row, "isl"), _number(row, "osl")
    assumed = "" if isl else ", length assumed"
    isl = isl or ASSUMED_INPUT_TOK.get(row["model"])
    if not isl:
        return "mlperf: input length not in the logs", None
    if not osl or not row.get("n_accelerators"):
        return "mlperf: size of the system not stated", None
    if weights == "bf16":
        return "mlperf: declared weights are the checkpoint's, quantised at run time", None
    scenario = row["scenario"].removeprefix("mlperf-")
    limits = MLPERF_LIMITS.search(row.get("note", "")) if scenario != "offline" else None
    made = _measurement(
        row,
        weights,
        cache,
        Pool(_whole(row, "n_accelerators")),
        regime="offline",
        set=f"mlperf {scenario}{assumed}",
        input_tok=isl,
        output_tok=osl,
        any_layout=True,
        engine="tensorrt-llm",
        month=None,  # tuned by hand for each round: the best H200 made 4,488 in August 2024, 4,415 in September 2025
        ttft_limit_s=float(limits[1]) if limits else None,
        tpot_limit_s=float(limits[2]) / 1e3 if limits else None,
    )
    return "", made


STUDY, OFFERED_REQUESTS = "vcm-", 500.0
"""Rows of the load study, and requests of each of its runs. Its table does not say; its rates do: at 1 request/s every
run completes as many a second as 500 requests and the latency of the last one give (500 / (500 s + 1.7 s) = 0.9967)."""


def _open_loop(row: Row, weights: str, cache: str | None) -> tuple[str, Measurement | None]:
    if not row["framework"].startswith("vllm"):
        return "load study: saturates at half of the other engine, a client limit", None
    isl, osl, offered = (_number(row, name) for name in ("isl", "osl", "offered_rps"))
    if not (isl and osl and offered):
        return "no lengths or no load", None
    if row["accelerator"].startswith("A100") and weights == "fp8":
        return "load study: FP8 on A100 is weight-only", None
    made = _measurement(
        row,
        weights,
        cache,
        Pool(_whole(row, "tp")),
        regime="open",
        set="load study",
        input_tok=isl,
        output_tok=osl,
        offered_request_per_s=offered,
        offered_requests=OFFERED_REQUESTS if row["id"].startswith(STUDY) else None,
    )
    return "", made


def _one_pool(row: Row, weights: str, cache: str | None) -> tuple[str, Measurement | None]:
    if "SIMULATED" in row.get("note", ""):
        return "a simulation", None
    regime = "prefill" if "prefill" in row["scenario"] else "decode"
    cached = _number(row, "cached_share", 0.0) or 0.0
    concurrency = _number(row, "concurrency")
    context = _number(row, "isl") or 4989.0  # the day's own mean context
    ranks = _whole(row, "ep", 1)
    rate = _number(row, "tok_s_per_gpu") or 0.0
    if row["scenario"].startswith("production"):
        return "production averages over a day: in the accounting, not in the kernels", None
    if regime == "decode" and not concurrency:
        return "decode without a batch", None
    if ranks <= NODE:
        return "not large-scale expert parallelism", None
    made = _measurement(
        row,
        weights,
        cache,
        Pool(1, ranks, expert_kernels=True),
        regime=regime,
        set="large-scale experts",
        input_tok=context,
        output_tok=_number(row, "osl") or 100.0,
        concurrency=concurrency,
        tok_per_s_per_accel=rate,
        cached_frac=cached,
    )
    return "", made
