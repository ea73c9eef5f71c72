"""Limits of a machine: what a statement needs at the least, and what there is at the most."""

from __future__ import annotations

from costbasis.formulas.values import Value


def needed_flop_per_s(flow_tok_per_s: Value, flop_per_tok: Value) -> Value:
    """FLOP/s that a flow of tokens needs at least.

    Source: a claim of August 2025: 1.44 M tokens a second through 37 B active parameters.

    >>> round(needed_flop_per_s(1.44e6, 2 * 37e9) / 1e15, 1)
    106.6
    """
    return flow_tok_per_s * flop_per_tok


def needed_read_bytes_per_s(pass_read_bytes: Value, pass_s: Value) -> Value:
    """Bytes a second that memory gives at least, when a pass over weights and caches takes so long.

    Source: the same claim: 45 passes a second of 37 GB.

    >>> round(needed_read_bytes_per_s(37e9, 1 / 45) / 1e12, 3)
    1.665
    """
    return pass_read_bytes / pass_s


def needed_sent_bytes_per_s(flow_tok_per_s: Value, sent_bytes_per_tok: Value) -> Value:
    """Bytes a second that cross between accelerators at least.

    >>> needed_sent_bytes_per_s(1000.0, 2e6)
    2000000000.0
    """
    return flow_tok_per_s * sent_bytes_per_tok


def fleet_flop_per_s(fleet_accel: Value, peak_flop_per_s_per_accel: Value) -> Value:
    """Dense peak of so many accelerators.

    Source: eight H100 in FP8.

    >>> fleet_flop_per_s(8, 1.979e15) / 1e15
    15.832
    """
    return fleet_accel * peak_flop_per_s_per_accel


def fleet_bytes_per_s(fleet_accel: Value, bytes_per_s_per_accel: Value) -> Value:
    """Bandwidth, of memory or of links, of so many accelerators.

    >>> fleet_bytes_per_s(8, 3.35e12) / 1e12
    26.8
    """
    return fleet_accel * bytes_per_s_per_accel


def fleet_bytes(fleet_accel: Value, bytes_per_accel: Value) -> Value:
    """Memory of so many accelerators.

    >>> fleet_bytes(8, 80e9) / 1e9
    640.0
    """
    return fleet_accel * bytes_per_accel
