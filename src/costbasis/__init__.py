"""What these tokens really cost, on which basis, and who makes the money.

In a notebook: ``costbasis.usage()`` values this machine's logs, ``costbasis.check("forbes-5000")`` judges a claim;
``help(costbasis.usage)`` and the others say more. Nothing below is imported before it is asked for.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # the fast lane answers before typing could be loaded

__version__ = "0.1.0"

__all__ = [
    "CostbasisError",
    "Result",
    "__version__",
    "check",
    "company",
    "compare",
    "explain",
    "plan",
    "price",
    "report",
    "serving",
    "usage",
    "value",
]

if TYPE_CHECKING:
    from typing import Any

    from costbasis.api import check as check
    from costbasis.api import company as company
    from costbasis.api import compare as compare
    from costbasis.api import explain as explain
    from costbasis.api import plan as plan
    from costbasis.api import price as price
    from costbasis.api import report as report
    from costbasis.api import serving as serving
    from costbasis.api import usage as usage
    from costbasis.api import value as value
    from costbasis.api.result import Result as Result
    from costbasis.errors import CostbasisError as CostbasisError

_FROM = dict.fromkeys(__all__, "costbasis.api") | {
    "CostbasisError": "costbasis.errors",
    "Result": "costbasis.api.result",
}


def __getattr__(name: str) -> Any:
    """A public name, imported when it is first asked for."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _of_both(name: str) -> property:
    """A name that is a function here and a package below: always the function, which carries the package's names.

    Importing a package below sets it as an attribute here, whoever comes first or last. Here that is not kept:
    ``costbasis.usage(…)`` is the function in whatever order things were imported, and every way of importing what
    lies below (``import costbasis.usage.events as events``) finds it, as the two share one namespace.
    """

    def function(root: ModuleType) -> Any:
        from importlib import import_module

        found = getattr(import_module("costbasis.api"), name)
        found.__dict__ = import_module(f"{__name__}.{name}").__dict__
        return found

    return property(function, lambda root, package: None)


class _Root(ModuleType):
    """This module: a module whose class has properties, as the data model of Python allows."""

    usage = _of_both("usage")
    compare = _of_both("compare")
    company = _of_both("company")


sys.modules[__name__].__class__ = _Root
