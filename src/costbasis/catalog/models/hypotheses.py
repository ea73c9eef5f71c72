"""Hypotheses: a graded, joint distribution over architectures of a model, published or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose

from costbasis.catalog.models.conditioning import Lines, Observed, effective_draws, weights
from costbasis.catalog.tables import Row, source_of
from costbasis.errors import BadCatalogue
from costbasis.formulas.architecture import total_param_count
from costbasis.quantity import Given, Quantity, Source, derive, given, given_rows, joint_source
from costbasis.sampling import Floats, Sampling, Spread, draw, exactly
from costbasis.units import to_base

ACTIVE, TOTAL, SPARSITY = "active parameters", "total parameters", "total over active parameters"


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
    reasoning: Sequence[str]


def hypothesis_of(row: Row, size: Size, attention: Quantity, sampling: Sampling) -> Hypothesis:
    """The hypothesis of one row, with the size that was made of it: stated, or conditioned on what was observed."""
    source = source_of(row, "hypothesis")
    kv = given(
        "bf16_kv_bytes_per_tok",
        _spread(row, "kv_kb_per_tok", "kb_per_tok"),
        source,
        sampling,
        key=f"hypothesis/{row['family']}.kv_kb_per_tok",
    ).labelled("KV cache per token")
    return Hypothesis(
        slug=row["family"],
        family=row["title"],
        active_param_count=size.active_param_count,
        total_param_count=size.total_param_count,
        kv_bytes_per_tok=kv,
        attention_flop_per_tok2=attention,
        precision_weights={name: float(row[f"p_{name}"]) for name in ("4bit", "8bit", "16bit")},
        hardware=row["hardware"].split(),
        source=source,
        reasoning=size.reasoning,
    )


@dataclass(frozen=True, slots=True)
class Size:
    """Active and total parameters, and how they came about, a sentence a step."""

    active_param_count: Quantity
    total_param_count: Quantity
    reasoning: Sequence[str]


def size_of_row(row: Row, sampling: Sampling) -> Size:
    """The size as the row states it. Sparsity is total over active; its range is what the two ranges leave it.

    Mostly the row's total range is wider than active times a fixed ratio: the rest of it is the sparsity's own
    spread. Where the total is far better known than the active part (an owner said it: its fold is under the
    root of the active one's), both keep their own range and are large together, so no draw has more active
    parameters than parameters.

    Errors: :class:`~costbasis.errors.BadCatalogue` where more parameters would be active than there are, or
    the chances of the precisions do not add to one.
    """
    source = source_of(row, "hypothesis")
    slug = row["family"]
    total, active = _spread(row, "total_params_b", "b_params"), _spread(row, "active_params_b", "b_params")
    active_count = given(
        "active_param_count", active, source, sampling, key=f"hypothesis/{slug}.active_params_b"
    ).labelled(ACTIVE)
    total_key = f"hypothesis/{slug}.total_params_b"
    if _fold(total) ** 2 < _fold(active):
        drawn = draw(total, f"hypothesis/{slug}.active_params_b", sampling)
        total_count = Quantity("total_param_count", "", drawn, Given(total_key, source, total), TOTAL)
    else:
        ratio = given("sparsity", _sparsity(total, active), source, sampling, key=total_key).labelled(SPARSITY)
        total_count = derive(total_param_count, active_param_count=active_count, sparsity=ratio).labelled(TOTAL)
    return Size(active_count, total_count, [f"as stated (trust {source.trust}, {source.status}): {row['reasoning']}"])


def size_of_class(row: Row, prior: Row, observed: Observed, lines: Lines, sampling: Sampling) -> Size:
    """The size of a model of which nothing was said: the prior of its class, weighed by what was observed.

    The rows of the prior's draws are drawn again with their weights, active parameters and sparsity together.
    """
    key = f"hypothesis/{row['family']}.active_params_b"
    spreads = {name: _spread(prior, name, unit) for name, unit in (("active_params_b", "b_params"), ("sparsity", "x"))}
    active, sparsity = (draw(spread, f"{key}.prior.{name}", sampling) for name, spread in spreads.items())
    weight = weights(active, active * sparsity, observed, lines)
    columns = {"active_param_count": active.tolist(), "sparsity": sparsity.tolist()}
    source = joint_source([source_of(row, "hypothesis"), source_of(prior, "hypothesis_prior")])
    rows = given_rows(key, columns, source, sampling, weights=weight.tolist())
    count = rows["active_param_count"].labelled(ACTIVE)
    total = derive(total_param_count, active_param_count=count, sparsity=rows["sparsity"].labelled(SPARSITY))
    return Size(count, total.labelled(TOTAL), list(_steps(prior, observed, weight)))


def _steps(prior: Row, observed: Observed, weight: Floats) -> Iterator[str]:
    yield (
        f"prior of its class ({prior['class']}): {prior['active_params_b_low']} to {prior['active_params_b_high']} B "
        f"active, {prior['sparsity_low']} to {prior['sparsity_high']} times as many in all"
    )
    if observed.tok_per_s is not None:
        yield f"output speed seen by one user: {observed.tok_per_s:.0f} tok/s (weak: hosts differ fourfold)"
    if observed.output_usd_per_mtok is not None:
        yield f"list price of output: ${observed.output_usd_per_mtok:g} per million (weaker: the mark-up is unknown)"
    if observed.probed_params is not None:
        yield f"knowledge probes: {observed.probed_params / 1e9:,.0f} B in all (a factor of 3.6 either way)"
    yield f"the weighted draws are worth {effective_draws(weight):,.0f} of {len(weight):,}"


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


def _spread(row: Row, name: str, unit: str) -> Spread:
    low, mid, high = (to_base(float(row[column]), unit) for column in (f"{name}_low", name, f"{name}_high"))
    return exactly(mid) if low == high else Spread("positive", low, mid, high)


def refuse_impossible(row: Row) -> None:
    """Refuses a row that no model can be.

    Errors: :class:`~costbasis.errors.BadCatalogue` where more parameters would be active than there are, or
    the chances of the precisions do not add to one.
    """
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
