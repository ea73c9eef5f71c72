"""Reads a company: TOML whose lines name a disclosure (``oai25_rev``), a fact's key, or give a number with its source.

::

    schema = "costbasis.company-file/1"
    id = "acme"
    name = "Acme"
    period = "FY2025"
    months = 12
    [lines]
    revenue = "oai25_rev"              # a row of catalog/data/disclosure.csv
    [lines.stock_pay]                  # or a number
    unit = "usd_m"                     # usd, usd_m, usd_b, rmb_m (then also usd_per_rmb), frac
    value = 12                         # low and high are optional
    source = "annual report, page 40"
    date = "2026-03-01"
    trust = "A"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costbasis.catalog import Catalog
from costbasis.catalog.tables import DATA
from costbasis.errors import BadCatalogue, BadCompany, UnknownName, UnreadableInput, why
from costbasis.formulas.company import converted_usd
from costbasis.quantity import Quantity, Source, derive, given
from costbasis.sampling import Shape, Spread, exactly
from costbasis.units import to_base

SCHEMA = "costbasis.company-file/1"

AMOUNTS = (
    "list_value",
    "revenue",
    "paid_serving",
    "cost_of_revenue",
    "all_inference",
    "sales_and_marketing",
    "research_and_development",
    "training_compute",
    "general_and_admin",
    "operating_loss",
    "net_loss",
    "stock_pay",
    "depreciation",
    "capital_spend",
    "cash_burn",
)
"""Lines in money. Losses, costs and burn are written as positive numbers, as statements do."""

SHARES = ("gross_margin", "paid_compute_margin", "margin_with_free_users", "realised_over_list", "channel_share")

EXCHANGE = "usd_per_rmb"

UNITS = ("usd", "usd_m", "usd_b", "rmb_m", "frac")


@dataclass(frozen=True, slots=True)
class SegmentMargin:
    """A margin that the company states for a part of its business."""

    definition: str
    frac: Quantity


@dataclass(frozen=True, slots=True)
class Company:
    """What is known of a company in a period: line to quantity (USD or a share), and notes by line."""

    id: str
    name: str
    period: str
    months: float
    lines: Mapping[str, Quantity]
    segments: tuple[SegmentMargin, ...]
    notes: Mapping[str, str]


def company_names() -> list[str]:
    """The companies that ship with costbasis."""
    return sorted(Path(str(path)).stem for path in (DATA / "companies").iterdir() if str(path).endswith(".toml"))


def find_company(name: str, catalog: Catalog) -> Company:
    """A shipped company by id, or one of a file.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest, :class:`~costbasis.errors.UnreadableInput`, and
    :class:`~costbasis.errors.BadCompany` with file, line and reason.
    """
    path = Path(name)
    if name in company_names():
        path = Path(str(DATA / "companies" / f"{name}.toml"))
    elif path.suffix != ".toml":
        known = company_names()
        raise UnknownName("company", name, known=known, hint=f"one of {', '.join(known)}, or a company file (.toml)")
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"cannot be read: {why(error)}", where=str(path), hint="check the path") from error
    except tomllib.TOMLDecodeError as error:
        raise BadCompany(f"not valid TOML: {error}", where=str(path)) from error
    return _company(said, path.name, catalog)


def _company(said: Mapping[str, Any], where: str, catalog: Catalog) -> Company:
    known = ("schema", "id", "name", "period", "months", "lines", "notes", "margin")
    _refuse_unknown(said, known, where)
    for name in ("id", "name", "period", "lines"):
        if name not in said:
            raise BadCompany(f"{name} is missing", where=where, hint="costbasis company openai shows a whole one")
    if said.get("schema", SCHEMA) != SCHEMA:
        raise BadCompany(f'schema "{said["schema"]}" is not {SCHEMA}', where=where)
    lines = dict(said["lines"])
    _refuse_unknown(lines, (*AMOUNTS, *SHARES, EXCHANGE), where)
    rate = _number(EXCHANGE, lines.pop(EXCHANGE), said["id"], None, where, catalog) if EXCHANGE in lines else None
    found = {name: _number(name, line, said["id"], rate, where, catalog) for name, line in lines.items()}
    if "revenue" in found and not (found["revenue"].draws > 0).all():
        raise BadCompany("revenue must be above zero", where=f"{where}, revenue")
    margins = tuple(
        SegmentMargin(row["definition"], _number("gross_margin", row["frac"], said["id"], rate, where, catalog))
        for row in said.get("margin", [])
    )
    months = said.get("months", 12)
    return Company(said["id"], said["name"], said["period"], float(months), found, margins, said.get("notes", {}))


def _number(name: str, line: object, company: str, rate: Quantity | None, where: str, catalog: Catalog) -> Quantity:
    at = f"{where}, {name}"
    if isinstance(line, str):
        return _of_key(name, line, rate, at, catalog)
    if not isinstance(line, dict):
        raise BadCompany("a line names a disclosure or is a table", where=at, hint='revenue = "oai25_rev"')
    known = ("unit", "low", "value", "high", "trust", "status", "source", "place", "date", "interest")
    _refuse_unknown(line, known, at)
    for field in ("unit", "value", "source", "date", "trust"):
        if field not in line:
            raise BadCompany(f"{field} is missing: no number without a source", where=at)
    unit, status = line["unit"], line.get("status", "given")
    source = Source(line["source"], line.get("place", ""), line["trust"], status, as_of=str(line["date"]))
    if unit not in UNITS:
        raise BadCompany(f'unknown unit "{unit}"', where=at, hint=f"one of {', '.join(UNITS)}")
    values: list[Any] = [line.get(end, line["value"]) for end in ("low", "value", "high")]
    odd = [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]
    if odd:
        raise BadCompany(f"{odd[0]!r} is not a number", where=at)
    key = f"company/{company}.{name}"
    low, middle, high = (float(value) for value in values)
    return _money(name, unit, (low, middle, high), source, key, rate, at, catalog)


def _of_key(name: str, key: str, rate: Quantity | None, at: str, catalog: Catalog) -> Quantity:
    """The quantity of a disclosure's id, or of a fact's key."""
    key = key if "/" in key else f"disclosure_line/{key}.value"
    try:
        fact = catalog.fact(key)
    except UnknownName as error:
        raise BadCompany(error.what, where=at, hint="costbasis catalog disclosure_line lists them") from error
    if fact.mid is None and fact.low is None:
        raise BadCompany(f'"{fact.text}" is not a number', where=at, hint=f"see costbasis catalog {key}")
    if fact.unit == "RMB_M":
        middle = fact.middle
        return _money(name, "rmb_m", (middle, middle, middle), fact.source, key, rate, at, catalog)
    return catalog.quantity(key).labelled(name.replace("_", " "))


def _money(
    name: str,
    unit: str,
    values: tuple[float, float, float],
    source: Source,
    key: str,
    rate: Quantity | None,
    at: str,
    catalog: Catalog,
) -> Quantity:
    low, mid, high = values
    label = name.replace("_", " ")
    factor = to_base(1.0, "usd_m") if unit == "rmb_m" else to_base(1.0, unit)
    shape: Shape = "bounded" if unit == "frac" else "positive"
    try:
        spread = exactly(mid * factor) if low == high else Spread(shape, low * factor, mid * factor, high * factor)
    except BadCatalogue as error:
        raise BadCompany(error.what, where=at) from error
    if unit != "rmb_m":
        suffix = "frac" if unit == "frac" else "usd"
        return given(f"{name}_{suffix}", spread, source, catalog.sampling, key=key).labelled(label)
    if rate is None:
        raise BadCompany("an amount in renminbi needs a rate", where=at, hint="add [lines.usd_per_rmb]")
    amount = given("amount_count", spread, source, catalog.sampling, key=key).labelled(f"{label} in CNY")
    found: Quantity = derive(converted_usd, amount_count=amount, rate_usd=rate)
    return found.labelled(label)


def _refuse_unknown(said: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    odd = [name for name in said if name not in known]
    if odd:
        raise BadCompany(f'unknown key "{odd[0]}"', where=where, hint=f"known: {', '.join(known)}")
