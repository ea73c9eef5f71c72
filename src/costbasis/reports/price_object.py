"""The ``costbasis.price/1`` object: a mix at list over time, at every host, on the market, and to serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from costbasis.catalog import Catalog
from costbasis.mixprice.hosted import HostPrice, MixMarket
from costbasis.mixprice.listed import Change, Segment
from costbasis.mixprice.mix import Served, TokenMix
from costbasis.quantity import counted
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import ExactUsd, estimated
from costbasis.units import PICO_PER_USD
from costbasis.usage.pricing.cells import usd_text

SCHEMA = "costbasis.price/1"


@dataclass(frozen=True, slots=True)
class Priced:
    """Everything that was found of a model's price for a mix."""

    model: str
    mix: TokenMix
    segments: Sequence[Segment]
    hosts: Sequence[HostPrice]
    headline: HostPrice | None
    market: MixMarket
    served: Served | None
    changes: Sequence[Change]


def price_object(priced: Priced, catalog: Catalog, as_of: date, warnings: Sequence[Warn]) -> dict[str, Any]:
    """The object, in the shape of its JSON. ``list_now_usd`` is the standard price of the day.

    ``usd`` takes writes of unknown lifetime as 5-minute ones, ``usd_max`` as the dearer lifetime.
    """
    now = [one for one in priced.segments if one.mode == "standard" and one.holds_on(as_of)]
    served = priced.served
    return head(SCHEMA, catalog, as_of, warnings) | {
        "model": priced.model,
        "vendor": catalog.vendor(priced.model),
        "mix": _mix(priced.mix),
        "list_now_usd": _exact(now[-1]) if now else None,
        "list": [_segment(one) for one in priced.segments],
        "offers": [_host(one) for one in priced.hosts],
        "headline": _host(priced.headline) if priced.headline else None,
        "market": _market(priced.market, priced.model),
        "serving_usd": estimated(served.serving_usd) if served else None,
        "list_over_serving": estimated(served.list_over_serving) if served and served.list_over_serving else None,
        "history": [
            {"on": one.day.isoformat() if one.day else None, "mode": one.mode, "says": one.says}
            for one in priced.changes
        ],
    }


def _mix(mix: TokenMix) -> dict[str, Any]:
    counts = {name.removesuffix("_tok"): count for name, count in mix.counts._asdict().items()}
    said = {"context_tok": mix.context_tok, "is_default": mix.is_default, "source": mix.source.citation}
    return counts | said


def _exact(segment: Segment) -> ExactUsd:
    pico = segment.value.tokens
    return ExactUsd(pico, lambda: counted("list_usd", pico / PICO_PER_USD, segment.source))


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "from": segment.valid_from.isoformat() if segment.valid_from else None,
        "to": segment.valid_to.isoformat() if segment.valid_to else None,
        "mode": segment.mode,
        "usd": _exact(segment),
        "usd_max": usd_text(segment.value.total_max),
        "at_long_context": segment.is_long,
        "source": segment.source.citation,
    }


def _host(row: HostPrice) -> dict[str, Any]:
    offer = row.offer
    return {
        "model": offer.model,
        "host": offer.host,
        "precision": offer.precision or None,
        "usd": row.usd,
        "cached": offer.prices_cached_input,
        "from": offer.valid_from.isoformat() if offer.valid_from else None,
        "observed": offer.source.as_of,
        "source": offer.source.citation,
        "agreeing": offer.agreeing,
        "faithful": row.is_faithful,
        "weight_frac": row.weight,
    }


def _market(market: MixMarket, model: str) -> dict[str, Any]:
    bands = {"cached": market.cached, "uncached": market.uncached}
    usd = {"cached": market.cached_usd, "uncached": market.uncached_usd}
    weights = {
        name: {one.model: one.weight for one in band.comparables} if band else {} for name, band in bands.items()
    }
    heaviest = {one: max(w.get(one, 0.0) for w in weights.values()) for w in weights.values() for one in w}
    models = sorted(heaviest, key=lambda one: (-heaviest[one], one))
    return {
        "cached_hosts": estimated(usd["cached"]) if usd["cached"] else None,
        "uncached_hosts": estimated(usd["uncached"]) if usd["uncached"] else None,
        "n_cached": bands["cached"].hosts if bands["cached"] else 0,
        "n_uncached": bands["uncached"].hosts if bands["uncached"] else 0,
        "predicted": market.predicted is not None,
        "cached_share_frac": market.cached_share,
        "stands_for_itself": models == [model],
        "comparables": [
            {
                "model": one,
                "weight_cached_frac": weights["cached"].get(one, 0.0),
                "weight_uncached_frac": weights["uncached"].get(one, 0.0),
            }
            for one in models
        ],
    }
