"""Opportunity: serving, plus the list revenue given up where capacity was sold out. Off (λ = 0) unless asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from costbasis.bases.value import BasisValue, list_beside
from costbasis.catalog import Catalog
from costbasis.formulas.billing import opportunity_usd
from costbasis.quantity import Source, counted, derive
from costbasis.rowvalues import RowEstimates
from costbasis.usage.amounts import Amounts

NAME = "opportunity"
NEEDS = ("list", "serving")

SOLD_OUT = Source("every token would have sold at list", trust="A", status="definition", as_of="2026-11-24")


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue:
    """USD of opportunity at the catalogue's λ (``opportunity/default.lambda_frac``).

    Rows use the median λ: a row's own interval of a mixture is not in the rows' estimates.
    """
    scarcity = facts.quantity("opportunity/default.lambda_frac")
    serving, covered = needs["serving"], needs["serving"].covered_list_usd
    listed = list_beside(needs["list"], serving, workload)
    total = derive(
        opportunity_usd,
        list_usd=listed,
        serving_usd=serving.total,
        lambda_frac=scarcity,
    )
    sold_out = derive(
        opportunity_usd, list_usd=listed, serving_usd=serving.total, lambda_frac=counted("lambda_frac", 1.0, SOLD_OUT)
    )
    level = scarcity.estimate.p50
    rows = RowEstimates(*(np.asarray(opportunity_usd(covered, column, level)) for column in serving.rows))
    return BasisValue(
        basis=NAME,
        total=total.labelled("λ as set (off by default)"),
        rows=rows,
        over=None,
        covered_list_usd=covered,
        groups=serving.groups,
        unvalued=serving.unvalued,
        parts={"sold_out": sold_out.labelled("were capacity sold out (λ = 1)")},
    )
