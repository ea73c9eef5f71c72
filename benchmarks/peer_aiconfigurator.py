"""Asks aiconfigurator for the rows of the aggregated set, once, in an environment of its own.

    python -m venv peer && peer/bin/pip install aiconfigurator==0.12.0
    peer/bin/python benchmarks/peer_aiconfigurator.py OUT.csv.gz

It writes id, tok_per_s_per_accel (empty: refused), seconds, and why it was refused. The answers ship in
``catalog/data/calibration/peer_aiconfigurator.csv.gz``; nothing of costbasis imports the peer.
"""

from __future__ import annotations

import csv
import gzip
import io
import logging
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "src" / "costbasis" / "catalog" / "data" / "benchmarks" / "silicon_sample.csv.gz"

MODELS = {
    "meta-llama/Llama-3.1-70B": "meta-llama/Meta-Llama-3.1-70B",
    "meta-llama/Llama-3.1-8B-Instruct": "meta-llama/Meta-Llama-3.1-8B",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "meta-llama/Meta-Llama-3.1-8B",
    "zhipuai/GLM-5": "zai-org/GLM-5-FP8",
    "nvidia/DeepSeek-R1-NVFP4": "deepseek-ai/DeepSeek-R1",
    "nvidia/Qwen3-32B-NVFP4": "Qwen/Qwen3-32B",
}
QUANT = {
    "bf16": ("bfloat16", "bfloat16", "bfloat16"),
    "fp8": ("fp8_block", "fp8_block", "fp8"),
    "fp4": ("nvfp4", "nvfp4", "fp8"),
    "int4": ("int4_wo", "int4_wo", "bfloat16"),
}
BLOCK_SCALED = ("DeepSeek", "MiniMax", "GLM", "Qwen3-235B", "Qwen3.5")
"""Models whose FP8 release scales blocks; the others scale tensors."""
DRAWN_LENGTH = 0.9
EXACT_SOURCES = ("source_file=Qwen_", "source_file=meta", "source_file=nvidia_", "source_file=qwen3_")
CHUNK_TOK = 8192


def main(out: str) -> None:
    """Ask row by row, in groups of one database, and write as it goes."""
    logging.disable(logging.CRITICAL)
    answers: dict[tuple[Any, ...], tuple[str, float, str]] = {}
    with gzip.GzipFile(out, "wb", mtime=0) as packed, io.TextIOWrapper(packed, newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("id", "tok_per_s_per_accel", "seconds", "refused"))
        for row, asked in questions():
            if asked not in answers:
                start = time.perf_counter()
                try:
                    rate, why = f"{answer(*asked):.4f}", ""
                except Exception as error:  # the peer raises many kinds; all are refusals
                    rate, why = "", type(error).__name__
                answers[asked] = (rate, time.perf_counter() - start, why)
            rate, seconds, why = answers[asked]
            writer.writerow((row["id"], rate, f"{seconds:.4f}", why))


def questions() -> Iterator[tuple[dict[str, str], tuple[Any, ...]]]:
    """Every aggregated row with a layout of one node, and what is asked for it."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(DATA.read_bytes()).decode())))
    for row in sorted(rows, key=lambda row: (row["system"], row["backend"], row["model_path"])):
        sizes = [int(float(row[name] or 1)) for name in ("tp_size", "attention_dp_size", "moe_tp_size", "moe_ep_size")]
        if row["mode"] != "agg" or row["system"].startswith("gb") or 0 in sizes or sizes[0] * sizes[1] > 8:
            continue
        exact = row["silicon_data_source"].startswith(EXACT_SOURCES)
        scale = 1.0 if exact else DRAWN_LENGTH
        lengths = (int(float(row["isl"]) * scale), int(float(row["osl"]) * scale))
        precision = row["precision"] or "bf16"
        asked = (row["system"], row["backend"], row["model_path"], precision, *lengths, int(float(row["batch_size"])))
        yield row, (*asked, *sizes)


@cache
def database(system: str, backend: str) -> Any:
    """The newest database of a system and backend."""
    from aiconfigurator_core.sdk.perf_database import get_database, get_latest_database_version

    return get_database(system, backend, get_latest_database_version(system, backend))


@cache
def model(backend: str, path: str, precision: str, tp: int, dp: int, moe_tp: int, moe_ep: int) -> Any:
    """The peer's model in a precision and layout."""
    from aiconfigurator_core.sdk.config_builders import build_model_config
    from aiconfigurator_core.sdk.models import get_model

    gemm, moe, cache_format = QUANT[precision]
    if precision == "fp8" and not any(name in path for name in BLOCK_SCALED):
        gemm = moe = "fp8"
    if "gpt-oss" in path:
        gemm, moe, cache_format = "bfloat16", "w4a16_mxfp4", "bfloat16"
    config = build_model_config(
        tp,
        1,
        dp,
        moe_tp,
        moe_ep,
        gemm_quant_mode=gemm,
        moe_quant_mode=moe,
        kvcache_quant_mode=cache_format,
        fmha_quant_mode="bfloat16",
    )
    return get_model(MODELS.get(path, path), config, backend)


def answer(
    system: str,
    backend: str,
    path: str,
    precision: str,
    isl: int,
    osl: int,
    batch: int,
    tp: int,
    dp: int,
    moe_tp: int,
    moe_ep: int,
) -> float:
    """Output tokens per second and accelerator at one operating point."""
    from aiconfigurator_core.sdk.backends.factory import get_backend
    from aiconfigurator_core.sdk.config import RuntimeConfig

    data = database(system, backend)
    if data is None:
        raise LookupError("no database")
    found = get_backend(backend).run_agg(
        model(backend, path, precision, tp, dp, moe_tp, moe_ep),
        data,
        RuntimeConfig(batch_size=batch, isl=isl, osl=osl),
        ctx_tokens=min(CHUNK_TOK, isl * batch),
    )
    if found.check_oom():
        raise MemoryError("does not fit")
    result = found.get_summary_df().iloc[0]
    end_to_end_s = (float(result["ttft"]) + (osl - 1) * float(result["tpot"])) / 1e3
    return batch * dp * osl / (end_to_end_s * tp * dp)


if __name__ == "__main__":
    main(sys.argv[1])
