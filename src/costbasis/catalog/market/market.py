"""Market prices: what hosts of comparable open-weight models charge per token of each class.

One host's whole price row is one draw, so a host that is dear for output and cheap for cached reads
stays that host. Hosts that price cached input and hosts that do not are two bands, never one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from costbasis.catalog.catalog import Catalog
from costbasis.catalog.market.comparables import Comparable
from costbasis.catalog.offers import Offer
from costbasis.formulas.market import substituted_usd_per_tok
from costbasis.quantity import Quantity, derive, given_rows, joint_source
from costbasis.units import price_name

BITS = {4: ("fp4", "int4", "nvfp4", "mxfp4", "awq", "q4"), 8: ("fp8", "int8", "mxfp8"), 16: ("bf16", "fp16")}
"""Bits of a weight, and how a stated precision begins."""


@dataclass(frozen=True, slots=True)
class MarketPrices:
    """USD per token by usage column, over the hosts of one band.

    *offers*: the rows behind it. *comparables*: the open models that stand in, or the model itself, with their
    weights among those that have a host in this band.
    """

    usd_per_tok: Mapping[str, Quantity]
    offers: Sequence[Offer]
    comparables: Sequence[Comparable]

    @property
    def hosts(self) -> int:
        """How many host offers the band rests on."""
        return len(self.offers)

    @property
    def says(self) -> str:
        """The stand-ins and their weights, heaviest first."""
        return ", ".join(f"{one.model} {one.weight:.0%}" for one in self.comparables)


def market_prices(model: str, as_of: date, catalog: Catalog, *, cached: bool) -> MarketPrices | None:
    """The band of hosts that price cached input (*cached*), or of those that do not; None where there is none.

    Every comparable weighs as ``catalog.comparables`` says, its hosts equally within it. A missing cached price
    means that the buyer pays the full input price there; a missing write price means the same for writes.
    """

    def found() -> MarketPrices | None:
        both = catalog.remembered(("comparables", model, as_of), lambda: catalog.comparables(model, as_of))
        return _band(model, as_of, catalog, both, cached)

    return catalog.remembered(("market", model, as_of, cached), found)


def _band(
    model: str, as_of: date, catalog: Catalog, comparables: Sequence[Comparable], cached: bool
) -> MarketPrices | None:
    found = [
        (comparable, band)
        for comparable in comparables
        if (band := [o for o in faithful_offers(comparable.model, as_of, catalog) if o.prices_cached_input == cached])
    ]
    if not found:
        return None
    total = sum(comparable.weight for comparable, _ in found)
    used = [replace(comparable, weight=comparable.weight / total) for comparable, _ in found]
    rows = [
        (offer, comparable.weight / len(band))
        for comparable, (_, band) in zip(used, found, strict=True)
        for offer in band
    ]
    rows.sort(key=lambda row: (row[0].usd_per_tok["cache_read_tok"], row[0].usd_per_tok["output_tok"], row[0].host))
    offers = [offer for offer, _ in rows]
    named = {
        price_name(column, "market"): [offer.usd_per_tok[column] for offer in offers]
        for column in offers[0].usd_per_tok
    }
    source = msgspec.structs.replace(joint_source([offer.source for offer in offers]), note=_note(used, offers))
    key = f"market/{model}.{'cached' if cached else 'uncached'}_hosts"
    priced = given_rows(key, named, source, catalog.sampling, weights=[weight for _, weight in rows])
    where = "open-host" if cached else "open-host (no cached price)"
    by_column = {
        column: priced[price_name(column, "market")].labelled(f"{where} {_kind(column)} price")
        for column in offers[0].usd_per_tok
    }
    return MarketPrices(by_column, offers, used)


def _kind(column: str) -> str:
    """A class of tokens in words.

    >>> _kind("cache_write_5m_tok")
    'cache write 5m'
    """
    return column.removesuffix("_tok").replace("_", " ")


def buyer_prices(model: str, market: MarketPrices, catalog: Catalog) -> dict[str, Quantity]:
    """What a token of *model* becomes at market, by column: a host's price, times the tokens that the task needs.

    A model that stands for itself needs as many as it needs.
    """
    if [one.model for one in market.comparables] == [model]:
        return dict(market.usd_per_tok)
    times = catalog.quantity("market/default.tokens_per_task")
    return {
        column: derive(substituted_usd_per_tok, market_usd_per_tok=price, tokens_per_task=times)
        for column, price in market.usd_per_tok.items()
    }


def _note(used: Sequence[Comparable], offers: Sequence[Offer]) -> str:
    """Which models with which weight, and which hosts of each: what the band rests on."""
    hosts = {one.model: [offer.host for offer in offers if offer.model == one.model] for one in used}
    return "; ".join(f"{one.model} {one.weight:.1%}: {', '.join(hosts[one.model])}" for one in used)


def faithful_offers(model: str, as_of: date, catalog: Catalog) -> list[Offer]:
    """The offers of a day by hosts that serve the model at its own precision, as far as they say."""
    return [offer for offer in catalog.offers(model, as_of) if is_faithful(offer, catalog)]


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
