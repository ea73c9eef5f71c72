"""Load the catalogue: what ships, and a user's own book, day of knowledge, calibration and overrides over it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from costbasis.catalog.book.knowledge import laid_over
from costbasis.catalog.catalog import Catalog
from costbasis.catalog.overrides import read_overrides
from costbasis.sampling import Sampling


def load_catalog(
    *,
    overrides: Sequence[str] = (),
    scenario: Path | None = None,
    sampling: Sampling | None = None,
    own_book: Path | None = None,
    known_on: date | None = None,
    calibration: Path | None = None,
) -> Catalog:
    """The catalogue that ships with costbasis, with a user's *own book*, overrides and scenario over it.

    *known_on*: with the prices that had been seen by that day; tables other than prices stay as they are.
    *calibration*: a file of ``costbasis calibrate`` in the place of the shipped posterior of the serving model.

    Errors: :class:`~costbasis.errors.BadOverride` for a text that is no override,
    :class:`~costbasis.errors.BadCatalogue` for a value out of bounds, :class:`~costbasis.errors.UnknownName` for a
    key that no fact has, :class:`~costbasis.errors.UnreadableInput` for a file that is no calibration.
    """
    laid = read_overrides(overrides, scenario)
    own = None
    if calibration is not None:
        from costbasis.catalog.posterior import own_calibration  # brings the performance model along

        own = own_calibration(calibration)
    catalog = Catalog(laid, sampling or Sampling(), laid_over(own_book, known_on), own)
    if laid:
        catalog.check_overrides()
    return catalog
