"""Accelerator time of a token and throughput of a deployment: prefill, decode, and the turnover of a batch."""

from __future__ import annotations

from costbasis.formulas.values import Value


def matmul_accel_s_per_tok(matmul_flop_per_tok: Value, peak_flop_per_s_per_accel: Value, mfu_frac: Value) -> Value:
    """Accelerator-seconds of the matrix multiplications of one token, at a share of dense peak.

    Holds: compute-bound, which prefill is, and decode at the batch sizes of a large fleet.

    >>> round(matmul_accel_s_per_tok(74e9, 1.979e15, 0.5), 8)  # DeepSeek-V3 on one H800 in FP8
    7.479e-05
    """
    return matmul_flop_per_tok / (peak_flop_per_s_per_accel * mfu_frac)


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


def accel_usd(spent_accel_s: Value, busy_usd_per_accel_s: Value) -> Value:
    """USD of so many accelerator-seconds.

    >>> accel_usd(2.0, 3.0)
    6.0
    """
    return spent_accel_s * busy_usd_per_accel_s


def fresh_usd_per_tok(compute_usd_per_tok: Value, attention_usd_per_tok2: Value, new_tok: Value) -> Value:
    """USD of an input token that is computed: its matrix multiplications, and its attention to half of its fellows.

    >>> fresh_usd_per_tok(1.0, 0.5, 4.0)
    2.0
    """
    return compute_usd_per_tok + attention_usd_per_tok2 * new_tok / 2


def output_usd_per_tok(step_usd_per_tok: Value, read_usd_per_tok2: Value, context_tok: Value) -> Value:
    """USD of an output token at a context: its share of a decode step, and the reading of its own cache.

    >>> output_usd_per_tok(1.0, 0.5, 4.0)
    3.0
    """
    return step_usd_per_tok + read_usd_per_tok2 * context_tok


def written_usd_per_tok(
    fresh_usd_per_tok: Value, load_usd_per_tok: Value, kv_residency_usd_per_tok_s: Value, held_s: Value
) -> Value:
    """USD of an input token that is computed and then kept for so long: storing moves as much as loading.

    >>> written_usd_per_tok(1.0, 0.25, 0.125, 2.0)
    1.5
    """
    return fresh_usd_per_tok + load_usd_per_tok + kv_residency_usd_per_tok_s * held_s


def carried_usd_per_tok(modelled_usd_per_tok: Value, measured_over_modelled: Value) -> Value:
    """USD of a token, modelled, corrected by how much faster a like run was measured than it was modelled.

    >>> carried_usd_per_tok(3.0, 1.5)
    2.0
    """
    return modelled_usd_per_tok / measured_over_modelled


def carried_usd_per_tok2(modelled_usd_per_tok2: Value, measured_over_modelled: Value) -> Value:
    """The same for a pair of a token and a token of its context.

    >>> carried_usd_per_tok2(3.0, 1.5)
    2.0
    """
    return modelled_usd_per_tok2 / measured_over_modelled
