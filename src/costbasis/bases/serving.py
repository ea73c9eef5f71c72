"""Serving: what the tokens cost to produce, on average, at the fleet's utilisation.

Several routes reach it; each is shown, then they are pooled by the rule in ``bases.pooling``, and the
centrals with each route left out are kept beside the pool.
"""

from __future__ import annotations

from collections.abc import Mapping

from costbasis.bases.pooling import Walked, pool_units
from costbasis.bases.value import BasisValue, Unvalued, rows_at, total_at
from costbasis.catalog import Catalog
from costbasis.quantity import Quantity
from costbasis.routes import Refused, Route, UnitValues, discover
from costbasis.usage.amounts import Amounts, Group

NAME = "serving"
NEEDS: tuple[str, ...] = ()


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue | None:
    """USD to serve. ``parts``: ``route:NAME`` for each route, ``without:NAME`` for the pool without it.

    None where no route reaches any model of the table.
    """
    routes = discover()
    walked = {group: _walk(group, facts, routes) for group in workload.groups}
    reached = {group: found for group, found in walked.items() if found}
    if not reached:
        return None
    prices = {group: pool_units(found, routes, facts) for group, found in reached.items()}
    rows = rows_at(prices, workload, name="serving_usd")
    parts, notes = {}, {}
    for route in routes:
        name, label = route.NAME, route.LABEL
        alone = {group: {name: found[name]} for group, found in reached.items() if name in found}
        if len(alone) == len(reached):
            parts[f"route:{name}"] = _pooled_total(workload, alone, routes, facts).labelled(label)
            notes[f"route:{name}"] = next(iter(alone.values()))[name].says
        rest = {
            group: {other: values for other, values in found.items() if other != name}
            for group, found in reached.items()
        }
        if alone and all(rest.values()):
            parts[f"without:{name}"] = _pooled_total(workload, rest, routes, facts).labelled(f"without {label}")
    return BasisValue(
        basis=NAME,
        total=total_at(prices, workload, name="serving_usd").labelled("what they cost to produce, routes pooled"),
        rows=rows.value,
        over=rows.over,
        covered_list_usd=workload.list_usd(reached),
        groups=list(reached),
        unvalued=[Unvalued(group, "no route reaches it") for group in workload.groups if group not in reached],
        parts=parts,
        notes=notes,
    )


def _walk(group: Group, facts: Catalog, routes: list[Route]) -> dict[str, UnitValues]:
    found = {route.NAME: route.unit_values(group.model, group.as_of, facts) for route in routes}
    return {name: values for name, values in found.items() if not isinstance(values, Refused)}


def _pooled_total(workload: Amounts, found: Mapping[Group, Walked], routes: list[Route], facts: Catalog) -> Quantity:
    prices = {group: pool_units(walked, routes, facts) for group, walked in found.items()}
    return total_at(prices, workload, name="serving_usd")
