"""Geometry: how many parameters a model has, all and per token, and what it caches, from its layers and widths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from costbasis.formulas import architecture as arch
from costbasis.formulas import memory
from costbasis.formulas.values import Value

Numbers = Mapping[str, float]


O_LORA_RANK, HEADS_A_GROUP = 1024, 8
"""Rank and size of the output groups of compressed attention, the same in both configurations of DeepSeek-V4."""


class ParamCounts(NamedTuple):
    """All parameters, and those that one token uses: with the output head, without the embedding lookup."""

    total: float
    active: float


def numbers_of(row: Mapping[str, str]) -> dict[str, float]:
    """The numeric columns of a row of the table ``architecture``; an empty cell is 0, for a part that is not there."""
    found = {}
    for name, text in row.items():
        try:
            found[name] = float(text)
        except (TypeError, ValueError):
            found[name] = 0.0
    return found


def param_counts(row: Mapping[str, str]) -> ParamCounts:
    """Parameters recomputed from the geometry of a row; norms, biases and multi-token heads are left out.

    Holds: within 3 % of every published total. Sparse compressed attention is counted by its projections.
    """
    n, kind = numbers_of(row), row["attention_type"]
    mixing = _attention(n, kind) * (n["n_full_attn_layers"] + n["n_sliding_layers"] * (1 - bool(n["sliding_kv_heads"])))
    mixing += _sliding(n) + _index(n, kind) + n["n_linear_layers"] * _linear(n, kind)
    matrices = 2 if "Mamba" in kind else 3
    dense = n["dense_ffn_layers"] * arch.ffn_param_count(n["hidden_size"], n["dense_intermediate"], matrices)
    counts: list[Value] = []
    for experts in (n["routed_experts"], n["active_experts"]):
        embeddings = n["vocab"] * n["hidden_size"]
        tables = 2 if experts == n["routed_experts"] and row["tie_embeddings"] != "true" else 1
        counts.append(tables * embeddings + mixing + dense + n["moe_layers"] * _experts(n, matrices, experts))
    if not n["routed_experts"]:
        counts[1] = counts[0] - (0 if row["tie_embeddings"] == "true" else n["vocab"] * n["hidden_size"])
    return ParamCounts(*map(float, counts))


def _attention(n: Numbers, kind: str) -> Value:
    gated = 1 if "gated" in kind or "KDA" in kind else 0
    if n["kv_lora_rank"]:
        return arch.mla_attention_param_count(
            n["hidden_size"],
            n["heads"],
            n["q_lora_rank"],
            n["kv_lora_rank"],
            n["qk_nope_head_dim"],
            n["qk_rope_head_dim"],
            n["v_head_dim"],
            gated,
        )
    value_dim = n["v_head_dim"] or n["head_dim"]
    if n["q_lora_rank"]:
        groups = n["heads"] / HEADS_A_GROUP
        return arch.compressed_attention_param_count(
            n["hidden_size"], n["heads"], n["head_dim"], n["q_lora_rank"], O_LORA_RANK, groups
        )
    return arch.gqa_attention_param_count(n["hidden_size"], n["heads"], n["kv_heads"], n["head_dim"], value_dim, gated)


def _sliding(n: Numbers) -> Value:
    """Layers with a sliding window, where these have another number of key heads."""
    if not n["sliding_kv_heads"]:
        return 0.0
    value_dim = n["v_head_dim"] or n["head_dim"]
    return n["n_sliding_layers"] * arch.gqa_attention_param_count(
        n["hidden_size"], n["heads"], n["sliding_kv_heads"], n["head_dim"], value_dim, 0
    )


def _index(n: Numbers, kind: str) -> Value:
    width = n["q_lora_rank"] or n["hidden_size"]
    one = arch.index_param_count(n["hidden_size"], width, n["index_heads"], n["index_head_dim"])
    return n["n_index_layers"] * one if n["index_heads"] else 0.0


def _linear(n: Numbers, kind: str) -> Value:
    if "Mamba" in kind:
        return arch.mamba_param_count(
            n["hidden_size"], n["linear_v_heads"], n["linear_v_dim"], n["linear_k_heads"], n["linear_k_dim"]
        )
    rank = n["linear_k_dim"] if "KDA" in kind else 0
    return arch.linear_attention_param_count(
        n["hidden_size"], n["linear_k_heads"], n["linear_k_dim"], n["linear_v_heads"], n["linear_v_dim"], rank
    )


def _experts(n: Numbers, matrices: int, experts: float) -> Value:
    if not n["routed_experts"]:
        return 0.0
    width = n["moe_latent_dim"] or n["hidden_size"]
    one = arch.ffn_param_count(width, n["moe_intermediate"], matrices)
    shared = n["shared_experts"] * arch.ffn_param_count(n["hidden_size"], n["shared_intermediate"], matrices)
    return arch.moe_layer_param_count(n["hidden_size"], experts, one, shared, n["moe_latent_dim"], n["routed_experts"])


def kv_bytes_per_tok(row: Mapping[str, str]) -> float:
    """Bytes of cache that grow with every token, at BF16: full layers and the keys of the index.

    Sliding windows and linear attention keep a fixed size a sequence and are not in it. Layers of compressed
    attention are named with their ratio in the row's ``attention_type``; those at the finest ratio carry the index.
    """
    n = numbers_of(row)
    index = n["n_index_layers"] * n["index_head_dim"] * (1 if row["attention_type"] == "MLA+DSA" else 0)
    if n["kv_lora_rank"]:
        latent = memory.mla_kv_bytes_per_tok(n["n_full_attn_layers"], n["kv_lora_rank"], n["qk_rope_head_dim"], 2)
        return float(latent + 2 * index)
    if row["attention_type"].startswith("CSA"):
        layers = [(int(count), int(ratio)) for count, ratio in re.findall(r"x(\d+)@1/(\d+)", row["attention_type"])]
        finest = min(ratio for _, ratio in layers)
        indexed = {ratio: n["index_head_dim"] if ratio == finest else 0 for _, ratio in layers}
        kept = [
            arch.compressed_kv_bytes_per_tok(count, n["head_dim"], indexed[ratio], ratio, 2) for count, ratio in layers
        ]
        return float(sum(map(float, kept)))
    value_dim = n["v_head_dim"] or n["head_dim"]
    keys = memory.gqa_kv_bytes_per_tok(n["n_full_attn_layers"], n["kv_heads"], 1, 2)
    blocks = 2 * n["n_index_layers"] * n["index_head_dim"]
    return float(keys * (n["head_dim"] + value_dim) / 2 + blocks)
