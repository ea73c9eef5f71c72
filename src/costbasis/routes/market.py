"""Serving cost from the market: what hosts of comparable open models charge, less their margin."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import Catalog
from costbasis.catalog.market.market import market_prices
from costbasis.formulas.market import unmargined_usd_per_tok
from costbasis.quantity import derive
from costbasis.routes import Refused, UnitValues

NAME = "market"
LABEL = "market less margin"
SHARES = "margin-and-market"


def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
    """USD per token of each class, from hosts that price cached input.

    A host without a cached price says nothing about what a cached read costs to serve, so only those
    that have one inform this route.
    """
    prices = market_prices(model, as_of, catalog, cached=True)
    if prices is None:
        return Refused("no comparable open model with a priced cached read at that date")
    margin = catalog.quantity("margin/open-host.gross_margin_frac", as_of=as_of)
    comparability = catalog.quantity("margin/comparability.factor", as_of=as_of)
    values = {
        column: derive(
            unmargined_usd_per_tok, market_usd_per_tok=price, gross_margin_frac=margin, comparability=comparability
        )
        for column, price in prices.usd_per_tok.items()
    }
    return UnitValues(values, f"{prices.hosts} host offers of {prices.says}")
