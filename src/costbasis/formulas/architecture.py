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
