"""From options to a grouping, from what was read to the ``costbasis.usage/1`` object: what doors to usage share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costbasis.cli.session import parse_day

if TYPE_CHECKING:
    from costbasis.bases.table import Column
    from costbasis.cli.facts import Facts
    from costbasis.usage.pricing.priceview import Grouping
    from costbasis.usage.reading import Reading


def grouping(
    *,
    by: str,
    since: str | None,
    until: str | None,
    last: int | None,
    tz: str | None,
    agent: str | None,
    model: str | None,
    project: str | None,
    session_id: str | None,
    host: str | None,
    week_start: str | None,
    **_: object,
) -> Grouping:
    """What the command's options group by and leave out."""
    from costbasis.usage.pricing.priceview import Grouping
    from costbasis.usage.reading import local_zone

    return Grouping(
        by=by,
        tz=tz or local_zone(),
        since=parse_day(since, "--since") if since else None,
        until=parse_day(until, "--until") if until else None,
        model=model,
        project=project,
        agent=agent,
        session=session_id,
        host=host,
        last=last,
        week_start=week_start,
    )


def table_of(facts: Facts, reading: Reading, asked: list[str], order: str) -> dict[str, Any]:
    """The ``costbasis.usage/1`` object of what was read, on the bases *asked* for."""
    from costbasis.reports.head import Warn
    from costbasis.reports.usage_object import Table, usage_object

    wanted = reading.wanted
    estimated = [name for name in asked if name != "list"]
    ahead = None
    valued: Mapping[str, Any] = {}
    if estimated:
        from costbasis.cli.ahead import table_of as table_ahead  # here: list alone has nobody working ahead

        ahead = table_ahead(reading.cells, reading.facts_until, estimated, facts.kept)
        valued = ahead.columns if ahead else _columns(reading, facts, estimated)

    def rows() -> Any:
        return ahead.rows if ahead else reading.plain_amounts.rows

    table = Table(
        wanted.by,
        wanted.tz,
        reading.cells,
        reading.unpriced,
        reading.skipped,
        lambda: reading.amounts,
        valued,
        facts.catalog,
        rows,
    )
    warnings = [Warn(warn.kind, warn.count, warn.first, warn.effect) for warn in reading.warnings]
    return usage_object(table, facts.identity, facts.as_of, warnings, order=order)


def _columns(reading: Reading, facts: Facts, asked: list[str]) -> dict[str, Column]:
    from costbasis.bases.table import columns  # here: list alone needs no numpy

    return columns(reading.plain_amounts, facts.catalog, asked, facts.kept)
