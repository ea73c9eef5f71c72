"""The grammar: a number knows its unit, its draws and its past.

``given`` makes a quantity from a source, ``given_rows`` several that belong together (a joint table),
``derive`` makes one from a formula and keeps the inputs, ``choose`` picks one of several in each draw.
There are no arithmetic operators: a computation without a name has no place to keep its unit, its
source or its explanation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from costbasis.errors import UnitMismatch
from costbasis.estimate import Estimate as Estimate
from costbasis.sampling import Floats, Sampling, Spread, draw, draw_rows, exactly
from costbasis.source import Source as Source
from costbasis.units import unit_of


@dataclass(frozen=True, slots=True)
class Given:
    """The past of a number that was looked up: its catalogue key, spread and source.

    *rows* are the row indices where the number is a column of a joint table, so that its columns are
    ranked as the one input they are.
    """

    key: str
    source: Source
    spread: Spread | None = None
    rows: Floats | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """The past of a number that was computed: the formula and the quantities that went in."""

    formula: Callable[..., Any]
    inputs: Mapping[str, Quantity]


@dataclass(frozen=True, eq=False)
class Quantity:
    """A named number with a unit, draws and a past.

    Shape: *draws* is ``(n,)``, or ``()`` where the number is exact.
    """

    name: str
    unit: str
    draws: Floats
    past: Given | Derived
    label: str = ""

    def labelled(self, label: str) -> Quantity:
        """The same quantity under a reader's name for it."""
        return replace(self, label=label)

    @property
    def is_exact(self) -> bool:
        """True where the number has no spread."""
        return self.draws.ndim == 0

    @cached_property
    def estimate(self) -> Estimate:
        """p10, p50, p90 and mean over the draws. Means add; medians do not."""
        if self.is_exact:
            value = float(self.draws)
            return Estimate(value, value, value, value)
        p10, p50, p90 = (float(q) for q in np.quantile(self.draws, (0.1, 0.5, 0.9)))
        return Estimate(p10, p50, p90, float(self.draws.mean()))

    def quantile(self, share: float) -> float:
        """The value below which *share* of the draws lie."""
        return float(np.quantile(self.draws, share))

    def share_above(self, value: float) -> float:
        """The share of draws above *value*, 0..1."""
        return float(np.mean(self.draws > value))


def given(name: str, spread: Spread, source: Source, sampling: Sampling, *, key: str = "") -> Quantity:
    """A quantity looked up: *name* ends in its base unit, *spread* is in base units.

    *key* (default: the name) decides the draws, so one fact is one set of draws everywhere.
    """
    key = key or name
    return Quantity(name, unit_of(name), draw(spread, key, sampling), Given(key, source, spread))


def counted(name: str, value: float, source: Source) -> Quantity:
    """An exact quantity: something counted, such as the tokens of a log."""
    return Quantity(name, unit_of(name), np.asarray(value, dtype=np.float64), Given(name, source, exactly(value)))


def given_rows(
    key: str,
    columns: Mapping[str, Sequence[float]],
    sources: Source | Sequence[Source],
    sampling: Sampling,
    *,
    weights: Sequence[float] | None = None,
) -> dict[str, Quantity]:
    """Quantities that belong together, drawn as whole rows (a host's price row, a posterior, a hypothesis).

    *columns*: name (ending in its unit) to one value a row. *weights*: relative chance of each row.
    *sources*: one for the table, or one a row.
    """
    count = len(next(iter(columns.values())))
    chance = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    rows = draw_rows(chance, key, sampling)
    source = sources if isinstance(sources, Source) else joint_source(sources)
    return {
        name: Quantity(
            name,
            unit_of(name),
            np.asarray(values, dtype=np.float64)[rows],
            Given(key, source, rows=rows.astype(float)),
        )
        for name, values in columns.items()
    }


