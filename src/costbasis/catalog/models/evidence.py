"""What was observed of models: output speeds, prices and knowledge probes, by model; and the same of open models."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median

import numpy as np

from costbasis.catalog.models.conditioning import Lines, Observed, fit_lines
from costbasis.catalog.tables import Row

MEDIAN_HOST, NAMED_HOST = "1", "2"
"""Values of ``in_fit`` in the speed table."""

B_PARAMS = 1e9


def plain(name: str) -> str:
    """A model's name as speed and evidence tables spell it, without dots, dates and mode words.

    >>> plain("claude-opus-4.6-think"), plain("claude-opus-4-5-20251101"), plain("gemini-3-pro-preview")
    ('claude-opus-4-6', 'claude-opus-4-5', 'gemini-3-pro')
    """
    return re.sub(r"-(think|preview|\d{8}|\d{4}-\d{2}-\d{2})$", "", name.lower().replace(".", "-"))


def speeds_of_open_models(speed: Sequence[Row], fit: str) -> dict[str, tuple[float, float]]:
    """Model to (active parameters, output tok/s of one user), one point a model: the geometric mean of those seen."""
    seen: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in speed:
        if row["open_weights"] == "1" and row["in_fit"] == fit and row["active_params_b"]:
            seen[row["model"]].append((float(row["active_params_b"]) * B_PARAMS, float(row["tok_s_per_user"])))
    return {model: (points[0][0], _geometric([tok_per_s for _, tok_per_s in points])) for model, points in seen.items()}


def prices_of_open_models(offers: Iterable[Row], active: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Model to (active parameters, $ per million output tokens): the median over the hosts that sell it."""
    asked: dict[str, list[float]] = defaultdict(list)
    for row in offers:
        if row["model"] in active and row["output_usd_per_mtok"] and float(row["output_usd_per_mtok"]) > 0:
            asked[row["model"]].append(float(row["output_usd_per_mtok"]))
    return {model: (active[model], median(prices)) for model, prices in asked.items()}


def totals_of_open_models(speed: Sequence[Row]) -> dict[str, float]:
    """Model to total parameters."""
    rows = [row for row in speed if row["open_weights"] == "1" and row["total_params_b"]]
    return {row["model"]: float(row["total_params_b"]) * B_PARAMS for row in rows}


def open_lines(speed: Sequence[Row], offers: Iterable[Row]) -> Lines:
    """What open models teach of speed and price by size."""
    seen = speeds_of_open_models(speed, MEDIAN_HOST)
    active = {model: point[0] for model, point in seen.items()}
    return fit_lines(seen, speeds_of_open_models(speed, NAMED_HOST), prices_of_open_models(offers, active))


def observed_of(
    models: Sequence[str], speed: Sequence[Row], evidence: Sequence[Row], output_usd_per_mtok: float | None
) -> Observed:
    """What was seen of a family of models that share weights or nearly so.

    Speeds: the geometric mean over everything measured of any of them. Probes: the median; those that their own
    note calls depressed by refusals or not usable are left out.
    """
    names = {plain(model) for model in models}
    speeds = [float(row["tok_s_per_user"]) for row in speed if plain(row["model"]) in names]
    probes = [
        float(row["value"])
        for row in evidence
        if row["kind"] == "size_total_inferred"
        and plain(row["model"]) in names
        and "knowledge-capacity" in row["note"]
        and not any(word in row["note"] for word in ("depressed", "not usable"))
    ]
    return Observed(
        tok_per_s=_geometric(speeds) if speeds else None,
        output_usd_per_mtok=output_usd_per_mtok,
        probed_params=median(probes) * B_PARAMS if probes else None,
    )


def _geometric(values: Sequence[float]) -> float:
    return float(np.exp(fmean(np.log(values))))
