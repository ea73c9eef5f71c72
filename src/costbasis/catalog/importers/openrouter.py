"""OpenRouter's answers: ``/api/v1/models`` (the headline of each model) and ``/models/AUTHOR/SLUG/endpoints``.

The headline is the default endpoint, not the market: it is kept as a series of its own. An endpoint is a host's offer
with its precision, which no package has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import json_of, listing, mapping, safe_name
from costbasis.errors import BadImport

NAME = "openrouter"
CITES = "OpenRouter"
TITLE = "OpenRouter models and endpoints (API answers)"
LICENCE = "facts of a public API"
URL = "https://openrouter.ai/api/v1/models"
COMPLETE = False

_METERS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write_5m",
}


def installed() -> Upstream | None:
    """Never: the answers are live; save one to a file or ask with ``--online``."""
    return None


def read(raw: bytes, told: Told) -> Imported:
    """The headline of every model of an answer, or the endpoints of one model.

    Errors: :class:`~costbasis.errors.BadImport` for what is neither of the two answers.
    """
    answer = mapping(json_of(raw, NAME), NAME)
    data = answer.get("data")
    found = Imported(told, NAME)
    if isinstance(data, dict) and "endpoints" in data:
        for endpoint in listing(data["endpoints"], NAME):
            _try(found, str(data.get("id")), endpoint, _endpoint)
        return found
    if not isinstance(data, list):
        raise BadImport('no "data" with models or endpoints', where=NAME, hint=f"save the answer of {URL}")
    for model in data:
        _try(found, str(model.get("id")) if isinstance(model, dict) else "?", model, _headline)
    return found


def _try(found: Imported, model_id: str, entry: Any, take: Any) -> None:
    found.entries += 1
    try:
        take(found, safe_name(model_id, NAME), mapping(entry, model_id))
    except BadImport as error:
        found.refuse(error.where or model_id, error)


def _headline(found: Imported, model_id: str, model: Mapping[str, Any]) -> None:
    seller = ("OpenRouter", "openrouter_model")
    named = found.named(model_id, *seller)
    if named:
        found.state(named, seller, _prices(found, model, model_id), raw=model_id)


def _endpoint(found: Imported, model_id: str, endpoint: Mapping[str, Any]) -> None:
    host = safe_name(endpoint.get("provider_name"), model_id)
    seller = found.told.sellers.get(host, (host, "openrouter_endpoint"))
    named = found.named(model_id, *seller)
    if named is None:
        return
    precision = endpoint.get("quantization")
    known = isinstance(precision, str) and precision not in ("", "unknown")
    found.state(
        named,
        seller,
        _prices(found, endpoint, f"{model_id} @ {host}"),
        raw=f"{model_id} @ {endpoint.get('tag') or host}"[:200],
        quantisation=safe_name(precision, host) if known else "",
        quantisation_basis="endpoint" if known else "",
    )


def _prices(found: Imported, entry: Mapping[str, Any], where: str) -> dict[tuple[str, int], str]:
    """Prices per token; OpenRouter writes -1 where the price depends on where a request goes."""
    pricing = mapping(entry.get("pricing"), where)
    return {
        (meter, 0): found.price(pricing[name], f"{where}.{name}", per_token=True)
        for name, meter in _METERS.items()
        if pricing.get(name) is not None and not (meter.startswith("cache") and float(pricing[name]) == 0)
    }
