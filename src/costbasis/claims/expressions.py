"""Expressions of a claim: arithmetic over named quantities, with the unit of the result."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import costbasis.formulas
from costbasis.catalog import Catalog
from costbasis.claims.measure import NONE, Measure, measure, times
from costbasis.errors import BadClaim, UnknownName
from costbasis.provenance import leaves
from costbasis.quantity import Derived, Given, Quantity, Source, given_rows
from costbasis.units import unit_of


@dataclass(frozen=True, slots=True)
class Named:
    """A quantity of the claim, in its dimensions' own scale, and its unit."""

    quantity: Quantity
    unit: Measure

    def in_unit(self, unit: Measure) -> Quantity:
        """The same number in another scale of its dimension (a claim speaks of billions, a step of dollars)."""
        if unit.scale == 1.0:
            return self.quantity
        return computed(f"in {unit.text}", lambda value: value / unit.scale, {"value": self.quantity}, unit.name)


def evaluate(text: str, named: Mapping[str, Named], catalog: Catalog, where: str) -> Named:
    """The value of an expression over *named*: ``+ - * /``, numbers, ``one_of(a, b)``, or a formula of
    costbasis by its name and named inputs.

    Errors: :class:`~costbasis.errors.BadClaim` for an expression that cannot be read or divides by zero,
    :class:`~costbasis.errors.UnknownName` for a name or a formula that is not there.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadClaim(f'"{text}" is not an expression', where=where, hint="write it as usd_per_day * days") from error
    if isinstance(tree, ast.Call):
        return _called(tree, named, catalog, where)
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    for name in names:
        _known(name, named, where)
    unit = _unit(tree, named, text, where)
    if isinstance(tree, ast.Name):
        return Named(named[tree.id].quantity, unit)
    inputs = {name: named[name].quantity for name in names}
    _refuse_zero(tree, {name: quantity.draws for name, quantity in inputs.items()}, where)

    def formula(**values: Any) -> Any:
        return _value(tree, values)

    return Named(computed(text, formula, inputs, unit.name), unit)


def _known(name: str, named: Mapping[str, Named], where: str) -> Named:
    if name not in named:
        hint = "names are those of [inputs] and of earlier steps"
        raise UnknownName("name", name, known=named, where=where, hint=hint)
    return named[name]


def computed(text: str, formula: Callable[..., Any], inputs: Mapping[str, Quantity], unit: str) -> Quantity:
    """*formula* over *inputs*, under the name *text*; the result remembers both."""
    formula.__name__ = text
    formula.__doc__ = f"As the claim computes it: {text}."
    with np.errstate(all="ignore"):
        draws = np.asarray(formula(**{name: quantity.draws for name, quantity in inputs.items()}), dtype=np.float64)
    return Quantity(text, unit, draws, Derived(formula, dict(inputs)))


def _unit(node: ast.AST, named: Mapping[str, Named], text: str, where: str) -> Measure:
    """The unit of an expression; sums must be of one unit."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and math.isfinite(node.value):
        return NONE
    if isinstance(node, ast.Name):
        return named[node.id].unit
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _unit(node.operand, named, text, where)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.Add | ast.Sub):
        left, right = _unit(node.left, named, text, where), _unit(node.right, named, text, where)
        if isinstance(node.op, ast.Mult | ast.Div):
            return times(left, right, 1 if isinstance(node.op, ast.Mult) else -1)
        same_dimension(left, right, f'"{ast.unparse(node)}"', where)
        return left if left.powers else right
    hint = "an expression has names, numbers, + - * / and parentheses"
    raise BadClaim(f'"{text}" holds something else than arithmetic', where=where, hint=hint)


def same_dimension(left: Measure, right: Measure, what: str, where: str) -> None:
    """Refuse two units that are not of one dimension."""
    if left.powers == right.powers:
        return
    hint = "a day becomes a month only by days: give the days as an input in day/month"
    raise BadClaim(
        f"{what} comes out in {left.name or 'a plain number'}, not in {right.name or 'a plain number'}",
        where=where,
        hint=hint,
    )


