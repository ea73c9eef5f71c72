"""Hosting the comparable open model oneself: a replica's hire, how much of it the work fills, and when that wins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog
from costbasis.catalog.market.market import native_bits
from costbasis.errors import BadArgument, UnknownName
from costbasis.formulas.choice import (
    filled_frac,
    full_load_usd_per_month,
    hire_usd_per_month,
    hosting_usd_per_month,
    replica_accel,
)
from costbasis.formulas.fleet import busy_frac
from costbasis.quantity import Quantity, Source, counted, derive

NODE = Source("accelerators of one server", trust="A", status="definition", as_of="2026-11-24")

NODE_ACCEL = 8.0

BITS_PER_BYTE = 8


@dataclass(frozen=True, slots=True)
class Machine:
    """What to host on, and which model ("" for the heaviest comparable one of a published size)."""

    accelerator: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Hosting:
    """One or more replicas of *model* on *accelerator*. *full_load*: the machine time of the work, in money."""

    model: str
    accelerator: str
    replica_accel: Quantity
    hire: Quantity
    full_load: Quantity
    filled_frac: Quantity
    monthly: Quantity


def hosting(
    market_month: Quantity, valued: BasisValue, machine: Machine, as_of: date, catalog: Catalog
) -> Hosting | None:
    """Hosting the work that *market_month* would buy at the market's price; None where no model can be hosted.

    The machine time is the market's price less a host's margin, at a host's busy share: what the tokens take on
    machines that somebody runs well.

    Errors: :class:`~costbasis.errors.BadArgument` for a model of unknown size or an accelerator without a rental price.
    """
    model, accelerator = machine.model or _hosted_model(valued, catalog), machine.accelerator
    if model is None:
        return None
    if not catalog.has(f"architecture/{model}.total_params_b"):
        raise BadArgument(f"the size of {model} is not published", where="--host-model", hint="name an open model")
    fleet = {name: catalog.quantity(f"fleet/default.{name}", as_of=as_of) for name in _BUSY}
    load: Quantity = derive(
        full_load_usd_per_month,
        market_usd_per_month=market_month,
        gross_margin_frac=catalog.quantity("margin/open-host.gross_margin_frac"),
        host_busy_frac=derive(busy_frac, **fleet),
    )
    try:
        catalog.accelerator(accelerator)  # one that is not known is said to be none, and not its memory
        memory = catalog.quantity(f"accelerator/{accelerator}.hbm_gb")
        rates = catalog.rates(accelerator)
    except UnknownName as error:
        raise BadArgument(error.what, where="--on", hint="costbasis catalog accelerator lists them") from error
    if not rates:
        raise BadArgument(f"no rental price of {accelerator} is known", where="--on", hint="try --on h200-sxm")
    bits = native_bits(model, catalog)
    replica: Quantity = derive(
        replica_accel,
        param_count=catalog.quantity(f"architecture/{model}.total_params_b"),
        bytes_per_param=counted("bytes_per_param", bits / BITS_PER_BYTE, _weights(model, bits)),
        hbm_bytes_per_accel=memory,
        weights_frac=catalog.quantity("hosting/own.weights_frac"),
        node_accel=counted("node_accel", NODE_ACCEL, NODE),
    )
    hire: Quantity = derive(
        hire_usd_per_month,
        replica_accel=replica,
        hire_usd_per_accel_s=catalog.hire(accelerator, as_of),
        s_per_month=catalog.quantity("period/month.length_days_per_month"),
    )
    filled: Quantity = derive(filled_frac, full_load_usd_per_month=load, hire_usd_per_month=hire)
    monthly: Quantity = derive(
        hosting_usd_per_month,
        hire_usd_per_month=hire,
        full_load_usd_per_month=load,
        reachable_frac=fleet["slo_headroom_frac"],
    )
    return Hosting(model, accelerator, replica, hire, load, filled, monthly.labelled("hosting it oneself"))


_BUSY = ("load_factor_frac", "slo_headroom_frac", "availability_frac")


def _hosted_model(valued: BasisValue, catalog: Catalog) -> str | None:
    """The heaviest comparable of the usage's models whose size is published, None where there is none."""
    weights: dict[str, float] = {}
    for group in valued.groups:
        for comparable in catalog.comparables(group.model, group.as_of):
            if catalog.has(f"architecture/{comparable.model}.total_params_b"):
                weights[comparable.model] = weights.get(comparable.model, 0.0) + comparable.weight
    if not weights:
        return None
    return max(weights, key=lambda name: weights[name])


def _weights(model: str, bits: int) -> Source:
    return Source(f"{model}: {bits}-bit weights as published", "catalog/data/architecture.csv", "B", "published")
