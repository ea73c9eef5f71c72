"""Throughput of a deployment: one pool that prefills and decodes, or two pools; and the batch that memory allows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from costbasis.formulas import memory, serving
from costbasis.formulas.values import Value
from costbasis.performance.constants import REFERENCE_MONTH, Constants
from costbasis.performance.deployment import Deployment
from costbasis.performance.passes import BF16_BYTES, STATE_BYTES, Terms, decode_pass, prefill_pass

UNWINDOWED = 1e15


class Aggregated(NamedTuple):
    """One pool at a steady batch. Terms are seconds of one prefill pass and of one decode step of a replica;
    *time_factor* turns them into what is measured (engine, lock-step of data-parallel ranks, age of software)."""

    prefill: Terms
    prompts_per_pass: Value
    decode: Terms
    time_factor: Value
    turnover_s: Value
    tpot_s_per_tok: Value
    output_tok_per_s_per_accel: Value
    prefill_s_per_request: Value
    """Seconds of a replica that one request's prefill takes, factor included."""
    decode_s_per_step: Value
    """Seconds of a replica that one step takes, factor included."""


class Disaggregated(NamedTuple):
    """Two pools. Rates are per accelerator of their own pool; the fleet's rate is over both pools."""

    prefill: Terms
    prompts_per_pass: Value
    decode: Terms
    time_factor: Value
    prefill_tok_per_s_per_accel: Value
    decode_tok_per_s_per_accel: Value
    tpot_s_per_tok: Value
    prefill_pool_frac: Value
    """Share of accelerators that prefill, when both pools are equally busy."""
    output_tok_per_s_per_accel: Value


def aggregated(
    deployment: Deployment,
    constants: Constants,
    *,
    input_tok: Value,
    output_tok: Value,
    batch: Value,
    cached_tok: Value = 0.0,
    month: Value | None = None,
    accepted_per_step: Value = 1.0,
    drafts: Value = 0.0,
) -> Aggregated:
    """A pool that keeps *batch* sequences a rank, each with *input* tokens (*cached* of them read) and *output*.

    *month*: months since 2024-12 of the software; None is that of the constants. *accepted_per_step* and
    *drafts*: speculative decoding, as a scenario.

    Source: equation (7): a batch turns over in the time of its prefills and of its steps, which add.
    """
    new_tok = np.maximum(input_tok - cached_tok, 1.0)
    prompts = np.clip(constants.chunk_tok / new_tok, 1.0, np.maximum(batch, 1.0))
    prefill = prefill_pass(deployment, constants, prompts=prompts, new_tok=new_tok, cached_tok=cached_tok)
    decode = decode_pass(deployment, constants, batch=batch, context_tok=input_tok + output_tok / 2, drafts=drafts)
    layout = deployment.layout
    waits = (layout.data > 1) & (deployment.architecture.moe_layers > 0)
    factor = _time_factor(deployment, constants, month) * np.where(waits, constants.lockstep_factor, 1.0)
    prefill_s = prefill.total_s / prompts * factor
    step_s = decode.total_s * factor
    turnover_s = serving.aggregated_turnover_s(batch, prefill_s, output_tok / accepted_per_step, step_s, 1.0)
    rate = serving.replica_output_tok_per_s_per_accel(batch, output_tok, turnover_s, layout.tensor)
    return Aggregated(prefill, prompts, decode, factor, turnover_s, turnover_s / output_tok, rate, prefill_s, step_s)


