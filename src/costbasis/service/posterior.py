"""The constants of the performance model as draws that everything else can be crossed with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from costbasis.catalog import Catalog
from costbasis.performance import Constants
from costbasis.performance.constants import PRIOR, constants_of
from costbasis.quantity import Quantity, Source, given
from costbasis.sampling import Z90, Spread, exactly

UNFITTED = Source(
    "what kernels are known to do, before any measurement is seen",
    place="costbasis.performance.constants",
    trust="D",
    status="assumed",
    as_of="2026-11-24",
)


def fitted_constants(catalog: Catalog) -> tuple[Constants, Mapping[str, Quantity]]:
    """One set of constants a draw, and the quantities behind them."""
    drawn = {}
    for name, (centre, spread, _) in PRIOR.items():
        factor = float(np.exp(Z90 * spread / 2))
        high = min(centre * factor, 1.0) if name.endswith("_frac") else centre * factor
        shape = Spread("positive", centre / factor, centre, high) if spread else exactly(centre)
        drawn[name] = given(name, shape, UNFITTED, catalog.sampling, key=f"performance/{name}").labelled(
            "constants of the performance model"
        )
    return constants_of({name: quantity.draws for name, quantity in drawn.items()}), drawn
