"""Time of one forward pass, one function a term: matrix multiplications, attention, traffic, links, launches."""

from __future__ import annotations

import numpy as np

from costbasis.formulas.values import Value


def compute_s(
    pass_tok: Value, flop_per_tok: Value, split_accel: Value, peak_flop_per_s_per_accel: Value, mfu_frac: Value
) -> Value:
    """Seconds of computing *pass* tokens, split over accelerators, at a share of dense peak.

    Source: scaling-book, part 7: Llama 3 70B in int8, 240 tokens on 8 TPU v5e of 197 TFLOP/s take 21 ms.

    >>> round(compute_s(240, 2 * 70e9, 8, 1.97e14, 1.0), 4)
    0.0213
    """
    return pass_tok * flop_per_tok / (split_accel * peak_flop_per_s_per_accel * mfu_frac)


def read_s(read_bytes: Value, split_accel: Value, hbm_bytes_per_s_per_accel: Value, mbu_frac: Value) -> Value:
    """Seconds of reading bytes from memory, split over accelerators, at a share of peak bandwidth.

    Source: scaling-book, part 7: the same model's 70 GB on 8 TPU v5e of 8.1e11 B/s take 11 ms.

    >>> round(read_s(70e9, 8, 8.1e11, 1.0), 4)
    0.0108
    """
    return read_bytes / (split_accel * hbm_bytes_per_s_per_accel * mbu_frac)


def roofline_s(compute_s: Value, read_s: Value) -> Value:
    """Seconds of a kernel that computes and reads at once: the longer of the two, rounded at the corner.

    The 4-norm: within 19 % of the larger at the corner, exact away from it, and smooth, so that constants can
    be fitted by gradient.

    >>> float(roofline_s(1.0, 0.0)), round(float(roofline_s(1.0, 1.0)), 3), round(float(roofline_s(3.0, 1.0)), 3)
    (1.0, 1.189, 3.009)
    """
    compute2, read2 = compute_s * compute_s, read_s * read_s
    return np.sqrt(np.sqrt(compute2 * compute2 + read2 * read2))


def elementwise_bytes(
    pass_tok: Value, hidden_elements: Value, width_elements: Value, ranks: Value, element_bytes_per_tok: Value
) -> Value:
    """Bytes on one accelerator of what lies between the multiplications: norms, residuals, activations, casts.

    Elements of the residual stream pass on every rank; those inside the blocks are split over the ranks.

    >>> elementwise_bytes(1.0, 20 * 4096.0, 28_672.0, 2.0, 2.0)
    192512.0
    """
    return pass_tok * element_bytes_per_tok * (hidden_elements + width_elements / ranks)


def all_reduce_s(
    message_bytes_per_accel: Value,
    ranks: Value,
    link_bytes_per_s_per_accel: Value,
    link_frac: Value,
    latency_s: Value,
) -> Value:
    """Seconds of one all-reduce among *ranks*: each sends and receives 2 (n − 1)/n of the message, once.

    Edge: one rank has nothing to reduce: 0.
    Source: the ring algorithm, as in the collective benchmarks of NCCL; 16 MB among 8 at 450 GB/s.

    >>> round(float(all_reduce_s(16e6, 8, 450e9, 1.0, 8e-6)) * 1e6, 1)
    70.2
    >>> float(all_reduce_s(16e6, 1, 450e9, 1.0, 8e-6))
    0.0
    """
    share = (ranks - 1) / ranks
    wire_s = 2 * share * message_bytes_per_accel / (link_bytes_per_s_per_accel * link_frac)
    return wire_s + np.where(ranks > 1, 1.0, 0.0) * latency_s


def all_to_all_s(
    sent_bytes_per_accel: Value,
    remote_frac: Value,
    link_bytes_per_s_per_accel: Value,
    link_frac: Value,
    latency_s: Value,
) -> Value:
    """Seconds of one all-to-all (dispatch or combine): the share of the bytes that leaves over the link, once.

    Source: DeepSeek-V3, Insights (ISCA 2025): (1 byte + 2 bytes) × 32 tokens × 9 experts × 7 k over 50 GB/s is
    120.96 microseconds; here the two ways together.

    >>> round(float(all_to_all_s(3 * 32 * 9 * 7000.0, 1.0, 50e9, 1.0, 0.0)) * 1e6, 2)
    120.96
    """
    return remote_frac * sent_bytes_per_accel / (link_bytes_per_s_per_accel * link_frac) + latency_s


def overlapped_s(compute_s: Value, communication_s: Value, overlap_frac: Value) -> Value:
    """Communication that is not hidden behind computing: all of it, or what exceeds, or in between.

    >>> [float(overlapped_s(compute, 4.0, overlap)) for compute, overlap in ((10, 0), (10, 1), (2, 0.5))]
    [4.0, 0.0, 3.0]
    """
    return communication_s - overlap_frac * np.minimum(compute_s, communication_s)


def launch_s(kernels: Value, kernel_s: Value) -> Value:
    """Seconds that the kernels of a pass take beside their work: launch, drain, small work between.

    >>> round(launch_s(61 * 14, 5e-6) * 1e3, 2)
    4.27
    """
    return kernels * kernel_s


def host_s(step_s: Value, sequences: Value, sequence_s: Value) -> Value:
    """Seconds of the host's work that a pass waits for: scheduling, sampling, and each sequence's handling.

    >>> round(host_s(4e-4, 64, 10e-6) * 1e3, 2)
    1.04
    """
    return step_s + sequences * sequence_s
