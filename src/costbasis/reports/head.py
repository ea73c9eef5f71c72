"""What every report object begins with: schema, version, seed, catalogue, as-of, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from costbasis import __version__

if TYPE_CHECKING:
    from costbasis.catalog import Catalog


class Warn(msgspec.Struct, frozen=True):
    """Something that moves or limits a number: what, how often, where first, and what it does to the result."""

    kind: str
    count: int
    first: str
    effect: str


class Identity(msgspec.Struct, frozen=True, array_like=True):
    """Who a catalogue is: its hash, the seed of its draws, and what the user laid over it, as warnings."""

    sha256: str
    seed: int
    laid: tuple[Warn, ...] = ()
    known_on: str | None = None


def identity_of(catalog: Catalog) -> Identity:
    """Who *catalog* is."""
    own, mine = catalog.overlay, catalog.calibration
    laid = []
    if not own.is_empty:
        effect = "prices of your own book are laid over the catalogue; costbasis catalog sources shows them"
        laid.append(Warn("own_book", own.count, str(own.path), effect))
    if own.known_on is not None:
        effect = f"prices as the book knew them on {own.known_on}: statements first seen later are left out"
        laid.append(Warn("known_on", own.unseen, "", effect))
    if mine is not None:
        effect = "the serving model as your own calibration has it; costbasis calibrate made it"
        laid.append(Warn("own_calibration", mine.told, str(mine.path), effect))
    known_on = own.known_on.isoformat() if own.known_on else None
    return Identity(catalog.sha256, catalog.sampling.seed, tuple(laid), known_on)


def head(schema: str, catalog: Catalog | Identity, as_of: date, warnings: Sequence[Warn]) -> dict[str, Any]:
    """The fields that reproduce a result, and the warnings that go with it."""
    who = catalog if isinstance(catalog, Identity) else identity_of(catalog)
    warnings = [*warnings, *who.laid]
    return {
        "schema": schema,
        "as_of": as_of.isoformat(),
        **({"known_on": who.known_on} if who.known_on else {}),
        "version": __version__,
        "seed": who.seed,
        "catalogue_sha256": who.sha256,
        "warnings": [
            {"kind": warn.kind, "count": warn.count, "first": warn.first, "effect": warn.effect} for warn in warnings
        ],
    }
