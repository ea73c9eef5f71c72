"""``costbasis report``: the main job."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.progress import scanning
from costbasis.cli.session import Session, show, split_session

if TYPE_CHECKING:
    from costbasis.reports.report_object import Period
    from costbasis.usage.reading import Reading

SAMPLE_PLAN = "anthropic/max_20x"
"""The plan that the synthetic month is looked at with, where no other is named."""

DEFAULT_OUT = "costbasis-report.html"


@click.command("report")
@click.argument("paths", nargs=-1, type=PLACE)
@click.option("--plan", metavar="VENDOR/ID", help="The plan to look at, such as anthropic/max_20x.")
@click.option("--out", type=PLACE, help=f"Write the HTML report here [default: {DEFAULT_OUT}].")
@click.option("--card", type=PLACE, help="Write a card to share, 1200 × 630: .svg or .png.")
@click.option("--sample", is_flag=True, help="Report on a labelled synthetic month instead of logs.")
@click.option("--redact", is_flag=True, help="Leave paths of this machine out of the report.")
@click.option("--tz", help="IANA time zone of days [default: this machine's].")
@shared_options
def command(**params: Any) -> None:
    """What was a month of use worth at list, at market and to produce, and for whom does the plan pay?

    Reads the agents' logs on this machine, or PATHS, or (--sample) a synthetic month.
    """
    session, own = split_session(params)
    report = build(session, **own)
    out = own["out"] or Path(DEFAULT_OUT)
    written = _write_page(report, out, session, asked=own["out"] is not None)
    if own["card"] is not None:
        from costbasis.reports.drawing import write
        from costbasis.reports.monthcard import month_card

        write(month_card(report), own["card"])
        session.say(f"written: {own['card']}")
    show(session, report, lambda: _text(report, session, str(out) if written else ""))


def _text(report: dict[str, Any], session: Session, out: str) -> str:
    from costbasis.reports.screen import screen_width
    from costbasis.reports.text import report_text

    return report_text(report, style=session.style, out=out, width=screen_width())


def build(
    session: Session,
    *,
    paths: tuple[Path, ...],
    plan: str | None,
    out: Path | None,
    sample: bool,
    redact: bool,
    tz: str | None,
    card: Path | None = None,
) -> dict[str, Any]:
    """The ``costbasis.report/1`` object."""
    from costbasis.errors import BadArgument

    if sample and paths:
        raise BadArgument("--sample reports on a synthetic month; it takes no paths", where="report", hint="drop one")
    _refuse_early(plan, out, card, session)
    words = _words(paths, plan, sample, redact, tz, session)
    if sample:
        reading, period = _read_sample(session, tz or "UTC")
        return _report(session, reading, period, plan or SAMPLE_PLAN, "sample month (synthetic)", redact, words)
    reading, period = _read(session, paths, tz)
    return _report(session, reading, period, plan, "your usage", redact, words)


def _read_sample(session: Session, tz: str) -> tuple[Reading, Period]:
    """Write and count the synthetic month in a process of its own, where one can be started, and meanwhile look for the
    layouts of the fleets that serve its models: neither needs the other, and each takes a second or two."""
    from costbasis.beside import beside
    from costbasis.reports import html
    from costbasis.service.nearest import ratio_of_model
    from costbasis.usage.sample import LAST_DAY, MODELS
    from costbasis.usage.samplemonth import sample_month

    def look_ahead() -> None:
        for model in MODELS:
            ratio_of_model(session.catalog.find_model(model), min(session.as_of, LAST_DAY), session.catalog)
        html.look_ahead()

    with sample_month(session.seed) as month:
        beside(month.fill, look_ahead)
        reading, period = _read(session, month.roots, tz, month.ledgers)
        return reading.hashed(), period


def _read(
    session: Session, paths: tuple[Path, ...], tz: str | None, ledgers: Path | None = None
) -> tuple[Reading, Period]:
    """The priced usage by day, and the days that it spans.

    Errors: :class:`~costbasis.errors.NoLogs` where no request is found, and those of reading.
    """
    from costbasis.errors import NoLogs
    from costbasis.reports.report_object import Period
    from costbasis.usage.pricing.priceview import Grouping
    from costbasis.usage.reading import local_zone, read_usage

    wanted = Grouping(by="day", tz=tz or local_zone())
    with scanning(session) as progress:
        reading = read_usage(paths, session.catalog, wanted, session.as_of, progress, ledgers)
    if reading.first is None or reading.last is None:
        where = ", ".join(str(path) for path in paths) or "the agents' folders"
        raise NoLogs(
            "logs were found, but no request in them",
            where=where,
            hint=f"skipped: {dict(reading.skipped) or 'nothing'}; try costbasis report --sample",
        )
    return reading, Period(reading.first, reading.last)


def _refuse_early(plan: str | None, out: Path | None, card: Path | None, session: Session) -> None:
    """A plan that is not there and a place that cannot be written are said before the work, not after it.

    Errors: those of :meth:`~costbasis.catalog.Catalog.plan` and of :func:`~costbasis.reports.drawing.check_place`.
    """
    if plan is not None:
        session.catalog.plan(plan, session.as_of)
    if card is not None:
        from costbasis.reports.drawing import check_place

        check_place(card)
    if out is not None:
        from costbasis.reports.place import refuse_place

        refuse_place(out)


def _report(
    session: Session,
    reading: Reading,
    period: Period,
    plan_name: str | None,
    title: str,
    redact: bool,
    words: list[str],
) -> dict[str, Any]:
    from costbasis.breakdown import break_down
    from costbasis.reports.head import Warn
    from costbasis.reports.report_object import report_object
    from costbasis.reports.usage_object import Table
    from costbasis.valuation import valuate

    catalog, as_of = session.catalog, session.as_of
    plan = catalog.plan(plan_name, session.asked_as_of or period.last) if plan_name else None
    valued = valuate(reading.amounts, catalog, first=period.first, last=period.last, plan=plan)
    table = Table(
        "day",
        reading.wanted.tz,
        reading.cells,
        reading.unpriced,
        reading.skipped,
        lambda: reading.amounts,
        valued.bases,
        lambda: catalog,
    )
    warnings = [Warn(warn.kind, warn.count, "" if redact else warn.first, warn.effect) for warn in reading.warnings]
    report = report_object(
        title,
        table,
        valued,
        period,
        catalog,
        as_of,
        warnings,
        command=f"costbasis {shlex.join(words)}",
        usage_sha256=reading.usage_sha256,
        cut=break_down(valued.bases, reading.amounts, catalog),
    )
    rung = next((index for index, rung in enumerate(report["ladder"]) if rung["basis"] == "serving"), 0)
    report["reproduce"]["explain"] = f"costbasis explain --of '{shlex.join(words)}' /ladder/{rung}/usd"
    return report


def _words(
    paths: tuple[Path, ...], plan: str | None, sample: bool, redact: bool, tz: str | None, session: Session
) -> list[str]:
    """The command line that makes this report again."""
    words = ["report", *([] if redact else [str(path) for path in paths])]
    words += ["--sample"] if sample else []
    words += ["--plan", plan] if plan else []
    words += ["--tz", tz] if tz else []
    words += ["--seed", str(session.seed)] if session.seed != 1 else []
    words += ["--as-of", session.as_of_text] if session.as_of_text else []
    words += ["--known-on", session.known_on_text] if session.known_on_text else []
    words += ["--scenario", str(session.scenario)] if session.scenario and not redact else []
    words += ["--calibration", str(session.calibration)] if session.calibration and not redact else []
    for override in session.overrides:
        words += ["--set", override]
    return words


def _write_page(report: dict[str, Any], out: Path, session: Session, *, asked: bool) -> bool:
    """Write the HTML page; True where it was written. With ``--json`` only where ``--out`` asks for it."""
    if session.as_json and not asked:
        return False
    from costbasis.errors import UnreadableInput
    from costbasis.reports.html import report_page
    from costbasis.reports.place import write_to

    try:
        write_to(out, report_page(report), hint="choose another place with --out")
    except UnreadableInput as error:
        if asked:
            raise
        session.say(f"no page written: {out}: {error.what}; choose a place with --out")
        return False
    return True
