"""A user's own use for the commands that look at a choice: logs or the sample, priced, by five-hour block."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from costbasis.cli.common import Session
from costbasis.cli.progress import scanning

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
    with _logs(session, paths, sample) as roots, scanning(session) as progress:
        reading = read_usage(roots, session.catalog, Grouping(by="block", tz=zone), session.as_of, progress)
    if reading.first is None or reading.last is None or not reading.amounts.groups:
        where = ", ".join(str(path) for path in paths) or "the agents' folders"
        raise NoLogs("no priced request was found", where=where, hint="costbasis usage PATHS says what was skipped")
    return OwnUse(reading.amounts, reading.cells, reading.first, reading.last)


@contextmanager
def _logs(session: Session, paths: Sequence[Path], sample: bool) -> Iterator[Sequence[Path]]:
    if not sample:
        yield paths
        return
    from costbasis.usage.sample import write_sample

    with tempfile.TemporaryDirectory(prefix="costbasis-sample-") as folder:
        write_sample(Path(folder), seed=session.seed)
        yield (Path(folder),)
