"""Leaves of a report object: the printed value, and how to get the quantity behind it.

A report object is plain dicts and lists in the shape of its JSON, with these as leaves. So one object
feeds every renderer, and a JSON pointer finds the quantity to explain.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import TYPE_CHECKING, Any

from costbasis.errors import BadArgument, nearest
from costbasis.usage.pricing.cells import usd_text

if TYPE_CHECKING:
    from costbasis.quantity import Estimate, Quantity


class Estimated:
    """An estimate as it is printed, and the quantity behind it, made only when asked for."""

    __slots__ = ("estimate", "quantity")

    def __init__(self, estimate: Estimate, quantity: Callable[[], Quantity]) -> None:
        self.estimate = estimate
        self.quantity = quantity


class ExactUsd:
    """Exact money in pico-USD, and the quantity behind it."""

    __slots__ = ("pico_usd", "quantity")

    def __init__(self, pico_usd: int, quantity: Callable[[], Quantity]) -> None:
        self.pico_usd = pico_usd
        self.quantity = quantity


def estimated(quantity: Quantity) -> Estimated:
    """The leaf of a quantity that exists already."""
    return Estimated(quantity.estimate, lambda: quantity)


def plain(node: Any) -> Any:
    """The report object with its leaves written out."""
    if isinstance(node, Estimated):
        values = node.estimate._asdict()
        return None if isnan(node.estimate.p50) else values
    if isinstance(node, ExactUsd):
        return usd_text(node.pico_usd)
    if isinstance(node, dict):
        return {name: plain(child) for name, child in node.items()}
    if isinstance(node, list | tuple):
        return [plain(child) for child in node]
    return node


def at_pointer(report: Any, pointer: str) -> Quantity:
    """The quantity behind the number at a JSON pointer (RFC 6901) of a report object.

    A pointer into an estimate (``…/usd/p50``) finds the estimate.

    Errors: :class:`~costbasis.errors.BadArgument`, naming the part that is not there and what is.
    """
    node, walked = report, ""
    for part in [piece.replace("~1", "/").replace("~0", "~") for piece in pointer.split("/")[1:]]:
        if isinstance(node, Estimated | ExactUsd):
            break
        node, walked = _step(node, part, walked), f"{walked}/{part}"
    if isinstance(node, Estimated | ExactUsd):
        return node.quantity()
    raise BadArgument(
        f'there is no explained number at "{pointer}"', hint=f"numbers are at, for example: {', '.join(some(report))}"
    )


def _step(node: Any, part: str, walked: str) -> Any:
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    if isinstance(node, dict) and part in node:
        return node[part]
    if isinstance(node, list):
        there = f"its items are 0 to {len(node) - 1}" if node else "it is empty"
    elif isinstance(node, dict):
        there = f"there is: {', '.join(nearest(part, node) or list(node)[:8])}"
    else:
        there = "it has nothing below"
    raise BadArgument(f'nothing is called "{part}" under "{walked or "/"}"', hint=there)


def some(report: Any, *, limit: int = 4) -> list[str]:
    """A few pointers of a report that lead to explained numbers."""
    found: list[str] = []

    def visit(node: Any, path: str) -> None:
        if len(found) >= limit:
            return
        if isinstance(node, Estimated | ExactUsd):
            found.append(path)
        elif isinstance(node, dict):
            for name, child in node.items():
                visit(child, f"{path}/{name}")
        elif isinstance(node, list):
            for index, child in enumerate(node[:3]):
                visit(child, f"{path}/{index}")

    visit(report, "")
    return found
