"""A user's own use for the commands that look at a choice: logs or the sample, priced, by five-hour block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from costbasis.cli.progress import scanning
from costbasis.cli.session import Session

if TYPE_CHECKING:
    from costbasis.plans.studied import OwnUse


def own_use(
    session: Session, paths: Sequence[Path], *, sample: bool, tz: str | None, home: bool = False
) -> OwnUse | None:
    """The use in *paths* or in the sample; where neither is asked for, this machine's logs (*home*), else None.

    Errors: :class:`~costbasis.errors.NoLogs` where there is nothing in them.
    """
    from costbasis.errors import BadArgument, NoLogs
    from costbasis.plans.studied import OwnUse
    from costbasis.usage.pricing.priceview import Grouping
    from costbasis.usage.reading import local_zone, read_usage

    if not paths and not sample and not home:
        return None
    if paths and sample:
        raise BadArgument("--sample is a synthetic month; it takes no --usage", where="--sample", hint="drop one")
    zone = "UTC" if sample and tz is None else tz or local_zone()
    wanted = Grouping(by="block", tz=zone)
    with _logs(session, paths, sample) as (roots, ledgers), scanning(session) as progress:
        reading = read_usage(roots, session.catalog, wanted, session.as_of, progress, ledgers)
        reading = reading.hashed() if ledgers else reading
    if reading.first is None or reading.last is None or not reading.amounts.groups:
        where = ", ".join(str(path) for path in paths) or "the agents' folders"
        raise NoLogs("no priced request was found", where=where, hint="costbasis usage PATHS says what was skipped")
    return OwnUse(reading.amounts, reading.cells, reading.first, reading.last)


@contextmanager
def _logs(session: Session, paths: Sequence[Path], sample: bool) -> Iterator[tuple[Sequence[Path], Path | None]]:
    if not sample:
        yield paths, None
        return
    from costbasis.usage.samplemonth import sample_month

    with sample_month(session.seed) as month:
        month.fill()
        yield month.roots, month.ledgers
