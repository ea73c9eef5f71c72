"""Facts with provenance: tables under ``data/``, looked up by key or by name, as of a day."""

from costbasis.catalog.catalog import Catalog
from costbasis.catalog.fact import Fact
from costbasis.catalog.load import load_catalog
from costbasis.catalog.market.comparables import Comparable
from costbasis.catalog.models.hypotheses import Hypothesis
from costbasis.catalog.offers import Offer
from costbasis.catalog.plans import Plan
from costbasis.catalog.retail import RetailPrice

__all__ = ["Catalog", "Comparable", "Fact", "Hypothesis", "Offer", "Plan", "RetailPrice", "load_catalog"]
