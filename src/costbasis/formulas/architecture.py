"""Parameters of a model."""

from __future__ import annotations

from costbasis.formulas.values import Value


def total_param_count(active_param_count: Value, sparsity: Value) -> Value:
    """All parameters of a mixture of experts, from those active per token and the ratio between them.

    Source: Kimi K2.5, 32 B active of about 1,026 B.

    >>> round(total_param_count(32e9, 32.06) / 1e9)
    1026
    """
    return active_param_count * sparsity


def gqa_attention_param_count(
    hidden: Value, heads: Value, kv_heads: Value, head_dim: Value, v_head_dim: Value, gated: Value
) -> Value:
    """Parameters of one layer of grouped-query attention: queries, keys, values, output; *gated* is 1 with a gate.

    Source: Llama 3.1 8B: 4096 wide, 32 heads of 128, 8 of them for keys and values.

    >>> gqa_attention_param_count(4096, 32, 8, 128, 128, 0)
    41943040
    """
    queries = (1 + gated) * hidden * heads * head_dim
    return queries + hidden * kv_heads * (head_dim + v_head_dim) + heads * v_head_dim * hidden


def mla_attention_param_count(
    hidden: Value,
    heads: Value,
    q_lora_rank: Value,
    kv_lora_rank: Value,
    nope_head_dim: Value,
    rope_head_dim: Value,
    v_head_dim: Value,
    gated: Value,
) -> Value:
    """Parameters of one layer of multi-head latent attention; *gated* is 1 with a gate on the output.

    Source: DeepSeek-V3 config: 7168 wide, 128 heads, ranks 1536 and 512, heads of 128 + 64 and 128.

    >>> mla_attention_param_count(7168, 128, 1536, 512, 128, 64, 128, 0)
    187105280
    """
    queries = hidden * q_lora_rank + q_lora_rank * heads * (nope_head_dim + rope_head_dim)
    keys = hidden * (kv_lora_rank + rope_head_dim) + kv_lora_rank * heads * (nope_head_dim + v_head_dim)
    return queries + keys + (1 + gated) * heads * v_head_dim * hidden


def compressed_attention_param_count(
    hidden: Value, heads: Value, head_dim: Value, q_lora_rank: Value, o_lora_rank: Value, o_groups: Value
) -> Value:
    """Parameters of one layer of compressed sparse attention: low-rank queries, one shared key and its two
    compressors, and an output that is low-rank within groups of heads.

    Source: DeepSeek-V4-Flash config: 4096 wide, 64 heads of 512, ranks 1024 and 1024, 8 output groups.

    >>> compressed_attention_param_count(4096, 64, 512, 1024, 1024, 8)
    111149056
    """
    queries = hidden * q_lora_rank + q_lora_rank * heads * head_dim
    keys = 3 * hidden * head_dim
    return queries + keys + heads * head_dim * o_lora_rank + o_groups * o_lora_rank * hidden


def compressed_kv_bytes_per_tok(
    layers: Value, head_dim: Value, index_head_dim: Value, entry_tok: Value, element_bytes: Value
) -> Value:
    """KV-cache bytes a token adds in layers of compressed attention: one entry for every *entry_tok* tokens.

    *index_head_dim* is 0 in layers without an index.

    Source: DeepSeek-V4-Pro config, its 30 layers at one entry for 4 tokens.

    >>> compressed_kv_bytes_per_tok(30, 512, 128, 4, 2)
    9600.0
    """
    return layers * (head_dim + index_head_dim) * element_bytes / entry_tok


def index_param_count(hidden: Value, query_width: Value, index_heads: Value, index_head_dim: Value) -> Value:
    """Parameters of the index that picks the keys of sparse attention, in one layer.

    Source: DeepSeek-V3.2 config: 64 heads of 128, queries from the rank of 1536.

    >>> index_param_count(7168, 1536, 64, 128)
    13959168
    """
    return query_width * index_heads * index_head_dim + hidden * (index_head_dim + index_heads)


def linear_attention_param_count(
    hidden: Value, k_heads: Value, k_dim: Value, v_heads: Value, v_dim: Value, gate_rank: Value
) -> Value:
    """Parameters of one layer of gated linear attention: queries, keys, values, gate, output and the decays.

    *gate_rank*: 0 where the decay is one number a head, else the rank through which it is a vector (Kimi's KDA).

    Source: Qwen3.5-397B config: 16 key and 64 value heads of 128.

    >>> linear_attention_param_count(4096, 16, 128, 64, 128, 0)
    117964800
    """
    mixed = hidden * (2 * k_heads * k_dim + 2 * v_heads * v_dim) + v_heads * v_dim * hidden
    return mixed + 2 * hidden * v_heads + gate_rank * (hidden + k_heads * k_dim)


def mamba_param_count(hidden: Value, heads: Value, head_dim: Value, groups: Value, state: Value) -> Value:
    """Parameters of one Mamba-2 layer: its input projection (gate, values, both states, steps) and its output.

    Source: Nemotron 3 Nano config: 2688 wide, 64 heads of 64, 8 groups of state 128.

    >>> mamba_param_count(2688, 64, 64, 8, 128)
    38707200
    """
    inner = heads * head_dim
    return hidden * (2 * inner + 2 * groups * state + heads) + inner * hidden


def ffn_param_count(width: Value, intermediate: Value, matrices: Value) -> Value:
    """Parameters of one feed-forward block or one expert: 3 *matrices* with a gate, 2 without.

    >>> ffn_param_count(4096, 14336, 3)
    176160768
    """
    return matrices * width * intermediate


def moe_layer_param_count(
    hidden: Value,
    experts: Value,
    expert_param_count: Value,
    shared_param_count: Value,
    latent_dim: Value,
    routed_experts: Value,
) -> Value:
    """Parameters of one layer of experts, of which *experts* are counted: all of them, or those one token uses.

    The router sees the model's width and scores every expert; *latent_dim* is not 0 where the experts work in a
    narrower space, into which and out of which two matrices lead.

    Source: DeepSeek-V3 config, one layer: 256 experts and a shared one, 3 × 7168 × 2048 each.

    >>> moe_layer_param_count(7168, 256, 44040192, 44040192, 0, 256)
    11320164352
    """
    return hidden * routed_experts + experts * expert_param_count + shared_param_count + 2 * hidden * latent_dim
