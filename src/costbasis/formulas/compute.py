"""FLOP: of the matrix multiplications of one token, and of attention between two."""

from __future__ import annotations

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

    Two FLOP for each element of the key (the score) and of the value (the weighted sum).
    Source: Qwen3-235B-A22B config: 94 layers, 64 heads of 128.

    >>> attention_flop_per_tok2(94, 64, 128, 128)
    3080192
    """
    return 2 * layers * heads * (key_dim + value_dim)
