"""The models that made-up tables of requests name: those with a list price in both modes."""

from __future__ import annotations

from typing import Any

from costbasis.catalog import load_catalog

MODELS = 40


def chosen_models() -> list[str]:
    """Models with a list price in both modes of the table."""
    catalog = load_catalog()
    return [name for name in catalog.retail_models() if _has_both_modes(name, catalog)][:MODELS]


def _has_both_modes(name: str, catalog: Any) -> bool:
    return {"standard", "batch"} <= {row.mode for row in catalog.retail(name)}
