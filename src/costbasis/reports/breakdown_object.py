"""Where the money goes, in the shape of the report's JSON: by class, by part of serving, prices, speed, people."""

from __future__ import annotations

from typing import Any

from costbasis.breakdown import Breakdown, ClassValue
from costbasis.mixprice.paths import PricePath
from costbasis.reports.leaf import estimated
from costbasis.service.frontier import FleetFrontier
from costbasis.units import TOK_PER_MTOK
from costbasis.usage.pricing.cells import usd_text
from costbasis.valuation import Crowd


def breakdown_object(cut: Breakdown) -> dict[str, Any]:
    """The fields that the cuts fill."""
    return {
        "by_class": [_class(one) for one in cut.classes],
        "serving_parts": {name: estimated(quantity) for name, quantity in cut.parts.items()},
        "frontier": _frontier(cut.frontier) if cut.frontier and cut.frontier.points else None,
        "price_history": [_path(one) for one in cut.prices],
    }


def _class(one: ClassValue) -> dict[str, Any]:
    usd = {f"{basis}_usd": estimated(quantity) for basis, quantity in one.usd.items()}
    return {"class": one.name, "tokens": one.tokens, "bases": usd}


def _frontier(found: FleetFrontier) -> dict[str, Any]:
    return {
        "model": found.model,
        "machine": found.machine,
        "precision": found.precision,
        "points": [
            {
                "tok_per_s_per_user": 1 / point.tpot_s,
                "deployment": point.deployment,
                "usd_per_mtok": {
                    "input": point.input_usd_per_tok * TOK_PER_MTOK,
                    "output": point.output_usd_per_tok * TOK_PER_MTOK,
                },
            }
            for point in found.points
        ],
    }


def _path(path: PricePath) -> dict[str, Any]:
    """Prices are of a million tokens at the model's own mix, exact."""
    return {
        "model": path.model,
        "mix": {name.removesuffix("_tok"): count for name, count in path.counts._asdict().items()},
        "steps": [
            {
                "from": step.valid_from.isoformat() if step.valid_from else None,
                "to": step.valid_to.isoformat() if step.valid_to else None,
                "usd_per_mtok": usd_text(step.pico_usd),
                "source": step.citation,
            }
            for step in path.steps
        ],
    }


def crowd_object(crowd: Crowd | None) -> dict[str, Any]:
    """The people of the plan: what a dollar of list costs to serve, their ceiling and mean use, and the map."""
    if crowd is None:
        return {"map": []}
    people = crowd.population
    return {
        "cost_over_list": estimated(crowd.cost_over_list),
        "ceiling_usd": estimated(people.ceiling_usd),
        "mean_utilisation": estimated(people.mean_utilisation_frac),
        "share_of_subscribers_above": estimated(crowd.share_above),
        "levels": [
            {"level": name, "use_usd": estimated(use), "share_above_frac": estimated(above)}
            for name, use, above in crowd.levels
        ],
        "map": [
            {
                "cost_over_list": cell.cost_over_list,
                "mean_utilisation": cell.mean_utilisation,
                "p_profitable": cell.p_profitable,
            }
            for cell in crowd.map
        ],
    }
