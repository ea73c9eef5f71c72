"""The constants of the performance model: what each means, and a prior for each from what kernels are known to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from costbasis.formulas.values import Value

ENGINES = ("tensorrt-llm", "sglang", "vllm", "atom")
"""Engines with a factor of their own, by index; another engine, or none said, counts as the first."""


class Constants(NamedTuple):
    """Global constants, fitted jointly to public measurements. Floats, or arrays of posterior draws.

    They are correlated (a lower bandwidth trades with longer launches): use whole draws, never one at a time.
    """

    gemm_mfu_frac: Value
    """Share of dense BF16 peak of large matrix multiplications."""
    fp8_peak_frac: Value
    """Share of that at FP8, over its own peak: power limits and quantising activations."""
    fp4_peak_frac: Value
    """The same at FP4."""
    weight_only_peak_frac: Value
    """The same where integer weights are unpacked to BF16 first."""
    hbm_mbu_frac: Value
    """Share of peak memory bandwidth of streaming reads."""
    attention_mfu_frac: Value
    """Share of BF16 peak of attention kernels."""
    kv_read_frac: Value
    """Bandwidth of cache reads over that of weight reads."""
    expert_gemm_frac: Value
    """Efficiency of grouped (expert) multiplications with many rows an expert, over plain ones."""
    expert_padding_tok: Value
    """Rows of an expert at which half of the worst padding is left: see ``expert_rows_tok``."""
    expert_read_frac: Value
    """Bandwidth of reading experts over that of reading dense weights."""
    expert_spread_frac: Value
    """How evenly tokens spread over experts: the share of tokens that route independently and uniformly."""
    cdna3_peak_frac: Value
    """Share of NVIDIA's matrix efficiency that AMD's third compute generation reaches (MI300X, MI325X)."""
    cdna3_fp8_frac: Value
    """The same again at FP8."""
    cdna4_peak_frac: Value
    """Share of NVIDIA's matrix efficiency that AMD's fourth compute generation reaches (MI355X)."""
    kernel_s: Value
    """Seconds of one kernel that has nothing to do: launch, drain, small work."""
    expert_kernel_factor: Value
    """Kernels of a mixture-of-experts layer that are left after fusing."""
    latent_kernel_factor: Value
    """Kernels of a latent attention layer that are left after fusing."""
    amd_kernel_factor: Value
    blackwell_kernel_factor: Value
    """Seconds of a kernel over those on the other accelerators."""
    step_s: Value
    """Host seconds of scheduling and sampling a step, under TensorRT-LLM."""
    sequence_s: Value
    """Host seconds of handling one sequence a step, under TensorRT-LLM."""
    sglang_host_factor: Value
    vllm_host_factor: Value
    """Host seconds under an engine over those under TensorRT-LLM."""
    atom_factor: Value
    """Time under AMD's own engine over that under the general ones on the same accelerator."""
    hidden_passes: Value
    """Times the residual stream passes through memory in a layer, beside the multiplications."""
    width_passes: Value
    """Times the inner widths of a layer do."""
    permute_passes: Value
    """Times routed tokens do, on the way to the experts and back."""
    link_frac: Value
    """Share of a link's bandwidth that collectives reach."""
    exchange_link_frac: Value
    """Share of a link's bandwidth that dispatch and combine kernels reach."""
    collective_s: Value
    """Latency of one collective."""
    lockstep_factor: Value
    """Turnover with attention data parallelism in one pool over that of independent ranks."""
    offline_factor: Value
    """Time with all requests queued over that of a steady batch: ramps, and batches short of what memory allows."""
    slo_headroom_frac: Value
    """Share of the steady rate that is left under limits on TTFT and TPOT, beside what queueing theory takes."""
    pool_factor: Value
    """Time in disaggregated pools over that of the same work undisturbed: transfers, imbalance, slack."""
    overlap_frac: Value
    """Share of expert traffic that dispatch and combine kernels hide behind computing."""
    tuned_expert_factor: Value
    """Efficiency of grouped multiplications in large-scale expert parallelism over that of the frameworks' own."""
    drift_per_month: Value
    """By how much software gets faster a month, as a logarithm, around :data:`REFERENCE_MONTH`."""
    software_month: Value
    """Months since 2024-12 of the software, where a run does not say its own."""
    chunk_tok: Value
    """Tokens that an engine prefills in one pass."""
    usable_hbm_frac: Value
    """Share of memory that engines use."""
    reserve_bytes_per_accel: Value
    """Memory kept for activations, graphs and buffers."""
    sequence_limit: Value
    """Most sequences that an engine runs at once on a rank."""


REFERENCE_MONTH = 12
"""Months since 2024-12 at which the constants hold: 2025-12, the middle of the measurements."""

MEASURED_MONTHS = (2, 18)
"""The oldest and the newest software that was measured with its date: 2025-02 and 2026-06. Drift is
known in between; outside it stops, as nothing says that it went on."""

