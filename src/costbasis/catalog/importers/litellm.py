"""litellm's price file: 4,500 entries of what sellers charge now, per token, without dates.

An entry says nothing of when its price was last checked, so it is taken as true about the day it was seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import json_of, mapping, packaged, safe_name
from costbasis.errors import BadImport

NAME = "litellm"
CITES = "litellm"
TITLE = "litellm, model price file"
LICENCE = "MIT"
URL = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
COMPLETE = True

_FILE = "litellm/model_prices_and_context_window_backup.json"

_METERS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
_TIERS = {"standard": "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
_KINDS = ("chat", "responses", "completion")


def installed() -> Upstream | None:
    """The file of the installed package, if it is installed."""
    found = packaged("litellm", _FILE)
    citation = "litellm {} (PyPI) model_prices_and_context_window_backup.json"
    return Upstream(found[0], found[1], citation.format(found[1])) if found else None


def read(raw: bytes, told: Told) -> Imported:
    """Every entry of a known seller that bills by the token.

    Errors: :class:`~costbasis.errors.BadImport` for a file that is not litellm's.
    """
    entries = mapping(json_of(raw, NAME), NAME)
    if not any(isinstance(entry, dict) and "litellm_provider" in entry for entry in entries.values()):
        raise BadImport("no entry has a litellm_provider", where=NAME, hint=f"the file is {URL.rpartition('/')[2]}")
    found = Imported(told, NAME)
    for key, entry in entries.items():
        found.entries += 1
        try:
            _take(found, key, mapping(entry, key))
        except BadImport as error:
            found.refuse(error.where or key, error)
    return found


def _take(found: Imported, key: str, entry: Mapping[str, Any]) -> None:
    seller = found.told.sellers.get(str(entry.get("litellm_provider")))
    if seller is None or entry.get("mode") not in _KINDS:
        return
    safe_name(key, key)
    raw = _own_id(key, str(entry["litellm_provider"]))
    named = found.named(raw, *seller)
    if named is None:
        return
    for tier, suffix in _TIERS.items():
        if f"{_METERS['input']}{suffix}" not in entry:
            continue
        try:
            prices = _prices(found, entry, suffix, key)
            reference = str(entry.get("source") or "")[:300]
            found.state(named, seller, prices, raw=raw, tier=tier, source_ref=reference)
        except BadImport as error:
            found.refuse(f"{key} {tier}", error)


def _prices(found: Imported, entry: Mapping[str, Any], suffix: str, key: str) -> dict[tuple[str, int], str]:
    prices: dict[tuple[str, int], str] = {}
    for meter, field in _METERS.items():
        value = entry.get(f"{field}{suffix}")
        if value is not None:
            prices[meter, 0] = found.price(value, f"{key}.{field}{suffix}", per_token=True)
    of_field = {field: meter for meter, field in _METERS.items()}
    for name, value in entry.items():
        tiered = re.fullmatch(r"(.+?)_above_(\d{1,6})k_tokens" + suffix, name)
        if tiered and tiered[1] in of_field and value is not None:
            above = int(tiered[2]) * 1000
            prices[of_field[tiered[1]], above] = found.price(value, f"{key}.{name}", per_token=True)
    return prices


def _own_id(key: str, provider: str) -> str:
    """The seller's own id: the key without litellm's word for the seller before it."""
    first, slash, rest = key.partition("/")
    return rest if slash and (first == provider or provider.startswith(first)) else key
