"""The nouns of the performance model: architecture, accelerator, precision, layout; one of each is a deployment.

All are named tuples of floats or arrays, so that one deployment and a table of a million look the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from costbasis.formulas.values import Value


class Architecture(NamedTuple):
    """Geometry of a model, summed over its layers. Attention has a *global* group of layers, whose keys are the
    context (or a selected or compressed part of it), and a *local* group, whose keys are a window."""

    layers: Value
    hidden: Value
    vocab: Value
    heads: Value
    kv_heads: Value
    """Heads that a sequence's cache can be split over: 1 where attention is latent."""
    attention_param_count: Value
    dense_param_count: Value
    """Feed-forward of dense layers, shared experts, routers: what every token passes beside attention."""
    expert_param_count: Value
    """Of one routed expert in one layer."""
    moe_layers: Value
    experts: Value
    active_experts: Value
    global_kv_elements_per_tok: Value
    global_decode_flop_per_tok2: Value
    global_prefill_flop_per_tok2: Value
    global_compression: Value
    global_window_tok: Value
    local_kv_elements_per_tok: Value
    local_flop_per_tok2: Value
    local_compression: Value
    local_window_tok: Value
    index_flop_per_tok2: Value
    index_elements_per_tok: Value
    state_elements: Value
    """Recurrent state of linear layers, kept once a sequence."""
    kernels: Value
    """Kernels that one pass launches, counted from the kinds of layers, beside the next two."""
    expert_kernels: Value
    latent_kernels: Value


class Accelerator(NamedTuple):
    """Dense peaks, memory and links of one accelerator. Links are one way."""

    bf16_flop_per_s_per_accel: Value
    fp8_flop_per_s_per_accel: Value
    fp4_flop_per_s_per_accel: Value
    hbm_bytes_per_accel: Value
    hbm_bytes_per_s_per_accel: Value
    link_bytes_per_s_per_accel: Value
    network_bytes_per_s_per_accel: Value
    """Beyond the scale-up domain: PCIe inside a host of cards, the network adapter between hosts."""
    domain_accel: Value
    is_cdna3: Value
    is_cdna4: Value
    is_blackwell: Value


class Precision(NamedTuple):
    """Bytes a parameter and a cache element take, and the peak at which each part computes."""

    expert_bytes_per_param: Value
    dense_bytes_per_param: Value
    attention_bytes_per_param: Value
    kv_bytes_per_element: Value
    expert_flop_per_s_per_accel: Value
    dense_flop_per_s_per_accel: Value
    attention_flop_per_s_per_accel: Value
    """Of the projections; scores and values compute at BF16."""
    expert_compute_bits: Value
    """Bits that experts compute in: 16, 8, 4; 12 stands for integers unpacked to 16."""
    dense_compute_bits: Value
    attention_compute_bits: Value


class Layout(NamedTuple):
    """How one replica is split: attention by tensor and data parallelism, layers by pipeline, experts over all.

    A replica is *tensor* × *data* × *pipeline* accelerators. *data* is attention data parallelism: ranks
    hold their own sequences and share the experts.
    """

    tensor: Value
    data: Value
    pipeline: Value
    has_expert_kernels: Value
    """1 where experts exchange tokens with dispatch and combine kernels (DeepEP and its like) that overlap."""


class Deployment(NamedTuple):
    """One model on one accelerator in one precision and layout, served by one engine."""

    architecture: Architecture
    accelerator: Accelerator
    precision: Precision
    layout: Layout
    engine: Value
    """Index into :data:`costbasis.performance.constants.ENGINES`."""


T = TypeVar("T", bound=tuple[object, ...])


def stack(items: Sequence[T]) -> T:
    """Many nouns as one, each field an array of shape (n,).

    >>> stack([Layout(8, 1, 1, 0), Layout(1, 8, 1, 1)]).tensor
    array([8., 1.])
    """
    first = items[0]
    fields = []
    for position in range(len(first)):
        values = [item[position] for item in items]
        if isinstance(values[0], tuple):
            fields.append(stack(cast(Sequence[tuple[object, ...]], values)))
        else:
            fields.append(cast(tuple[object, ...], np.array(values, dtype=np.float64)))
    return type(first)(*fields)


def _each(noun: T, change: Callable[[Value], Value]) -> T:
    fields: list[Any] = [
        _each(value, change) if isinstance(value, tuple) else change(cast(Value, value)) for value in noun
    ]
    return type(noun)(*fields)


def take(noun: T, index: Any) -> T:
    """The rows *index* of a stacked noun.

    >>> float(take(stack([Layout(8, 1, 1, 0), Layout(1, 8, 1, 1)]), 1).data)
    8.0
    """
    return _each(noun, lambda value: np.asarray(value)[index])


def column(noun: T) -> T:
    """A stacked noun with a second axis for draws: fields of shape (n, 1)."""
    return _each(noun, lambda value: np.asarray(value)[:, None])
