"""Explain a number down to its sources, and rank the inputs that move it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from costbasis.quantity import Given, Quantity
from costbasis.sampling import Floats

BINS = 40
"""Equal-count bins of an input over which the conditional mean of the result is taken."""


def explain(quantity: Quantity, *, _seen: set[int] | None = None) -> dict[str, Any]:
    """The tree of *quantity* as plain data: formula and inputs, each leaf with source, date and trust.

    A quantity that occurs twice is spelled out once; the second time carries ``"repeated": true``.
    """
    seen = set() if _seen is None else _seen
    node: dict[str, Any] = {
        "name": quantity.name,
        "label": quantity.label or quantity.name,
        "unit": quantity.unit,
        "value": quantity.estimate._asdict(),
        "exact": quantity.is_exact,
    }
    past = quantity.past
    if isinstance(past, Given):
        return node | {"key": past.key} | _leaf(past)
    node["formula"] = past.formula.__name__
    node["says"] = first_line(past.formula)
    if id(quantity) in seen:
        return node | {"repeated": True}
    seen.add(id(quantity))
    node["inputs"] = {name: explain(value, _seen=seen) for name, value in past.inputs.items()}
    return node


def _leaf(past: Given) -> dict[str, Any]:
    source = past.source
    leaf: dict[str, Any] = {
        "source": source.citation,
        "place": source.place,
        "date": source.as_of,
        "trust": source.trust,
        "status": source.status,
        "interest": source.interest,
        "note": source.note,
    }
    if past.spread is not None:
        leaf["assumed_spread"] = past.spread.assumed
    return leaf


def first_line(formula: Any) -> str:
    """What the formula says it returns: the first line of its docstring."""
    return (inspect.getdoc(formula) or "").partition("\n")[0]


def leaves(quantity: Quantity) -> dict[str, Quantity]:
    """Every given quantity under *quantity*, by ``key`` (joint tables: ``key`` and column name)."""
    return {_identity(leaf): leaf for leaf in _walk(quantity, set())}


def _walk(quantity: Quantity, seen: set[int]) -> Iterator[Quantity]:
    if id(quantity) in seen:
        return
    seen.add(id(quantity))
    if isinstance(quantity.past, Given):
        yield quantity
        return
    for value in quantity.past.inputs.values():
        yield from _walk(value, seen)


def _identity(leaf: Quantity) -> str:
    past = leaf.past
    assert isinstance(past, Given)
    return past.key if past.rows is None else f"{past.key}#{leaf.name}"


@dataclass(frozen=True, slots=True)
class Driver:
    """An input and the share of the result's (log) variance that it explains alone, 0..1."""

    key: str
    label: str
    share_frac: float
    quantity: Quantity


def drivers(quantity: Quantity, *, limit: int = 8) -> list[Driver]:
    """The inputs that move *quantity* most, best first.

    The share is the first-order one: variance of the conditional mean over equal-count bins of the
    input, of the logarithm where every draw is positive. Columns of a joint table are one input. Where
    routes were pooled, the choice of the route has the variance between routes, and every other input is
    ranked within the routes, weighted by their share of draws: an input of one route would else look idle.
    Shares need not add to one: what inputs do only together is in none of them.
    """
    if quantity.is_exact:
        return []
    result = np.log(quantity.draws) if (quantity.draws > 0).all() else quantity.draws
    found = leaves(quantity)
    pools = [leaf for leaf in found.values() if is_pool(leaf) and not leaf.is_exact]
    groups = pools[0].draws if pools else np.zeros(len(result))
    best: dict[str, Driver] = {}
    for leaf in found.values():
        past = leaf.past
        if leaf.is_exact or not isinstance(past, Given):
            continue
        share = _first_order(leaf.draws, result) if is_pool(leaf) else _within(groups, leaf.draws, result)
        if past.key not in best or share > best[past.key].share_frac:
            best[past.key] = Driver(past.key, leaf.label or past.key, share, leaf)
    ranked = sorted(best.values(), key=lambda driver: -driver.share_frac)
    return [driver for driver in ranked if driver.share_frac > 0][:limit]


CHOICES = ("pool/", "machine/", "measured/")
"""Keys of inputs that pick a row in each draw: a route, a machine, a measurement. Their numbers are places."""


def is_choice(leaf: Quantity) -> bool:
    """True for an input that picks a row, which is no amount that could be shown or set."""
    return isinstance(leaf.past, Given) and leaf.past.key.startswith(CHOICES)


def is_pool(leaf: Quantity) -> bool:
    """True for the choice of a route in a pool, which is no amount that could be set."""
    return isinstance(leaf.past, Given) and leaf.past.key.startswith("pool/")


def _within(groups: Floats, inputs: Floats, result: Floats) -> float:
    """Share of the whole variance that an input explains inside the groups."""
    total = 0.0
    for group in np.unique(groups):
        mine = groups == group
        total += float(mine.mean()) * float(result[mine].var()) * _first_order(inputs[mine], result[mine])
    variance = float(result.var())
    return total / variance if variance else 0.0


def _first_order(inputs: Floats, result: Floats) -> float:
    variance = float(result.var())
    if variance == 0:
        return 0.0
    groups = _bins(inputs)
    count = np.bincount(groups)
    means = np.bincount(groups, weights=result) / count
    between = float((count * (means - result.mean()) ** 2).sum() / len(result))
    noise = (len(count) - 1) / len(result)
    return max(0.0, (between / variance - noise) / (1 - noise))


def _bins(inputs: Floats) -> Any:
    values, codes = np.unique(inputs, return_inverse=True)
    if len(values) <= BINS:
        return codes
    ranks = np.argsort(np.argsort(inputs, kind="stable"), kind="stable")
    return ranks * BINS // len(inputs)


def value_that_reaches(driver: Driver, quantity: Quantity, target: float) -> float | None:
    """The value of *driver* at which the median of *quantity* is *target*, other inputs as they are.

    Read off the draws: medians over equal-count bins of the driver, interpolated. None where no value
    that the driver takes gets there.
    """
    groups = _bins(driver.quantity.draws)
    order = range(int(groups.max()) + 1)
    where = np.array([np.median(driver.quantity.draws[groups == group]) for group in order])
    reached = np.array([np.median(quantity.draws[groups == group]) for group in order]) - target
    flips = np.nonzero(np.diff(np.sign(reached)))[0]
    if len(flips) == 0:
        return None
    left = int(flips[0])
    weight = reached[left] / (reached[left] - reached[left + 1])
    return float(where[left] + weight * (where[left + 1] - where[left]))
