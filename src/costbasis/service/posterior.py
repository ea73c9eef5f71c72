"""The calibrated performance model as draws: its constants, and how far it is off, from the published posterior."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
from msgspec.structs import replace

from costbasis.catalog import Catalog
from costbasis.catalog.models.served import Served
from costbasis.catalog.posterior import Posterior, serving_posterior
from costbasis.performance import Constants, Deployment, Layout
from costbasis.performance.constants import MEASURED_MONTHS
from costbasis.quantity import Given, Quantity, Source
from costbasis.sampling import Floats
from costbasis.service.option import Option
from costbasis.units import unit_of

FIT = Source(
    "costbasis calibration: few constants fitted jointly to the cleaned public measurements, as joint draws",
    place="docs/accuracy.md",
    trust="C",
    status="estimate",
    as_of="2026-11-25",
)

ERROR_KEY = "calibration/serving_error"


def _source(catalog: Catalog) -> Source:
    own = catalog.calibration
    if own is None:
        return FIT
    return replace(FIT, citation="your own calibration (costbasis calibrate)", place=str(own.path), as_of="")


def posterior_of(catalog: Catalog) -> Posterior:
    """The user's own calibration where they gave one, else the one that ships."""
    return shipped_posterior() if catalog.calibration is None else catalog.calibration.posterior


@cache
def shipped_posterior() -> Posterior:
    """The posterior that ships with costbasis, read once."""
    return serving_posterior()


def software_month(as_of: date) -> float:
    """The software of a day, in months since 2024-12: of the middle of its quarter, so that a year is four searches.

    Before the oldest and after the newest measurement it stands still.

    >>> [software_month(date(2025, 2, 28)), software_month(date(2026, 3, 5)), software_month(date(2027, 1, 1))]
    [2.0, 14.0, 18.0]
    """
    first, last = MEASURED_MONTHS
    middle = (as_of.year - BASE_YEAR) * 12.0 + 3 * ((as_of.month - 1) // 3) + 2
    return min(max(middle, float(first)), float(last))


def software_date(as_of: date) -> str:
    """Year and month of the software that a day is answered with.

    >>> software_date(date(2025, 12, 1)), software_date(date(2026, 11, 25))
    ('2025-11', '2026-06')
    """
    months = int(software_month(as_of)) - 1
    return f"{BASE_YEAR + months // 12}-{months % 12 + 1:02d}"


BASE_YEAR = 2025
"""Month 1 is its January."""


def fitted_constants(catalog: Catalog, as_of: date | None = None) -> tuple[Constants, Mapping[str, Quantity]]:
    """One row of the posterior a draw under the software of a day, and the quantities behind it: one joint table.

    Without a day the software is that of the reference month: for runs that say their own.
    """
    posterior = posterior_of(catalog)
    source = _source(catalog)
    constants = posterior.draws(catalog.sampling)
    if as_of is not None:
        constants = constants._replace(software_month=software_month(as_of))
    rows = posterior.rows(catalog.sampling).astype(float)
    drawn = {
        name: Quantity(
            name,
            unit_of(name),
            np.asarray(getattr(constants, name), dtype=np.float64),
            Given("calibration/serving_posterior", source, rows=rows),
            "fitted constants of the performance model",
        )
        for name in posterior.names
    }
    return constants, drawn


ANY_LAYOUT = Layout(1.0, 1.0, 1.0, 0.0)
"""The error depends on the model, its precision and the machine, not on the layout."""


def speed_factor(served: Served, option: Option, engine: float, catalog: Catalog, *, pools: bool) -> Floats:
    """Draws of true throughput over predicted: the model's own effect where it was measured, and the error left.

    Shape: ``(draws,)``.
    """
    deployment = Deployment(served.architecture, option.machine.accelerator, option.precision, ANY_LAYOUT, engine)
    factor = posterior_of(catalog).throughput_factor(served.model, deployment, catalog.sampling, two_pools=pools)
    return np.broadcast_to(factor, (catalog.sampling.draws,))


def error_quantity(factor: Floats) -> Quantity:
    """The factor as an input of its own, so that it is ranked among what moves an answer."""
    draws = np.asarray(factor, dtype=np.float64)
    return Quantity("true_over_predicted", "", draws, Given(ERROR_KEY, FIT), "error of the performance model")
