"""Engines that price a table where it lies: one engine a file, found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from costbasis.usage.warehouse.door import Engine


def names() -> list[str]:
    """The engines that there are.

    >>> names()
    ['clickhouse', 'duckdb', 'spark']
    """
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Engine:
    """The engine of a name of :func:`names`. Its library is imported when a table is opened."""
    module: Engine = importlib.import_module(f"{__name__}.{name}")
    return module
