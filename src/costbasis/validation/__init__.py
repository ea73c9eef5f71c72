"""Validation: how far the product is off published measurements, one kind a file, found by discovery.

A validation module declares ``KIND``, ``LABEL`` and ``validate(catalog, measured, step)``, which returns the fields of
its ``costbasis.validation/1`` object. The stored summaries that a change is compared with are in ``stored/``.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any, Protocol, cast

from costbasis.catalog import Catalog
from costbasis.validation.score import Step


class Validator(Protocol):
    """The shape of a validation module."""

    KIND: str
    LABEL: str

    @staticmethod
    def validate(catalog: Catalog, measured: Path | None, step: Step | None = None) -> dict[str, Any]:
        """The accuracy against what ships with costbasis, or against a user's own *measured* file.

        *step* is told how many of how many parts are done.

        Errors: :class:`~costbasis.errors.BadArgument` where the kind takes no file,
        :class:`~costbasis.errors.UnreadableInput` for one that cannot be used.
        """
        ...


def discover() -> dict[str, Validator]:
    """Every validation module of this folder, by kind."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.KIND: cast(Validator, module) for module in modules if hasattr(module, "KIND")}
