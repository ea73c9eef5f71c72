"""Market: the same tokens at what hosts of comparable open-weight models charge. A distribution over hosts.

Two bands: hosts that price cached input (the basis) and hosts that do not (shown beside it). Where a substitute
needs more tokens for the same task, ``market/default.tokens_per_task`` says how many times as many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costbasis.bases.value import BasisValue, Unvalued, rows_at, total_at
from costbasis.catalog import Catalog
from costbasis.catalog.market.market import MarketPrices, buyer_prices, market_prices
from costbasis.quantity import Quantity
from costbasis.usage.amounts import Amounts, Group

NAME = "market"
NEEDS: tuple[str, ...] = ()

Prices = Mapping[Group, MarketPrices]


def unit_prices(group: Group, facts: Catalog) -> Mapping[str, Quantity] | None:
    """What one unit of a group's usage costs at market: hosts that price cached input. None where there are none."""
    market = market_prices(group.model, group.as_of, facts, cached=True)
    return None if market is None else buyer_prices(group.model, market, facts)


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue | None:
    """USD at market; ``parts`` holds the other band as ``uncached_hosts``, ``notes`` the counts of both.

    None where no model of the table has a comparable open one with a priced cached read.
    """
    cached = _prices(workload.groups, facts, cached=True)
    uncached = _prices(workload.groups, facts, cached=False)
    if not cached:
        return None
    prices = {group: buyer_prices(group.model, market, facts) for group, market in cached.items()}
    band = rows_at(prices, workload, name="market_usd")
    parts = {}
    if uncached:
        other = {group: buyer_prices(group.model, market, facts) for group, market in uncached.items()}
        total = total_at(other, workload, name="market_usd")
        parts["uncached_hosts"] = total.labelled("hosts that do not price cached input")
    return BasisValue(
        basis=NAME,
        total=total_at(prices, workload, name="market_usd").labelled("hosts that price cached input"),
        rows=band.value,
        over=band.over,
        covered_list_usd=workload.list_usd(cached),
        groups=list(cached),
        unvalued=[Unvalued(group, "no comparable open model") for group in workload.groups if group not in cached],
        parts=parts,
        notes=_hosts("cached", cached) | _hosts("uncached", uncached),
        prices=prices,
    )


def _prices(groups: Sequence[Group], facts: Catalog, *, cached: bool) -> dict[Group, MarketPrices]:
    found = {group: market_prices(group.model, group.as_of, facts, cached=cached) for group in groups}
    return {group: prices for group, prices in found.items() if prices is not None}


def _hosts(band: str, prices: Prices) -> dict[str, str]:
    hosts = {offer.host for market in prices.values() for offer in market.offers}
    says = {f"{group.model}: {market.says}" for group, market in prices.items()}
    return {f"n_{band}": str(len(hosts)), f"{band}_comparables": "; ".join(sorted(says))}
