"""Loaded: serving, and beside it free users, training, research pay and the rest. What an investor bears."""

from __future__ import annotations

from collections.abc import Mapping

from costbasis.bases.value import BasisValue, Unvalued
from costbasis.catalog import Catalog
from costbasis.formulas.company import loaded_usd
from costbasis.quantity import derive
from costbasis.rowvalues import RowEstimates
from costbasis.usage.amounts import Amounts

NAME = "loaded"
NEEDS = ("serving",)


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue | None:
    """USD with everything a company spends, per dollar of paid serving (``loaded/VENDOR.costs_over_serving``).

    None where the vendor's accounts are not known, or the usage is of several vendors.
    """
    serving = needs["serving"]
    vendors = {facts.vendor(group.model) for group in serving.groups}
    key = f"loaded/{next(iter(vendors))}.costs_over_serving" if len(vendors) == 1 else ""
    if not key or not facts.has(key):
        return None
    factor = facts.quantity(key)
    total = derive(loaded_usd, serving_usd=serving.total, costs_over_serving=factor)
    times = total.estimate.mean / serving.total.estimate.mean
    middle = factor.estimate.p50
    rows = RowEstimates(
        serving.rows.p10 * middle, serving.rows.p50 * middle, serving.rows.p90 * middle, serving.rows.mean * times
    )
    return BasisValue(
        basis=NAME,
        total=total.labelled("with free users, training, research pay and the rest"),
        rows=rows,
        over=None,
        covered_list_usd=serving.covered_list_usd,
        groups=serving.groups,
        unvalued=[Unvalued(item.group, item.reason) for item in serving.unvalued],
        notes={"key": key},
    )