def disaggregated(
    prefill_deployment: Deployment,
    decode_deployment: Deployment,
    constants: Constants,
    *,
    input_tok: Value,
    output_tok: Value,
    batch: Value,
    cached_tok: Value = 0.0,
    month: Value | None = None,
    prefill_frac: Value | None = None,
    accepted_per_step: Value = 1.0,
    drafts: Value = 0.0,
) -> Disaggregated:
    """Two pools: one prefills at full chunks, one decodes *batch* sequences a rank.

    *prefill_frac*: the share of accelerators that prefill, where it is given; the slower pool then sets the pace.
    None balances the pools.

    Source: equation (10).
    """
    new_tok = np.maximum(input_tok - cached_tok, 1.0)
    prompts = np.maximum(constants.chunk_tok / new_tok, 1.0)
    prefill = prefill_pass(prefill_deployment, constants, prompts=prompts, new_tok=new_tok, cached_tok=cached_tok)
    decode = decode_pass(
        decode_deployment, constants, batch=batch, context_tok=input_tok + output_tok / 2, drafts=drafts
    )
    factor = _time_factor(decode_deployment, constants, month) * constants.pool_factor
    prefill_accel_s = prefill.total_s / prompts * prefill_deployment.layout.tensor * factor
    step_s = decode.total_s * factor
    decode_accel_s = step_s * decode_deployment.layout.tensor / batch * output_tok / accepted_per_step
    balanced = serving.prefill_pool_frac(prefill_accel_s, decode_accel_s)
    share = balanced if prefill_frac is None else prefill_frac
    requests = np.minimum(share / prefill_accel_s, (1 - share) / decode_accel_s)
    return Disaggregated(
        prefill,
        prompts,
        decode,
        factor,
        new_tok / prefill_accel_s,
        output_tok / decode_accel_s,
        step_s / accepted_per_step,
        share,
        requests * output_tok,
    )


def weight_bytes_per_accel(deployment: Deployment) -> Value:
    """Bytes of weights on one accelerator, embedding and output head included."""
    arch, _, precision, layout, _ = deployment
    sharded = (
        arch.attention_param_count * precision.attention_bytes_per_param
        + arch.dense_param_count * precision.dense_bytes_per_param
        + 2 * arch.vocab * arch.hidden * BF16_BYTES
    )
    experts = arch.moe_layers * arch.experts * arch.expert_param_count * precision.expert_bytes_per_param
    stages = layout.pipeline
    return memory.weight_bytes_per_accel(sharded, layout.tensor * stages, experts, layout.tensor * layout.data * stages)


def kv_bytes_per_sequence(deployment: Deployment, context_tok: Value) -> Value:
    """Bytes kept for one sequence of *context* tokens, on all ranks together, replication not counted."""
    arch, _, precision, _, _ = deployment
    element = precision.kv_bytes_per_element
    kept = arch.global_kv_elements_per_tok / arch.global_compression * element + arch.index_elements_per_tok
    return memory.sequence_kv_bytes(
        kept,
        arch.local_kv_elements_per_tok / arch.local_compression * element,
        context_tok,
        np.minimum(arch.local_window_tok, UNWINDOWED) * arch.local_compression,
        arch.state_elements * STATE_BYTES,
    )


def largest_batch(deployment: Deployment, constants: Constants, *, context_tok: Value) -> Value:
    """Sequences of *context* tokens that one rank can hold, all pipeline stages together; 0: weights do not fit.

    Source: equation (8).
    """
    room = memory.kv_room_bytes_per_accel(
        deployment.accelerator.hbm_bytes_per_accel,
        constants.usable_hbm_frac,
        constants.reserve_bytes_per_accel,
        weight_bytes_per_accel(deployment),
    )
    layout = deployment.layout
    shards = np.minimum(layout.tensor, deployment.architecture.kv_heads) * layout.pipeline
    return memory.largest_batch(
        room, kv_bytes_per_sequence(deployment, context_tok), shards, constants.sequence_limit * layout.pipeline
    )


def _time_factor(deployment: Deployment, constants: Constants, month: Value | None) -> Value:
    return np.where(deployment.engine == 3, constants.atom_factor, 1.0) * drift_factor(constants, month)


def drift_factor(constants: Constants, month: Value | None = None) -> Value:
    """Time under the software of a month (None: of the constants) over that under the software of the reference month.

    >>> from costbasis.performance import constants_of
    >>> round(float(drift_factor(constants_of({"drift_per_month": 0.02}), 7.0)), 3)
    1.105
    """
    age = REFERENCE_MONTH - (constants.software_month if month is None else month)
    return np.exp(constants.drift_per_month * age)
