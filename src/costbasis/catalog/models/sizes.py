"""The size of a model of the hypothesis table: as it was stated, or its class weighed by what was observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from costbasis.catalog.models.conditioning import Lines
from costbasis.catalog.models.evidence import observed_of
from costbasis.catalog.models.hypotheses import Size, refuse_impossible, size_of_class, size_of_row
from costbasis.catalog.tables import OVERRIDDEN, Row, Tables
from costbasis.sampling import Sampling

SAID = ("A", "B", "C")
"""Trust of a row that rests on something said about the model itself: published, stated or leaked."""

SIZE_FIELDS = {"active_params_b", "total_params_b"}


def size_of(row: Row, tables: Tables, lines: Callable[[], Lines], sampling: Sampling) -> Size:
    """The size of one row: what a user set or somebody said about the model stands, the rest is conditioned.

    A row of trust D rests on speed, price, probes and the size of disclosed models of its class; so its size is
    computed from those, each counted once, and the row's own judged range stands only where a user sets it.
    *lines*: what open models teach, computed only when it is needed.
    """
    refuse_impossible(row)
    priors = tables.rows("hypothesis_prior")
    prior = next((prior for prior in priors if row["family"] in prior["families"].split()), None)
    is_set = bool(SIZE_FIELDS & set(row.get(OVERRIDDEN, "").split()))
    if is_set or prior is None or row["trust"][:1] in SAID:
        return size_of_row(row, sampling)
    models = row["models"].split()
    observed = observed_of(models, tables.rows("speed"), tables.rows("evidence"), _output_price(models, tables))
    if row["family"] in prior["probes_fail_on"].split():
        observed = replace(observed, probed_params=None)
    return size_of_class(row, prior, observed, lines(), sampling)


def _output_price(models: list[str], tables: Tables) -> float | None:
    """The first standard list price of output of any of the models, in USD per million tokens."""
    rows = [row for row in tables.rows("retail") if row["model"] in models and row["mode"] == "standard"]
    priced = [row for row in rows if row["output_usd_per_mtok"]]
    return float(min(priced, key=lambda row: row["effective_from"] or "")["output_usd_per_mtok"]) if priced else None
