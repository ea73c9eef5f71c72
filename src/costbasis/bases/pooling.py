"""How routes to one number become one distribution: a weighted linear pool, by a rule written down.

1. A route weighs as its weakest essential input does (``catalog/data/pooling.csv``: trust to weight).
2. Routes that share an input are a group, and a group counts as one route of its members' mean weight.
3. Inside a group, members share the group's weight in proportion to their own.

The weights are a function of trust and of shared inputs alone: no result enters them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping


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
