"""Load the catalogue: what ships, a user's own book, overrides and a scenario over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from costbasis.catalog.book.overlay import Overlay, read_overlay
from costbasis.catalog.catalog import Catalog
from costbasis.catalog.overrides import read_overrides
from costbasis.sampling import Sampling


def load_catalog(
    *,
    overrides: Sequence[str] = (),
    scenario: Path | None = None,
    sampling: Sampling | None = None,
    own_book: Path | None = None,
) -> Catalog:
    """The catalogue that ships with costbasis, with a user's *own book*, overrides and scenario over it.

    Errors: :class:`~costbasis.errors.BadOverride` for a text that is no override,
    :class:`~costbasis.errors.BadCatalogue` for a value out of bounds,
    :class:`~costbasis.errors.UnknownName` for a key that no fact has.
    """
    laid = read_overrides(overrides, scenario)
    overlay = read_overlay(own_book) if own_book and own_book.exists() else Overlay()
    catalog = Catalog(laid, sampling or Sampling(), overlay)
    if laid:
        catalog.check_overrides()
    return catalog
