"""A derivation as an indented tree, each leaf with its source, date and trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from costbasis.quantity import Estimate
from costbasis.reports.format import in_reader_units, interval, number


def tree_text(tree: dict[str, Any], *, style: Callable[..., str], depth: int) -> str:
    """The tree that ``explain`` made, as text. Levels below *depth* are counted, not dropped in silence."""
    return "\n".join(_lines(tree, "", "", style, depth))


def _lines(node: dict[str, Any], name: str, indent: str, style: Callable[..., str], depth: int) -> Iterator[str]:
    label = node["label"] if name in ("", node["label"]) else f"{name}: {node['label']}"
    yield f"{indent}{style(label, bold=True)} = {_value(node)}"
    inner = indent + "  "
    if "source" in node:
        yield f"{inner}{_source(node)}"
        return
    yield f"{inner}{style('by', dim=True)} {node['formula']}: {node['says']}"
    if node.get("repeated"):
        yield f"{inner}(spelled out above)"
        return
    if depth <= 0:
        yield f"{inner}({len(node['inputs'])} inputs below; --depth shows more)"
        return
    for child, value in node["inputs"].items():
        yield from _lines(value, child, inner, style, depth - 1)


def _value(node: dict[str, Any]) -> str:
    estimate, named = in_reader_units(Estimate(**node["value"]), node["unit"])
    unit = f" {named}" if named else ""
    if node["exact"] or estimate.p10 == estimate.p90:
        return f"{number(estimate.p50, 6)}{unit}"
    return f"{number(estimate.p50, 3)}{unit}  ({interval(estimate)}, 80 %)"


def _source(leaf: dict[str, Any]) -> str:
    parts = [f"source: {leaf['source']}"]
    if leaf["place"] and leaf["place"] != leaf["source"]:
        parts.append(leaf["place"])
    parts.append(f"date {leaf['date'] or 'of the log'}")
    parts.append(f"trust {leaf['trust']}, {leaf['status']}")
    if leaf["interest"]:
        parts.append(f"interest: {leaf['interest']}")
    if leaf.get("assumed_spread"):
        parts.append("spread assumed from trust")
    parts.append(f"key {leaf['key']}")
    return " · ".join(parts)
