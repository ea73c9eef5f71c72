"""The ``costbasis.plan/1`` object: a studied plan in the shape of its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from costbasis.catalog import Catalog
from costbasis.plans.limits import Worth
from costbasis.plans.studied import Mine, OnBasis, Study
from costbasis.plans.timeline import Cut
from costbasis.population.people import Subscribers, use_quantile
from costbasis.population.profit import RATIOS, Profit, break_even_at
from costbasis.quantity import Quantity
from costbasis.reports.head import Warn, head
from costbasis.reports.leaf import Estimated, estimated
from costbasis.reports.scarcity import scarcity_object

SCHEMA = "costbasis.plan/1"

MONTH_DAYS = 30
"""Days of the month that a plan's people are looked at for."""

READ_AT = (0.1, 0.12, 0.25)
"""Readings of cost over list that the public debate quotes, for which break-even utilisation is always shown."""


def plan_object(study: Study, catalog: Catalog, as_of: date, command: str) -> dict[str, Any]:
    """Everything that was found about the plan; *command* makes it again."""
    found, people = study.profit, study.subscribers
    return head(SCHEMA, catalog, as_of, _warnings(study)) | {
        "plan": study.plan.key,
        "name": study.plan.name,
        "price_usd": estimated(study.price_usd),
        "party": study.party.name,
        "pays_basis": study.party.pays_basis,
        "model": study.model,
        "days": study.mine.outcome.days if study.mine else MONTH_DAYS,
        "population": _population(study, people, found),
        "cost_over_list": estimated(study.over_list),
        "cost_over_list_says": study.over_list_says,
        "margin_usd": _leaf(found.margin_usd if found else None),
        "p_profitable": found.p_profitable if found else None,
        "share_unprofitable": _leaf(found.share_unprofitable if found else None),
        "user_margin_usd": _by_level(found.user_margin_usd) if found else {},
        "break_even_list_usd": estimated(_own_basis(study)),
        "break_even_utilisation": _leaf(found.break_even_utilisation if found else None),
        "break_even_at": _break_even_at(study),
        "by_basis": [_on_basis(row) for row in study.by_basis],
        "map": [
            {
                "cost_over_list": cell.cost_over_list,
                "mean_utilisation": cell.mean_utilisation,
                "p_profitable": cell.p_profitable,
            }
            for cell in (found.map if found else [])
        ],
        "answer": study.answer,
        "after_payment": {
            "net_price_usd": estimated(study.net_price_usd),
            "margin_usd": _leaf(study.net_margin_usd),
        },
        "targets": [
            {"margin_frac": row.margin_frac, "price_usd": estimated(row.price_usd), "cap_usd": estimated(row.cap_usd)}
            for row in study.targets
        ],
        "limits": [_limit(worth) for worth in study.limits],
        "ceiling_says": study.ceiling_says,
        "usage": _mine(study.mine) if study.mine else None,
        "scarcity": scarcity_object(study.scarcity, study.scarcity_frac),
        "reproduce": {"command": f"costbasis {command}"},
    }


def _own_basis(study: Study) -> Quantity:
    if study.profit is not None:
        return study.profit.break_even_list_usd
    return next(row.break_even_list_usd for row in study.by_basis if row.basis == study.party.pays_basis)


def _population(study: Study, people: Subscribers | None, found: Profit | None) -> dict[str, Any]:
    if people is None or found is None:
        return {
            "kind": None,
            "identified": False,
            "why": "neither the plan's ceiling nor its subscribers' use is known",
            "missing": ["a file of the subscribers' use (--population), or a plan file with ceiling_usd"],
            "solutions": [],
        }
    known = people.known
    return {
        "kind": people.kind,
        "identified": known.identified,
        "mean_is_known": known.mean_is_known,
        "why": known.why,
        "missing": list(known.missing),
        "solutions": [dict(row) for row in known.solutions],
        "selection_bias": known.selection_bias,
        "ceiling_usd": estimated(people.ceiling_usd) if people.has_ceiling else None,
        "mean_use_usd": estimated(found.mean_use_usd),
        "use_usd": _by_level({level: use_quantile(people, level) for level in found.user_margin_usd}),
        "top_decile_frac": estimated(found.top_decile_share),
    }


def _by_level(quantities: Mapping[float, Quantity]) -> dict[str, Estimated]:
    return {f"p{100 * level:g}": estimated(quantity) for level, quantity in quantities.items()}


def _break_even_at(study: Study) -> list[dict[str, Any]]:
    """Break-even mean utilisation at readings of cost over list: our own range is only one of them."""
    if study.subscribers is None or not study.subscribers.has_ceiling:
        return []
    return [
        {"cost_over_list": ratio, "mean_utilisation": break_even_at(study.subscribers, study.price_usd, ratio)}
        for ratio in sorted({*RATIOS, *READ_AT})
    ]


def _on_basis(row: OnBasis) -> dict[str, Any]:
    return {
        "basis": row.basis,
        "over_list": estimated(row.over_list),
        "break_even_list_usd": estimated(row.break_even_list_usd),
        "break_even_utilisation": _leaf(row.break_even_utilisation),
        "margin_usd": _leaf(row.margin_usd),
    }


def _limit(worth: Worth) -> dict[str, Any]:
    limit = worth.limit
    return {
        "window": limit.window,
        "unit": limit.unit,
        "amount": estimated(limit.amount),
        "window_list_usd": estimated(worth.window_usd),
        "month_list_usd": estimated(worth.month_usd),
        "source": limit.source.citation,
        "date": limit.source.as_of,
        "trust": limit.source.trust,
    }


def _mine(mine: Mine) -> dict[str, Any]:
    result = mine.outcome
    return {
        "days": result.days,
        "short_period": result.is_short,
        "list_usd": estimated(mine.bases["list"].total),
        "price_usd": estimated(result.price_usd),
        "margin_usd": _leaf(result.margin_usd),
        "p_profitable": result.p_profitable,
        "break_even_list_usd": _leaf(result.break_even_list_usd),
        "share_of_subscribers_above": _leaf(mine.share_above),
        "kept_usd": _leaf(mine.kept_usd),
        "cuts": [_cut(cut) for cut in mine.cuts],
    }


def _cut(cut: Cut) -> dict[str, Any]:
    return {
        "window": cut.limit.window,
        "unit": cut.limit.unit,
        "amount": estimated(cut.limit.amount),
        "cut_usd": estimated(cut.cut_usd),
        "cut_frac": estimated(cut.cut_frac),
        "windows_hit": cut.windows_hit,
        "windows": cut.windows,
        "source": cut.limit.source.citation,
        "trust": cut.limit.source.trust,
    }


def _leaf(quantity: Quantity | None) -> Estimated | None:
    return None if quantity is None else estimated(quantity)


def _warnings(study: Study) -> list[Warn]:
    found = []
    if study.subscribers is not None and not study.subscribers.known.mean_is_known:
        effect = "the margin is over an assumed range of mean use; the answer rests on the map, not on its middle"
        found.append(Warn("mean use unknown", 1, study.plan.key, effect))
    if study.mine is not None and study.mine.outcome.is_short:
        found.append(Warn("short period", study.mine.outcome.days, "", "too few days to speak of a month"))
    return found
