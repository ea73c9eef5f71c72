"""Routes: ways to reach a serving cost, one a file, found by discovery.

A route module declares ``NAME``, ``LABEL``, ``SHARES`` (the group of routes it shares an input with: a group
counts as one when routes are pooled) and ``unit_values(model, as_of, catalog)``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, cast

from costbasis.catalog import Catalog
from costbasis.provenance import leaves
from costbasis.quantity import Given, Quantity


@dataclass(frozen=True)
class UnitValues:
    """What one unit of each column of usage costs to serve, by one route.

    *values*: column (``input_tok``, ``output_ctx_tok2``, ``list_usd``, …) to USD per unit. Columns that the
    route charges nothing for are absent. *says*: one line for the reader.
    """

    values: Mapping[str, Quantity]
    says: str

    @cached_property
    def trust(self) -> str:
        """The weakest grade among the inputs: a route is no better than its worst essential fact."""
        inputs = [leaf for value in self.values.values() for leaf in leaves(value).values()]
        return max(leaf.past.source.trust[:1] for leaf in inputs if isinstance(leaf.past, Given))


@dataclass(frozen=True, slots=True)
class Refused:
    """A route that cannot be walked for this model, and why."""

    reason: str


class Route(Protocol):
    """The shape of a route module."""

    NAME: str
    LABEL: str
    SHARES: str

    @staticmethod
    def unit_values(model: str, as_of: date, catalog: Catalog) -> UnitValues | Refused:
        """USD per unit of usage of *model* at *as_of*, or why not."""
        ...


def discover() -> list[Route]:
    """Every route module of this folder, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [cast(Route, importlib.import_module(f"{__name__}.{name}")) for name in names]
