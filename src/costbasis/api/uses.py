"""The Python API on usage: this machine's logs, folders, files, or a frame of your own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from costbasis.api.asking import Facts, Place, as_list, ask, words_of
from costbasis.api.result import Result

if TYPE_CHECKING:
    from costbasis.usage.frame import Frame

Day = date | str


def usage(
    data: Place | Sequence[Place] | Frame | None = None,
    *,
    by: str = "day",
    since: Day | None = None,
    until: Day | None = None,
    last: int | None = None,
    tz: str | None = None,
    agent: str | None = None,
    model: str | None = None,
    project: str | None = None,
    session: str | None = None,
    host: str | None = None,
    basis: str | Sequence[str] | None = None,
    week_start: str | None = None,
    order: str | None = None,
    **facts: Unpack[Facts],
) -> Result:
    """Usage by day, week, month, session, project, model, agent, host, key, user or five-hour block.

    *data*: nothing for the agents' logs of this machine, one or several paths, or a frame: anything with an Arrow
    stream (pandas, Polars, pyarrow, DuckDB), or a list of mappings. Its columns are those of ``costbasis export``:
    time, model, input_tok, output_tok, and the others where there are any; docs/python.md lists them. Days are of this
    machine's zone, those of a frame UTC's, unless *tz* says another. The fields are those of ``costbasis.usage/1``.

    Errors: :class:`~costbasis.errors.NoLogs`, :class:`~costbasis.errors.UnreadableInput`;
    :class:`~costbasis.errors.BadArgument` with the row of a frame that cannot be counted.

    >>> import costbasis
    >>> call = {"time": "2026-03-05T12:00:00Z", "model": "claude-opus-4-6", "input_tok": 1_000, "output_tok": 500}
    >>> found = costbasis.usage([call], basis="list")
    >>> found.rows[0].key, found.total.bases.list_usd
    ('2026-03-05', Decimal('0.0175'))
    """
    options: dict[str, Any] = {
        "by": by,
        "since": since,
        "until": until,
        "last": last,
        "tz": tz,
        "agent": agent,
        "model": model,
        "project": project,
        "session": session,
        "host": host,
        "basis": ",".join(as_list(basis)) if basis is not None else None,
        "start_of_week": week_start,
        "order": order,
        **facts,
    }
    if data is None or _are_paths(data):
        return ask("usage", *as_list(data), **options)
    return _of_frame(data, options)


def _of_frame(frame: Any, options: Mapping[str, Any]) -> Result:
    from costbasis.api.texts import text_of
    from costbasis.cli.facts import facts_at_hand
    from costbasis.cli.parsed import parsed
    from costbasis.cli.session import bases
    from costbasis.cli.tabled import grouping, table_of
    from costbasis.usage.frame import check_frame, read_frame

    check_frame(frame, "costbasis.usage", or_rows=True)
    said = {**options, "tz": options["tz"] or "UTC"}
    asked = parsed("usage", words_of("usage", (), said), where="costbasis.usage")
    session, own = asked.session, asked.own
    reading = read_frame(frame, session.catalog, grouping(**own), session.as_of)
    built = table_of(facts_at_hand(session), reading, bases(own["basis"]), own["order"])
    return Result(built, command=None, text=text_of("usage", built, own))


def _are_paths(data: Any) -> bool:
    return isinstance(data, str | PathLike) or (
        isinstance(data, list | tuple) and bool(data) and all(isinstance(one, str | PathLike) for one in data)
    )


def report(
    paths: Place | Sequence[Place] | None = None,
    *,
    plan: str | None = None,
    sample: bool = False,
    redact: bool = False,
    tz: str | None = None,
    **facts: Unpack[Facts],
) -> Result:
    """What a month of use was worth on every basis, and for whom a plan pays. No page is written.

    Of this machine's logs, of *paths*, or of a *sample*: a synthetic month of a heavy user. The fields are those of
    ``costbasis.report/1``.

    Errors: :class:`~costbasis.errors.NoLogs` where there is nothing to read, with the next step.
    """
    return ask("report", *as_list(paths), plan=plan, sample=sample, redact=redact, tz=tz, **facts)