PRIOR: dict[str, tuple[float, float, str]] = {
    "gemm_mfu_frac": (0.75, 0.3, "large BF16 GEMMs reach 70 to 80 % of dense peak on Hopper"),
    "fp8_peak_frac": (0.9, 0.3, "FP8 GEMMs are limited by power sooner, and their inputs must be quantised"),
    "fp4_peak_frac": (0.7, 0.3, "block scales and quantised activations cost a part of the FP4 peak"),
    "weight_only_peak_frac": (0.8, 0.3, "unpacking 4-bit weights competes with the multiplication"),
    "hbm_mbu_frac": (0.9, 0.15, "streaming copies reach 85 to 93 % of peak"),
    "attention_mfu_frac": (0.6, 0.3, "FlashAttention-3: up to 75 % forward on H100, less on short prompts"),
    "kv_read_frac": (0.8, 0.3, "paged reads are less regular than weight streaming"),
    "expert_gemm_frac": (0.85, 0.6, "grouped GEMMs against plain ones of the same shape"),
    "expert_padding_tok": (256.0, 0.9, "a few tiles of 64 to 256 rows"),
    "expert_read_frac": (0.75, 0.3, "experts are read in pieces, in uneven order"),
    "expert_spread_frac": (0.8, 0.3, "routing is skewed, so fewer experts are touched than uniform chance says"),
    "cdna3_peak_frac": (0.7, 0.25, "GEMM tests of MI300X reach 45 to 60 % of peak, of H100 70 to 80 %"),
    "cdna3_fp8_frac": (0.7, 0.25, "the same tests at FP8 reach about 40 % of peak"),
    "cdna4_peak_frac": (0.6, 0.4, "between CDNA3 and NVIDIA"),
    "kernel_s": (5e-6, 0.3, "launch and drain of a small kernel in a CUDA graph take 3 to 6 microseconds"),
    "expert_kernel_factor": (0.8, 0.3, "routing, gathering and activation are partly fused"),
    "latent_kernel_factor": (0.8, 0.3, "projections of latent attention are partly fused"),
    "amd_kernel_factor": (1.2, 0.3, "HIP graphs launch more slowly"),
    "blackwell_kernel_factor": (0.9, 0.3, "dependent launches overlap more"),
    "step_s": (4e-4, 0.6, "scheduling overlaps with the previous step; what is left of about a millisecond"),
    "sequence_s": (4e-6, 1.5, "host work for one sequence in a compiled runtime"),
    "sglang_host_factor": (3.0, 1.5, "Python against a compiled runtime"),
    "vllm_host_factor": (3.0, 1.5, "Python against a compiled runtime"),
    "atom_factor": (1.0, 0.3, "AMD's own engine against the general ones"),
    "hidden_passes": (6.0, 0.3, "norms, residuals, casts and communication buffers"),
    "width_passes": (2.0, 0.3, "written once, read once"),
    "permute_passes": (3.0, 0.3, "gather, quantise, scatter"),
    "link_frac": (0.6, 0.0, "fixed: bus bandwidth of all-reduce over the link's"),
    "exchange_link_frac": (0.88, 0.0, "fixed: DeepEP prints 43 to 47 GB/s of 50 between nodes"),
    "collective_s": (8e-6, 0.6, "a custom all-reduce of a small message"),
    "lockstep_factor": (1.3, 0.3, "ranks wait for the slowest"),
    "offline_factor": (1.0, 0.15, "no reason to be far from a steady batch"),
    "slo_headroom_frac": (0.9, 0.15, "arrivals and lengths vary; submitters keep a margin"),
    "pool_factor": (1.15, 0.3, "transfers, uneven pools"),
    "overlap_frac": (0.5, 0.3, "two-batch overlap hides between a third and four fifths"),
    "tuned_expert_factor": (1.3, 0.3, "contiguous layouts of DeepGEMM against the frameworks' defaults"),
    "drift_per_month": (0.02, 0.5, "mature models got 2 to 3 % faster a month"),
    "software_month": (float(REFERENCE_MONTH), 0.0, "fixed: the middle of the measurements; a question sets its own"),
    "chunk_tok": (8192.0, 0.0, "fixed: the engines' default for prefill"),
    "usable_hbm_frac": (0.92, 0.0, "fixed: engines ask for 90 to 95 %"),
    "reserve_bytes_per_accel": (2.5e9, 0.0, "fixed: graphs, activations, buffers"),
    "sequence_limit": (4096.0, 0.0, "fixed: the largest default of the engines"),
}
"""Centre, spread of its logarithm (0: fixed), and why, for each constant, before any measurement is seen."""


def constants_of(values: Mapping[str, Value]) -> Constants:
    """Constants from values by name; those not given are at the centre of their prior.

    >>> constants_of({"gemm_mfu_frac": 0.5}).gemm_mfu_frac, constants_of({}).step_s
    (0.5, 0.0004)

    Errors: ``KeyError`` for a name that is no constant.
    """
    unknown = set(values) - set(PRIOR)
    if unknown:
        raise KeyError(f"no such constant: {', '.join(sorted(unknown))}")
    return Constants(**({name: centre for name, (centre, _, _) in PRIOR.items()} | dict(values)))
