"""Serving cost from published measurements: the nearest ones, carried over by the performance model's own ratio."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import Catalog
from costbasis.routes import Refused, UnitValues
from costbasis.service.fleet import NoFleet, fleet_of, fleet_usd
from costbasis.service.nearest import carried, ratio_of_model

NAME = "measured"
LABEL = "nearest measurements"
SHARES = "machine"


def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
    """The roofline's USD per unit, divided by measured over modelled throughput of the nearest published runs."""
    fleet = fleet_of(model, as_of, catalog)
    if isinstance(fleet, NoFleet):
        return Refused(fleet.reason)
    found = carried(fleet_usd(fleet, as_of, catalog), ratio_of_model(model, as_of, catalog))
    if found is None:
        return Refused("no published measurement that the performance model can run")
    return UnitValues(found.usd, found.says)
