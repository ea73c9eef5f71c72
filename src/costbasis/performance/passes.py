"""One forward pass, every term by name: prefill of new prompts, or one decode step of a batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from costbasis.formulas import compute, step
from costbasis.formulas.values import Value
from costbasis.performance.constants import Constants
from costbasis.performance.deployment import Accelerator, Deployment

BF16_BYTES = 2.0
STATE_BYTES = 4.0
"""Recurrent states are kept in FP32."""
DISPATCH_BYTES, COMBINE_BYTES = 1.0, 2.0
"""Of an element on its way to the experts (FP8) and back (BF16)."""
NODE_LIMIT = 4.0
"""Nodes that a token's experts are spread over, where routing is limited (DeepSeek-V3)."""
NODE_ACCEL = 8.0


class Terms(NamedTuple):
    """Seconds of one pass on the accelerators of a replica, by what they are spent on."""

    linear_s: Value
    head_s: Value
    experts_s: Value
    attention_s: Value
    elementwise_s: Value
    communication_s: Value
    overhead_s: Value

    @property
    def total_s(self) -> Value:
        """Seconds of the whole pass."""
        return sum(self[1:], self[0])


def prefill_pass(
    deployment: Deployment, constants: Constants, *, prompts: Value, new_tok: Value, cached_tok: Value = 0.0
) -> Terms:
    """Terms of a pass that prefills *prompts* prompts a rank, *new* tokens each after *cached* ones.

    Shape: everything broadcasts; see :mod:`costbasis.performance`.
    Source: equations (1) to (6) of the model; terms as in :mod:`costbasis.formulas.step`.
    """
    arch = deployment.architecture
    mean_global = compute.mean_attended_tok(cached_tok, new_tok, arch.global_compression, arch.global_window_tok)
    mean_local = compute.mean_attended_tok(cached_tok, new_tok, arch.local_compression, arch.local_window_tok)
    flop_per_tok = mean_global * arch.global_prefill_flop_per_tok2 + mean_local * arch.local_flop_per_tok2
    index_tok = cached_tok + new_tok / 2
    return _pass(
        deployment,
        constants,
        pass_tok=prompts * new_tok,
        sequences=prompts,
        head_tok=prompts,
        attention_flop_per_tok=flop_per_tok,
        index_tok=index_tok,
        read_global_tok=0.0,
        read_local_tok=0.0,
        read_index_tok=0.0,
    )


def decode_pass(
    deployment: Deployment, constants: Constants, *, batch: Value, context_tok: Value, drafts: Value = 0.0
) -> Terms:
    """Terms of one decode step of *batch* sequences a rank with *context* tokens each.

    *drafts*: tokens verified beside the next one in speculative decoding; their drafting is not in it.
    """
    arch = deployment.architecture
    keys_global = compute.attended_tok(context_tok, arch.global_compression, arch.global_window_tok)
    keys_local = compute.attended_tok(context_tok, arch.local_compression, arch.local_window_tok)
    flop_per_tok = keys_global * arch.global_decode_flop_per_tok2 + keys_local * arch.local_flop_per_tok2
    pass_tok = batch * (1 + drafts)
    return _pass(
        deployment,
        constants,
        pass_tok=pass_tok,
        sequences=batch,
        head_tok=pass_tok,
        attention_flop_per_tok=flop_per_tok,
        index_tok=context_tok,
        read_global_tok=keys_global,
        read_local_tok=keys_local,
        read_index_tok=context_tok,
    )


