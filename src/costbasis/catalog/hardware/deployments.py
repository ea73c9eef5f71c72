"""From rows of the catalogue to the nouns of the performance model: architectures, accelerators, precisions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from costbasis.catalog.tables import Row
from costbasis.errors import BadCatalogue, UnknownName
from costbasis.formulas.compute import attention_flop_per_tok2
from costbasis.formulas.values import Value
from costbasis.performance import Accelerator, Architecture, Precision
from costbasis.performance.constants import ENGINES
from costbasis.units import to_base

PRECISIONS = ("bf16", "fp8", "fp4", "int4")
"""What a deployment may be served in: weights of that width; the cache at FP8 unless weights are BF16."""

BYTES = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5625, "mxfp4": 0.53125, "int4": 0.5625}
"""Bytes of a parameter. Four-bit formats carry a scale: one byte for 16 weights (NVFP4), for 32 (MXFP4)."""

UNLIMITED = 1e12
GIB_PER_GB = 2**30 / 1e9
"""Vendors print memory in binary gigabytes: an H200 of 141 GB reports 143,771 MiB."""
HOST_LINK_BYTES_PER_S = 24e9
NETWORK_BYTES_PER_S = 50e9
"""One way, per accelerator: what copies between cards reach over PCIe 4 x16 (32 GB/s nominal); a 400 Gb/s adapter."""

KERNELS = {"layer": 8, "latent": 6, "moe": 5, "shared": 2, "linear": 4, "indexer": 6, "compressed": 8}
"""Kernels of one layer: norms, projections, rotary, attention, feed-forward (8); what each kind adds to it."""


def architecture_of(row: Row) -> Architecture:
    """The geometry of one row of ``architecture.csv``, or of a config brought into its columns.

    Errors: :class:`~costbasis.errors.BadCatalogue` naming the columns that are missing.
    """
    needed = ("layers", "hidden_size", "heads", "vocab")
    missing = [name for name in needed if not row.get(name)]
    active_b = _number(row, "active_params_b_computed") or _number(row, "active_params_b")
    if not active_b:
        missing.append("active_params_b_computed")
    if missing:
        raise BadCatalogue(
            f"the geometry lacks {', '.join(missing)}",
            where=f"architecture/{row.get('model', '?')}",
            hint="take the values from the model's config.json",
        )
    layers, hidden, vocab = (_number(row, name) for name in ("layers", "hidden_size", "vocab"))
    moe_layers, experts, active = (_number(row, name) for name in ("moe_layers", "routed_experts", "active_experts"))
    latent = _number(row, "moe_latent_dim") or hidden
    matrices = 2 if "nemotron" in row.get("model_type", "") else 3  # without a gate: up and down only
    expert = matrices * latent * _number(row, "moe_intermediate") if experts else 0.0
    shared_width = _number(row, "shared_intermediate") or _number(row, "moe_intermediate")
    dense = (
        3 * hidden * _number(row, "dense_intermediate") * _number(row, "dense_ffn_layers")
        + moe_layers * _number(row, "shared_experts") * matrices * hidden * shared_width
        + moe_layers * experts * hidden
        + (2 * moe_layers * hidden * latent if latent != hidden else 0.0)
    )
    attention = active_b * 1e9 - moe_layers * active * expert - vocab * hidden - dense
    return Architecture(
        layers=layers,
        hidden=hidden,
        vocab=vocab,
        heads=_number(row, "heads"),
        attention_param_count=max(attention, 1.0),
        dense_param_count=dense,
        expert_param_count=expert,
        moe_layers=moe_layers,
        experts=max(experts, 1.0),
        active_experts=active if experts else 0.0,
        **_attention(row, layers),
    )


def _attention(row: Row, layers: float) -> dict[str, float]:
    """Elements, FLOP and windows of the two groups of attention layers, and the kernels of all layers."""
    kind = row["attention_type"]
    heads, key = _number(row, "heads"), _number(row, "head_dim")
    value = _number(row, "v_head_dim") or key
    local_layers, linear = _number(row, "n_sliding_layers"), _number(row, "n_linear_layers")
    full = _number(row, "n_full_attn_layers") if row.get("n_full_attn_layers") else layers
    top, index_layers = _number(row, "index_topk"), _number(row, "n_index_layers")
    index_dim = _number(row, "index_head_dim")
    compression, window = 1.0, UNLIMITED
    local_compression, local_window = 1.0, UNLIMITED
    kv_heads = _number(row, "kv_heads")
    kv, local_kv = kv_heads * (key + value), (_number(row, "sliding_kv_heads") or kv_heads) * (key + value)
    decode, prefill = (key, value), (key, value)
    if "CSA" in kind:
        # DeepSeek-V4: one shared key-value head; some layers compress 4 to 1 and select, the rest compress 128 to 1
        kv = local_kv = key
        compression, window = 4.0, top + _number(row, "sliding_window")
        local_layers, full, local_compression, kv_heads = full - index_layers, index_layers, 128.0, 1.0
    elif "MLA" in kind:
        rank, rotary = _number(row, "kv_lora_rank"), _number(row, "qk_rope_head_dim")
        kv, kv_heads = rank + rotary, 1.0
        decode = (rank + rotary, rank)
        prefill = decode if top else (_number(row, "qk_nope_head_dim") + rotary, value)
        window = top or UNLIMITED
    elif top:
        window, local_layers, full = top, full - index_layers, index_layers
    elif local_layers:
        local_window = _number(row, "sliding_window")
    shared = (_number(row, "shared_experts") > 0) * KERNELS["shared"]
    kernels = (
        layers * KERNELS["layer"]
        + linear * KERNELS["linear"]
        + index_layers * KERNELS["indexer"]
        + ("CSA" in kind) * layers * KERNELS["compressed"]
    )
    state = linear * _number(row, "linear_v_heads") * _number(row, "linear_k_dim") * _number(row, "linear_v_dim")
    return {
        "kv_heads": kv_heads,
        "global_kv_elements_per_tok": full * kv,
        "global_decode_flop_per_tok2": float(attention_flop_per_tok2(full, heads, *decode)),
        "global_prefill_flop_per_tok2": float(attention_flop_per_tok2(full, heads, *prefill)),
        "global_compression": compression,
        "global_window_tok": window,
        "local_kv_elements_per_tok": local_layers * local_kv,
        "local_flop_per_tok2": float(attention_flop_per_tok2(local_layers, heads, key, value)),
        "local_compression": local_compression,
        "local_window_tok": local_window,
        "index_flop_per_tok2": float(
            attention_flop_per_tok2(index_layers, _number(row, "index_heads"), index_dim, 0.0) / compression
        ),
        "index_elements_per_tok": index_layers * index_dim / compression,
        "state_elements": state,
        "kernels": kernels,
        "expert_kernels": _number(row, "moe_layers") * (KERNELS["moe"] + shared),
        "latent_kernels": layers * ("MLA" in kind) * KERNELS["latent"],
    }


def accelerator_of(row: Row) -> Accelerator:
    """The peaks, memory and links of one row of ``accelerator.csv``; a format without hardware has no peak (0)."""
    bf16 = to_base(_number(row, "bf16_dense_tflops"), "tflop_per_s")
    domain = _number(row, "scaleup_domain_chips") or 1.0
    link = to_base(_number(row, "scaleup_bandwidth_gb_s_bidir") or 2 * HOST_LINK_BYTES_PER_S / 1e9, "gb_per_s") / 2
    is_card = domain < 8
    return Accelerator(
        bf16_flop_per_s_per_accel=bf16,
        fp8_flop_per_s_per_accel=to_base(_number(row, "fp8_dense_tflops"), "tflop_per_s"),
        fp4_flop_per_s_per_accel=to_base(_number(row, "fp4_dense_tflops"), "tflop_per_s"),
        hbm_bytes_per_accel=to_base(_number(row, "hbm_gb"), "gb") * GIB_PER_GB,
        hbm_bytes_per_s_per_accel=to_base(_number(row, "hbm_bandwidth_gb_s"), "gb_per_s"),
        link_bytes_per_s_per_accel=link,
        network_bytes_per_s_per_accel=(link if domain == 1 else HOST_LINK_BYTES_PER_S)
        if is_card
        else NETWORK_BYTES_PER_S,
        domain_accel=domain,
        is_cdna3=float(row["accelerator"].startswith(("MI300", "MI325"))),
        is_cdna4=float(row["accelerator"].startswith(("MI350", "MI355"))),
        is_blackwell=float(bool(re.match(r"G?B[23]00", row["accelerator"]))),
    )


def precision_of(name: str, model: Row, accelerator: Accelerator, *, kv: str | None = None) -> Precision:
    """How a model is served in *name* (bf16, fp8, fp4, int4) on an accelerator, as engines do it.

    Four bits are for the experts; attention and shared layers stay at eight, or at sixteen where the release
    keeps them (gpt-oss, and integer formats), or at four in dense models. Hardware without a format unpacks
    to BF16. *kv*: the cache's format; None is FP8, or BF16 beside BF16 weights.

    Errors: :class:`~costbasis.errors.UnknownName` for another name.
    """
    if name not in BYTES:
        raise UnknownName("precision", name, known=PRECISIONS, hint=f"precisions are {', '.join(PRECISIONS)}")
    bf16, fp8, fp4 = accelerator[:3]
    native = model["native_weight_dtype"]
    is_moe = bool(_number(model, "routed_experts"))
    rest = name
    if name == "fp8" and native.startswith("fp4"):
        name = "fp4"  # released in four bits: eight bits name what is beside the experts
    elif "mxfp4" in native and name in ("fp4", "mxfp4"):
        name, rest = "mxfp4", "bf16"
    elif name == "int4":
        rest = "bf16"
    elif name == "fp4" and is_moe:
        rest = "fp8"
    expert_peak, expert_bits = _computes(name, bf16, fp8, fp4)
    rest_peak, rest_bits = _computes(rest, bf16, fp8, fp4)
    cache = kv or ("bf16" if name == "bf16" or (name == "mxfp4" and not fp4) else "fp8")
    return Precision(
        expert_bytes_per_param=BYTES[name],
        dense_bytes_per_param=BYTES[rest],
        attention_bytes_per_param=BYTES[rest],
        kv_bytes_per_element=BYTES[cache],
        expert_flop_per_s_per_accel=expert_peak,
        dense_flop_per_s_per_accel=rest_peak,
        attention_flop_per_s_per_accel=rest_peak,
        expert_compute_bits=expert_bits,
        dense_compute_bits=rest_bits,
        attention_compute_bits=rest_bits,
    )


def _computes(name: str, bf16: Value, fp8: Value, fp4: Value) -> tuple[Value, float]:
    """The peak that weights of a format compute at, and the bits they compute in.

    Integers are unpacked to BF16 (12 stands for that); MXFP4 multiplies with FP8 activations; without hardware
    for a format, BF16 does the work.
    """
    if name == "int4":
        return bf16, 12.0
    if name == "fp4" and fp4:
        return fp4, 4.0
    if name == "fp8" or (name == "mxfp4" and fp4):
        return (fp8, 8.0) if fp8 else (bf16, 16.0)
    return bf16, 16.0


def engine_index(name: str) -> float:
    """The index of an engine by any of the names that benchmarks print; the first where none is known.

    >>> [engine_index(name) for name in ("trt", "dynamo-sglang", "vllm 0.19.0", "mooncake-atom", "")]
    [0.0, 1.0, 2.0, 3.0, 0.0]
    """
    found = [index for index, engine in enumerate(ENGINES) if engine in name.lower()]
    return float(found[0]) if found else 0.0


def _number(row: Mapping[str, str], name: str) -> float:
    """A cell as a number; an empty cell of a geometry is a part that the model does not have."""
    return float(row.get(name) or 0.0)
