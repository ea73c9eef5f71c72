"""Cached input: loading a token's keys and values, and keeping them."""

from __future__ import annotations

from costbasis.formulas.values import Value


def kv_load_accel_s_per_tok(kv_bytes_per_tok: Value, kv_load_bytes_per_s_per_accel: Value) -> Value:
    """Accelerator-seconds of loading one cached token's keys and values, none of it hidden.

    Holds: as an upper bound; an engine that overlaps loading with computing pays less.
    Source: DeepSeek-V3 in FP8 at 25 GB/s.

    >>> round(kv_load_accel_s_per_tok(35_136, 25e9) * 1e6, 3)
    1.405
    """
    return kv_bytes_per_tok / kv_load_bytes_per_s_per_accel


def kv_residency_usd_per_tok_s(kv_bytes_per_tok: Value, kv_store_usd_per_byte_s: Value) -> Value:
    """USD of keeping one token's keys and values for one second in the tier that holds them.

    Source: DeepSeek-V3 in FP8 in memory at $4 a terabyte-hour: $0.14 per million tokens and hour.

    >>> round(kv_residency_usd_per_tok_s(35_136, 4 / 1e12 / 3600) * 3600 * 1e6, 2)
    0.14
    """
    return kv_bytes_per_tok * kv_store_usd_per_byte_s
