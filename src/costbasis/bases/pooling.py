"""How routes to one number become one distribution: a weighted linear pool, by a rule written down.

1. A route weighs as its weakest essential input does (``catalog/data/pooling.csv``: trust to weight).
2. Routes that share an input are a group, and a group counts as one route of its members' mean weight.
3. Inside a group, members share the group's weight in proportion to their own.

The weights are a function of trust and of shared inputs alone: no result enters them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from costbasis.catalog import Catalog
from costbasis.quantity import Quantity, Source, choose, counted, given_rows
from costbasis.routes import Route, UnitValues
from costbasis.units import price_name

RULE = Source(
    "costbasis pooling rule: weight by the weakest input's trust, routes that share an input count as one",
    place="docs/decisions/0004-pooling.md",
    trust="D",
    status="assumed",
    as_of="2026-11-24",
)
NOTHING = Source("this route charges nothing for this unit", trust="A", status="definition", as_of="2026-11-24")

Walked = Mapping[str, UnitValues]
"""Route to what one unit of usage costs by it."""


def pool_weights(trust: Mapping[str, str], shares: Mapping[str, str], grades: Mapping[str, float]) -> dict[str, float]:
    """Weight of each route, summing to one.

    *trust*: route to the grade of its weakest input. *shares*: route to its group. *grades*: grade to weight.

    >>> weights = pool_weights(
    ...     {"roofline": "D", "margin": "C", "market": "D"},
    ...     {"roofline": "roofline", "margin": "m", "market": "m"},
    ...     {"C": 0.6, "D": 0.4},
    ... )
    >>> {route: round(weight, 3) for route, weight in weights.items()}
    {'roofline': 0.444, 'margin': 0.333, 'market': 0.222}
    """
    own = {route: grades[grade] for route, grade in trust.items()}
    members: dict[str, list[str]] = defaultdict(list)
    for route in own:
        members[shares[route]].append(route)
    mean = {group: sum(own[route] for route in routes) / len(routes) for group, routes in members.items()}
    total = sum(mean.values())
    return {
        route: mean[shares[route]] / total * own[route] / sum(own[other] for other in members[shares[route]])
        for route in own
    }


def pool_units(walked: Walked, routes: Sequence[Route], facts: Catalog) -> dict[str, Quantity]:
    """USD per unit, pooled: in each draw one route prices every unit of the group."""
    shares = {route.NAME: route.SHARES for route in routes}
    trust = {name: values.trust for name, values in walked.items()}
    weights = pool_weights(trust, shares, facts.trust_weights())
    index = {"route": [float(position) for position in range(len(walked))]}
    choice = given_rows("pool/serving.route", index, RULE, facts.sampling, weights=[weights[name] for name in walked])[
        "route"
    ].labelled("which route is right")
    units = sorted({unit for values in walked.values() for unit in values.values})
    return {unit: _pool_unit(unit, walked, choice) for unit in units}


def _pool_unit(unit: str, walked: Walked, choice: Quantity) -> Quantity:
    name = price_name(unit, "serving")
    nothing = counted(name, 0.0, NOTHING)
    options = {route: values.values.get(unit, nothing) for route, values in walked.items()}
    if len(options) == 1:
        return next(iter(options.values()))
    return choose(choice, options, name=name)
