"""The constants of the performance model: what each means, and a prior for each from what kernels are known to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from costbasis.formulas.values import Value

ENGINES = ("tensorrt-llm", "sglang", "vllm", "atom")
"""Engines with a time factor of their own, by index; another engine, or none said, counts as the first."""


class Constants(NamedTuple):
    """Global constants, fitted jointly to public measurements. Floats, or arrays of posterior draws.

    They are correlated (a lower bandwidth trades with longer launches): use whole draws, never one at a time.
    """

    gemm_mfu_frac: Value
    """Share of dense peak of large matrix multiplications."""
    hbm_mbu_frac: Value
    """Share of peak memory bandwidth of streaming reads."""
    attention_mfu_frac: Value
    """Share of BF16 peak of attention kernels."""
    kv_read_frac: Value
    """Bandwidth of cache reads over that of weight reads."""
    expert_gemm_frac: Value
    """Efficiency of grouped (expert) multiplications over plain ones."""
    expert_padding_tok: Value
    """Rows of padding for each expert that a pass touches."""
    expert_spread_frac: Value
    """How evenly tokens spread over experts: the share of tokens that route independently and uniformly."""
    fp4_peak_frac: Value
    """Share of the FP4 peak that is left after block scaling, over that of FP8."""
    weight_only_peak_frac: Value
    """Share of BF16 peak where 4-bit weights are unpacked first."""
    amd_peak_frac: Value
    """Share of NVIDIA's efficiency that AMD kernels reach."""
    kernel_s: Value
    """Seconds of one kernel that has nothing to do: launch, drain, small work."""
    amd_overhead_factor: Value
    blackwell_overhead_factor: Value
    """Over that of the other accelerators."""
    step_s: Value
    """Seconds of scheduling and sampling a step."""
    sequence_s: Value
    """Seconds of handling one sequence a step."""
    hidden_passes: Value
    """Times the residual stream passes through memory in a layer, beside the multiplications."""
    width_passes: Value
    """Times the inner widths of a layer do."""
    permute_passes: Value
    """Times routed tokens do, on the way to the experts and back."""
    link_frac: Value
    """Share of a link's bandwidth that collectives reach."""
    collective_s: Value
    """Latency of one collective."""
    overlap_frac: Value
    """Share of expert traffic that dispatch and combine kernels hide behind computing."""
    tuned_expert_factor: Value
    """Efficiency of grouped multiplications in large-scale expert parallelism over that of the frameworks' own."""
    lockstep_factor: Value
    """Turnover with attention data parallelism in one pool over that of independent ranks."""
    sglang_factor: Value
    vllm_factor: Value
    atom_factor: Value
    """Time under an engine over that under TensorRT-LLM."""
    pool_factor: Value
    """Time in disaggregated pools over that of the same work undisturbed: transfers, imbalance, slack."""
    chunk_tok: Value
    """Tokens that an engine prefills in one pass."""
    usable_hbm_frac: Value
    """Share of memory that engines use."""
    reserve_bytes_per_accel: Value
    """Memory kept for activations, graphs and buffers."""
    sequence_limit: Value
    """Most sequences that an engine runs at once on a rank."""
    drift_per_month: Value
    """By how much software gets faster a month, as a logarithm, around :data:`REFERENCE_MONTH`."""


REFERENCE_MONTH = 12
"""Months since 2024-12 at which the constants hold: 2025-12, the middle of the measurements."""

PRIOR: dict[str, tuple[float, float, str]] = {
    "gemm_mfu_frac": (0.7, 0.4, "large GEMMs reach 60 to 80 % of dense peak on Hopper"),
    "hbm_mbu_frac": (0.85, 0.15, "STREAM-like copies reach 85 to 93 % of peak"),
    "attention_mfu_frac": (0.6, 0.5, "FlashAttention-3: up to 75 % forward on H100, less on short prompts"),
    "kv_read_frac": (0.8, 0.4, "paged reads are less regular than weight streaming"),
    "expert_gemm_frac": (0.7, 0.4, "grouped GEMMs work on short, uneven tiles"),
    "expert_padding_tok": (8.0, 0.7, "half a tile of 16 to 64 rows"),
    "expert_spread_frac": (0.8, 0.4, "routing is skewed, so fewer experts are touched than uniform chance says"),
    "fp4_peak_frac": (0.6, 0.4, "block scales and quantising activations cost a part of the FP4 peak"),
    "weight_only_peak_frac": (0.6, 0.5, "unpacking 4-bit weights competes with the multiplication"),
    "amd_peak_frac": (0.65, 0.4, "published GEMM tests of MI300X reach 45 to 60 % of peak against 70 to 80 % of H100"),
    "kernel_s": (4.5e-6, 0.4, "launch and drain of a small kernel in a CUDA graph take 3 to 6 microseconds"),
    "amd_overhead_factor": (1.3, 0.4, "HIP graphs launch more slowly"),
    "blackwell_overhead_factor": (0.9, 0.3, "dependent launches overlap more"),
    "step_s": (1e-3, 0.0, "fixed: sampling, scheduling and detokenising of a step"),
    "sequence_s": (10e-6, 0.5, "host work for one sequence"),
    "hidden_passes": (12.0, 0.7, "norms, residuals, casts and communication buffers"),
    "width_passes": (2.0, 0.7, "written once, read once"),
    "permute_passes": (4.0, 0.7, "gather, quantise, scatter"),
    "link_frac": (0.6, 0.0, "fixed: bus bandwidth of all-reduce over the link's"),
    "collective_s": (8e-6, 0.5, "a custom all-reduce of a small message"),
    "overlap_frac": (0.5, 0.3, "two-batch overlap hides between a third and four fifths"),
    "tuned_expert_factor": (1.5, 0.3, "contiguous layouts of DeepGEMM against the frameworks' defaults"),
    "lockstep_factor": (1.3, 0.2, "ranks wait for the slowest"),
    "sglang_factor": (1.1, 0.15, "host overhead against a compiled engine"),
    "vllm_factor": (1.1, 0.15, "host overhead against a compiled engine"),
    "atom_factor": (0.9, 0.3, "AMD's own engine against the general ones"),
    "pool_factor": (1.15, 0.3, "transfers, uneven pools"),
    "chunk_tok": (8192.0, 0.0, "fixed: the engines' default for prefill"),
    "usable_hbm_frac": (0.92, 0.0, "fixed: engines ask for 90 to 95 %"),
    "reserve_bytes_per_accel": (2.5e9, 0.0, "fixed: graphs, activations, buffers"),
    "sequence_limit": (2048.0, 0.0, "fixed: TensorRT-LLM's default"),
    "drift_per_month": (0.02, 0.5, "mature models got 2 to 3 % faster a month"),
}
"""Centre, spread of its logarithm (0: fixed), and why, for each constant, before any measurement is seen."""


def constants_of(values: Mapping[str, Value]) -> Constants:
    """Constants from values by name; those not given are at the centre of their prior.

    >>> constants_of({"gemm_mfu_frac": 0.5}).gemm_mfu_frac, constants_of({}).step_s
    (0.5, 0.001)

    Errors: ``KeyError`` for a name that is no constant.
    """
    unknown = set(values) - set(PRIOR)
    if unknown:
        raise KeyError(f"no such constant: {', '.join(sorted(unknown))}")
    return Constants(**({name: centre for name, (centre, _, _) in PRIOR.items()} | dict(values)))
