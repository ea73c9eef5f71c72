"""Marginal: what one more token costs on capacity that is held anyway. Power and wear; about zero off-peak."""

from __future__ import annotations

from collections.abc import Mapping

from costbasis.bases.value import BasisValue, Unvalued, rows_at, total_at
from costbasis.catalog import Catalog
from costbasis.quantity import Quantity
from costbasis.service.fleet import NoFleet, fleet_of, marginal_usd
from costbasis.usage.amounts import Amounts, Group

NAME = "marginal"
NEEDS: tuple[str, ...] = ()


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue | None:
    """USD that the tokens added off-peak, on the machines that the roofline route finds.

    At the peak another token needs another machine: then it costs what *serving* says, or, sold out, *opportunity*.
    None where no model's machine is known.
    """
    prices = {group: usd for group in workload.groups if (usd := _usd(group, facts)) is not None}
    if not prices:
        return None
    rows = rows_at(prices, workload, name="marginal_usd")
    return BasisValue(
        basis=NAME,
        total=total_at(prices, workload, name="marginal_usd").labelled("power and wear of these tokens, off-peak"),
        rows=rows.value,
        over=rows.over,
        covered_list_usd=workload.list_usd(prices),
        groups=list(prices),
        unvalued=[Unvalued(group, "no machine is known") for group in workload.groups if group not in prices],
    )


def _usd(group: Group, facts: Catalog) -> dict[str, Quantity] | None:
    def added() -> dict[str, Quantity] | None:
        fleet = fleet_of(group.model, group.as_of, facts)
        return None if isinstance(fleet, NoFleet) else marginal_usd(fleet, facts)

    return facts.remembered(("marginal", group.model, group.as_of), added)
