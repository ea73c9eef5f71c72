"""The open market: every model that hosts sell and whose architecture is published, with its offers of a day."""

from __future__ import annotations

from datetime import date

from costbasis.catalog.catalog import Catalog
from costbasis.catalog.market.pricemodel import Sold
from costbasis.catalog.market.traits import Traits, traits_of


def traits(model: str, catalog: Catalog, *, listed: date | None = None) -> Traits | None:
    """The traits of an open model; *listed* stands in where no host ever listed it. None without an architecture."""
    row = catalog.architecture(model)
    came = catalog.offered_models.get(model, listed)
    return traits_of(row, came) if row is not None and came is not None else None


def sold_on(as_of: date, catalog: Catalog) -> list[Sold]:
    """The models with an offer on a day, by name."""
    known = ((traits(model, catalog), catalog.offers(model, as_of)) for model in sorted(catalog.offered_models))
    return [Sold(found, offers) for found, offers in known if found is not None and offers]


def sold_ever(catalog: Catalog) -> list[Sold]:
    """The models with any direct offer, with every row that was ever listed."""
    known = ((traits(model, catalog), catalog.offers_ever(model)) for model in sorted(catalog.offered_models))
    return [Sold(found, offers) for found, offers in known if found is not None and offers]
