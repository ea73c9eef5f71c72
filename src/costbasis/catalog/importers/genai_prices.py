"""genai-prices (Pydantic): prices of 47 sellers, some dated, from ``data.json`` or from its installed package."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from typing import Any

from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import json_of, listing, mapping, safe_name
from costbasis.errors import BadImport

NAME = "genai-prices"
CITES = "genai-prices"
TITLE = "genai-prices (Pydantic)"
LICENCE = "MIT"
URL = "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/data.json"
COMPLETE = True

VOUCHED = "service-tier variant; effective_from is the day from which the package vouches for it, not its launch"

_METERS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
}
_MODES = {"batch": "batch", "flex": "flex", "priority": "priority", "fast": "fast", "ultrafast": "ultrafast"}


def installed() -> Upstream | None:
    """What the installed package holds, in the form of its ``data.json``."""
    try:
        number = version("genai-prices")
    except PackageNotFoundError:
        return None
    from genai_prices.data_snapshot import get_snapshot

    kept = ("id", "prices", "price_variants")
    providers = [
        {"id": provider.id, "models": [{name: getattr(model, name) for name in kept} for model in provider.models]}
        for provider in get_snapshot().providers
    ]
    raw = json.dumps(providers, default=_plain).encode()
    return Upstream(raw, number, f"genai-prices {number} (PyPI)")


def _plain(value: object) -> Any:
    """A value of the package as JSON holds it; what has no value is left out, as in ``data.json``."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return {name: held for name, held in vars(value).items() if held is not None}


def read(raw: bytes, told: Told) -> Imported:
    """Every model of a known seller with a price by the token.

    Errors: :class:`~costbasis.errors.BadImport` for a file that is not genai-prices'.
    """
    providers = listing(json_of(raw, NAME), NAME)
    if not all(isinstance(provider, dict) and "models" in provider for provider in providers):
        raise BadImport("an entry has no models", where=NAME, hint=f"the file is {URL.rpartition('/')[2]}")
    found = Imported(told, NAME)
    for provider in providers:
        seller_id = str(provider.get("id"))
        for model in listing(provider["models"], seller_id):
            found.entries += 1
            try:
                _take(found, seller_id, mapping(model, seller_id))
            except BadImport as error:
                found.refuse(error.where or seller_id, error)
    return found


def _take(found: Imported, seller_id: str, model: Mapping[str, Any]) -> None:
    seller = found.told.sellers.get(seller_id)
    if seller is None:
        return
    model_id = safe_name(model.get("id"), seller_id)
    named = found.named(model_id, *seller)
    if named is None:
        return
    for tier, start, end, prices in [*_segments(model, model_id), *_variants(model, model_id)]:
        where = f"{seller_id}/{model_id}.{tier}"
        basis = "maintainer_dated" if start else "package_snapshot"
        try:
            meters = _prices(found, prices, where)
            note = VOUCHED if tier != "standard" and start else ""
            found.state(named, seller, meters, raw=model_id, tier=tier, valid=(start, end), basis=basis, note=note)
        except BadImport as error:
            found.refuse(where, error)


def _segments(model: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Tier, start, end and prices of each dated segment; a price by time of day is refused."""
    prices = model.get("prices")
    if isinstance(prices, dict):
        yield "standard", "", "", prices
        return
    dated = []
    for entry in listing(prices, where):
        constraint = mapping(entry, where).get("constraint")
        if isinstance(constraint, dict) and "start_date" not in constraint:
            raise BadImport("priced by the time of day", where=where)
        dated.append((str(constraint["start_date"]) if constraint else "", mapping(entry.get("prices"), where)))
    dated.sort(key=lambda pair: pair[0])
    for (start, stated), (end, _) in pairwise([*dated, ("", {})]):
        yield "standard", start, end, stated


def _variants(model: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    for variant in model.get("price_variants") or []:
        when = mapping(mapping(variant, where).get("when"), where)
        mode = _MODES.get(str(next(iter(when.values()), ""))) if len(when) == 1 else None
        constraint = variant.get("constraint")
        start = str(constraint.get("start_date", "")) if isinstance(constraint, dict) else ""
        if mode and isinstance(variant.get("prices"), dict):
            yield mode, start, "", variant["prices"]


def _prices(found: Imported, stated: Mapping[str, Any], where: str) -> dict[tuple[str, int], str]:
    prices: dict[tuple[str, int], str] = {}
    for name, meter in _METERS.items():
        value = stated.get(name)
        if isinstance(value, dict):
            prices[meter, 0] = found.price(value.get("base"), f"{where}.{name}")
            for tier in listing(value.get("tiers"), where):
                above = mapping(tier, where).get("start")
                if not isinstance(above, int) or above <= 0:
                    raise BadImport(f"a tier from {above!r}", where=where)
                prices[meter, above] = found.price(tier.get("price"), f"{where}.{name}")
        elif value is not None:
            prices[meter, 0] = found.price(value, f"{where}.{name}")
    return prices
