"""Serving: what the tokens cost to produce, on average, at the fleet's utilisation.

Several routes reach it; each is shown, then they are pooled by the rule in ``bases.pooling``, and the
centrals with each route left out are kept beside the pool.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from costbasis.bases.pooling import pool_units
from costbasis.bases.value import BasisValue, UnitPrices, Unvalued, rows_at, total_at
from costbasis.catalog import Catalog
from costbasis.quantity import Quantity
from costbasis.routes import Refused, Route, UnitValues, discover
from costbasis.usage.amounts import Amounts, Group

NAME = "serving"
NEEDS: tuple[str, ...] = ()


def unit_prices(group: Group, facts: Catalog) -> Mapping[str, Quantity] | None:
    """What one unit of a group's usage costs to serve, routes pooled. None where no route reaches the model."""
    routes = discover()
    found = _walk(group, facts, routes)
    return pool_units(found, routes, facts) if found else None


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue | None:
    """USD to serve. ``parts``: ``route:NAME`` for each route, ``without:NAME`` for the pool without it.

    None where no route reaches any model of the table.
    """
    routes = discover()
    walked = {group: _walk(group, facts, routes) for group in workload.groups}
    telling = {group: _telling(found, workload.of_group(group)) for group, found in walked.items()}
    reached = {group: found for group, found in telling.items() if found}
    if not reached:
        return None
    prices = _pooled({group: tuple(found) for group, found in reached.items()}, routes, facts)
    rows = rows_at(prices, workload, name="serving_usd")
    parts, notes = {}, {}
    for route in routes:
        name, label = route.NAME, route.LABEL
        alone = {group: (name,) for group, found in reached.items() if name in found}
        if len(alone) == len(reached):
            parts[f"route:{name}"] = _total(_pooled(alone, routes, facts), workload).labelled(label)
            notes[f"route:{name}"] = next(iter(reached.values()))[name].says
        rest = {group: tuple(other for other in found if other != name) for group, found in reached.items()}
        if alone and all(rest.values()):
            parts[f"without:{name}"] = _total(_pooled(rest, routes, facts), workload).labelled(f"without {label}")
    return BasisValue(
        basis=NAME,
        total=_total(prices, workload).labelled("what they cost to produce, routes pooled"),
        rows=rows.value,
        over=rows.over,
        covered_list_usd=workload.list_usd(reached),
        groups=list(reached),
        unvalued=[Unvalued(group, "no route reaches it") for group in workload.groups if group not in reached],
        parts=parts,
        notes=notes,
        prices=prices,
    )


def _walk(group: Group, facts: Catalog, routes: list[Route]) -> dict[str, UnitValues]:
    found = {
        route.NAME: facts.remembered(
            ("route", route.NAME, group.model, group.as_of),
            partial(route.unit_values, group.model, group.as_of, facts),
        )
        for route in routes
    }
    return {name: values for name, values in found.items() if not isinstance(values, Refused)}


def _telling(found: Mapping[str, UnitValues], units: Collection[str]) -> dict[str, UnitValues]:
    """The routes that value any of the units that are used: a share of list says nothing of what is free at list."""
    return {name: route for name, route in found.items() if not route.values.keys().isdisjoint(units)}


def _pooled(names: Mapping[Group, tuple[str, ...]], routes: list[Route], facts: Catalog) -> UnitPrices:
    """USD per unit of each group, pooled over the routes of these *names*."""

    def pool(group: Group, only: tuple[str, ...]) -> dict[str, Quantity]:
        walked = _walk(group, facts, [route for route in routes if route.NAME in only])
        return pool_units(walked, routes, facts)

    return {
        group: facts.remembered(("pool", group.model, group.as_of, only), partial(pool, group, only))
        for group, only in names.items()
    }


def _total(prices: UnitPrices, workload: Amounts) -> Quantity:
    return total_at(prices, workload, name="serving_usd")
