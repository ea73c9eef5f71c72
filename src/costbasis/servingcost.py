"""What a million tokens of a model cost to serve: a deployment, its prices, every route beside it, the frontier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from costbasis.bases.pooling import pool_units
from costbasis.catalog import Catalog
from costbasis.catalog.hardware.owning import NotSold, Owned, owned
from costbasis.catalog.models.served import Served
from costbasis.catalog.workloads import Workload, load_factor
from costbasis.formulas.billing import list_over_serving
from costbasis.provenance import Driver, drivers
from costbasis.quantity import Quantity, Source, choose, counted, derive, given
from costbasis.routes import Refused, Route, UnitValues, discover
from costbasis.rowvalues import value_total
from costbasis.sampling import Spread, exactly
from costbasis.service.fleet import IN_HOUSE, PUBLIC_ENGINE, Fleet
from costbasis.service.frontier import Point, frontier_of
from costbasis.service.nearest import carried, ratio_of
from costbasis.service.option import Option
from costbasis.service.plan import Service, find_service
from costbasis.service.posterior import fitted_constants
from costbasis.service.refusals import Turned
from costbasis.service.units import WORKLOAD, attributed_per_tok, busy_usd, parts_usd, unit_usd, units_of, usd_per_tok
from costbasis.units import PICO_PER_USD, to_base

OWN, MEASURED = "roofline", "measured"
"""The routes that are walked for the deployment asked about, not for the vendor's fleet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked. *options*: machines and precisions. *usd_per_accel_hour*: low, mid, high; None: the book's."""

    served: Served
    options: Sequence[Option]
    workload: Workload
    tpot_s: Quantity
    accepted_tok: Quantity
    usd_per_accel_hour: tuple[float, float, float] | None
    as_of: date
    tensor: int | None = None
    data: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What it costs. Prices are USD per token by class, *parts* USD of one request, *routes* USD of one request."""

    asked: Asked
    service: Service
    usd_per_tok: Mapping[str, Quantity]
    attributed_usd_per_tok: Mapping[str, Quantity]
    parts: Mapping[str, Quantity]
    routes: Mapping[str, Quantity]
    route_says: Mapping[str, str]
    without: Mapping[str, Quantity]
    pooled: Quantity
    hire: Quantity
    busy: Quantity
    owned: Mapping[str, Owned | NotSold]
    list_usd: Quantity | None
    list_over_serving: Quantity | None
    frontier: Sequence[Point]
    drivers: Sequence[Driver]


def answer(asked: Asked, catalog: Catalog, *, frontier: bool = False) -> Answer | Turned:
    """Search, price, and put every other route beside it. A refusal where nothing that was asked can serve."""
    engine = PUBLIC_ENGINE if asked.served.is_published else IN_HOUSE
    fitted = fitted_constants(catalog, asked.as_of)
    service = find_service(
        asked.served, asked.options, asked.workload, fitted, catalog, asked.tpot_s.draws, engine=engine,
        accepted_tok=asked.accepted_tok.draws, tensor=asked.tensor, data=asked.data,
    )  # fmt: skip
    if isinstance(service, Turned):
        return service
    hire = _hire(asked, service, catalog)
    factor = load_factor(asked.workload, catalog) if asked.workload.hourly_load else None
    busy = busy_usd(hire, catalog, factor)
    units = units_of(service, catalog)
    usd = unit_usd(units, busy, catalog)
    prices = usd_per_tok(usd, service, catalog)
    walked, says = _walk(asked, Fleet(service, dict(enumerate(asked.options)), units), usd, catalog)
    routes = [route for route in discover() if route.NAME in walked]
    amounts, listed = _amounts(asked, catalog)
    totals = {name: _total(walked[name].values, amounts) for name in walked}
    pooled = _pool(walked, routes, amounts, catalog)
    rest = {name: {other: found for other, found in walked.items() if other != name} for name in walked}
    ratio = None
    if listed is not None:
        ratio = derive(list_over_serving, list_usd=listed, serving_usd=pooled).labelled("list over serving")
    names = dict.fromkeys(choice.machine.name for choice in service.choices.values())
    return Answer(
        asked,
        service,
        prices,
        attributed_per_tok(usd, service),
        parts_usd(service, usd, busy),
        totals,
        says,
        {name: _pool(found, routes, amounts, catalog) for name, found in rest.items() if found},
        pooled,
        hire,
        busy,
        {name: owned(name, catalog) for name in names},
        listed,
        ratio,
        frontier_of(
            asked.served,
            asked.options,
            asked.workload,
            asked.accepted_tok,
            fitted[0],
            busy,
            engine,
            draws=len(service.rows),
            tensor=asked.tensor,
            data=asked.data,
        )
        if frontier
        else (),
        drivers(prices["output"]),
    )