def _value(node: ast.AST, values: Mapping[str, Any]) -> Any:
    """The value of an expression that :func:`_unit` let pass."""
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int | float)
        return np.float64(node.value)
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, values)
    assert isinstance(node, ast.BinOp)
    return _OPERATIONS[type(node.op)](_value(node.left, values), _value(node.right, values))


_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}


def _refuse_zero(tree: ast.AST, values: Mapping[str, Any], where: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not np.all(_value(node.right, values)):
            below = ast.unparse(node.right)
            raise BadClaim(f'"{below}" is 0: the figure divides by zero', where=where, hint="check that input")


def _called(tree: ast.Call, named: Mapping[str, Named], catalog: Catalog, where: str) -> Named:
    name = ast.unparse(tree.func)
    if name == "one_of":
        return _one_of([_known(ast.unparse(argument), named, where) for argument in tree.args], catalog, where)
    formulas = _formulas()
    if name not in formulas:
        hint = "formulas are listed in docs/formulas.md; one_of(a, b) keeps sources that disagree side by side"
        raise UnknownName("formula", name, known=[*formulas, "one_of"], where=where, hint=hint)
    wanted = set(inspect.signature(formulas[name]).parameters)
    given_names = {str(item.arg): ast.unparse(item.value) for item in tree.keywords}
    if tree.args or set(given_names) != wanted:
        hint = f"write it as {name}({', '.join(f'{part}=…' for part in sorted(wanted))})"
        raise BadClaim(f"{name} needs its inputs by name", where=where, hint=hint)
    inputs = {part: _known(value, named, where).quantity for part, value in given_names.items()}
    draws = np.asarray(formulas[name](**{part: quantity.draws for part, quantity in inputs.items()}), dtype=np.float64)
    unit = measure(unit_of(name).replace("(", "").replace(")", "").replace("*", "-") or "x", where)
    return Named(Quantity(name, unit.name, draws, Derived(formulas[name], inputs)), unit)


@cache
def _formulas() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for info in pkgutil.iter_modules(costbasis.formulas.__path__):
        module = importlib.import_module(f"costbasis.formulas.{info.name}")
        found |= {name: part for name, part in vars(module).items() if inspect.isfunction(part) and name[0] != "_"}
    return found


def _one_of(parts: list[Named], catalog: Catalog, where: str) -> Named:
    """Sources that disagree, pooled by trust: in each draw one of them is right. They are not averaged."""
    if not parts:
        raise BadClaim("one_of() needs at least one name", where=where, hint="write it as one_of(press, filing)")
    for part in parts[1:]:
        same_dimension(part.unit, parts[0].unit, "one_of", where)
    grades = catalog.trust_weights()
    weights = [grades[weakest_trust(part.quantity)[:1]] for part in parts]
    rule = Source("conflicting sources, weighed by trust", trust="D", status="assumed", as_of="2026-11-25")
    positions = {"source": [float(index) for index in range(len(parts))]}
    rows = given_rows("pool/claim.source", positions, rule, catalog.sampling, weights=weights)["source"]

    def one_of(choice: Any, **others: Any) -> Any:
        stacked = np.stack([np.broadcast_to(other, np.shape(choice)) for other in others.values()])
        return stacked[np.asarray(choice, dtype=np.int64), np.arange(len(choice))]

    others = {f"source_{index}": part.quantity for index, part in enumerate(parts)}
    text = "one of these sources in each draw"
    return Named(
        computed(text, one_of, {"choice": rows.labelled("which source is right"), **others}, parts[0].unit.name),
        parts[0].unit,
    )


def weakest_trust(quantity: Quantity) -> str:
    """The weakest trust grade among the facts under *quantity*."""
    grades = [
        leaf.past.source.trust
        for leaf in leaves(quantity).values()
        if isinstance(leaf.past, Given) and leaf.past.source.status not in ("counted", "definition")
    ]
    return max(grades, default="A")
