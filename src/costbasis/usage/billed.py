"""Usage line by line, as a bill has it, ready to be valued on other bases: one row of amounts a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from costbasis.catalog import Catalog
from costbasis.usage.amounts import Amounts, amounts_of
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.lines import PricedLine, price_lines
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.reading import Progress, Reading, read_usage, up_to_date


@dataclass(frozen=True, slots=True)
class Billed:
    """*lines* of priced usage; *amounts* has a row for each, its key the place in the list; *reading* is the whole."""

    lines: Sequence[PricedLine]
    amounts: Amounts
    reading: Reading


def read_lines(
    paths: Sequence[Path], catalog: Catalog, wanted: Grouping, as_of: date, progress: Progress | None
) -> Billed:
    """The lines of *paths* (or of this machine's agents); they add up to the cells of the reading, exactly.

    Errors: as :func:`~costbasis.usage.reading.read_usage`.
    """
    reading = read_usage(paths, catalog, wanted, as_of, progress)  # refuses what no exact sum can hold
    with up_to_date(paths, None) as (ledger, _):
        lines = price_lines(ledger.connection, PriceBook.from_catalog(catalog), wanted)
    cells = [line.cell.but(key=str(place)) for place, line in enumerate(lines)]
    until = min(as_of, reading.last) if reading.last else as_of
    return Billed(lines, amounts_of(cells, source=reading.amounts.source, as_of=until, models=False), reading)
