"""Hypotheses: a graded, joint distribution over architectures of a model, published or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose

from costbasis.catalog.tables import Row, source_of
from costbasis.errors import BadCatalogue
from costbasis.formulas.architecture import total_param_count
from costbasis.quantity import Given, Quantity, Source, derive, given
from costbasis.sampling import Sampling, Spread, draw, exactly
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

    Mostly the row's total range is wider than active times a fixed ratio: the rest of it is the sparsity's own
    spread. Where the total is far better known than the active part (an owner said it: its fold is under the
    root of the active one's), both keep their own range and are large together, so no draw has more active
    parameters than parameters.

    Errors: :class:`~costbasis.errors.BadCatalogue` where more parameters would be active than there are, or
    the chances of the precisions do not add to one.
    """
    _refuse_impossible(row)
    source = source_of(row, "hypothesis")
    slug = row["family"]

    def spread(name: str, unit: str) -> Spread:
        low, mid, high = (to_base(float(row[column]), unit) for column in (f"{name}_low", name, f"{name}_high"))
        return exactly(mid) if low == high else Spread("positive", low, mid, high)

    total, active = spread("total_params_b", "b_params"), spread("active_params_b", "b_params")
    active_count = given(
        "active_param_count", active, source, sampling, key=f"hypothesis/{slug}.active_params_b"
    ).labelled("active parameters")
    total_key = f"hypothesis/{slug}.total_params_b"
    if _fold(total) ** 2 < _fold(active):
        drawn = draw(total, f"hypothesis/{slug}.active_params_b", sampling)
        total_count = Quantity("total_param_count", "", drawn, Given(total_key, source, total), "total parameters")
    else:
        ratio = given("sparsity", _sparsity(total, active), source, sampling, key=total_key)
        total_count = derive(
            total_param_count,
            active_param_count=active_count,
            sparsity=ratio.labelled("total over active parameters"),
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
        total_param_count=total_count,
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


def _fold(spread: Spread) -> float:
    """How many times the high end is the low end."""
    return spread.high / spread.low


def _refuse_impossible(row: Row) -> None:
    where = f"hypothesis/{row['family']}"
    if float(row["active_params_b"]) > float(row["total_params_b"]):
        raise BadCatalogue(
            f"{row['active_params_b']} B active parameters are more than the {row['total_params_b']} B in all",
            where=where,
            hint="set total_params_b too",
        )
    chances = sum(float(row[column]) for column in ("p_4bit", "p_8bit", "p_16bit"))
    if not isclose(chances, 1.0, abs_tol=1e-6):
        raise BadCatalogue(
            f"the chances of 4-, 8- and 16-bit weights add to {chances:g}, not 1", where=where, hint="set all three"
        )