def _hire(asked: Asked, service: Service, catalog: Catalog) -> Quantity:
    if asked.usd_per_accel_hour is not None:
        low, mid, high = (to_base(value, "usd_per_accel_hour") for value in asked.usd_per_accel_hour)
        spread = exactly(mid) if low == high else Spread("positive", low, mid, high)
        source = Source("set by the user", place="--usd-per-accel-hour", trust="A", status="given")
        return given("hire_usd_per_accel_s", spread, source, catalog.sampling, key="asked/usd_per_accel_hour")
    hires = {
        f"{index} {asked.options[index].machine.name}": catalog.hire(asked.options[index].machine.name, asked.as_of)
        for index in range(len(asked.options))
    }
    if len(hires) == 1:
        return next(iter(hires.values()))
    return choose(service.picked, hires, name="hire_usd_per_accel_s")


def _walk(
    asked: Asked, fleet: Fleet, usd: Mapping[str, Quantity], catalog: Catalog
) -> tuple[dict[str, UnitValues], dict[str, str]]:
    walked: dict[str, UnitValues] = {}
    says: dict[str, str] = {}
    for route in discover():
        if route.NAME == OWN:
            found: UnitValues | Refused = UnitValues(usd, "the deployment above")
        elif route.NAME == MEASURED:
            like = carried(usd, ratio_of(fleet, catalog))
            found = Refused("no published run like it") if like is None else UnitValues(like.usd, like.says)
        else:
            found = route.unit_values(asked.served.model, asked.as_of, catalog)
        if isinstance(found, UnitValues) and "list_usd" in found.values and _list(asked, catalog) is None:
            found = Refused("a share of list, and the model has no list price")
        says[route.NAME] = found.reason if isinstance(found, Refused) else found.says
        if isinstance(found, UnitValues):
            walked[route.NAME] = found
    return walked, says


def _list(asked: Asked, catalog: Catalog) -> float | None:
    """USD at list of one request, or None where the model has no list price."""
    model, workload = asked.served.model, asked.workload
    if model not in catalog.retail_models():
        return None
    price = catalog.retail_on(model, asked.as_of)
    is_long = price.long_above_tok is not None and workload.isl_tok > price.long_above_tok
    fresh, output, read = price.input, price.output, price.cache_read
    if is_long:
        fresh, output = price.long_input or fresh, price.long_output or output
        read = price.long_cache_read or read
    read = fresh if read is None else read
    return (workload.new_tok * fresh + workload.cached_tok * read + workload.osl_tok * output) / PICO_PER_USD


def _amounts(asked: Asked, catalog: Catalog) -> tuple[dict[str, float], Quantity | None]:
    """One request as the sums that usage keeps, and its list value."""
    workload = asked.workload
    listed = _list(asked, catalog)
    amounts = {
        "input_tok": workload.new_tok,
        "cache_read_tok": workload.cached_tok,
        "output_tok": workload.osl_tok,
        "new_ctx_tok2": workload.new_tok * (workload.cached_tok + workload.new_tok / 2),
        "output_ctx_tok2": workload.osl_tok * workload.output_context_tok,
        "kv_resident_tok_s": workload.cached_tok * workload.held_s,
    }
    if listed is None:
        return amounts, None
    return amounts | {"list_usd": listed}, counted("list_usd", listed, WORKLOAD)


def _total(values: Mapping[str, Quantity], amounts: Mapping[str, float]) -> Quantity:
    units = [unit for unit in amounts if unit in values]
    return value_total(
        {unit: amounts[unit] for unit in units}, {unit: values[unit] for unit in units}, name="serving_usd",
        source=WORKLOAD,
    )  # fmt: skip


def _pool(
    walked: Mapping[str, UnitValues], routes: Sequence[Route], amounts: Mapping[str, float], catalog: Catalog
) -> Quantity:
    return _total(pool_units(walked, routes, catalog), amounts)
