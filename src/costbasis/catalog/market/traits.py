"""Traits: what makes two models alike in price, from a published architecture and the day of the first listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from costbasis.catalog.tables import Row
from costbasis.units import to_base

ATTENTION = {
    "linear": ("linear", "mamba"),
    "sparse": ("dsa", "csa", "sparse"),
    "latent": ("mla",),
    "windowed": ("sliding", "chunked"),
}
"""Attention class to the words that the table's ``attention_type`` has for it, looked for in this order."""


@dataclass(frozen=True, slots=True)
class Traits:
    """An open model's size, memory per token, attention class (``full``, ``windowed``, ``latent``, ``sparse``,
    ``linear``), longest context in tokens (None where not known) and the day it came."""

    model: str
    total_param_count: float
    active_param_count: float
    kv_bytes_per_tok: float
    attention: str
    context_tok: int | None
    listed: date


def attention_class(attention_type: str) -> str:
    """The class that an ``attention_type`` of the table falls in.

    >>> [attention_class(name) for name in ("GQA", "MLA", "MLA+DSA", "GQA + sliding window", "KDA linear + MLA")]
    ['full', 'latent', 'sparse', 'windowed', 'linear']
    """
    said = attention_type.lower()
    return next((name for name, words in ATTENTION.items() if any(word in said for word in words)), "full")


def traits_of(row: Row, listed: date) -> Traits | None:
    """The traits of a row of the architecture table; None where a size is neither published nor computed."""
    total = row["total_params_b"] or row["total_params_b_computed"]
    active = row["active_params_b"] or row["active_params_b_computed"]
    cache = row["kv_bytes_per_token_bf16"]
    if not (total and active and cache):
        return None
    return Traits(
        model=row["model"],
        total_param_count=to_base(float(total), "b_params"),
        active_param_count=to_base(float(active), "b_params"),
        kv_bytes_per_tok=float(cache),
        attention=attention_class(row["attention_type"]),
        context_tok=int(row["max_position"]) if row["max_position"] else None,
        listed=listed,
    )
