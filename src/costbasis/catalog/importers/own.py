"""Your own prices: a CSV of what you pay by contract, which goes before every list price in the days it names.

Columns ``model``, ``meter`` and ``price`` are needed; ``provider``, ``service_tier``, ``context_from``, ``currency``,
``valid_from``, ``valid_to`` and ``note`` may be there. One line a meter, in USD per million tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from costbasis.catalog.book.statement import METERS
from costbasis.catalog.importers import Imported, Told, Upstream
from costbasis.catalog.importers.reading import csv_of, safe_name
from costbasis.errors import BadImport, UnknownName, one_of

NAME = "own"
CITES = "own prices of"
TITLE = "your own prices (CSV)"
LICENCE = "your own"
URL = ""
COMPLETE = False

_NEEDED = ("model", "meter", "price")
_TIERS = ("standard", "batch", "flex", "priority", "fast", "ultrafast")


def installed() -> Upstream | None:
    """Never: they are in a file of yours."""
    return None


def read(raw: bytes, told: Told) -> Imported:
    """The prices of the file. It is taken in whole or not at all: a contract with a bad line is no contract.

    Errors: :class:`~costbasis.errors.BadImport` with the line.
    """
    found = Imported(told, NAME)
    offers: dict[tuple[str, ...], dict[tuple[str, int], str]] = {}
    for number, row in csv_of(raw, told.citation, _NEEDED):
        found.entries += 1
        where = f"{told.citation}:{number}"
        key = _offer(row, told, where)
        context = row.get("context_from") or "0"
        if row["meter"] not in METERS:
            raise BadImport(f"no meter {row['meter']!r}", where=where, hint=f"meters are {', '.join(METERS)}")
        if not context.isdigit():
            raise BadImport(f"context_from {context!r} is no number of tokens", where=where)
        meter = (row["meter"], int(context))
        if meter in offers.setdefault(key, {}):
            raise BadImport(f"the {row['meter']} price of {key[0]} stands twice", where=where)
        offers[key][meter] = found.price(row["price"], where)
    for (model, provider, tier, start, end, note), prices in offers.items():
        named = told.names.find(model)
        seller = (provider, "list")
        found.state(
            named, seller, prices, raw=model, tier=tier, valid=(start, end), basis="documented", confidence="high",
            note=note, status="own",
        )  # fmt: skip
    return found


def _offer(row: Mapping[str, str], told: Told, where: str) -> tuple[str, ...]:
    try:
        model = told.names.find_model(safe_name(row["model"], where), where=where)
    except UnknownName as error:
        raise BadImport(error.what, where=where, hint=error.hint) from error
    tier = row.get("service_tier") or "standard"
    if tier not in _TIERS:
        raise BadImport(f"no service tier {tier!r}", where=where, hint=f"tiers are {', '.join(_TIERS)}")
    if (row.get("currency") or "USD") != "USD":
        raise BadImport(f"prices in {row['currency']} are not taken", where=where, hint="state them in USD")
    provider = safe_name(row.get("provider") or "own contract", where)
    days = [_day(row.get(column) or "", column, where) for column in ("valid_from", "valid_to")]
    if days[0] and days[1] and days[0] >= days[1]:
        raise BadImport(f"valid_to {days[1]} is not after valid_from {days[0]}", where=where)
    note = (row.get("note") or "")[:300]
    return (model, provider, tier, days[0], days[1], note)


def _day(text: str, column: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise BadImport(f"{column} {text!r} is not a date", where=where, hint=one_of(["2026-03-31"])) from None
