"""Bytes: of weights, and of the KV cache kept for each token."""

from __future__ import annotations

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
