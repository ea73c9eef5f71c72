"""Serving cost from an operator's own books: its cost over its list, carried over by a transfer factor."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import Catalog
from costbasis.formulas.company import disclosed_cost_over_list_frac, transferred_cost_over_list_frac
from costbasis.quantity import derive
from costbasis.routes import Refused, UnitValues

NAME = "disclosed"
LABEL = "operator's books"
SHARES = "disclosed"


def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
    """USD of serving cost per USD of list value: the one operator that published both sides of its day."""
    if catalog.vendor(model) is None:
        return Refused("the model has no list price for the disclosed share to be taken of")
    disclosed = derive(
        disclosed_cost_over_list_frac,
        serving_usd_per_s=catalog.quantity("disclosure/deepseek-2025-02.serving_usd_per_day"),
        list_usd_per_s=catalog.quantity("disclosure/deepseek-2025-02.list_usd_per_day"),
    )
    transfer = catalog.quantity("disclosure/transfer.factor")
    share = derive(transferred_cost_over_list_frac, disclosed_cost_over_list_frac=disclosed, transfer=transfer)
    return UnitValues({"list_usd": share}, "DeepSeek's cost over its list price, carried over with a factor")
