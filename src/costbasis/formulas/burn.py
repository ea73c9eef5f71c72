"""Burn: how fast usage goes on, and where it ends if it goes on like that."""

from __future__ import annotations

from costbasis.formulas.values import Value


def burn_tok_per_s(used_tok: Value, elapsed_s: Value) -> Value:
    """Tokens a second over a stretch of time.

    >>> burn_tok_per_s(1_200_000.0, 600.0)
    2000.0
    """
    return used_tok / elapsed_s


def burn_usd_per_s(used_usd: Value, elapsed_s: Value) -> Value:
    """USD a second over a stretch of time.

    >>> burn_usd_per_s(3.6, 3600.0)
    0.001
    """
    return used_usd / elapsed_s


def projected_tok(used_tok: Value, burn_tok_per_s: Value, remaining_s: Value) -> Value:
    """Tokens at the end of a window, if what remains of it goes on at this rate.

    >>> projected_tok(1000.0, 2.0, 500.0)
    2000.0
    """
    return used_tok + burn_tok_per_s * remaining_s


def projected_usd(used_usd: Value, burn_usd_per_s: Value, remaining_s: Value) -> Value:
    """USD at the end of a window, if what remains of it goes on at this rate.

    >>> projected_usd(5.0, 0.001, 3600.0)
    8.6
    """
    return used_usd + burn_usd_per_s * remaining_s
