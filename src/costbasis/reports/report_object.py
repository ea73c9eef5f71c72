"""The ``costbasis.report/1`` object: usage on every basis, the ladder, the parties, the plan, the drivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from costbasis import __version__
from costbasis.breakdown import Breakdown
from costbasis.catalog import Catalog
from costbasis.parties import Stake
from costbasis.plans import PlanOutcome
from costbasis.provenance import Driver, leaves
from costbasis.quantity import Given, Quantity
from costbasis.reports.breakdown_object import breakdown_object, crowd_object
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import estimated
from costbasis.reports.usage_object import Table, usage_object
from costbasis.valuation import Rung, Valuation

SCHEMA = "costbasis.report/1"


@dataclass(frozen=True, slots=True)
class Period:
    """The days that were looked at, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


def report_object(
    title: str,
    table: Table,
    valued: Valuation,
    period: Period,
    catalog: Catalog,
    as_of: date,
    warnings: Sequence[Warn],
    *,
    command: str,
    usage_sha256: str,
    cut: Breakdown,
) -> dict[str, Any]:
    """Everything that the report says, in the shape of its JSON."""
    serving = valued.bases.get("serving")
    market = valued.bases.get("market")
    return head(SCHEMA, catalog, as_of, warnings) | {
        "title": title,
        "usage": usage_object(table, catalog, as_of, warnings),
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat(), "days": period.days},
        "ladder": [rung_object(rung) for rung in valued.ladder],
        "list_over_serving": estimated(valued.list_over_serving) if valued.list_over_serving else None,
        "market_hosts": dict(market.notes) if market else {},
        "routes": routes_object(valued),
        "route_says": dict(serving.notes) if serving else {},
        "parties": [stake_object(stake) for stake in valued.stakes],
        "plan": plan_object(valued.plan, valued) if valued.plan else None,
        **breakdown_object(cut),
        "drivers": [driver_object(driver) for driver in valued.drivers],
        "inputs": input_objects(serving.total) if serving else [],
        "unvalued": unvalued_objects(valued),
        "reproduce": {
            "command": command,
            "version": __version__,
            "seed": catalog.sampling.seed,
            "as_of": as_of.isoformat(),
            "catalogue_sha256": catalog.sha256,
            "usage_sha256": usage_sha256,
        },
    }


def rung_object(rung: Rung) -> dict[str, Any]:
    """One rung of a ladder."""
    return {
        "anchor": rung.anchor,
        "basis": rung.basis,
        "cost_over_list": estimated(rung.cost_over_list),
        "usd": estimated(rung.usd),
        "trust": rung.trust,
        "source": rung.source,
        "from_claim": rung.from_claim,
    }


def routes_object(valued: Valuation) -> dict[str, Any]:
    """Each route to serving, the pool, and the pool with each route left out."""
    serving = valued.bases.get("serving")
    if serving is None:
        return {"without": {}}
    parts = {name.partition(":"): total for name, total in serving.parts.items()}
    routes: dict[str, Any] = {name: estimated(total) for (kind, _, name), total in parts.items() if kind == "route"}
    without = {name: estimated(total) for (kind, _, name), total in parts.items() if kind == "without"}
    return routes | {"pooled": estimated(serving.total), "without": without}


def stake_object(stake: Stake) -> dict[str, Any]:
    """A party: what it pays and earns, and what is left."""
    return {
        "party": stake.party.name,
        "pays_basis": stake.party.pays_basis,
        "earns_basis": stake.party.earns_basis,
        "pays_usd": estimated(stake.pays_usd) if stake.pays_usd else None,
        "earns_usd": estimated(stake.earns_usd) if stake.earns_usd else None,
        "net_usd": estimated(stake.net_usd) if stake.net_usd else None,
        "answer": stake.answer,
    }


def plan_object(outcome: PlanOutcome, valued: Valuation) -> dict[str, Any]:
    """The plan against this use, in the fields of ``costbasis.plan/1`` that one user's month can fill."""
    average = valued.average_margin
    return {
        "plan": f"{outcome.plan.vendor}/{outcome.plan.plan_id}",
        "name": outcome.plan.name,
        "price_usd": estimated(outcome.price_usd),
        "party": "model owner",
        "days": outcome.days,
        "short_period": outcome.is_short,
        "margin_usd": estimated(outcome.margin_usd) if outcome.margin_usd else None,
        "p_profitable": outcome.p_profitable,
        "break_even_list_usd": estimated(outcome.break_even_list_usd) if outcome.break_even_list_usd else None,
        "average_subscriber_margin_usd": estimated(average) if average else None,
        "average_subscriber_answer": valued.average_answer,
        **crowd_object(valued.crowd),
    }


def driver_object(driver: Driver) -> dict[str, Any]:
    """An input that moves the serving value, with its own value and source."""
    past = driver.quantity.past
    source = past.source if isinstance(past, Given) else None
    return {
        "key": driver.key,
        "label": driver.label,
        "share_frac": driver.share_frac,
        "value": estimated(driver.quantity),
        "unit": driver.quantity.unit,
        "trust": source.trust if source else "",
        "source": source.citation if source else "",
        "date": source.as_of if source else "",
    }


def unvalued_objects(valued: Valuation) -> list[Mapping[str, str]]:
    """Usage that a basis could not value, and why."""
    return [
        {"basis": name, "model": item.group.model, "month": item.group.month, "reason": item.reason}
        for name, basis in valued.bases.items()
        for item in basis.unvalued
    ]


def input_objects(quantity: Quantity) -> list[dict[str, Any]]:
    """Every fact that *quantity* rests on, with its source, by key."""
    facts = [leaf for leaf in leaves(quantity).values() if _is_fact(leaf)]
    return [_input(leaf) for leaf in sorted(facts, key=_key)]


def _input(leaf: Quantity) -> dict[str, Any]:
    """One input: value, unit, source, date, trust, and the key that ``--set`` takes."""
    past = leaf.past
    assert isinstance(past, Given)
    source = past.source
    return {
        "key": past.key,
        "name": leaf.name,
        "unit": leaf.unit,
        "value": estimated(leaf),
        "source": source.citation,
        "place": source.place,
        "date": source.as_of,
        "trust": source.trust,
        "status": source.status,
        "interest": source.interest,
    }


def _key(leaf: Quantity) -> tuple[str, str]:
    return (leaf.past.key if isinstance(leaf.past, Given) else "", leaf.name)


def _is_fact(leaf: Quantity) -> bool:
    return isinstance(leaf.past, Given) and leaf.past.source.status not in ("counted", "definition")
