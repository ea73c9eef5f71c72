"""Where the money goes: a valued table cut by token class, its serving cut by what machines do; speed; prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog
from costbasis.mixprice.paths import PricePath, price_paths
from costbasis.quantity import Quantity
from costbasis.rowvalues import value_total
from costbasis.service.fleet import Fleet, fleet_of, fleet_usd
from costbasis.service.frontier import FleetFrontier, fleet_frontier
from costbasis.usage.amounts import Amounts, Group

WRITES = ("cache_write_5m_tok", "cache_write_1h_tok", "cache_write_unknown_tok")

CLASSES: dict[str, tuple[str, ...]] = {
    "input": ("input_tok",),
    "cache_write": WRITES,
    "cache_read": ("cache_read_tok", "kv_resident_tok_s"),
    "output": ("output_tok", "output_ctx_tok2"),
}
"""Class to the units of usage that are charged for it. Keeping a cache is charged to its reads."""

ATTENTION = "new_ctx_tok2"
"""New tokens times the keys they attend to: charged to fresh input and cache writes by their tokens."""

LISTED = "list_usd"
"""A route that knows a share of list, no unit of work, is charged to classes as list is."""

BASES = ("list", "market", "serving")
"""Bases that are a price a unit, and so can be cut by class."""

PARTS = {
    "prefill": (*CLASSES["input"], *WRITES),
    "prefill_attention": (ATTENTION,),
    "decode": ("output_tok",),
    "decode_attention": ("output_ctx_tok2",),
    "cache_load": ("cache_read_tok",),
    "cache_keep": ("kv_resident_tok_s",),
}
"""What machines do for the tokens, to the units of usage that it is counted in."""


@dataclass(frozen=True, slots=True)
class ClassValue:
    """One token class: how many tokens, and what they are worth on each basis that can be cut by class."""

    name: str
    tokens: int
    usd: Mapping[str, Quantity]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A valued table, cut up. *parts*: serving by what machines do, by roofline. *prices*: models at list over time."""

    classes: Sequence[ClassValue]
    parts: Mapping[str, Quantity]
    frontier: FleetFrontier | None
    prices: Sequence[PricePath]


def break_down(bases: Mapping[str, BasisValue], amounts: Amounts, catalog: Catalog) -> Breakdown:
    """Every cut of a table that was valued already: it searches one machine's layouts and nothing else."""
    if not bases:
        return Breakdown([], {}, None, [])
    return Breakdown(
        by_class(bases, amounts),
        serving_parts(amounts, catalog),
        frontier_of_heaviest(amounts, catalog),
        price_paths(amounts, catalog),
    )


def by_class(bases: Mapping[str, BasisValue], amounts: Amounts) -> list[ClassValue]:
    """The total row by token class and basis; a class without a token is left out. The classes add up, draw by draw."""
    found = []
    for name, units in CLASSES.items():
        count = sum(_total(amounts, group, unit) for group in amounts.groups for unit in units if unit.endswith("_tok"))
        if count:
            usd = {basis: _class_usd(name, bases[basis], amounts) for basis in BASES if basis in bases}
            found.append(ClassValue(name, round(count), usd))
    return found


def _class_usd(name: str, valued: BasisValue, amounts: Amounts) -> Quantity:
    columns: dict[str, float] = {}
    values: dict[str, Quantity] = {}
    for group, prices in valued.prices.items():
        for unit, price in prices.items():
            amount = _total(amounts, group, unit) * _charged_to(name, unit, group, amounts)
            if amount:
                columns[f"{group.prefix}:{unit}"] = amount
                values[f"{group.prefix}:{unit}"] = price
    return _valued(columns, values, f"{valued.basis}_usd", amounts).labelled(f"{name} on the {valued.basis} basis")


def _charged_to(name: str, unit: str, group: Group, amounts: Amounts) -> float:
    """Share of a unit of usage that a class bears."""
    if unit == LISTED:
        billed = amounts.billed_usd(group)
        return _share({one: usd for one, usd in billed.items() if one in CLASSES[name]}, billed)
    if unit == ATTENTION:
        new = {one: _total(amounts, group, one) for one in PARTS["prefill"]}
        return _share({one: count for one, count in new.items() if one in CLASSES[name]}, new)
    return 1.0 if unit in CLASSES[name] else 0.0


def _share(part: Mapping[str, float], whole: Mapping[str, float]) -> float:
    total = sum(whole.values())
    return sum(part.values()) / total if total else 0.0


def serving_parts(amounts: Amounts, catalog: Catalog) -> dict[str, Quantity]:
    """USD by what machines do, by the roofline alone: no other route knows work. Empty where it reaches none."""
    prices = {group: usd for group in amounts.groups if (usd := _roofline(group, catalog)) is not None}
    found = {}
    for part, units in PARTS.items():
        columns: dict[str, float] = {}
        values: dict[str, Quantity] = {}
        for group, by_unit in prices.items():
            for unit in units:
                amount = _total(amounts, group, unit)
                if amount and unit in by_unit:
                    columns[f"{group.prefix}:{unit}"] = amount
                    values[f"{group.prefix}:{unit}"] = by_unit[unit]
        if columns:
            found[part] = _valued(columns, values, "serving_usd", amounts).labelled(part)
    return found


def _roofline(group: Group, catalog: Catalog) -> Mapping[str, Quantity] | None:
    fleet = fleet_of(group.model, group.as_of, catalog)
    return fleet_usd(fleet, group.as_of, catalog) if isinstance(fleet, Fleet) else None


def _total(amounts: Amounts, group: Group, unit: str) -> float:
    column = amounts.columns.get(f"{group.prefix}:{unit}")
    return 0.0 if column is None else float(column[0])


def _valued(columns: Mapping[str, float], values: Mapping[str, Quantity], name: str, amounts: Amounts) -> Quantity:
    return value_total(columns, values, name=name, source=amounts.source)


def frontier_of_heaviest(amounts: Amounts, catalog: Catalog) -> FleetFrontier | None:
    """What speed costs, for the model and month with the most list value; None where no fleet of it is known."""
    heaviest = max(amounts.groups, key=lambda group: _total(amounts, group, LISTED), default=None)
    if heaviest is None:
        return None
    fleet = fleet_of(heaviest.model, heaviest.as_of, catalog)
    return fleet_frontier(fleet, heaviest.as_of, catalog) if isinstance(fleet, Fleet) else None
