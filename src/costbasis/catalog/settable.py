"""Which keys a user may set: those of facts, and the hire of an accelerator, which is made of several rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costbasis.catalog.hardware.machines import ANY, hire_key
from costbasis.catalog.tables import schemas
from costbasis.errors import UnknownName

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog


QUESTIONS = {"usage": ("usage/prompt.cached_frac",)}
"""Kind to keys that no fact stands behind: a what-if over what was counted."""


def refuse_unknown(key: str, catalog: Catalog) -> None:
    """Refuse an override that would change nothing.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest keys.
    """
    if not is_settable(key, catalog):
        raise UnknownName(
            "key", key, known=_keys(key, catalog), where="--set", hint="costbasis catalog KIND shows the keys"
        )


def is_settable(key: str, catalog: Catalog) -> bool:
    """Would an override of *key* change anything?"""
    return key in _keys(key, catalog)


def _keys(key: str, catalog: Catalog) -> set[str]:
    """Every key that can be set, of the tables of the kind of *key*."""
    kind = key.partition("/")[0]
    keys = {fact.key for fact in catalog.own_facts()}
    if kind in schemas():
        keys |= {fact.key for fact in catalog.facts(kind)}
    if kind in QUESTIONS:
        keys |= set(QUESTIONS[kind])
    if kind == "rate":
        keys |= {hire_key(name) for name in (ANY, *catalog.accelerators())}
    return keys
