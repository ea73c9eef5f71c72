"""Comparables: the open models that stand in for another one on a day, each with a weight that can be read.

The rule is in ``docs/decisions/0008-market.md`` and its constants are facts (``comparable/kernel.…``). It was
written before any result was seen and is never tuned to one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from costbasis.catalog.market.traits import Traits, traits_of
from costbasis.catalog.tables import Row, read_csv
from costbasis.formulas.market import age_kernel, fold_kernel
from costbasis.sampling import Floats

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog

KERNEL = ("active_fold", "total_fold", "kv_fold", "age_days", "context_tok", "other_attention_frac", "least_frac")


@dataclass(frozen=True, slots=True)
class Comparable:
    """An open model that stands in for another one, and its weight. *why*: how it was chosen."""

    model: str
    weight: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked for: sizes as draws (or one number each), and the attention class where it is published."""

    total_param_count: Floats
    active_param_count: Floats
    kv_bytes_per_tok: Floats
    attention: str | None


def comparables(model: str, as_of: date, catalog: Catalog) -> list[Comparable]:
    """The open models that stand in for *model* on a day, heaviest first; none where nothing is known of it.

    A model that hosts sell on the day stands for itself. Any other is put beside the open models sold on that day
    by size (of its published architecture, or in each draw of its hypothesis), memory per token, attention class
    where it is published, and age; a model whose window is too short is no stand-in. Where there is no hypothesis,
    the table of names decides.
    """
    if catalog.offers(model, as_of):
        return [Comparable(model, 1.0, "the model itself")]
    target = _target(model, catalog)
    if target is None:
        return named(read_csv("comparable.csv"), model, as_of)
    return nearest(target, _candidates(as_of, catalog), as_of, catalog)


def nearest(target: Target, candidates: Sequence[Traits], as_of: date, catalog: Catalog) -> list[Comparable]:
    """*candidates* weighed by likeness to *target*: the mean over its draws of each one's share of the likeness.

    Models of one geometry share one model's weight, so that a line with many versions does not count many times.
    """
    kernel = {name: catalog.quantity(f"comparable/kernel.{name}", as_of=as_of).estimate.p50 for name in KERNEL}
    fit = [one for one in candidates if one.context_tok is None or one.context_tok >= kernel["context_tok"]]
    if not fit:
        return []
    lines = Counter((one.active_param_count, one.kv_bytes_per_tok) for one in fit)
    rows = []
    for one in fit:
        size = (
            fold_kernel(target.active_param_count, one.active_param_count, kernel["active_fold"])
            * fold_kernel(target.total_param_count, one.total_param_count, kernel["total_fold"])
            * fold_kernel(target.kv_bytes_per_tok, one.kv_bytes_per_tok, kernel["kv_fold"])
        )
        unlike = target.attention is not None and target.attention != one.attention
        age = age_kernel(max(0.0, float((as_of - one.listed).days)), kernel["age_days"])
        factor = kernel["other_attention_frac"] if unlike else 1.0
        rows.append(size * age * factor / lines[one.active_param_count, one.kv_bytes_per_tok])
    table = np.atleast_2d(np.array([np.atleast_1d(row) for row in rows]))
    shares = (table / np.maximum(table.sum(axis=0), np.finfo(float).tiny)).mean(axis=1)
    kept = {one.model: share for one, share in zip(fit, shares, strict=True) if share >= kernel["least_frac"]}
    total = sum(kept.values())
    found = [Comparable(name, share / total, "nearest in architecture and date") for name, share in kept.items()]
    return sorted(found, key=lambda one: (-one.weight, one.model))


def _target(model: str, catalog: Catalog) -> Target | None:
    row = catalog.architecture(model)
    traits = traits_of(row, catalog.newest_observation) if row is not None else None
    if traits is not None:
        sizes = (traits.total_param_count, traits.active_param_count, traits.kv_bytes_per_tok)
        total, active, cache = (np.asarray(size, dtype=np.float64) for size in sizes)
        return Target(total, active, cache, traits.attention)
    hypothesis = catalog.hypothesis(model)
    if hypothesis is None:
        return None
    return Target(
        hypothesis.total_param_count.draws,
        hypothesis.active_param_count.draws,
        hypothesis.kv_bytes_per_tok.draws,
        None,
    )


def _candidates(as_of: date, catalog: Catalog) -> list[Traits]:
    """The open models of published architecture that a faithful host sells on the day."""
    from costbasis.catalog.market.market import faithful_offers
    from costbasis.catalog.market.sold import traits

    known = (traits(model, catalog) for model in sorted(catalog.offered_models))
    return [one for one in known if one is not None and faithful_offers(one.model, as_of, catalog)]


def named(rows: Sequence[Row], model: str, as_of: date) -> list[Comparable]:
    """The stand-ins that the table names for a pattern of *model* on a day; none where no row names it.

    A small-tier row goes before a large-tier one that matches too (``gpt-*-mini`` before ``gpt-5*``).
    """
    day = as_of.isoformat()
    valid = [row for row in rows if row["valid_from"] <= day < (row["valid_to"] or "9999")]
    matching = [row for row in valid if any(fnmatchcase(model, pattern) for pattern in row["models"].split())]
    chosen = [row for row in matching if row["tier"] == "small"] or matching
    total = sum(float(row["weight"]) for row in chosen)
    return [
        Comparable(row["comparable"], float(row["weight"]) / total, f"named for its tier: {row['tier']}")
        for row in chosen
    ]