def _pass(
    deployment: Deployment,
    k: Constants,
    *,
    pass_tok: Value,
    sequences: Value,
    head_tok: Value,
    attention_flop_per_tok: Value,
    index_tok: Value,
    read_global_tok: Value,
    read_local_tok: Value,
    read_index_tok: Value,
) -> Terms:
    arch, accel, precision, layout, engine = deployment
    ranks = layout.tensor * layout.data
    mbu = k.hbm_mbu_frac
    bandwidth = accel.hbm_bytes_per_s_per_accel
    vendor = np.where(accel.is_cdna3 > 0, k.cdna3_peak_frac, np.where(accel.is_cdna4 > 0, k.cdna4_peak_frac, 1.0))
    mfu = k.gemm_mfu_frac * vendor
    tuned = np.where(layout.has_expert_kernels > 0, k.tuned_expert_factor, 1.0)
    expert_mfu = mfu * k.expert_gemm_frac * tuned * _format_frac(precision.expert_compute_bits, accel, k)

    def linear(params: Value, bytes_per_param: Value, peak: Value, bits: Value) -> Value:
        share = mfu * _format_frac(bits, accel, k)
        return step.roofline_s(
            step.compute_s(pass_tok, compute.matmul_flop_per_tok(params), layout.tensor, peak, share),
            step.read_s(params * bytes_per_param, layout.tensor, bandwidth, mbu),
        )

    linear_s = linear(
        arch.attention_param_count,
        precision.attention_bytes_per_param,
        precision.attention_flop_per_s_per_accel,
        precision.attention_compute_bits,
    ) + linear(
        arch.dense_param_count,
        precision.dense_bytes_per_param,
        precision.dense_flop_per_s_per_accel,
        precision.dense_compute_bits,
    )
    head_params = arch.vocab * arch.hidden
    head_s = step.roofline_s(
        step.compute_s(
            head_tok, compute.matmul_flop_per_tok(head_params), layout.tensor, accel.bf16_flop_per_s_per_accel, mfu
        ),
        step.read_s(head_params * BF16_BYTES, layout.tensor, bandwidth, mbu),
    )
    all_tok = pass_tok * layout.data
    routed_tok = all_tok * arch.active_experts
    touched = compute.distinct_experts(arch.experts, arch.active_experts, all_tok * k.expert_spread_frac)
    expert_params = arch.moe_layers * arch.expert_param_count
    experts_s = step.roofline_s(
        step.compute_s(
            compute.expert_rows_tok(routed_tok, touched, k.expert_padding_tok),
            compute.matmul_flop_per_tok(expert_params),
            ranks,
            precision.expert_flop_per_s_per_accel,
            expert_mfu,
        ),
        step.read_s(
            touched * expert_params * precision.expert_bytes_per_param, ranks, bandwidth, mbu * k.expert_read_frac
        ),
    )
    attention_mfu = k.attention_mfu_frac * vendor
    cache_bytes = (
        sequences
        * (read_global_tok * arch.global_kv_elements_per_tok + read_local_tok * arch.local_kv_elements_per_tok)
        * precision.kv_bytes_per_element
    )
    state_bytes = 2 * sequences * arch.state_elements * STATE_BYTES
    cache_ranks = np.minimum(layout.tensor, arch.kv_heads)
    attention_s = step.roofline_s(
        step.compute_s(
            pass_tok,
            attention_flop_per_tok,
            np.minimum(layout.tensor, arch.heads),
            accel.bf16_flop_per_s_per_accel,
            attention_mfu,
        ),
        step.read_s(cache_bytes / cache_ranks + state_bytes / layout.tensor, 1.0, bandwidth, mbu * k.kv_read_frac),
    )
    index_peak = np.maximum(accel.fp8_flop_per_s_per_accel, accel.bf16_flop_per_s_per_accel)
    index_s = step.compute_s(
        pass_tok, index_tok * arch.index_flop_per_tok2, 1.0, index_peak, attention_mfu
    ) + step.read_s(sequences * read_index_tok * arch.index_elements_per_tok, 1.0, bandwidth, mbu)
    widths = (arch.attention_param_count + arch.dense_param_count + expert_params * arch.active_experts) / arch.hidden
    elementwise_bytes = step.elementwise_bytes(
        pass_tok,
        k.hidden_passes * arch.layers * arch.hidden
        + k.permute_passes * arch.moe_layers * arch.active_experts * arch.hidden / layout.tensor,
        k.width_passes * widths,
        layout.tensor,
        BF16_BYTES,
    )
    elementwise_s = step.read_s(elementwise_bytes, 1.0, bandwidth, mbu)
    computing_s = linear_s + experts_s + attention_s
    slower = np.where(
        accel.is_cdna3 + accel.is_cdna4 > 0,
        k.amd_kernel_factor,
        np.where(accel.is_blackwell > 0, k.blackwell_kernel_factor, 1.0),
    )
    kernels = arch.kernels + arch.expert_kernels * k.expert_kernel_factor + arch.latent_kernels * k.latent_kernel_factor
    host = np.where(engine == 1, k.sglang_host_factor, np.where(engine == 2, k.vllm_host_factor, 1.0))
    overhead_s = slower * step.launch_s(kernels, k.kernel_s) + host * step.host_s(k.step_s, sequences, k.sequence_s)
    return Terms(
        linear_s=linear_s,
        head_s=head_s,
        experts_s=experts_s,
        attention_s=attention_s + index_s,
        elementwise_s=elementwise_s,
        communication_s=_communication_s(deployment, k, pass_tok, computing_s),
        overhead_s=overhead_s,
    )


def _format_frac(bits: Value, accel: Accelerator, k: Constants) -> Value:
    """Efficiency of a compute format over that of BF16, each against its own peak."""
    fp8 = k.fp8_peak_frac * np.where(accel.is_cdna3 > 0, k.cdna3_fp8_frac, 1.0)
    narrow = np.where(bits == 4, k.fp4_peak_frac, fp8)
    return np.where(bits == 16, 1.0, np.where(bits == 12, k.weight_only_peak_frac, narrow))


def _communication_s(deployment: Deployment, k: Constants, pass_tok: Value, computing_s: Value) -> Value:
    """Two all-reduces a layer under tensor parallelism; an exchange with the experts under data parallelism."""
    arch, accel, _, layout, _ = deployment
    ranks = layout.tensor * layout.data
    crosses = ranks > accel.domain_accel
    link = np.where(crosses, accel.network_bytes_per_s_per_accel, accel.link_bytes_per_s_per_accel)
    hidden_bytes = pass_tok * arch.hidden * BF16_BYTES
    reduce_s = 2 * arch.layers * step.all_reduce_s(hidden_bytes, layout.tensor, link, k.link_frac, k.collective_s)
    gathered = 2 * step.all_reduce_s(hidden_bytes * layout.data / 2, layout.data, link, k.link_frac, k.collective_s)
    nodes = np.maximum(ranks / NODE_ACCEL, 1.0)
    copies = np.where(
        crosses, np.minimum(arch.active_experts, NODE_LIMIT) * (1 - 1 / nodes), arch.active_experts * (1 - 1 / ranks)
    )
    sent_bytes = pass_tok * arch.hidden * (DISPATCH_BYTES + COMBINE_BYTES) * copies
    exchange_s = step.all_to_all_s(sent_bytes, 1.0, link, k.exchange_link_frac, 2 * k.collective_s)
    exposed_s = step.overlapped_s(computing_s, arch.moe_layers * exchange_s, k.overlap_frac)
    shares_experts = (layout.data > 1) & (arch.moe_layers > 0)
    experts_s = np.where(layout.has_expert_kernels > 0, exposed_s, arch.moe_layers * gathered)
    return reduce_s + np.where(shares_experts, experts_s, 0.0)
