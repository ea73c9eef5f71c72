"""Serving cost from the vendor's margin: one less the margin, times what list brings in."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import Catalog
from costbasis.formulas.company import cost_over_list_frac
from costbasis.quantity import derive
from costbasis.routes import Refused, UnitValues

NAME = "margin"
LABEL = "margins"
SHARES = "margin-and-market"


def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
    """USD of serving cost per USD of list value, from the reported margins of the model's vendor.

    A company's margin is on *realised* revenue; the realised-to-list bridge is an input of its own.
    """
    vendor = catalog.vendor(model)
    if vendor is None or not catalog.has(f"margin/{vendor}.gross_margin_frac"):
        return Refused(f"no reported margin of {vendor or 'the vendor'}")
    margin = catalog.quantity(f"margin/{vendor}.gross_margin_frac", as_of=as_of)
    realised = catalog.quantity(f"realised/{vendor}.realised_over_list_frac", as_of=as_of)
    share = derive(cost_over_list_frac, gross_margin_frac=margin, realised_over_list_frac=realised)
    return UnitValues({"list_usd": share}, f"reported margins of {vendor} and the realised-to-list bridge")
