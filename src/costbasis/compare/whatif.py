"""What next: list prices fall. The owner's, the reseller's and the open-weight host's margin, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costbasis.catalog import Catalog
from costbasis.formulas.billing import cost_over_list
from costbasis.formulas.choice import margin_after_cut_frac, margin_at_cheaper_inputs_frac
from costbasis.formulas.company import cost_at_margin_usd, cost_over_list_frac
from costbasis.quantity import Quantity, Source, counted, derive
from costbasis.valuation import Valuation

CUTS = (0.0, 0.2, 0.4, 0.6, 0.8)

ASKED = Source("asked for", trust="A", status="definition", as_of="2026-11-24")


@dataclass(frozen=True, slots=True)
class Cut:
    """List prices lower by *cut_frac*, and what is left to each. None where it is not known.

    *owner*: sells at list, its serving unchanged. *reseller_at_list*: passes list on, its discount unchanged.
    *reseller_flat*: its plan's price holds while what it buys falls. *open_host*: follows the cut to stay as cheap.
    """

    cut_frac: float
    owner: Quantity | None
    reseller_at_list: Quantity
    reseller_flat: Quantity
    open_host: Quantity


def price_cuts(valued: Valuation, catalog: Catalog, cuts: Sequence[float] = CUTS) -> list[Cut]:
    """Margins after each cut, by the serving value and the prices of this usage."""
    serving = valued.bases.get("serving")
    over_list = None
    if serving is not None and not serving.unvalued:
        over_list = derive(cost_over_list, basis_usd=serving.total, list_usd=valued.bases["list"].total)
    discount = catalog.quantity("reseller/default.discount_frac")
    host = catalog.quantity("margin/open-host.gross_margin_frac")
    flat = catalog.quantity("disclosure_line/cur_gm_q.value")
    one = counted("revenue_usd", 1.0, ASKED)
    per_dollar = derive(cost_at_margin_usd, revenue_usd=one, margin_frac=flat)
    flat_cost = derive(cost_over_list, basis_usd=per_dollar, list_usd=one)
    whole = counted("realised_over_list_frac", 1.0, ASKED)
    host_cost = derive(cost_over_list_frac, gross_margin_frac=host, realised_over_list_frac=whole)
    found = []
    for cut in cuts:
        by = counted("cut_frac", cut, ASKED)
        owner = None if over_list is None else derive(margin_after_cut_frac, cost_over_price=over_list, cut_frac=by)
        found.append(
            Cut(
                cut_frac=cut,
                owner=owner,
                reseller_at_list=discount.labelled("a reseller's discount, whatever the price"),
                reseller_flat=derive(margin_at_cheaper_inputs_frac, cost_over_revenue=flat_cost, cut_frac=by),
                open_host=derive(margin_after_cut_frac, cost_over_price=host_cost, cut_frac=by),
            )
        )
    return found
