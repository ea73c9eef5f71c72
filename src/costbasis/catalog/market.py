"""Market prices: what hosts of comparable open-weight models charge per token of each class.

One host's whole price row is one draw, so a host that is dear for output and cheap for cached reads
stays that host. Hosts that price cached input and hosts that do not are two bands, never one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costbasis.catalog.catalog import Catalog
from costbasis.catalog.offers import Offer
from costbasis.quantity import Quantity, given_rows
from costbasis.units import price_name

BITS = {4: ("fp4", "int4", "nvfp4", "mxfp4", "awq", "q4"), 8: ("fp8", "int8", "mxfp8"), 16: ("bf16", "fp16")}
"""Bits of a weight, and how a stated precision begins."""


@dataclass(frozen=True, slots=True)
class MarketPrices:
    """USD per token by usage column, over the hosts of one band.

    *offers*: the rows behind it. *comparables*: the open models that stand in, or the model itself.
    """

    usd_per_tok: Mapping[str, Quantity]
    offers: Sequence[Offer]
    comparables: Sequence[str]

    @property
    def hosts(self) -> int:
        """How many host offers the band rests on."""
        return len(self.offers)


def market_prices(model: str, as_of: date, catalog: Catalog, *, cached: bool) -> MarketPrices | None:
    """The band of hosts that price cached input (*cached*), or of those that do not; None where there is none.

    Every comparable weighs as the catalogue says, its hosts equally within it. A missing cached price means
    that the buyer pays the full input price there; a missing write price means the same for writes.
    """
    offers: list[Offer] = []
    weights: list[float] = []
    used: list[str] = []
    for comparable in catalog.comparables(model, as_of):
        band = [
            offer
            for offer in catalog.offers(comparable.model, as_of)
            if (offer.cache_read_usd_per_tok is not None) == cached and is_faithful(offer, catalog)
        ]
        if band:
            used.append(comparable.model)
            offers += band
            weights += [comparable.weight / len(band)] * len(band)
    if not offers:
        return None
    order = sorted(range(len(offers)), key=lambda index: _cached_read_price(offers[index]))
    offers, weights = [offers[index] for index in order], [weights[index] for index in order]
    columns = {
        "input_tok": [offer.input_usd_per_tok for offer in offers],
        "cache_write_5m_tok": [_write_price(offer) for offer in offers],
        "cache_write_1h_tok": [_write_price(offer) for offer in offers],
        "cache_write_unknown_tok": [_write_price(offer) for offer in offers],
        "cache_read_tok": [_cached_read_price(offer) for offer in offers],
        "output_tok": [offer.output_usd_per_tok for offer in offers],
    }
    key = f"market/{'+'.join(used)}.{'cached' if cached else 'uncached'}_hosts"
    named = {price_name(column, "market"): prices for column, prices in columns.items()}
    rows = given_rows(key, named, [offer.source for offer in offers], catalog.sampling, weights=weights)
    priced = {column: rows[price_name(column, "market")] for column in columns}
    return MarketPrices(priced, offers, used)


def _cached_read_price(offer: Offer) -> float:
    return offer.input_usd_per_tok if offer.cache_read_usd_per_tok is None else offer.cache_read_usd_per_tok


def _write_price(offer: Offer) -> float:
    return offer.input_usd_per_tok if offer.cache_write_usd_per_tok is None else offer.cache_write_usd_per_tok


def is_faithful(offer: Offer, catalog: Catalog) -> bool:
    """False for a host that says it serves fewer bits than the model's own weights have.

    A host that states no precision is taken at its word that it serves the model: it counts. Of a model whose own
    precision is not known, only a stated 4-bit host is left out.
    """
    stated = _bits(offer.precision)
    return stated is None or stated >= native_bits(offer.model, catalog)


def native_bits(model: str, catalog: Catalog) -> int:
    """Bits of the weights that most of the model is published in; 8 where they are not known."""
    row = catalog.architecture(model)
    dtype = row["native_weight_dtype"] if row else ""
    return 4 if "4" in dtype else 16 if dtype.startswith("bf16") else 8


def _bits(precision: str) -> int | None:
    said = precision.lower()
    return next((bits for bits, names in BITS.items() if said.startswith(names)), None)
