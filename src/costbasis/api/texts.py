"""What a command prints of its object: the text behind ``print(result)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

TEXTS = {
    "report": "text.report_text",
    "price": "price_text.price_text",
    "serving": "serving_text.serving_text",
    "plan": "plan_text.plan_text",
    "compare": "compare_text.compare_text",
    "company": "company_text.company_text",
    "check": "verdict_text.verdict_text",
}
"""Command to the function that writes its text."""

WIDTH = 100
"""Columns of a table in a notebook."""


def text_of(name: str, built: dict[str, Any], own: Mapping[str, Any]) -> Callable[[], str]:
    """What prints the object *built* by the command *name*, which was asked with *own*."""
    if name == "usage":
        return lambda: _usage(built, own)
    if name == "value":
        return lambda: _value(built, own)
    if name == "explain":
        return lambda: _tree(built, own)
    if name not in TEXTS:
        from costbasis.reports.json import to_json

        return lambda: to_json(built)
    return lambda: _plainly(TEXTS[name], built)


def _plainly(function: str, built: dict[str, Any]) -> str:
    module, _, called = function.partition(".")
    text: str = getattr(import_module(f"costbasis.reports.{module}"), called)(built, style=unstyled)
    return text


def _usage(built: dict[str, Any], own: Mapping[str, Any]) -> str:
    from costbasis.cli.session import bases
    from costbasis.reports.usage_text import usage_text

    return usage_text(built, bases(own["basis"]), breakdown=own["breakdown"], style=unstyled, width=WIDTH)


def _value(built: dict[str, Any], own: Mapping[str, Any]) -> str:
    from costbasis.cli.session import bases
    from costbasis.reports.value_text import value_text

    return value_text(built, bases(own["basis"]), breakdown=own["breakdown"], style=unstyled, width=WIDTH)


def _tree(built: dict[str, Any], own: Mapping[str, Any]) -> str:
    from costbasis.reports.tree import tree_text

    return tree_text(built["tree"], style=unstyled, depth=own["depth"])


def unstyled(text: str, **_: Any) -> str:
    """Text as it is."""
    return text
