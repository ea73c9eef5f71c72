"""Values a usage table on every basis: finds the bases in this folder and runs each after what it needs."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Protocol, cast

import costbasis.bases as folder
from costbasis.bases.value import BasisValue
from costbasis.catalog import Catalog
from costbasis.usage.amounts import Amounts


class Basis(Protocol):
    """The shape of a basis module."""

    NAME: str
    NEEDS: tuple[str, ...]

    @staticmethod
    def estimate(needs: Mapping[str, BasisValue], facts: Catalog, workload: Amounts) -> BasisValue | None:
        """The table on this basis, or None where nothing of it can be valued."""
        ...


def discover() -> dict[str, Basis]:
    """Every basis module of this folder, by name, each after what it needs."""
    modules = [
        importlib.import_module(f"{folder.__name__}.{info.name}") for info in pkgutil.iter_modules(folder.__path__)
    ]
    bases = {module.NAME: cast(Basis, module) for module in modules if hasattr(module, "NEEDS")}
    order = TopologicalSorter({name: basis.NEEDS for name, basis in bases.items()}).static_order()
    return {name: bases[name] for name in order}


def value(amounts: Amounts, catalog: Catalog, *, only: Sequence[str] | None = None) -> dict[str, BasisValue]:
    """*amounts* on every basis (or on *only* those, and what they need).

    A basis that cannot value anything is absent, and so are those that need it: unknown is not zero. Of
    usage without any list price there is nothing.
    """
    found: dict[str, BasisValue] = {}
    if not amounts.groups:
        return found
    wanted = _with_needs(only) if only is not None else None
    for name, basis in discover().items():
        if wanted is not None and name not in wanted:
            continue
        if not all(need in found for need in basis.NEEDS):
            continue
        valued = basis.estimate({need: found[need] for need in basis.NEEDS}, catalog, amounts)
        if valued is not None:
            found[name] = valued
    return found


def _with_needs(only: Sequence[str]) -> set[str]:
    bases = discover()
    wanted: set[str] = set()
    pending = list(only)
    while pending:
        name = pending.pop()
        wanted.add(name)
        pending += [need for need in bases[name].NEEDS if need not in wanted]
    return wanted
