"""One published measurement of serving throughput, brought into the terms of the performance model."""

from __future__ import annotations

import re
from dataclasses import dataclass

from costbasis.catalog.hardware.deployments import BYTES
from costbasis.catalog.posterior import family_of
from costbasis.catalog.tables import slug


@dataclass(frozen=True, slots=True)
class Pool:
    """Replicas of one layout: *tensor* × *data* × *pipeline* accelerators each."""

    tensor: int
    data: int = 1
    pipeline: int = 1
    replicas: int = 1
    expert_kernels: bool = False

    @property
    def accelerators(self) -> int:
        """Accelerators of all replicas."""
        return self.tensor * self.data * self.pipeline * self.replicas


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was run and how fast it was.

    *regime*: ``closed`` (a fixed number of requests in flight), ``offline`` (all queued, memory sets the batch),
    ``pools`` (disaggregated, closed loop), ``prefill`` and ``decode`` (one pool alone), ``open`` (an offered
    load). *tok_per_s_per_accel* counts output tokens, but input tokens in ``prefill``. *concurrency*: requests
    in flight over all replicas. *month*: months since 2024-12 of the software, None where a median over time.
    """

    id: str
    set: str
    model: str
    accelerator: str
    precision: str
    engine: str
    regime: str
    input_tok: float
    output_tok: float
    tok_per_s_per_accel: float
    pool: Pool
    prefill_pool: Pool | None = None
    concurrency: float | None = None
    month: float | None = None
    cached_frac: float = 0.0
    kv: str | None = None
    either_layout: bool = False
    """True where the source does not say whether attention was tensor- or data-parallel."""
    any_layout: bool = False
    """True where the source gives only the number of accelerators: the best layout counts."""
    tpot_limit_s: float | None = None
    ttft_limit_s: float | None = None
    offered_request_per_s: float | None = None
    offered_requests: float | None = None
    """How many requests the run under an offered load consisted of; None: nobody says, so they never end."""

    @property
    def family(self) -> str:
        """The geometry that the model shares with others: what is left out together."""
        return family_of(self.model)

    @property
    def vendor(self) -> str:
        """Who makes the accelerator."""
        return "amd" if self.accelerator.startswith("mi3") else "nvidia"


MODEL_NAMES = {
    "deepseek-ai/DeepSeek-R1": "deepseek-r1",
    "deepseek-ai/DeepSeek-V3": "deepseek-v3",
    "nvidia/DeepSeek-R1-NVFP4": "deepseek-r1",
    "nvidia/DeepSeek-V3.1-NVFP4": "deepseek-v3.1",
    "MiniMaxAI/MiniMax-M2.5": "minimax-m2.5",
    "openai/gpt-oss-120b": "gpt-oss-120b",
    "meta-llama/Llama-3.1-70B": "llama-3.1-70b",
    "Qwen/Qwen3-32B": "qwen3-32b",
    "nvidia/Qwen3-32B-NVFP4": "qwen3-32b",
    "Qwen/Qwen3.5-397B-A17B": "qwen3.5-397b-a17b",
    "moonshotai/Kimi-K2.5": "kimi-k2.5",
    "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "llama-3.1-8b",
    "Qwen/Qwen3-235B-A22B-FP8": "qwen3-235b-a22b",
    "zhipuai/GLM-5": "glm-5",
    "deepseek-v3/r1": "deepseek-v3",
    "kimi-k2": "kimi-k2-0711",
}
"""Names as the sources print them, where they differ from the catalogue's."""

ACCELERATOR_NAMES = {
    "h100_sxm": "h100-sxm",
    "h200_sxm": "h200-sxm",
    "b200_sxm": "b200-sxm",
    "b300_sxm": "b300-sxm",
    "B200": "b200-sxm",
    "B300": "b300-sxm",
    "A100-SXM-80GB": "a100-sxm",
    "RTX-PRO-6000-SE": "rtx-pro-6000-server",
    "H100-80GB-unspecified": "h100-sxm",
    "GH200": "gh200",
}

PRECISION_NAMES = {"auto": "bf16", "fp16": "bf16", "float16": "bf16", "nvfp4": "fp4", "mxfp4": "fp4", "": "bf16"}


def model_name(printed: str) -> str:
    """The catalogue's name of a model."""
    return MODEL_NAMES.get(printed, printed)


def accelerator_name(printed: str) -> str:
    """The catalogue's short name of an accelerator.

    >>> accelerator_name("H100-SXM"), accelerator_name("A100-PCIe-80GB"), accelerator_name("b200_sxm")
    ('h100-sxm', 'a100-pcie', 'b200-sxm')
    """
    return ACCELERATOR_NAMES.get(printed) or slug(printed)


def weights_and_cache(printed: str) -> tuple[str | None, str | None]:
    """The weights' precision and the cache's, where stated, from ``w:fp8 kv:fp8`` or a bare name.

    >>> weights_and_cache("w:fp8 kv:bf16"), weights_and_cache("w:fp4 kv:recipe default"), weights_and_cache("?")
    (('fp8', 'bf16'), ('fp4', None), (None, None))
    """
    found = re.match(r"w:(\S+?),?\s(?:.*kv:(\S+))?", printed) or re.match(r"()(\S*)$", "")
    weights = found[1] if found and found[1] else printed
    weights = PRECISION_NAMES.get(weights, weights)
    cache = PRECISION_NAMES.get(found[2] or "?", found[2]) if found and found[1] else None
    return (weights if weights in BYTES else None), (cache if cache in BYTES else None)


def months_since_2024(printed: str) -> float | None:
    """Months since 2024-12 of a date; None where there is none, or a span of time.

    >>> months_since_2024("~2025-09"), months_since_2024("2025-09..2026-07"), months_since_2024("")
    (9.0, None, None)
    """
    found = re.search(r"(20\d\d)-(\d\d)", printed)
    return (int(found[1]) - 2025) * 12.0 + int(found[2]) if found and ".." not in printed else None
