"""A row of a result as one level of columns, named as the usage tables in CSV are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The row's leaves by name; tables and lists in it are left out.

    >>> flat({"key": "a", "tokens": {"input": 3}, "bases": {"list_usd": 1, "parts_usd": {"tools": 0}}, "models": []})
    {'key': 'a', 'input_tok': 3, 'list_usd': 1, 'list_tools_usd': 0}
    """
    found: dict[str, Any] = {}
    for name, value in row.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= _nested(key, name, value)
        elif not isinstance(value, list | tuple) or hasattr(value, "_asdict"):
            found[key] = value
    return found


def _nested(key: str, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if name == "tokens":
        return {f"{one}_tok": count for one, count in value.items()}
    if name == "parts_usd":
        return {f"list_{one}_usd": part for one, part in value.items()}
    return flat(value, "" if name == "bases" else f"{key}_")
