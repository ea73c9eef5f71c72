"""Cached input: loading a token's keys and values, keeping them, and reading them; at the margin, and attributed."""

from __future__ import annotations

from typing import NamedTuple

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


def break_even_residency_s(
    fresh_usd_per_tok: Value, load_usd_per_tok: Value, kv_residency_usd_per_tok_s: Value
) -> Value:
    """Seconds that a token may be kept for one hit before computing it again is cheaper.

    Source: DeepSeek-V3 in FP8 on H100 at $2: prefill $0.051, load $0.0008, keeping $0.14 an hour, per million tokens.

    >>> round(break_even_residency_s(0.051e-6, 0.0008e-6, 0.14e-6 / 3600) / 3600, 2)
    0.36
    """
    return (fresh_usd_per_tok - load_usd_per_tok) / kv_residency_usd_per_tok_s


def cached_read_usd_per_tok(
    load_usd_per_tok: Value,
    kv_residency_usd_per_tok_s: Value,
    held_s: Value,
    attention_usd_per_tok2: Value,
    new_tok: Value,
) -> Value:
    """What one cached token adds to a request: loading it, having kept it, and being attended to by the new tokens.

    The hit at the margin: decode reads of it are in the price of output at its context (see :func:`attributed`).

    >>> round(cached_read_usd_per_tok(8e-10, 4e-11, 55.0, 1e-13, 2000.0) * 1e6, 6)
    0.0032
    """
    return load_usd_per_tok + kv_residency_usd_per_tok_s * held_s + attention_usd_per_tok2 * new_tok


class Request(NamedTuple):
    """What one request costs, by whose tokens cause it; the three parts are the whole."""

    fresh_usd: Value
    cached_usd: Value
    output_usd: Value


def attributed(
    new_tok: Value,
    cached_tok: Value,
    output_tok: Value,
    held_s: Value,
    fresh_usd_per_tok: Value,
    load_usd_per_tok: Value,
    kv_residency_usd_per_tok_s: Value,
    output_usd_per_tok: Value,
    attention_usd_per_tok2: Value,
    decode_read_usd_per_tok2: Value,
) -> Request:
    """A request's whole serving cost, given to the tokens that cause it: a pair of tokens pays the one that is read.

    New tokens attend to the cached ones and to half of themselves, output tokens read the prompt and half of
    themselves. So a cached token bears its load, its keep, the attention of new tokens to it and every decode
    step's read of it; nothing is left over and nothing counted twice: the parts sum to :func:`request_usd`.

    >>> parts = attributed(1.0, 2.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0)
    >>> [float(part) for part in parts]
    [2.5, 6.0, 1.5]
    """
    return Request(
        fresh_usd=new_tok * fresh_usd_per_tok
        + new_tok * new_tok / 2 * attention_usd_per_tok2
        + output_tok * new_tok * decode_read_usd_per_tok2,
        cached_usd=cached_tok * (load_usd_per_tok + held_s * kv_residency_usd_per_tok_s)
        + new_tok * cached_tok * attention_usd_per_tok2
        + output_tok * cached_tok * decode_read_usd_per_tok2,
        output_usd=output_tok * output_usd_per_tok + output_tok * output_tok / 2 * decode_read_usd_per_tok2,
    )


def request_usd(
    new_tok: Value,
    cached_tok: Value,
    output_tok: Value,
    held_s: Value,
    fresh_usd_per_tok: Value,
    load_usd_per_tok: Value,
    kv_residency_usd_per_tok_s: Value,
    output_usd_per_tok: Value,
    attention_usd_per_tok2: Value,
    decode_read_usd_per_tok2: Value,
) -> Value:
    """What a request costs to serve, from the sums that usage keeps of it: the same terms, not yet attributed.

    >>> request_usd(1.0, 2.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0)
    10.0
    """
    new_ctx_tok2 = new_tok * (cached_tok + new_tok / 2)
    output_ctx_tok2 = output_tok * (new_tok + cached_tok + output_tok / 2)
    by_tok = new_tok * fresh_usd_per_tok + cached_tok * load_usd_per_tok + output_tok * output_usd_per_tok
    kept = cached_tok * held_s * kv_residency_usd_per_tok_s
    return by_tok + kept + new_ctx_tok2 * attention_usd_per_tok2 + output_ctx_tok2 * decode_read_usd_per_tok2


def kept_usd(cached_tok: Value, load_usd_per_tok: Value, kv_residency_usd_per_tok_s: Value, held_s: Value) -> Value:
    """USD of loading the cached tokens of a request and of having kept them.

    >>> kept_usd(10.0, 1.0, 0.5, 2.0)
    20.0
    """
    return cached_tok * (load_usd_per_tok + held_s * kv_residency_usd_per_tok_s)


def share_usd_per_tok(share_usd: Value, share_tok: Value) -> Value:
    """USD per token of a part of a request that so many of its tokens bear.

    >>> share_usd_per_tok(6.0, 3.0)
    2.0
    """
    return share_usd / share_tok
