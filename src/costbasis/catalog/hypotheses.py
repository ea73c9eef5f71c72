"""Hypotheses: a graded, joint distribution over architectures of a model, published or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costbasis.catalog.tables import Row, source_of
from costbasis.formulas.architecture import total_param_count
from costbasis.quantity import Quantity, Source, derive, given
from costbasis.sampling import Sampling, Spread, exactly
from costbasis.units import to_base


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a model may be. *total_param_count* follows from active parameters and sparsity, so they move together.

    *precision_weights*: chance of 4-, 8- and 16-bit weights. *hardware*: short names of accelerators.
    *source.trust* D says: a cost made from it must carry its interval and the word hypothesis.
    """

    slug: str
    family: str
    active_param_count: Quantity
    total_param_count: Quantity
    kv_bytes_per_tok: Quantity
    attention_flop_per_tok2: Quantity
    precision_weights: Mapping[str, float]
    hardware: Sequence[str]
    source: Source


def hypothesis_of(row: Row, attention: Quantity, sampling: Sampling) -> Hypothesis:
    """The hypothesis of one row. Sparsity is total over active; its range is what the two ranges leave it.

    The row's total range is wider than active times a fixed ratio: the rest of it is the sparsity's own spread.
    """
    source = source_of(row, "hypothesis")
    slug = row["family"]

    def spread(name: str, unit: str) -> Spread:
        low, mid, high = (to_base(float(row[column]), unit) for column in (f"{name}_low", name, f"{name}_high"))
        return exactly(mid) if low == high else Spread("positive", low, mid, high)

    total, active = spread("total_params_b", "b_params"), spread("active_params_b", "b_params")
    sparsity = _sparsity(total, active)
    active_count = given(
        "active_param_count", active, source, sampling, key=f"hypothesis/{slug}.active_params_b"
    ).labelled("active parameters")
    ratio = given("sparsity", sparsity, source, sampling, key=f"hypothesis/{slug}.total_params_b").labelled(
        "total over active parameters"
    )
    kv = given(
        "bf16_kv_bytes_per_tok",
        spread("kv_kb_per_tok", "kb_per_tok"),
        source,
        sampling,
        key=f"hypothesis/{slug}.kv_kb_per_tok",
    ).labelled("KV cache per token")
    return Hypothesis(
        slug=slug,
        family=row["title"],
        active_param_count=active_count,
        total_param_count=derive(total_param_count, active_param_count=active_count, sparsity=ratio),
        kv_bytes_per_tok=kv,
        attention_flop_per_tok2=attention,
        precision_weights={name: float(row[f"p_{name}"]) for name in ("4bit", "8bit", "16bit")},
        hardware=row["hardware"].split(),
        source=source,
    )


def _sparsity(total: Spread, active: Spread) -> Spread:
    """Total over active as a spread: the middle of the two middles; its width is the total's beyond the active's."""
    middle = total.mid / active.mid
    down = max(1.0, (total.mid / total.low) / (active.mid / active.low))
    up = max(1.0, (total.high / total.mid) / (active.high / active.mid))
    if down == up == 1.0:
        return exactly(middle)
    return Spread("positive", middle / down, middle, middle * up)
