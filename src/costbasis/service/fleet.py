"""How a vendor is taken to serve a model: its machines, the coding agent's workload, the speed that users see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from costbasis.catalog import Catalog
from costbasis.catalog.hardware.owning import Owned, owned
from costbasis.catalog.models.served import Served, served_model
from costbasis.catalog.workloads import workload_of
from costbasis.quantity import Quantity, choose
from costbasis.service.option import Option, fleet_options
from costbasis.service.plan import Service, find_service
from costbasis.service.posterior import fitted_constants, software_month
from costbasis.service.refusals import Turned
from costbasis.service.units import Units, busy_usd, unit_usd, units_of

DEFAULT_WORKLOAD = "coding_agent"
"""What a fleet is laid out for: most of the tokens that usage holds are those of coding agents."""

IN_HOUSE, PUBLIC_ENGINE = 0.0, 1.0
"""Engines by index: a lab's own is taken to be as good as the compiled one, hosts use a public one."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A model on its vendor's machines."""

    service: Service
    options: Mapping[int, Option]
    units: Units


@dataclass(frozen=True, slots=True)
class NoFleet:
    """Why nothing can be said."""

    reason: str


def fleet_of(model: str, as_of: date, catalog: Catalog) -> Fleet | NoFleet:
    """The vendor's fleet for a model on a day: searched once for each set of machines that can be hired and software.

    A search takes most of a second; a report asks for the same model in every month and on several bases.
    """
    served = _served(model, catalog)
    if served is None:
        return NoFleet("no architecture, published or hypothesised")
    options = _options(model, as_of, catalog)
    if not options:
        return NoFleet(f"no rental price of {', '.join(served.hardware)} in the catalogue")

    def found() -> Fleet | NoFleet:  # asks again for what it needs: a result depends on what is read while it is made
        again = _served(model, catalog)
        assert again is not None
        return _search(again, _options(model, as_of, catalog), as_of, catalog)

    return catalog.remembered(("fleet", model, software_month(as_of), machines_of(model, as_of, catalog)), found)


def machines_of(model: str, as_of: date, catalog: Catalog) -> tuple[str, ...]:
    """The machines and precisions that the vendor's fleet is searched among; none where nothing can serve it."""
    options = _options(model, as_of, catalog)
    return tuple(f"{one.machine.title} {one.precision_name}" for one in options)


def _served(model: str, catalog: Catalog) -> Served | None:
    return catalog.remembered(("served", model), lambda: served_model(model, catalog))


def _options(model: str, as_of: date, catalog: Catalog) -> Sequence[Option]:
    def found() -> Sequence[Option]:
        again = _served(model, catalog)
        return fleet_options(again, as_of, catalog) if again else ()

    return catalog.remembered(("options", model, as_of), found)


def _search(served: Served, options: Sequence[Option], as_of: date, catalog: Catalog) -> Fleet | NoFleet:
    found = find_service(
        served,
        options,
        workload_of(DEFAULT_WORKLOAD, catalog),
        fitted_constants(catalog, as_of),
        catalog,
        catalog.quantity("fleet/default.tpot_ms_per_tok").draws,
        engine=PUBLIC_ENGINE if served.is_published else IN_HOUSE,
        accepted_tok=catalog.quantity("fleet/default.step_accepted_tok").draws,
    )
    if isinstance(found, Turned):
        return NoFleet(f"{found.deployment}: {found.reason}")
    return Fleet(found, dict(enumerate(options)), units_of(found, catalog))


def hire_of(fleet: Fleet, as_of: date, catalog: Catalog) -> Quantity:
    """USD of an accelerator-second of each draw's machine, as rented or owned by the market's range."""
    hires = {f"{i} {one.machine.name}": catalog.hire(one.machine.name, as_of) for i, one in fleet.options.items()}
    return choose(fleet.service.picked, hires, name="hire_usd_per_accel_s")


def fleet_usd(fleet: Fleet, as_of: date, catalog: Catalog) -> dict[str, Quantity]:
    """USD per unit of each column of usage, at the fleet's utilisation."""
    return unit_usd(fleet.units, busy_usd(hire_of(fleet, as_of, catalog), catalog), catalog)


def marginal_usd(fleet: Fleet, catalog: Catalog) -> dict[str, Quantity] | None:
    """USD that one more unit of usage adds on machines held anyway; None where no machine's power and price are known.

    Power above idling and wear only. Machines without a published price or power take the range of those that
    have one; keeping caches in memory that is held anyway adds nothing.
    """
    names = {i: one.machine.name for i, one in fleet.options.items()}
    found = {i: catalog.remembered(("owned", name), partial(owned, name, catalog)) for i, name in names.items()}
    known = {i: one for i, one in found.items() if isinstance(one, Owned)}
    if not known:
        return None
    stand_in = next(iter(known.values()))
    added = {
        f"{i} {one.machine.name}": known.get(i, stand_in).marginal_usd_per_accel_s for i, one in fleet.options.items()
    }
    second = choose(fleet.service.picked, added, name="marginal_usd_per_accel_s")
    usd = unit_usd(fleet.units, second, catalog)
    return {unit: quantity for unit, quantity in usd.items() if unit != "kv_resident_tok_s"}
