"""The ``costbasis.value/1`` object: a warehouse's table of requests, priced where it lies and valued here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from costbasis.catalog import Catalog
from costbasis.reports.head import Warn
from costbasis.reports.usage_object import Table, usage_object
from costbasis.usage.mapping import TableMapping
from costbasis.usage.pricing.cells import usd_text
from costbasis.usage.warehouse.priced import Month, PricedTable

SCHEMA = "costbasis.value/1"

QUANTILES = {"p10": 10, "p50": 50, "p90": 90, "p99": 99}


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the table is, through which mapping it was read, and how it was grouped."""

    uri: str
    mapping: TableMapping
    priced: PricedTable


def value_object(asked: Asked, table: Table, catalog: Catalog, as_of: date) -> dict[str, Any]:
    """The object: what was read and skipped, and the rows as ``costbasis.usage/1`` has them."""
    priced = asked.priced
    warnings = [Warn(warn.kind, warn.count, warn.first, warn.effect) for warn in priced.warnings]
    made = usage_object(table, catalog, as_of, warnings)
    skipped = made.pop("skipped")
    total = made.pop("total")
    return made | {
        "schema": SCHEMA,
        "engine": {"name": priced.engine, "version": priced.version, "from": asked.uri},
        "mapping": {"name": asked.mapping.name, "timezone": asked.mapping.timezone or None},
        "read": {"rows": priced.rows, "counted": total["requests"], "outside": priced.outside},
        "skipped": {
            "rows": skipped["lines"],
            "reasons": [
                {"reason": fault.reason, "place": fault.place, "rows": fault.rows, "first": fault.address}
                for fault in priced.faults
            ],
        },
        "duplicates": {"checked": priced.repeats is not None},
        "groups": len(priced.cells),
        "total": total,
        "user_months": None if priced.months is None else months_object(priced.months),
    }


def months_object(months: Sequence[Month]) -> dict[str, Any]:
    """Exact quantiles of what a user's month is worth at list: the smallest value that so many do not exceed."""
    whole = sorted(month.pico_usd for month in months if month.priced_requests == month.requests)
    found: dict[str, Any] = {
        "users": len({month.user for month in months}),
        "user_months": len(months),
        "without_a_price": len(months) - len(whole),
    }
    if whole:
        ranks = {name: whole[max(-(-len(whole) * percent // 100) - 1, 0)] for name, percent in QUANTILES.items()}
        found["list_usd"] = {name: usd_text(value) for name, value in (ranks | {"max": whole[-1]}).items()}
    return found
