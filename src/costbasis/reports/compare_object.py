"""The ``costbasis.compare/1`` object: the options of a month's work, and where one overtakes another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from costbasis.catalog import Catalog
from costbasis.catalog.limits import scarcity_evidence
from costbasis.compare import BreakEven, Choice, Cut, Option
from costbasis.compare.hosting import Hosting
from costbasis.plans.studied import OwnUse
from costbasis.quantity import Quantity
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import Estimated, estimated
from costbasis.reports.report_object import rung_object, stake_object, unvalued_objects
from costbasis.reports.scarcity import scarcity_object
from costbasis.valuation import Valuation

SCHEMA = "costbasis.compare/1"

OWNERS = ("serving", "marginal", "opportunity")


def compare_object(
    own: OwnUse,
    valued: Valuation,
    choice: Choice,
    cuts: Sequence[Cut],
    catalog: Catalog,
    as_of: date,
    command: str,
) -> dict[str, Any]:
    """Everything that was found; ladder and parties are those of ``report`` on the same usage."""
    return head(SCHEMA, catalog, as_of, _warnings(own, valued, choice)) | {
        "usage": {
            "from": own.first.isoformat(),
            "to": own.last.isoformat(),
            "days": (own.last - own.first).days + 1,
            "requests": sum(cell.requests for cell in own.cells),
            "source": own.amounts.source.citation,
            "list_usd": estimated(valued.bases["list"].total),
            "list_usd_per_month": estimated(choice.list_usd_per_month),
        },
        "options": [_option(row) for row in choice.options],
        "break_evens": [_break_even(row) for row in choice.break_evens],
        "hosting": _hosting(choice.hosting) if choice.hosting else None,
        "hosting_refused": choice.why_not,
        "what_next": [_cut(row) for row in cuts],
        "side_by_side": {name: _leaf(valued.bases[name].total if name in valued.bases else None) for name in OWNERS},
        "scarcity": scarcity_object(scarcity_evidence(), catalog.quantity("opportunity/default.lambda_frac")),
        "plan": valued.plan.plan.key if valued.plan else None,
        "ladder": [rung_object(rung) for rung in valued.ladder],
        "parties": [stake_object(stake) for stake in valued.stakes],
        "unvalued": unvalued_objects(valued),
        "reproduce": {"command": f"costbasis {command}"},
    }


def _option(row: Option) -> dict[str, Any]:
    return {
        "option": row.name,
        "kind": row.kind,
        "usd_per_month": estimated(row.usd_per_month),
        "notes": list(row.notes),
    }


def _break_even(row: BreakEven) -> dict[str, Any]:
    return {
        "between": row.between,
        "variable": row.variable,
        "value": estimated(row.value),
        "unit": "usd_per_month" if row.value.unit else "frac",
        "says": row.says,
    }


def _hosting(found: Hosting) -> dict[str, Any]:
    return {
        "model": found.model,
        "accelerator": found.accelerator,
        "accelerators": found.replica_accel.estimate.p50,
        "hire_usd_per_month": estimated(found.hire),
        "full_load_usd_per_month": estimated(found.full_load),
        "filled_frac": estimated(found.filled_frac),
    }


def _cut(row: Cut) -> dict[str, Any]:
    return {
        "list_price_cut_frac": row.cut_frac,
        "model_owner_margin_frac": _leaf(row.owner),
        "reseller_at_list_margin_frac": estimated(row.reseller_at_list),
        "reseller_flat_plan_margin_frac": estimated(row.reseller_flat),
        "open_weight_host_margin_frac": estimated(row.open_host),
    }


def _leaf(quantity: Quantity | None) -> Estimated | None:
    return None if quantity is None else estimated(quantity)


def _warnings(own: OwnUse, valued: Valuation, choice: Choice) -> list[Warn]:
    found = []
    days = (own.last - own.first).days + 1
    if valued.plan is not None and valued.plan.is_short:
        found.append(Warn("short period", days, "", "too few days to speak of a month"))
    if choice.why_not:
        found.append(Warn("hosting not compared", 1, choice.why_not, "the option is left out, not free"))
    left_out = [item for basis in valued.bases.values() for item in basis.unvalued]
    if left_out:
        first = left_out[0].group.model
        found.append(Warn("usage without a value", len(left_out), first, "a basis that misses a model is no option"))
    return found
