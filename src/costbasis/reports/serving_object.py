"""The ``costbasis.serving/1`` object: an answer in the shape of its JSON, its leaves still quantities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costbasis.catalog import Catalog
from costbasis.catalog.hardware.owning import Owned
from costbasis.performance.constants import ENGINES
from costbasis.quantity import Estimate, Quantity
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import Estimated, estimated
from costbasis.routes import discover
from costbasis.service.fleet import IN_HOUSE, PUBLIC_ENGINE
from costbasis.service.plan import Service
from costbasis.service.posterior import software_date
from costbasis.service.units import computed
from costbasis.servingcost import Answer
from costbasis.units import TOK_PER_MTOK

SECONDS_PER_HOUR = 3600.0
SHOWN_REFUSALS = 40
"""Refusals that are listed; the rest are counted."""


def serving_object(answer: Answer, catalog: Catalog, notes: list[Warn]) -> dict[str, Any]:
    """The object of one answer."""
    asked, service = answer.asked, answer.service
    refused = list(dict.fromkeys((turned.deployment, turned.reason, turned.nearest) for turned in service.turned))
    hypothesis = asked.served.hypothesis
    return head("costbasis.serving/1", catalog, asked.as_of, notes) | {
        "model": asked.served.model,
        "hypothesis": None
        if hypothesis is None
        else {
            "family": hypothesis.family,
            "trust": hypothesis.source.trust,
            "status": "assumed" if hypothesis.source.trust.startswith("D") else "estimated",
            "active_param_count": estimated(service.inputs["active_param_count"]),
            "total_param_count": estimated(service.inputs["total_param_count"]),
            "bf16_kv_bytes_per_tok": estimated(service.inputs["bf16_kv_bytes_per_tok"]),
            "precision": {name: chance for name, chance in asked.served.precisions.items() if chance > 0},
            "hardware": list(hypothesis.hardware),
            "reasoning": list(hypothesis.reasoning),
            "redrawn_frac": service.redrawn_frac,
        },
        "deployment": _deployment(answer),
        "workload": _workload(answer),
        "usd_per_mtok": {name: _scaled(quantity, TOK_PER_MTOK) for name, quantity in answer.usd_per_tok.items()},
        "attributed_usd_per_mtok": {
            name: _scaled(quantity, TOK_PER_MTOK) for name, quantity in answer.attributed_usd_per_tok.items()
        },
        "yield": _yield(service),
        "parts": {name: estimated(quantity) for name, quantity in answer.parts.items()},
        "parts_unit": "usd_per_request",
        "routes": {
            route.NAME: estimated(answer.routes[route.NAME]) if route.NAME in answer.routes else None
            for route in discover()
        }
        | {"pooled": estimated(answer.pooled)},
        "routes_unit": "usd_per_request",
        "route_says": dict(answer.route_says),
        "without": {name: quantity.estimate.p50 for name, quantity in answer.without.items()},
        "list_usd_per_request": None if answer.list_usd is None else estimated(answer.list_usd),
        "list_over_serving": None if answer.list_over_serving is None else estimated(answer.list_over_serving),
        "owning": {name: _owning(found) for name, found in answer.owned.items()},
        "drivers": [
            {"key": driver.key, "label": driver.label, "share_frac": driver.share_frac} for driver in answer.drivers
        ],
        "frontier": [
            {
                "tpot_ms": point.tpot_s * 1e3,
                "tok_per_s_per_user": 1 / point.tpot_s,
                "deployment": point.deployment,
                "usd_per_mtok": {
                    "input": point.input_usd_per_tok * TOK_PER_MTOK,
                    "output": point.output_usd_per_tok * TOK_PER_MTOK,
                },
            }
            for point in answer.frontier
        ],
        "refused": [
            {"deployment": deployment, "reason": reason, "nearest": nearest}
            for deployment, reason, nearest in refused[:SHOWN_REFUSALS]
        ],
        "refused_count": len(refused),
    }


def _scaled(quantity: Quantity, factor: float) -> Estimated:
    estimate = Estimate(*(value * factor for value in quantity.estimate))
    return Estimated(estimate, lambda: quantity)


def _deployment(answer: Answer) -> dict[str, Any]:
    service, asked = answer.service, answer.asked
    first = service.most_used
    engine = PUBLIC_ENGINE if asked.served.is_published else IN_HOUSE
    return {
        "title": first.title,
        "accelerator": first.machine.name,
        "accelerators": first.machine.count,
        "precision": first.precision_name,
        "tensor": int(first.layout.tensor),
        "data": int(first.layout.data),
        "pools": "prefill and decode apart" if first.prefill_layout is not None else "one pool",
        "engine": ENGINES[int(engine)],
        "software": software_date(asked.as_of),
        "all": [{"deployment": choice.title, "share_frac": share} for choice, share in service.shares.items()],
        "layouts_searched": len(service.looked),
        "regret_frac": service.regret_frac,
        "missed_frac": service.missed_frac,
        "hired_usd_per_accel_hour": _scaled(answer.hire, SECONDS_PER_HOUR),
        "useful_usd_per_accel_hour": _scaled(answer.busy, SECONDS_PER_HOUR),
        "meets_tpot_frac": float(service.run.is_met.mean()),
        "memory_bound_frac": float(service.run.fills_memory.mean()),
    }


def _workload(answer: Answer) -> dict[str, Any]:
    workload = answer.asked.workload
    return {
        "name": workload.name,
        "isl_tok": workload.isl_tok,
        "osl_tok": workload.osl_tok,
        "cached_frac": workload.cached_frac,
        "held_s": workload.held_s,
        "tpot_ms": _scaled(answer.asked.tpot_s, 1e3),
        "source": workload.source.citation,
    }


def _yield(service: Service) -> dict[str, Any]:
    run, new = service.run, service.workload.new_tok

    def leaf(name: str, make: Callable[[], Any], factor: float = 1.0) -> Estimated:
        return _scaled(computed(name, make(), service), factor)

    return {
        "prefill_tok_per_s_per_accel": leaf("prefill_tok_per_s_per_accel", lambda: new / run.prefill_accel_s),
        "decode_tok_per_s_per_accel": leaf("decode_tok_per_s_per_accel", lambda: 1 / run.decode_accel_s_per_tok),
        "tpot_ms": leaf("tpot_s_per_tok", lambda: run.tpot_s_per_tok, 1e3),
        "batch": leaf("batch_count", lambda: run.batch),
    }


def _owning(found: object) -> dict[str, Any]:
    if not isinstance(found, Owned):
        return {"refused": getattr(found, "reason", "")}
    return {
        "owned_usd_per_accel_hour": _scaled(found.usd_per_accel_s, SECONDS_PER_HOUR),
        "marginal_usd_per_accel_hour": _scaled(found.marginal_usd_per_accel_s, SECONDS_PER_HOUR),
        "parts": {
            name.replace("_accel_s", "_accel_hour"): _scaled(part, SECONDS_PER_HOUR)
            for name, part in found.parts.items()
        },
    }
