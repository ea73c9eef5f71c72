"""Questions, one a file, found by discovery: each turns a claim into its figure on every basis.

A question module declares ``KIND``, ``SAYS`` (one line for the list of questions) and ``answer(context)``.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Protocol, cast

from costbasis.claims.asked import Asked, Context


class AskedKind(Protocol):
    """The shape of a question module."""

    KIND: str
    SAYS: str

    @staticmethod
    def answer(context: Context) -> Asked:
        """The claimed figure on every basis that can be valued."""
        ...


@cache
def discover() -> dict[str, AskedKind]:
    """Every question by its kind."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.KIND: cast(AskedKind, module) for module in modules}
