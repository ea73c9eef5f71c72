"""Realised: list less negotiated discounts. What a reseller or an enterprise buyer pays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog
from costbasis.formulas.billing import realised_usd
from costbasis.quantity import derive
from costbasis.rowvalues import RowEstimates
from costbasis.usage.amounts import Amounts

NAME = "realised"
NEEDS = ("list",)


def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue:
    """USD at list less the discount of ``reseller/default.discount_frac``."""
    discount = facts.quantity("reseller/default.discount_frac")
    listed = needs["list"]
    total = derive(realised_usd, list_usd=listed.total, discount_frac=discount)
    exact, off = listed.rows.p50, discount.estimate
    rows = RowEstimates(
        *(np.asarray(realised_usd(exact, off_frac)) for off_frac in (off.p90, off.p50, off.p10, off.mean))
    )
    return BasisValue(
        basis=NAME,
        total=total.labelled("list less discount"),
        rows=rows,
        over=None,
        covered_list_usd=listed.covered_list_usd,
        groups=listed.groups,
    )
