"""Serving cost from the bottom up: the model's architecture on hired accelerators, at a stated utilisation."""

from __future__ import annotations

from datetime import date

from costbasis.catalog import Catalog
from costbasis.routes import Refused, UnitValues
from costbasis.service.fleet import NoFleet, fleet_of, fleet_usd

NAME = "roofline"
LABEL = "roofline"
SHARES = "machine"


def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
    """USD per token, per (token, context token) pair and per token kept a second.

    One machine and one precision a draw; the cheapest layout within memory and the speed that users see, with the
    batch of that draw; constants from the posterior of the performance model.
    """
    fleet = fleet_of(model, as_of, catalog)
    if isinstance(fleet, NoFleet):
        return Refused(fleet.reason)
    served = fleet.service.served
    where = ", ".join(dict.fromkeys(one.machine.name for one in fleet.options.values()))
    what = "published geometry" if served.hypothesis is None else f"{served.hypothesis.family}: hypothesis"
    return UnitValues(fleet_usd(fleet, as_of, catalog), f"{what} on {where}")
