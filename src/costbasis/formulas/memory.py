"""Bytes: of weights, of the KV cache kept for each token and each sequence, and the room that is left for it."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def weight_bytes(param_count: Value, bytes_per_param: Value) -> Value:
    """Bytes of all weights at one precision.

    Source: DeepSeek-V3, 671 B parameters in FP8.

    >>> weight_bytes(671e9, 1.0)
    671000000000.0
    """
    return param_count * bytes_per_param


def gqa_kv_bytes_per_tok(layers: Value, kv_heads: Value, head_dim: Value, element_bytes: Value) -> Value:
    """KV-cache bytes kept per token by grouped-query attention: a key and a value a layer.

    Source: scaling-book, part 7, Llama 3 70B in int8 (the book prints it as 160 kB and as 162e3).

    >>> gqa_kv_bytes_per_tok(80, 8, 128, 1)
    163840
    """
    return 2 * layers * kv_heads * head_dim * element_bytes


def mla_kv_bytes_per_tok(layers: Value, kv_lora_rank: Value, rope_head_dim: Value, element_bytes: Value) -> Value:
    """KV-cache bytes kept per token by multi-head latent attention: one latent and one rotary key a layer.

    Source: DeepSeek-V3 config: 61 layers, rank 512, rotary 64; published as 70 kB in BF16.

    >>> mla_kv_bytes_per_tok(61, 512, 64, 2)
    70272
    """
    return layers * (kv_lora_rank + rope_head_dim) * element_bytes


def kv_bytes_per_tok(bf16_kv_bytes_per_tok: Value, kv_precision_frac: Value) -> Value:
    """KV-cache bytes per token at the precision served, given those at BF16.

    *kv_precision_frac* is 1 for BF16 and 1/2 for FP8.

    >>> kv_bytes_per_tok(70_272.0, 0.5)
    35136.0
    """
    return bf16_kv_bytes_per_tok * kv_precision_frac


def weight_bytes_per_accel(
    sharded_weight_bytes: Value, tensor_accel: Value, expert_weight_bytes: Value, expert_accel: Value
) -> Value:
    """Bytes of weights on one accelerator: what tensor parallelism splits, and the experts, split over all.

    Source: DeepSeek-V3 in FP8 with attention replicated and its experts over 8: 14.4 GB and 657 GB.

    >>> weight_bytes_per_accel(14.4e9, 1.0, 656.6e9, 8.0)
    96475000000.0
    """
    return sharded_weight_bytes / tensor_accel + expert_weight_bytes / expert_accel


def sequence_kv_bytes(
    global_kv_bytes_per_tok: Value,
    local_kv_bytes_per_tok: Value,
    context_tok: Value,
    local_window_tok: Value,
    state_bytes: Value,
) -> Value:
    """Bytes kept for one sequence: layers that keep the whole context, layers that keep a window, fixed state.

    Source: gpt-oss-120b in BF16: 18 full layers and 18 that slide over 128 tokens, 36,864 bytes a token each.

    >>> float(sequence_kv_bytes(36_864.0, 36_864.0, 8192.0, 128.0, 0.0))
    306708480.0
    """
    return (
        global_kv_bytes_per_tok * context_tok
        + local_kv_bytes_per_tok * np.minimum(context_tok, local_window_tok)
        + state_bytes
    )


def kv_room_bytes_per_accel(
    hbm_bytes_per_accel: Value,
    usable_hbm_frac: Value,
    reserve_bytes_per_accel: Value,
    weight_bytes_per_accel: Value,
) -> Value:
    """Bytes of one accelerator left for the KV cache; below 0, the weights do not fit.

    >>> kv_room_bytes_per_accel(80e9, 0.9, 3e9, 70e9)  # Llama-70B in FP8 on one H100
    -1000000000.0
    """
    return hbm_bytes_per_accel * usable_hbm_frac - reserve_bytes_per_accel - weight_bytes_per_accel


def largest_batch(
    kv_room_bytes_per_accel: Value, sequence_kv_bytes: Value, kv_shard_accel: Value, sequence_limit: Value
) -> Value:
    """Sequences whose caches fit on one rank, up to the engine's own limit; 0 where the weights do not fit.

    *kv_shard_accel*: accelerators that one sequence's cache is split over. Latent attention keeps one shared
    head, so tensor parallelism replicates its cache.

    >>> float(largest_batch(9.5e9, 0.3e9, 1.0, 2048.0))
    31.66666666666...
    >>> float(largest_batch(-1e9, 0.3e9, 1.0, 2048.0))
    0.0
    """
    fits = kv_room_bytes_per_accel * kv_shard_accel / sequence_kv_bytes
    return np.clip(fits, 0, sequence_limit)
