"""Which keys a user may set: those of facts, and the hire of an accelerator, which is made of several rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costbasis.catalog.hardware.machines import ANY, hire_key
from costbasis.catalog.tables import schemas
from costbasis.errors import UnknownName

if TYPE_CHECKING:
    from costbasis.catalog.catalog import Catalog


def refuse_unknown(key: str, catalog: Catalog) -> None:
    """Refuse an override that would change nothing.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest keys.
    """
    kind = key.partition("/")[0]
    keys = {fact.key for fact in catalog.own_facts()}
    if kind in schemas():
        keys |= {fact.key for fact in catalog.facts(kind)}
    if kind == "rate":
        keys |= {hire_key(name) for name in (ANY, *catalog.accelerators())}
    if key not in keys:
        raise UnknownName("key", key, known=keys, where="--set", hint="costbasis catalog KIND shows the keys")
