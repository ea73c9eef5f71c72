"""Facts with provenance: tables under ``data/``, looked up by key or by name, as of a day.

What the package names is loaded when it is asked for: exact prices need a few of its modules, and no numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog
    from costbasis.catalog.fact import Fact
    from costbasis.catalog.load import load_catalog
    from costbasis.catalog.market.comparables import Comparable
    from costbasis.catalog.models.hypotheses import Hypothesis
    from costbasis.catalog.offers import Offer
    from costbasis.catalog.plans import Plan
    from costbasis.catalog.retail import RetailPrice

__all__ = ["Catalog", "Comparable", "Fact", "Hypothesis", "Offer", "Plan", "RetailPrice", "load_catalog"]

_WHERE = {
    "Catalog": "catalog",
    "Comparable": "market.comparables",
    "Fact": "fact",
    "Hypothesis": "models.hypotheses",
    "Offer": "offers",
    "Plan": "plans",
    "RetailPrice": "retail",
    "load_catalog": "load",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
