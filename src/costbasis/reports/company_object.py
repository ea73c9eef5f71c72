"""The ``costbasis.company/1`` object: the walk and the margins, each number with its source and trust."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from costbasis.catalog import Catalog
from costbasis.company.margins import Margin, margins
from costbasis.company.walk import Line, Walk
from costbasis.provenance import leaves
from costbasis.quantity import Given, Quantity, Source
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import estimated

SCHEMA = "costbasis.company/1"


def company_object(found: Walk, catalog: Catalog, as_of: date, command: str) -> dict[str, Any]:
    """Everything that was found, in the shape of its JSON. An unknown line has ``usd`` null."""
    company = found.company
    effect = "they are not published, and not counted as zero"
    warnings = [Warn("unknown lines", len(found.unknown), line, effect) for line in found.unknown[:1]]
    return head(SCHEMA, catalog, as_of, warnings) | {
        "company": company.id,
        "name": company.name,
        "period": company.period,
        "switches": asdict(found.switches),
        "walk": [_line(row) for row in found.lines],
        "margins": [_margin(row) for row in margins(company)],
        "unknown": list(found.unknown),
        "reproduce": {"command": f"costbasis {command}"},
    }


def _line(row: Line) -> dict[str, Any]:
    return {
        "line": row.line,
        "usd": None if row.usd is None else row.usd.estimate.p50,
        "estimate": None if row.usd is None else estimated(row.usd),
        "is_total": row.is_total,
        "note": row.note,
    } | _said(row.usd)


def _margin(row: Margin) -> dict[str, Any]:
    return {
        "definition": row.definition,
        "frac": row.frac.estimate.p50,
        "estimate": estimated(row.frac),
        "stated": row.stated,
        "cost_usd": None if row.cost_usd is None else estimated(row.cost_usd),
        "cost_over_list": None if row.cost_over_list is None else estimated(row.cost_over_list),
        "says": row.says,
    } | _said(row.frac)


def _said(quantity: Quantity | None) -> dict[str, Any]:
    """Status, weakest trust and sources of a number: its own, or those of everything that it was derived from."""
    if quantity is None:
        return {"status": "unknown", "trust": None, "source": None, "date": None}
    sources = _sources(quantity)
    names = list(dict.fromkeys(source.citation for source in sources))
    is_given = len(sources) == 1
    return {
        "status": sources[0].status if is_given else "derived",
        "trust": max((source.trust for source in sources), default="A"),
        "source": "; ".join(names),
        "date": max((source.as_of for source in sources), default=""),
    }


def _sources(quantity: Quantity) -> list[Source]:
    found = [leaf.past.source for leaf in leaves(quantity).values() if isinstance(leaf.past, Given)]
    return [source for source in found if source.citation != "asked for"]
