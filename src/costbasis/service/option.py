"""What may serve a model: machines and precisions with their chances; and why others cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costbasis.catalog import Catalog
from costbasis.catalog.hardware.deployments import BYTES, precision_of
from costbasis.catalog.models.served import Served
from costbasis.errors import UnknownName
from costbasis.performance import Layout, Precision
from costbasis.service.machine import Machine, machine

OPEN_HARDWARE = ("h100-sxm", "h200-sxm", "b200-sxm")
"""What hosts of open models are taken to use, equally likely, where nothing else is said."""

FLEET, RACK = 64, 72
"""Accelerators of a replica set that a vendor can lay out freely: eight hosts, or one rack of 72."""

HOST = 8


@dataclass(frozen=True, slots=True)
class Option:
    """A machine and a precision, and the chance that it is the one. *layouts* None: all that it allows."""

    machine: Machine
    precision_name: str
    precision: Precision
    chance: float
    layouts: Sequence[Layout] | None = None


def option(served: Served, on: Machine, precision: str, chance: float = 1.0) -> Option:
    """One machine in one precision.

    Errors: :class:`~costbasis.errors.UnknownName` for a precision that no engine serves.
    """
    if precision not in BYTES:
        known = [name for name in BYTES if name != "mxfp4"]
        raise UnknownName("precision", precision, known=known, hint=f"precisions are {', '.join(known)}")
    return Option(on, precision, precision_of(precision, served.row, on.accelerator), chance)


def fleet_options(served: Served, as_of: date, catalog: Catalog) -> list[Option]:
    """Where a vendor is taken to serve the model: each of its machines that has a rent, in each precision.

    A published model is served in its own format by hosts; a hypothesised one on the hypothesis' hardware.
    """
    names = [name for name in served.hardware or OPEN_HARDWARE if catalog.rates(name)]
    found = []
    for name in names:
        on = machine(name, fleet_count(name, served, catalog), catalog)
        found += [
            option(served, on, precision, chance / len(names))
            for precision, chance in served.precisions.items()
            if chance > 0
        ]
    return found


def fleet_count(name: str, served: Served, catalog: Catalog) -> int:
    """Accelerators that a vendor lays out together: a rack, eight hosts; a single host for a published model."""
    domain = catalog.accelerator(name)["scaleup_domain_chips"]
    if domain == str(RACK):
        return RACK
    return HOST if served.is_published and not needs_more(served, machine(name, HOST, catalog)) else FLEET


def needs_more(served: Served, on: Machine) -> bool:
    """True where the weights in the model's own format leave no room on the machine."""
    native = next(iter(served.precisions))
    return weight_bytes(served, native) > WEIGHTS_MOST * on.count * float(on.accelerator.hbm_bytes_per_accel)


WEIGHTS_MOST = 0.85
"""Share of all memory that weights may take so that something is left to serve with."""


def weight_bytes(served: Served, precision: str) -> float:
    """Bytes of all weights in a precision, the middle of the draws."""
    shape = served.architecture
    params = (
        shape.attention_param_count
        + shape.dense_param_count
        + shape.moe_layers * shape.experts * shape.expert_param_count
        + 2 * shape.vocab * shape.hidden
    )
    return float(np.median(params)) * BYTES[precision]


def normalised(options: Sequence[Option]) -> Mapping[int, float]:
    """Index of each option to its chance, summing to one."""
    total = sum(one.chance for one in options)
    return {index: one.chance / total for index, one in enumerate(options)}
