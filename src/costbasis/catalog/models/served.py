"""The model to serve: a published geometry, or a hypothesised one with an architecture in every draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from costbasis.catalog.hardware.deployments import UNLIMITED, architecture_of
from costbasis.catalog.models.conditioning import Line, fit_line
from costbasis.catalog.models.hypotheses import Hypothesis
from costbasis.catalog.tables import Row
from costbasis.errors import BadCatalogue
from costbasis.performance import Architecture
from costbasis.quantity import Quantity

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog

BITS = {"4bit": "fp4", "8bit": "fp8", "16bit": "bf16"}
"""A hypothesis' precisions in the words of a deployment."""

VOCAB = 150_000.0
HEADS = 64.0
KV_HEADS = 8.0
"""Of a model that does not say: the middle of published large models; they hardly move the result."""


@dataclass(frozen=True, slots=True)
class Served:
    """*architecture* has a value a draw where the model is a hypothesis. *row* is its geometry, or a stand-in's cells
    that decide precisions. *precisions*: name to chance, the model's own first. *inputs*: what it was made of.
    """

    model: str
    architecture: Architecture
    row: Row
    precisions: Mapping[str, float]
    hardware: Sequence[str]
    hypothesis: Hypothesis | None
    inputs: Mapping[str, Quantity]

    @property
    def is_published(self) -> bool:
        """True where the geometry is known."""
        return self.hypothesis is None


def served_model(model: str, catalog: Catalog) -> Served | None:
    """The model as it can be served, or None where neither a geometry nor a hypothesis is at hand."""
    row = catalog.architecture(model)
    if row is not None:
        return published(model, row)
    hypothesis = catalog.hypothesis(model)
    if hypothesis is None:
        return None
    return hypothesised(model, hypothesis, catalog)


def published(model: str, row: Row) -> Served:
    """A model of known geometry.

    Errors: :class:`~costbasis.errors.BadCatalogue` naming the columns that are missing.
    """
    native = native_precision(row)
    order = dict.fromkeys([native, "fp8", "fp4", "int4", "bf16"])
    return Served(model, architecture_of(row), row, {name: float(name == native) for name in order}, (), None, {})


def native_precision(row: Row) -> str:
    """The format that a model's own weights are released in; FP8 where nothing says it.

    >>> told = ("mxfp4 experts", "int4 experts (QAT)", "bf16", "")
    >>> [native_precision({"native_weight_dtype": text}) for text in told]
    ['fp4', 'int4', 'bf16', 'fp8']
    """
    text = row.get("native_weight_dtype", "") or "fp8"
    return "int4" if "int4" in text else "fp4" if "fp4" in text else "bf16" if text.startswith("bf16") else "fp8"


def hypothesised(model: str, hypothesis: Hypothesis, catalog: Catalog) -> Served:
    """A model whose geometry follows from the draws of its size, shaped like the published mixtures of experts.

    Layers and width follow lines of the published geometries by active parameters; attention, shared parts and
    experts share the active parameters as in their middle.
    """
    active, total = hypothesis.active_param_count.draws, hypothesis.total_param_count.draws
    kv, attention = hypothesis.kv_bytes_per_tok.draws, hypothesis.attention_flop_per_tok2.draws
    shape = open_shape(catalog.rows("architecture"))
    layers = np.round(10 ** shape.layers.at(np.log10(active)))
    hidden = 10 ** shape.hidden.at(np.log10(active))
    is_dense = total < active * 1.5
    experts_active = np.where(is_dense, 0.0, active * (1 - shape.attention_frac - shape.dense_frac))
    experts_all = np.where(is_dense, 0.0, total - active + experts_active)
    sparsity = np.maximum(experts_all / np.maximum(experts_active, 1.0), 1.0)
    count = np.where(is_dense, 1.0, shape.active_experts * sparsity)
    one_expert = np.where(is_dense, 0.0, experts_active / (layers * shape.active_experts))
    ones = np.ones_like(np.broadcast_to(active, np.broadcast_shapes(active.shape, total.shape, kv.shape)))
    architecture = Architecture(
        layers=layers * ones,
        hidden=hidden * ones,
        vocab=VOCAB * ones,
        heads=HEADS * ones,
        kv_heads=KV_HEADS * ones,
        attention_param_count=active * shape.attention_frac * ones,
        dense_param_count=np.where(is_dense, active * (1 - shape.attention_frac), active * shape.dense_frac) * ones,
        expert_param_count=one_expert * ones,
        moe_layers=np.where(is_dense, 0.0, layers) * ones,
        experts=count * ones,
        active_experts=np.where(is_dense, 0.0, shape.active_experts) * ones,
        global_kv_elements_per_tok=kv / 2 * ones,
        global_decode_flop_per_tok2=attention * ones,
        global_prefill_flop_per_tok2=attention * ones,
        global_compression=ones,
        global_window_tok=UNLIMITED * ones,
        local_kv_elements_per_tok=0.0 * ones,
        local_flop_per_tok2=0.0 * ones,
        local_compression=ones,
        local_window_tok=UNLIMITED * ones,
        index_flop_per_tok2=0.0 * ones,
        index_elements_per_tok=0.0 * ones,
        state_elements=0.0 * ones,
        kernels=layers * shape.kernels_per_layer * ones,
        expert_kernels=np.where(is_dense, 0.0, layers * shape.expert_kernels_per_layer) * ones,
        latent_kernels=0.0 * ones,
    )
    inputs = {
        "active_param_count": hypothesis.active_param_count,
        "total_param_count": hypothesis.total_param_count,
        "bf16_kv_bytes_per_tok": hypothesis.kv_bytes_per_tok,
        "attention_flop_per_tok2": hypothesis.attention_flop_per_tok2,
    }
    precisions = {BITS[name]: chance for name, chance in hypothesis.precision_weights.items()}
    row = {"native_weight_dtype": "fp8", "routed_experts": "1", "model": model}
    return Served(model, architecture, row, precisions, hypothesis.hardware, hypothesis, inputs)


@dataclass(frozen=True, slots=True)
class OpenShape:
    """How published mixtures of experts are shaped: lines over log10 of active parameters, and middles."""

    layers: Line
    hidden: Line
    attention_frac: float
    dense_frac: float
    active_experts: float
    kernels_per_layer: float
    expert_kernels_per_layer: float


def open_shape(rows: Sequence[Row]) -> OpenShape:
    """The shape of the published mixtures of experts of ``architecture.csv``, one a geometry."""
    found: list[tuple[float, Architecture]] = []
    for row in rows:
        if row["routed_experts"] and not row["geometry_of"] and row["active_params_b_computed"]:
            try:
                found.append((float(row["active_params_b_computed"]) * 1e9, architecture_of(row)))
            except BadCatalogue:
                continue
    x = np.log10([active for active, _ in found])

    def line(values: Sequence[float]) -> Line:
        return fit_line(x, np.log10(values))

    def middle(values: Sequence[float]) -> float:
        return float(median(values))

    shapes = [shape for _, shape in found]
    return OpenShape(
        layers=line([float(shape.layers) for shape in shapes]),
        hidden=line([float(shape.hidden) for shape in shapes]),
        attention_frac=middle([float(shape.attention_param_count) / active for active, shape in found]),
        dense_frac=middle([float(shape.dense_param_count) / active for active, shape in found]),
        active_experts=middle([float(shape.active_experts) for shape in shapes]),
        kernels_per_layer=middle([float(shape.kernels / shape.layers) for shape in shapes]),
        expert_kernels_per_layer=middle([float(shape.expert_kernels / shape.layers) for shape in shapes]),
    )
