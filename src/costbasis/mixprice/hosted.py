"""A mix at the hosts of open models: every host's bill, the two bands of the market, or a prediction of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.market.market import MarketPrices, buyer_prices, is_faithful, market_prices
from costbasis.catalog.market.pricemodel import Band, Predicted, predict
from costbasis.catalog.market.sold import sold_on, traits
from costbasis.catalog.offers import Offer
from costbasis.mixprice.mix import TokenMix
from costbasis.quantity import Given, Quantity, Source
from costbasis.rowvalues import value_total
from costbasis.sampling import uniforms


@dataclass(frozen=True, slots=True)
class MixMarket:
    """The mix on the market: a band each (None where it has no host), or a prediction where no host sells the model."""

    cached: MarketPrices | None
    uncached: MarketPrices | None
    cached_usd: Quantity | None
    uncached_usd: Quantity | None
    predicted: Predicted | None
    cached_share: float | None = None


def market_of(model: str, mix: TokenMix, as_of: date, catalog: Catalog) -> MixMarket:
    """The two bands. An open model that no host sells on the day has predicted ones, and says so."""
    row = catalog.architecture(model)
    if row is not None and not catalog.offers(model, as_of):
        return _predicted(model, mix, as_of, catalog)
    bands = {cached: market_prices(model, as_of, catalog, cached=cached) for cached in (True, False)}
    usd = {cached: None if band is None else _band_usd(model, band, mix, catalog) for cached, band in bands.items()}
    return MixMarket(bands[True], bands[False], usd[True], usd[False], None)


def _band_usd(model: str, band: MarketPrices, mix: TokenMix, catalog: Catalog) -> Quantity:
    prices = buyer_prices(model, band, catalog)
    tokens = mix.tokens
    return value_total(tokens, {column: prices[column] for column in tokens}, name="market_usd", source=mix.source)


def _predicted(model: str, mix: TokenMix, as_of: date, catalog: Catalog) -> MixMarket:
    target = traits(model, catalog, listed=as_of)
    found = None if target is None else predict(target, sold_on(as_of, catalog), mix.tokens, catalog.sampling)
    if found is None:
        return MixMarket(None, None, None, None, None)
    cached, uncached = (
        _host_usd(f"predicted/{model}.{name}_hosts", band, as_of, catalog)
        for name, band in (("cached", found.cached), ("uncached", found.uncached))
    )
    return MixMarket(None, None, cached, uncached, found, float(np.mean(found.cached_share)))


def _host_usd(key: str, band: Band, as_of: date, catalog: Catalog) -> Quantity:
    """What one host of the predicted band would charge: its median, and a host's own distance from it."""
    from scipy.special import ndtri

    source = Source(
        "predicted from the model's architecture and the other models' offers; accuracy: costbasis validate market",
        place="docs/decisions/0008-market.md",
        trust="D",
        status="predicted",
        as_of=as_of.isoformat(),
    )
    host = np.exp(band.host_sd * ndtri(uniforms(f"{key}.host", catalog.sampling)))
    return Quantity(
        "market_usd", "usd", band.median_usd * host, Given(key, source), label="predicted, no host sells it"
    )


@dataclass(frozen=True, slots=True)
class HostPrice:
    """The mix at one host. *weight*: the stand-in's weight shared by its hosts of the band; 0 where left out."""

    offer: Offer
    usd: float
    weight: float
    is_faithful: bool


def host_prices(model: str, mix: TokenMix, as_of: date, market: MixMarket, catalog: Catalog) -> list[HostPrice]:
    """Every host of the model (or of its stand-ins), cheapest first; unfaithful ones are shown and weigh nothing."""
    weights: dict[tuple[str, str, str], float] = {}
    for band in (market.cached, market.uncached):
        for one in band.comparables if band else ():
            hosts = [offer for offer in band.offers if offer.model == one.model] if band else []
            weights |= {_key(offer): one.weight / len(hosts) for offer in hosts}
    models: Sequence[str] = [model, *dict.fromkeys(name for name, _, _ in weights if name != model)]
    offers = [offer for name in models for offer in catalog.offers(name, as_of)]
    rows = [
        HostPrice(offer, offer.usd(mix.tokens), weights.get(_key(offer), 0.0), is_faithful(offer, catalog))
        for offer in offers
    ]
    return sorted(rows, key=lambda row: (row.usd, row.offer.model, row.offer.host))


def _key(offer: Offer) -> tuple[str, str, str]:
    return offer.model, offer.host, offer.precision


def first_day(model: str, catalog: Catalog) -> date | None:
    """The first day with a price of any kind; None where the first list price has no known beginning."""
    starts = [row.valid_from for row in catalog.retail(model) if row.mode == "standard"]
    if starts:
        return None if None in starts else min(day for day in starts if day is not None)
    listed: Mapping[str, date] = catalog.offered_models
    return listed.get(model)
