"""An answer made small: long tables keep their first rows, what is deep goes first, and what is left out is counted."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

MOST_BYTES = 12_000
"""Bytes of an answer as JSON: about four thousand tokens of an agent's context."""

ROWS = (20, 12, 8, 5, 3, 2, 1)
"""Rows of each table that are tried, the most first, until the answer is small enough."""

LONG_TEXT = 600

LEFT_OUT = "left_out"


def small(answer: dict[str, Any], *, most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The answer in at most so many bytes: tables cut, and ``left_out`` telling of each how many rows are missing.

    >>> small({"rows": [{"n": 1}] * 30})["left_out"]
    {'/rows': 10}
    """
    for depth in range(12, 1, -1):
        for rows in ROWS:
            left_out: dict[str, int] = {}
            found: dict[str, Any] = _cut(answer, rows, depth, "", left_out)
            if left_out:
                found[LEFT_OUT] = _summed(left_out)
            if len(json.dumps(found, ensure_ascii=False).encode()) <= most_bytes:
                return found
    return {name: value for name, value in found.items() if not isinstance(value, dict | list)} | {
        LEFT_OUT: {"/": len(answer)}
    }


def _cut(node: Any, rows: int, depth: int, path: str, left_out: dict[str, int]) -> Any:
    if isinstance(node, float):
        return node if isfinite(node) else None
    if isinstance(node, str):
        return node if len(node) <= LONG_TEXT else f"{node[:LONG_TEXT]}…"
    if not isinstance(node, dict | list):
        return node
    if depth == 0 and node:
        left_out[path] = len(node)
        return {} if isinstance(node, dict) else []
    if isinstance(node, dict):
        return {name: _cut(child, rows, depth - 1, f"{path}/{name}", left_out) for name, child in node.items()}
    if len(node) > rows:
        left_out[path] = len(node) - rows
    return [_cut(child, rows, depth - 1, f"{path}/{place}", left_out) for place, child in enumerate(node[:rows])]


def _summed(left_out: dict[str, int], most: int = 8) -> dict[str, int]:
    """The first places where something was left out; the others as one number."""
    first = dict(list(left_out.items())[:most])
    others = sum(list(left_out.values())[most:])
    return first | ({"elsewhere": others} if others else {})
