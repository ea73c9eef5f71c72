"""A usage as ``costbasis usage --json`` (or ``report --json``) writes it, read back as a table to value.

It holds counts and list value, not the contexts of each request: those are taken from a measured coding agent, and
whoever looks at it is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np

from costbasis.catalog import Catalog
from costbasis.errors import BadArgument, UnknownName
from costbasis.quantity import Source
from costbasis.units import PICO_PER_USD
from costbasis.usage.amounts import TOTAL, Amounts, Group
from costbasis.usage.pricing.epochs import short_prices
from costbasis.usage.typical import context_sums
from costbasis.usage.whatif import cached_frac_asked, resplit

SCHEMA = "costbasis.usage/1"

PRICES = {
    "input": "input",
    "cache_write_5m": "cache_write_5m",
    "cache_write_1h": "cache_write_1h",
    "cache_write_unknown": "cache_write_5m",
    "cache_read": "cache_read",
    "output": "output",
}
"""A token class of the file, and the book's price by which the file's list value is shared out among classes."""

MOST_MODELS = 2_000

MOST_COUNT, MOST_USD = 10**18, 10**12
"""Beyond these a number of a file is a mistake: more tokens, or more US dollars, than there are."""

NOTE = "contexts and cache times are not in the file: those of a measured coding agent stand in"


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says: the table of its total, its list value in pico-USD, its requests, and what is to be known."""

    amounts: Amounts
    list_pico_usd: int
    requests: int
    note: str


def _usage(text: str, where: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadArgument(f"not valid JSON: {error}", where=where, hint="hand in what usage --json prints") from error
    if isinstance(said, dict) and isinstance(said.get("usage"), dict):
        said = said["usage"]
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise BadArgument(f"this is not {SCHEMA}", where=where, hint="hand in what costbasis usage --json prints")
    return said


def days_of_json(text: str, where: str) -> tuple[date, date]:
    """The first and the last day that the file speaks of; of rows that are no days, the day it was made for.

    Errors: :class:`~costbasis.errors.BadArgument` for a text that is no usage.
    """
    said = _usage(text, where)
    days = sorted(filter(None, (_day(row.get("key")) for row in _rows(said, where))))
    if not days:
        made = _day(said.get("as_of"))
        if made is None:
            raise BadArgument("it has no rows and no day", where=where, hint="write it with usage --by day --json")
        days = [made]
    return days[0], days[-1]


def _day(text: object) -> date | None:
    if not isinstance(text, str):
        return None
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return None


def _rows(said: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    rows = said.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadArgument("it has no rows", where=where, hint="hand in what costbasis usage --json prints")
    return rows


def amounts_of_json(text: str, where: str, catalog: Catalog) -> Told:
    """The total of the file's usage, ready to be valued.

    Errors: :class:`~costbasis.errors.BadArgument` for counts that are none, or a file without a priced model.
    """
    said, (_, last) = _usage(text, where), days_of_json(text, where)
    source = Source(f"the file {where}", trust="A", status="counted", as_of=last.isoformat())
    share = cached_frac_asked(catalog)
    columns: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    billed: dict[str, dict[str, float]] = {}
    groups: dict[str, Group] = {}
    pico, requests, left_out = 0, 0, set[str]()
    for row, part in _parts(said, where):
        model, exact = _known(part, catalog), _money(part, where)
        if model is None or exact is None:
            left_out.add(str(part.get("model")))
            continue
        tokens = _tokens(part, where)
        day = _day(row.get("key")) or last
        group = groups.setdefault(f"{model}@{day:%Y-%m}", Group(model, f"{day:%Y-%m}", last))
        prices = short_prices(catalog.retail_on(model, day))
        book = {name: getattr(prices, by) for name, by in PRICES.items()}
        scale = exact / (sum(tokens[name] * book[name] for name in PRICES) or 1.0)
        if share is not None:
            split = resplit({f"{name}_tok": float(count) for name, count in tokens.items()}, share)
            tokens = {name: round(split[f"{name}_tok"]) for name in tokens}
            exact = round(scale * sum(tokens[name] * book[name] for name in PRICES))
        each = {name: tokens[name] * book[name] for name in PRICES}
        pico, requests = pico + exact, requests + _count(part, "requests", where)
        own = billed.setdefault(group.prefix, {})
        counts = {f"{name}_tok": float(count) for name, count in tokens.items()}
        sums = counts | context_sums(counts, catalog) | {"list_usd": exact / PICO_PER_USD}
        for name in PRICES:
            own[f"{name}_tok"] = own.get(f"{name}_tok", 0.0) + each[name] * scale / PICO_PER_USD
        for unit, amount in sums.items():
            columns.setdefault(f"{group.prefix}:{unit}", np.zeros(1))[0] += amount
        if len(groups) > MOST_MODELS:
            raise BadArgument(f"more than {MOST_MODELS} models", where=where, hint="hand in a shorter time")
    if not groups:
        what = f"no model in it has a list price: {', '.join(sorted(left_out)[:5]) or 'it is empty'}"
        raise BadArgument(what, where=where, hint="costbasis catalog retail lists the models")
    note = f"{NOTE}; left out for want of a price: {', '.join(sorted(left_out)[:5])}" if left_out else NOTE
    ordered = [groups[name] for name in sorted(groups)]
    return Told(Amounts([TOTAL], ordered, columns, billed, source), pico, requests, note)


def _parts(said: Mapping[str, Any], where: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for row in _rows(said, where):
        models = row.get("models")
        if not isinstance(models, list) or not all(isinstance(part, dict) for part in models):
            raise BadArgument("a row has no models", where=where, hint="hand in what costbasis usage --json prints")
        for part in models:
            yield row, part


def _known(part: Mapping[str, Any], catalog: Catalog) -> str | None:
    try:
        model = catalog.find_model(str(part.get("model")))
        catalog.retail_on(model, date.max)
    except UnknownName:
        return None
    return model


def _tokens(part: Mapping[str, Any], where: str) -> dict[str, int]:
    """Every class: one that is not in the file is not known, and not zero."""
    told = part.get("tokens")
    if not isinstance(told, dict):
        raise BadArgument("tokens are whole numbers by class", where=where, hint="hand in what usage --json prints")
    return {name: _count(told, name, where) for name in PRICES}


def _count(told: Mapping[str, Any], name: str, where: str) -> int:
    count = told.get(name)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < MOST_COUNT:
        said = "missing" if name not in told else f'"{str(count)[:40]}"'
        raise BadArgument(f"{name} is no whole number: {said}", where=where, hint="hand in what usage --json prints")
    return count


def _money(part: Mapping[str, Any], where: str) -> int | None:
    """Exact list value in pico-USD; None where the file has none for this model."""
    bases = part.get("bases")
    told = bases.get("list_usd") if isinstance(bases, dict) else None
    if told is None:
        return None
    try:
        amount = Decimal(str(told))
    except InvalidOperation:
        raise BadArgument(
            f'"{str(told)[:40]}" is no amount of USD', where=where, hint="list_usd is a decimal"
        ) from None
    if not amount.is_finite() or not 0 <= amount < MOST_USD:
        raise BadArgument(f'"{str(told)[:40]}" is no amount of USD', where=where, hint="list_usd is a decimal")
    return int(amount * PICO_PER_USD)
