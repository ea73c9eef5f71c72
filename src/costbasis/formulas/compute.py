"""FLOP: of the matrix multiplications of one token, and of attention between two; experts that a pass touches."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def matmul_flop_per_tok(active_param_count: Value) -> Value:
    """FLOP of one token through the active parameters: a multiplication and an addition each.

    Holds: attention over the context is not in it.
    Source: scaling-book, part 4 (2P per token in the forward pass); DeepSeek-V3 has 37 B active.

    >>> matmul_flop_per_tok(37e9)
    74000000000.0
    """
    return 2 * active_param_count


def attention_flop_per_tok2(layers: Value, heads: Value, key_dim: Value, value_dim: Value) -> Value:
    """FLOP of attention for one pair of a query token and a key token, over all layers and heads.

    Two FLOP for each element of the key (the score) and of the value (the weighted sum). Multi-head latent
    attention, absorbed (decode): the key is rank + rotary, the value is the rank; expanded (prefill): the
    heads' own dimensions. An indexer of sparse attention: a key, no value.

    Source: Qwen3-235B-A22B config: 94 layers, 64 heads of 128. DeepSeek-V3 config: 61 layers, 128 heads,
    rank 512, rotary 64.

    >>> attention_flop_per_tok2(94, 64, 128, 128)
    3080192
    >>> attention_flop_per_tok2(61, 128, 512 + 64, 512), attention_flop_per_tok2(61, 128, 128 + 64, 128)
    (16990208, 4997120)
    """
    return 2 * layers * heads * (key_dim + value_dim)


def distinct_experts(experts: Value, active_experts: Value, tokens: Value) -> Value:
    """How many experts of a layer at least one of *tokens* tokens is routed to, if routing were uniform.

    With a chance of k/E to be picked by one token, an expert is missed by T tokens with (1 − k/E)^T.
    Holds: as an upper bound; real routing is skewed, which a smaller *tokens* stands for.
    Edge: 0 tokens touch none; very many touch all.

    >>> [round(float(distinct_experts(256, 8, tokens)), 1) for tokens in (1, 32, 4096)]
    [8.0, 163.3, 256.0]
    >>> float(distinct_experts(1, 0, 4096))  # a dense model has no experts to touch
    0.0
    """
    picked = active_experts / experts
    return experts * (1 - np.exp(tokens * np.log1p(-picked)))


def expert_rows_tok(routed_tok: Value, distinct_experts: Value, padding_tok: Value) -> Value:
    """Rows that the grouped multiplications of the experts work on: short and uneven tiles count as more.

    An expert with m rows works as on m·(1 + 3·p/(m + p)): kernels choose tiles to fit, so few rows cost at most
    four times their share, and beside *padding* rows many cost theirs.

    >>> [round(float(expert_rows_tok(rows * 8.0, 8.0, 256.0)) / 8) for rows in (1, 256, 8192)]
    [4, 640, 8937]
    """
    rows_tok = routed_tok / np.maximum(distinct_experts, np.finfo(float).tiny)
    return routed_tok + distinct_experts * 3 * rows_tok * padding_tok / (rows_tok + padding_tok)


def attended_tok(context_tok: Value, compression: Value, window_tok: Value) -> Value:
    """Keys that one query attends to: the context, compressed where the model does so, up to its window.

    A sliding window and the top-k of sparse attention are both a window here.
    Source: gpt-oss-120b slides over 128 tokens; DeepSeek-V3.2 picks 2,048; DeepSeek-V4 compresses 4 to 1.

    >>> float(attended_tok(8192.0, 1.0, 128.0)), float(attended_tok(8192.0, 4.0, 1152.0))
    (128.0, 1152.0)
    """
    return np.minimum(context_tok / compression, window_tok)


def mean_attended_tok(cached_tok: Value, new_tok: Value, compression: Value, window_tok: Value) -> Value:
    """Keys that a query attends to on average, over *new* tokens computed after *cached* ones.

    The mean of :func:`attended_tok` over the positions, in closed form.

    >>> float(mean_attended_tok(0.0, 4096.0, 1.0, 1e12))       # causal: half of the prompt
    2048.0
    >>> float(mean_attended_tok(4096.0, 1024.0, 1.0, 1e12))    # after a cached prefix
    4608.0
    >>> float(mean_attended_tok(8192.0, 1024.0, 1.0, 128.0))   # a sliding window
    128.0
    """
    full_tok = window_tok * compression
    end = _attended_sum(cached_tok + new_tok, full_tok)
    return (end - _attended_sum(cached_tok, full_tok)) / new_tok / compression


def _attended_sum(position_tok: Value, full_tok: Value) -> Value:
    """The integral of min(x, full) from 0 to *position*."""
    inside = np.minimum(position_tok, full_tok)
    return inside * inside / 2 + full_tok * (position_tok - inside)
