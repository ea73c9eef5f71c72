"""List: tokens at the published retail price of the day of each call. Exact; what an API buyer pays."""

from __future__ import annotations

from collections.abc import Mapping

from costbasis.bases.value import BasisValue, rows_at, total_at
from costbasis.catalog import Catalog
from costbasis.quantity import Quantity, Source, counted
from costbasis.units import price_name
from costbasis.usage.amounts import Amounts, Group

NAME = "list"
NEEDS: tuple[str, ...] = ()


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue:
    """USD at list, tokens only: web searches and other tools are billed beside it.

    The price of a class is what its tokens were billed at on average over the group's calls, modes and
    long-context tiers; where there is one price, it is that price.
    """
    prices = {group: _prices(group, facts, workload) for group in workload.groups}
    rows = rows_at(prices, workload, name="list_usd")
    return BasisValue(
        basis=NAME,
        total=total_at(prices, workload, name="list_usd").labelled("list value"),
        rows=rows.value,
        over=rows.over,
        covered_list_usd=workload.list_usd(workload.groups),
        groups=workload.groups,
        prices=prices,
    )


def _prices(group: Group, facts: Catalog, workload: Amounts) -> dict[str, Quantity]:
    source = list_source(group, facts)
    billed = workload.billed_usd(group)
    tokens = workload.of_group(group)
    return {unit: counted(price_name(unit, NAME), usd / float(tokens[unit][0]), source) for unit, usd in billed.items()}


def list_source(group: Group, facts: Catalog) -> Source:
    """Where the retail price of the group's model comes from, on the day the group is valued."""
    rows = [row for row in facts.retail(group.model) if row.mode == "standard"]
    valid = [row for row in rows if row.valid_from is None or row.valid_from <= group.as_of]
    return (valid or rows)[-1].source
