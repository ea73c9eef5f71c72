"""The snapshot of the package ``model-prices``: dated prices of the labs themselves, with tiers and modes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import json_of, listing, mapping, packaged, safe_name
from costbasis.errors import BadImport

NAME = "model-prices"
CITES = "model-prices"
TITLE = "model-prices, snapshot of dated lab prices"
LICENCE = "MIT"
URL = ""
COMPLETE = True

FIRST_KNOWN = "first known price of the model; may predate effective_from"

_METERS = {"input": "input", "output": "output", "cache_read": "cache_read", "cache_write": "cache_write_5m"}
_MODES = ("standard", "batch", "fast", "flex", "priority", "ultrafast")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def installed() -> Upstream | None:
    """The snapshot of the installed package, if it is installed."""
    found = packaged("model-prices", "model_prices/snapshot.json")
    return Upstream(found[0], found[1], f"model-prices {found[1]} (PyPI) snapshot.json") if found else None


def read(raw: bytes, told: Told) -> Imported:
    """Every dated segment of every model of a known lab.

    Errors: :class:`~costbasis.errors.BadImport` for a file that is not the package's snapshot.
    """
    snapshot = mapping(json_of(raw, NAME), NAME)
    if not isinstance(snapshot.get("prices"), dict):
        raise BadImport('no "prices"', where=NAME, hint="the file is snapshot.json of the package model-prices")
    found = Imported(told, NAME)
    for lab, models in snapshot["prices"].items():
        for model_id, modes in mapping(models, lab).items():
            found.entries += 1
            where = f"{lab}/{model_id}"
            try:
                _take(found, lab, model_id, mapping(modes, where), snapshot)
            except BadImport as error:
                found.refuse(error.where or where, error)
    return found


def _take(found: Imported, lab: str, model_id: str, modes: Mapping[str, Any], snapshot: Mapping[str, Any]) -> None:
    seller = found.told.sellers.get(lab)
    if seller is None:
        return
    safe_name(model_id, lab)
    named = found.named(model_id, *seller)
    if named is None:
        return
    standard = _priced(modes.get("standard", []), f"{lab}/{model_id}")
    known_from = min((start for start, *_ in standard), default="")
    status = str(mapping(snapshot.get("status", {}), "status").get(lab, {}).get(model_id, "active"))
    for mode, segments in modes.items():
        where = f"{lab}/{model_id}.{mode}"
        for start, end, rates, prices in _joined(found, segments, where) if mode in _MODES else ():
            try:
                found.state(
                    named,
                    seller,
                    prices,
                    raw=model_id,
                    tier=mode,
                    valid=(max(start, known_from), end),
                    basis=str(rates.get("valid_from_basis", "")).replace(" ", "_"),
                    source_ref=str(rates.get("source", ""))[:300],
                    status=status,
                    note=FIRST_KNOWN if start == known_from else "",
                )
            except BadImport as error:
                found.refuse(where, error)


def _joined(
    found: Imported, segments: object, where: str
) -> list[tuple[str, str, Mapping[str, Any], dict[tuple[str, int], str]]]:
    """The priced segments; neighbours that say the same are one, the multiple for 1-hour writes told or not."""
    joined: list[tuple[str, str, Mapping[str, Any], dict[tuple[str, int], str]]] = []
    for start, end, rates in _priced(segments, where):
        prices = _prices(found, rates, where)
        if joined and joined[-1][1] == start:
            first, _, earlier_rates, earlier = joined[-1]
            if _without_1h(earlier) == _without_1h(prices):
                joined[-1] = (first, end, earlier_rates, earlier | prices)
                continue
        joined.append((start, end, rates, prices))
    return joined


def _without_1h(prices: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], str]:
    return {meter: text for meter, text in prices.items() if meter[0] != "cache_write_1h"}


def _priced(segments: object, where: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Start, end and rates of each segment that has rates; the first starts where its own rates say."""
    rows = [mapping(segment, where) for segment in listing(segments, where)]
    starts = [_day(segment.get("start"), where) for segment in rows]
    for (segment, start), (_, end) in pairwise([*zip(rows, starts, strict=True), ({}, "")]):
        rates = segment.get("rates")
        if isinstance(rates, dict):
            yield start or _day(rates.get("valid_from"), where), end, rates


def _day(moment: object, where: str) -> str:
    if moment is None:
        return ""
    if not isinstance(moment, str) or not _DAY.match(moment):
        raise BadImport(f"{moment!r} is not a date", where=where)
    return moment[:10]


def _prices(found: Imported, rates: Mapping[str, Any], where: str) -> dict[tuple[str, int], str]:
    prices: dict[tuple[str, int], str] = {}
    tiers = [({}, 0), *((mapping(tier, where), _above(tier, where)) for tier in listing(rates.get("tiers", []), where))]
    multiple = rates.get("cache_write_1h_multiple")
    for tier, above in tiers:
        stated = tier if above else rates
        for name, meter in _METERS.items():
            if stated.get(name) is not None:
                prices[meter, above] = found.price(stated[name], f"{where}.{name}")
        if multiple is not None and stated.get("cache_write") is not None and stated.get("input") is not None:
            prices["cache_write_1h", above] = found.price(_times(stated["input"], multiple), f"{where}.cache_write_1h")
    return prices


def _above(tier: Mapping[str, Any], where: str) -> int:
    above = tier.get("above")
    if not isinstance(above, int) or above <= 0:
        raise BadImport(f"a tier above {above!r}", where=where)
    return above


def _times(price: Any, multiple: Any) -> Any:
    """
    >>> _times(5, Decimal("2.0"))
    Decimal('10.0')
    """
    try:
        return Decimal(str(price)) * Decimal(str(multiple))
    except InvalidOperation:
        raise BadImport(f"{price!r} times {multiple!r} is no price") from None
