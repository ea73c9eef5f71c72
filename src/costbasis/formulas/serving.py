"""Accelerator time of a token and throughput of a deployment: prefill, decode, and the turnover of a batch."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def matmul_accel_s_per_tok(matmul_flop_per_tok: Value, peak_flop_per_s_per_accel: Value, mfu_frac: Value) -> Value:
    """Accelerator-seconds of the matrix multiplications of one token, at a share of dense peak.

    Holds: compute-bound, which prefill is, and decode at the batch sizes of a large fleet.

    >>> round(matmul_accel_s_per_tok(74e9, 1.979e15, 0.5), 8)  # DeepSeek-V3 on one H800 in FP8
    7.479e-05
    """
    return matmul_flop_per_tok / (peak_flop_per_s_per_accel * mfu_frac)


def attention_accel_s_per_tok2(
    attention_flop_per_tok2: Value, attention_peak_flop_per_s_per_accel: Value, mfu_frac: Value
) -> Value:
    """Accelerator-seconds of attention for one (new token, key token) pair in prefill.

    Times ``new_ctx_tok2`` it is the attention time of a request's new tokens over everything before them.

    >>> round(attention_accel_s_per_tok2(3_080_192, 9.89e14, 0.5) * 1e9, 6)
    6.228902
    """
    return attention_flop_per_tok2 / (attention_peak_flop_per_s_per_accel * mfu_frac)


def decode_step_s(tpot_s_per_tok: Value, step_accepted_tok: Value) -> Value:
    """Time of one decode step when a user sees one token every *tpot* and a step yields *accepted* tokens.

    >>> decode_step_s(0.02, 1.5)
    0.03
    """
    return tpot_s_per_tok * step_accepted_tok


def step_read_bytes_per_accel(
    decode_step_s: Value,
    step_overhead_frac: Value,
    hbm_bytes_per_s_per_accel: Value,
    mbu_frac: Value,
    hbm_bytes_per_accel: Value,
    usable_hbm_frac: Value,
) -> Value:
    """Bytes one accelerator can read in a decode step: what its bandwidth allows, and no more than it holds.

    >>> float(step_read_bytes_per_accel(0.02, 0.4, 4.8e12, 0.8, 141e9, 0.9))  # H200: bandwidth binds
    46080000000.0
    >>> round(step_read_bytes_per_accel(0.2, 0.4, 4.8e12, 0.8, 141e9, 0.9))  # a slow step: memory binds
    126900000000
    """
    by_bandwidth = decode_step_s * (1 - step_overhead_frac) * hbm_bytes_per_s_per_accel * mbu_frac
    return np.minimum(by_bandwidth, hbm_bytes_per_accel * usable_hbm_frac)


def replica_accel(weight_bytes: Value, step_read_bytes_per_accel: Value, planned_accel: Value) -> Value:
    """Accelerators of one replica: as planned, or more, so that weights take at most half of a step's reads.

    >>> float(replica_accel(1.6e12, 46e9, 48.0))
    69.56521739130434
    """
    return np.maximum(planned_accel, 2 * weight_bytes / step_read_bytes_per_accel)


def decode_read_accel_s_per_tok2(
    decode_step_s: Value,
    step_accepted_tok: Value,
    kv_bytes_per_tok: Value,
    step_read_bytes_per_accel: Value,
    weight_bytes: Value,
    replica_accel: Value,
) -> Value:
    """Accelerator-seconds of one output token for each token of context that it reads, in decode.

    A step reads the weights once and every sequence's cache; what is left after the weights sets how
    many sequences share the step. Times ``output_ctx_tok2`` it is the decode time of a request.

    Holds: batches limited by memory or by the step time, as agents with long contexts are.

    >>> t = decode_read_accel_s_per_tok2(0.02, 1.0, 35_136.0, 46.08e9, 1.6e12, 72.0)
    >>> round(t * 130_000, 4)  # seconds of one accelerator for an output token at 130k context
    0.0038
    """
    kv_read_bytes_per_accel = step_read_bytes_per_accel - weight_bytes / replica_accel
    return decode_step_s / step_accepted_tok * kv_bytes_per_tok / kv_read_bytes_per_accel


def accel_usd_per_tok(accel_s_per_tok: Value, busy_usd_per_accel_s: Value) -> Value:
    """USD of a token that takes so many accelerator-seconds.

    Source: DeepSeek's day: 14,800 tok/s a node of 8 at $2 an accelerator-hour is $0.30 per million.

    >>> round(accel_usd_per_tok(8 / 14_800, 2 / 3600) * 1e6, 3)
    0.3
    """
    return accel_s_per_tok * busy_usd_per_accel_s


def accel_usd_per_tok2(accel_s_per_tok2: Value, busy_usd_per_accel_s: Value) -> Value:
    """USD for each pair of a token and a token of its context.

    >>> accel_usd_per_tok2(2.0, 3.0)
    6.0
    """
    return accel_s_per_tok2 * busy_usd_per_accel_s


def aggregated_turnover_s(
    sequences: Value, prefill_s: Value, steps: Value, decode_step_s: Value, lockstep_factor: Value
) -> Value:
    """Seconds in which one pool turns over a batch: prefill each of its requests, and decode all their tokens.

    Prefill and decode share the accelerators, so their times add. *lockstep_factor*: ranks with their own
    sequences wait for the slowest (1 where attention is not data-parallel).

    Source: measured turnovers: adding beats overlapping (the longer of the two) by 6 points of median error.

    >>> round(aggregated_turnover_s(64, 0.02, 1024, 0.015, 1.0), 2)
    16.64
    """
    return lockstep_factor * (sequences * prefill_s + steps * decode_step_s)


def replica_output_tok_per_s_per_accel(
    sequences: Value, output_tok: Value, turnover_s: Value, replica_accel: Value
) -> Value:
    """Output tokens per second and accelerator of a batch of sequences that turns over in *turnover*.

    >>> replica_output_tok_per_s_per_accel(64, 1024, 16.0, 8)
    512.0
    """
    return sequences * output_tok / (turnover_s * replica_accel)


def accepted_per_step(drafts: Value, acceptance_frac: Value) -> Value:
    """Tokens that one step of speculative decoding yields: the drafts up to the first rejected, and one more.

    Source: Leviathan et al. 2023, equation 1; DeepSeek-V3 reports 1.8 tokens a step from one draft accepted
    80 to 90 % of the time.

    >>> [round(accepted_per_step(drafts, 0.85), 2) for drafts in (0, 1, 3)]
    [1.0, 1.85, 3.19]
    """
    return (1 - acceptance_frac ** (drafts + 1)) / (1 - acceptance_frac)


def prefill_pool_frac(prefill_accel_s: Value, decode_accel_s: Value) -> Value:
    """Share of a disaggregated fleet's accelerators that prefill, when both pools are equally busy.

    Source: DeepSeek's day: 95.5 of 226.9 nodes.

    >>> round(prefill_pool_frac(95.5, 131.4), 2)
    0.42
    """
    return prefill_accel_s / (prefill_accel_s + decode_accel_s)
