"""Owning an accelerator: what a second of it costs the one who bought it, beside what it rents for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costbasis.catalog.tables import source_of
from costbasis.formulas import machine
from costbasis.quantity import Quantity, derive, given
from costbasis.sampling import Spread, exactly

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog

UNSURE = "purchase_usd"
"""The columns of the accelerator table that hold a price of purchase end in _low, _mid and _high of this."""


@dataclass(frozen=True, slots=True)
class Owned:
    """An accelerator of one's own: USD a second held, its parts, and what a second of *work* adds to it."""

    usd_per_accel_s: Quantity
    marginal_usd_per_accel_s: Quantity
    parts: dict[str, Quantity]


@dataclass(frozen=True, slots=True)
class NotSold:
    """Why an accelerator cannot be owned on paper: no price, or no power, was ever published."""

    reason: str


def owned(accelerator: str, catalog: Catalog) -> Owned | NotSold:
    """Capital, space, power and upkeep of one accelerator, each from sourced facts (``owner/default.*``).

    Errors: :class:`~costbasis.errors.UnknownName` for an accelerator without a row.
    """
    row = catalog.accelerator(accelerator)
    known = [float(row[f"{UNSURE}_{end}"]) for end in ("low", "mid", "high") if row[f"{UNSURE}_{end}"]]
    if not known:
        return NotSold(f"no price of purchase of {accelerator} is published")
    if not row["tdp_w"]:
        return NotSold(f"the power of {accelerator} is not published")
    fact = {name: catalog.quantity(f"owner/default.{name}") for name in _FACTS}
    source = source_of(row, "accelerator")
    middle = sum(known) / len(known)
    spare = 1.0 if len(known) > 1 else catalog.spread_factor(source.trust[:1])
    spread = Spread("positive", min(known) / spare, middle, max(known) * spare, assumed=len(known) == 1)
    price = given(
        "purchase_usd_per_accel", spread, source, catalog.sampling, key=f"accelerator/{accelerator}.{UNSURE}"
    ).labelled(f"price of one {accelerator} in its server")
    installed = derive(machine.installed_usd_per_accel, purchase_usd_per_accel=price, network_frac=fact["network_frac"])
    year = fact["accounting_year"]
    annuity = derive(machine.annuity_frac, interest_frac=fact["interest_frac"], life_s=fact["life_year"], period_s=year)
    capital = derive(
        machine.capital_usd_per_accel_s,
        installed_usd_per_accel=installed,
        annuity_frac=annuity,
        interest_frac=fact["interest_frac"],
        residual_frac=fact["residual_frac"],
        period_s=year,
    )
    host = derive(
        machine.host_w_per_accel,
        tdp_w_per_accel=given(
            "tdp_w_per_accel",
            exactly(float(row["tdp_w"])),
            source,
            catalog.sampling,
            key=f"accelerator/{accelerator}.tdp_w",
        ),
        host_over_tdp=fact["host_over_tdp"],
    )
    power = derive(
        machine.power_usd_per_accel_s,
        host_w_per_accel=host,
        drawn_frac=fact["drawn_frac"],
        pue=fact["pue"],
        power_usd_per_w_s=fact["power_usd_per_kwh"],
    )
    parts = {
        "capital_usd_per_accel_s": capital,
        "space_usd_per_accel_s": derive(
            machine.space_usd_per_accel_s, host_w_per_accel=host, space_usd_per_w_s=fact["space_usd_per_kw_month"]
        ),
        "power_usd_per_accel_s": power,
        "upkeep_usd_per_accel_s": derive(
            machine.upkeep_usd_per_accel_s,
            installed_usd_per_accel=installed,
            upkeep_frac=fact["upkeep_frac"],
            period_s=year,
        ),
    }
    marginal = derive(
        machine.marginal_usd_per_accel_s,
        host_w_per_accel=host,
        working_frac=fact["drawn_frac"],
        idle_frac=fact["idle_frac"],
        pue=fact["pue"],
        power_usd_per_w_s=fact["power_usd_per_kwh"],
        capital_usd_per_accel_s=capital,
        wear_frac=fact["wear_frac"],
    )
    whole = derive(machine.owned_usd_per_accel_s, **parts)
    return Owned(whole.labelled(f"owning one {accelerator}"), marginal.labelled("power and wear of work"), parts)


_FACTS = (
    "interest_frac",
    "life_year",
    "residual_frac",
    "network_frac",
    "host_over_tdp",
    "drawn_frac",
    "idle_frac",
    "pue",
    "power_usd_per_kwh",
    "space_usd_per_kw_month",
    "upkeep_frac",
    "wear_frac",
    "accounting_year",
)
