"""From folders of logs to priced usage: ledger, price book, and everything that could not be counted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import cached_property
from sqlite3 import Connection
from typing import TYPE_CHECKING

import msgspec

from costbasis.errors import BadArgument
from costbasis.usage.caveats import caveat_warnings
from costbasis.usage.ledger.ledger import Ledger, UpdateSummary, open_ledger
from costbasis.usage.ledger.told import Counted, Told
from costbasis.usage.ledger.walk import handed_roots
from costbasis.usage.periods import zone
from costbasis.usage.pricing.cells import Cell, PricedUsage, PriceWarning, Unpriced
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.keptbook import priced_by_part
from costbasis.usage.pricing.keptcells import price_kept
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import price_usage
from costbasis.usage.readers import HARMLESS

if TYPE_CHECKING:
    from pathlib import Path

    from costbasis.catalog import Catalog
    from costbasis.kept import Kept
    from costbasis.usage.amounts import Amounts

Progress = Callable[[int, int], None]
"""Called with bytes read and bytes to read."""


class Reading(msgspec.Struct, frozen=True, dict=True):
    """Priced usage, and what was left out of it. *first* and *last* are local days, None where nothing was found.

    *as_of*: the newest day that facts are looked up for. *told*: the ledger, to hash what it counted when that is
    asked for. *counted_from*: the source that counts name.
    """

    wanted: Grouping
    cells: Sequence[Cell]
    unpriced: Sequence[Unpriced]
    skipped: Mapping[str, int]
    warnings: Sequence[PriceWarning]
    first: date | None
    last: date | None
    as_of: date
    told: Told | Counted
    counted_from: str = "the logs read"

    @cached_property
    def usage_sha256(self) -> str:
        """A hash of the requests that count; "" where the ledger has changed since."""
        return self.told.usage_sha256()

    def hashed(self) -> Reading:
        """The same without its ledger, which will not stay: the hash is made now."""
        return msgspec.structs.replace(self, told=Counted(self.usage_sha256))

    @cached_property
    def amounts(self) -> Amounts:
        """The priced usage as a matrix, its source named by the hash."""
        plain = self.plain_amounts
        from dataclasses import replace

        source = msgspec.structs.replace(plain.source, place=f"usage {self.usage_sha256[:8]}")
        return replace(plain, source=source)

    @cached_property
    def plain_amounts(self) -> Amounts:
        """The same without the hash, which takes a walk through every request: where no source is shown.

        Made when asked for, because exact tables need no numpy.
        """
        from costbasis.quantity import Source
        from costbasis.usage.amounts import amounts_of

        counted_on = self.last.isoformat() if self.last else ""
        source = Source(self.counted_from, trust="A", status="counted", as_of=counted_on)
        return amounts_of(self.cells, source=source, as_of=self.facts_until)

    @property
    def facts_until(self) -> date:
        """The newest day whose facts value the usage."""
        return min(self.as_of, self.last) if self.last else self.as_of


@contextmanager
def up_to_date(
    paths: Sequence[Path], progress: Progress | None, ledgers: Path | None = None
) -> Iterator[tuple[Ledger, UpdateSummary]]:
    """The ledger of *paths* (or of this machine's agents), brought up to date, and what that did.

    *ledgers*: the folder that it lies in, of logs that will not stay (default: the user's).

    Errors: :class:`~costbasis.errors.NoLogs` where there is nothing to read,
    :class:`~costbasis.errors.UnreadableInput` for a path that is not there.
    """
    roots: Sequence[Path | str] = list(paths) or handed_roots() or of_agents()
    ledger = open_ledger(roots, keep_history=not paths, folder=ledgers)
    try:
        yield ledger, ledger.update(progress)
    finally:
        ledger.close()


def of_agents() -> list[Path]:
    from pathlib import Path

    from costbasis.usage.ledger.places import home_roots

    return home_roots(os.environ, Path.home())


def read_usage(
    paths: Sequence[Path],
    catalog: Catalog,
    wanted: Grouping,
    as_of: date,
    progress: Progress | None,
    ledgers: Path | None = None,
) -> Reading:
    """Bring the ledger of *paths* (or of this machine's agents) up to date, and price what is asked for.

    *ledgers*: as of :func:`up_to_date`.

    Errors: as :func:`up_to_date`, and those of :func:`~costbasis.usage.pricing.pricing.price_usage`.
    """
    return read_by_book(
        paths, lambda: PriceBook.from_catalog(catalog), wanted, as_of, progress, laid=catalog, ledgers=ledgers
    )


def read_by_book(
    paths: Sequence[Path],
    book: Callable[[], PriceBook],
    wanted: Grouping,
    as_of: date,
    progress: Progress | None,
    kept: Kept | None = None,
    laid: Catalog | None = None,
    ledgers: Path | None = None,
) -> Reading:
    """As :func:`read_usage`, with a *book* that is made only where what is *kept* of it does not suffice.

    *laid*: the catalogue, where a user may have laid facts over it that change what was counted. *ledgers*: as of
    :func:`up_to_date`.

    Errors: as :func:`up_to_date`, and those of :func:`~costbasis.usage.pricing.pricing.price_usage`.
    """
    with up_to_date(paths, progress, ledgers) as (ledger, summary):
        connection = ledger.connection
        usage = priced_by_part(book, kept, lambda book: priced(connection, book, wanted, kept))
        cells, asked = _as_asked(usage.cells, laid, as_of)
        told_skipped = ledger.skipped()
        skipped = {reason: count for reason, count, _ in told_skipped}
        warnings = [*asked, *usage.warnings, *_ledger_warnings(told_skipped, summary, usage.cells)]
        warnings += caveat_warnings(connection)
        told = ledger.told()
    first, last = day_of(usage.first_time_ms, wanted.tz), day_of(usage.last_time_ms, wanted.tz)
    return Reading(wanted, cells, usage.unpriced, skipped, warnings, first, last, as_of, told)


def priced(connection: Connection, book: PriceBook, wanted: Grouping, kept: Kept | None) -> PricedUsage:
    """The usage of a ledger at the prices of a *book*, from cells that were priced before where what is *kept* allows.

    Errors: those of :func:`~costbasis.usage.pricing.pricing.price_usage`.
    """
    if kept is None:
        return price_usage(connection, book, wanted)
    return price_kept(connection, book, wanted, kept.key("cells"))


def _as_asked(
    cells: Sequence[Cell], laid: Catalog | None, as_of: date
) -> tuple[Sequence[Cell], Iterable[PriceWarning]]:
    if laid is None:
        return cells, ()
    from costbasis.usage.whatif import recached  # brings the catalogue along

    return recached(cells, laid, as_of)


def _ledger_warnings(
    skipped: Sequence[tuple[str, int, str]], summary: UpdateSummary, cells: Sequence[Cell]
) -> list[PriceWarning]:
    warnings = [PriceWarning(problem.what, 1, problem.path, "its usage is not counted") for problem in summary.problems]
    if summary.pending:
        warnings.append(
            PriceWarning("torn last line", summary.pending, "", "read when it is complete, once; not counted yet")
        )
    lost = [(count, first) for reason, count, first in skipped if not reason.startswith(HARMLESS)]
    if lost:
        total = sum(count for count, _ in lost)
        warnings.append(PriceWarning("unreadable lines", total, lost[0][1], "what they held is not counted"))
    partial = sum(cell.partial_output for cell in cells)
    if partial:
        warnings.append(PriceWarning("partial output", partial, "", "the log holds a lower bound of their output"))
    if summary.history_requests:
        warnings.append(PriceWarning("deleted logs", summary.history_requests, "", "counted from the ledger's history"))
    return warnings


def day_of(time_ms: int | None, tz: str) -> date | None:
    """The local day of a moment, None where there is none."""
    if time_ms is None:
        return None
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone(tz)).date()


def local_zone() -> str:
    """The IANA name of this machine's time zone (``TZ``, then ``/etc/localtime``), or UTC."""
    named = os.environ.get("TZ", "").lstrip(":")
    linked = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    for name in (named, linked):
        with suppress(BadArgument):
            return zone(name).key
    return "UTC"