def joint_source(sources: Sequence[Source]) -> Source:
    """One source that stands for the rows of a joint table: all citations, the weakest trust, the newest date."""
    citations = sorted({source.citation for source in sources})
    places = sorted({source.place for source in sources if source.place})
    return Source(
        citation="; ".join(citations),
        place="; ".join(places),
        trust=max(source.trust for source in sources),
        status=", ".join(sorted({source.status for source in sources})),
        interest=", ".join(sorted({source.interest for source in sources if source.interest})),
        as_of=max(source.as_of for source in sources),
        note=f"{len(sources)} rows",
    )


def derive(formula: Callable[..., Any], /, **inputs: Quantity) -> Any:
    """Run *formula* over the draws of *inputs*; the result is a quantity that remembers both.

    The unit of each input must be the one that the parameter's name promises. A formula that returns a
    named tuple makes a named tuple of quantities.

    >>> from costbasis.formulas.billing import contribution_usd
    >>> from costbasis.quantity import counted, Source
    >>> logs = Source("an example")
    >>> derive(contribution_usd, revenue_usd=counted("plan_usd", 200.0, logs),
    ...        cogs_usd=counted("serving_usd", 80.0, logs)).estimate.p50
    120.0

    Errors: :class:`~costbasis.errors.UnitMismatch` when a unit differs, naming both.
    """
    _check_units(formula, inputs)
    result = formula(**{name: quantity.draws for name, quantity in inputs.items()})
    past = Derived(formula, dict(inputs))
    if hasattr(result, "_fields"):
        return type(result)(*(_derived(name, value, past) for name, value in result._asdict().items()))
    return _derived(formula.__name__, result, past)


def _derived(name: str, value: Any, past: Derived) -> Quantity:
    return Quantity(name, unit_of(name), np.asarray(value, dtype=np.float64), past)


@cache
def _parameters(formula: Callable[..., Any]) -> tuple[dict[str, str], str | None]:
    """Unit by parameter name, and the unit of ``**others`` where the formula takes any number of them."""
    units: dict[str, str] = {}
    others = None
    for name, parameter in inspect.signature(formula).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            others = unit_of(name)
        else:
            units[name] = unit_of(name)
    return units, others


def _check_units(formula: Callable[..., Any], inputs: Mapping[str, Quantity]) -> None:
    units, others = _parameters(formula)
    for name, quantity in inputs.items():
        expected = units.get(name, others)
        if expected is None:
            raise UnitMismatch(f'"{formula.__name__}" has no input "{name}"', hint=f"it takes {', '.join(units)}")
        if quantity.unit != expected:
            raise UnitMismatch(
                f'"{quantity.name}" is in {quantity.unit or "counts"}, "{name}" must be in {expected or "counts"}',
                where=formula.__name__,
            )
    missing = [name for name in units if name not in inputs]
    if missing:
        raise UnitMismatch(f'"{formula.__name__}" needs {", ".join(missing)}')


def choose(choice: Quantity, options: Mapping[str, Quantity], *, name: str) -> Quantity:
    """One of *options* in each draw: a linear pool, or a mixture of machines.

    *choice* holds the index of the option in each draw; its weights are the pool's weights. All options
    are in one unit. Sharing *choice* keeps several pooled quantities on the same option in each draw.

    Errors: :class:`~costbasis.errors.UnitMismatch` when the options' units differ.
    """
    units = {option.unit for option in options.values()}
    if units != {unit_of(name)}:
        raise UnitMismatch(f"cannot choose between units {', '.join(sorted(units))}", where=name)
    table = np.stack([np.broadcast_to(option.draws, choice.draws.shape) for option in options.values()])
    rows = choice.draws.astype(np.int64)
    drawn = table[rows] if choice.is_exact else table[rows, np.arange(len(rows))]
    past = Derived(one_of_these_in_each_draw, {"choice": choice, **options})
    return Quantity(name, unit_of(name), drawn, past)


def one_of_these_in_each_draw(**options: Floats) -> None:
    """One of the options in each draw, picked with the weights of the choice."""
