"""What every report object begins with: schema, version, seed, catalogue, as-of, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from costbasis import __version__
from costbasis.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Warn:
    """Something that moves or limits a number: what, how often, where first, and what it does to the result."""

    kind: str
    count: int
    first: str
    effect: str


def head(schema: str, catalog: Catalog, as_of: date, warnings: Sequence[Warn]) -> dict[str, Any]:
    """The fields that reproduce a result, and the warnings that go with it."""
    own = catalog.overlay
    if not own.is_empty:
        effect = "prices of your own book are laid over the catalogue; costbasis catalog sources shows them"
        warnings = [*warnings, Warn("own_book", own.count, str(own.path), effect)]
    if own.known_on is not None:
        effect = f"prices as the book knew them on {own.known_on}: statements first seen later are left out"
        warnings = [*warnings, Warn("known_on", own.unseen, "", effect)]
    mine = catalog.calibration
    if mine is not None:
        effect = "the serving model as your own calibration has it; costbasis calibrate made it"
        warnings = [*warnings, Warn("own_calibration", mine.told, str(mine.path), effect)]
    return {
        "schema": schema,
        "as_of": as_of.isoformat(),
        **({"known_on": own.known_on.isoformat()} if own.known_on else {}),
        "version": __version__,
        "seed": catalog.sampling.seed,
        "catalogue_sha256": catalog.sha256,
        "warnings": [
            {"kind": warn.kind, "count": warn.count, "first": warn.first, "effect": warn.effect} for warn in warnings
        ],
    }
