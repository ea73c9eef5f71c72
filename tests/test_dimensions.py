"""Each formula's result has the unit its name says, proved with pint; and formulas hold no stray numbers."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pint
import pytest

import costbasis.formulas
from costbasis.units import unit_of

EXEMPT = {
    "gqa_kv_bytes_per_tok": "geometry: elements kept per token are counts of heads and dimensions",
    "mla_kv_bytes_per_tok": "geometry: elements kept per token are ranks and dimensions",
    "matmul_flop_per_tok": "two FLOP for each parameter and token",
    "attention_flop_per_tok2": "two FLOP for each element and pair of tokens",
}
"""At most six, each with its reason."""

LITERALS = {0, 1, 2, 3, 4}


def formulas() -> list[Callable[..., Any]]:
    found = []
    for info in pkgutil.iter_modules(costbasis.formulas.__path__):
        module = importlib.import_module(f"costbasis.formulas.{info.name}")
        found += [
            function
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__ and not name.startswith("_")
        ]
    return found


def registry() -> Any:
    units = pint.UnitRegistry(None)
    for line in (
        "second = [time] = s",
        "bytes = [information]",
        "flop = [work]",
        "tok = [token]",
        "usd = [money]",
        "w = [power]",
        "accel = [accelerator]",
        "request = [request]",
        "user = [user]",
        "month = [calendar_month]",
    ):
        units.define(line)
    return units


UNITS = registry()


def test_at_most_six_exemptions_and_each_exists() -> None:
    assert len(EXEMPT) <= 6
    assert set(EXEMPT) <= {function.__name__ for function in formulas()}


@pytest.mark.parametrize("function", formulas(), ids=lambda function: function.__name__)
def test_the_result_has_the_unit_its_name_says(function: Callable[..., Any]) -> None:
    if function.__name__ in EXEMPT:
        return
    inputs = {
        name: UNITS.Quantity(0.25, unit_of(name)) if unit_of(name) else 0.25
        for name in inspect.signature(function).parameters
    }
    result = function(**inputs)
    terms = result._asdict() if hasattr(result, "_fields") else {function.__name__: result}
    for name, term in terms.items():
        wanted = UNITS.Quantity(1.0, unit_of(name) or "dimensionless")
        got = term if hasattr(term, "dimensionality") else UNITS.Quantity(term, "dimensionless")
        assert got.dimensionality == wanted.dimensionality, name


@pytest.mark.parametrize("function", formulas(), ids=lambda function: function.__name__)
def test_every_formula_has_a_docstring_with_an_example(function: Callable[..., Any]) -> None:
    assert ">>>" in (inspect.getdoc(function) or ""), "a formula carries a published or worked example"


def test_formulas_hold_no_stray_numbers() -> None:
    for path in Path(costbasis.formulas.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
                assert node.value in LITERALS, f"{path.name}:{node.lineno} holds {node.value}: make it an input"
