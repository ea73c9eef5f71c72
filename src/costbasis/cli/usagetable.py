"""A usage table from its parameters to what is printed; click reads those off a command line, or ``cli/plainly.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costbasis.cli.progress import scanning
from costbasis.cli.session import Session, bases, print_line, show, split_session

if TYPE_CHECKING:
    from pathlib import Path

    from costbasis.usage.pricing.priceview import Grouping

GROUPS = ("day", "week", "month", "session", "project", "model", "agent", "host", "key", "user", "block")
ORDERS = ("asc", "desc", "most")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FORMATS = ("table", "json", "csv", "markdown")
AS_WRITTEN = ("csv", "markdown")
"""For a program to read: no line is folded to a screen."""


def run(params: dict[str, Any]) -> None:
    """What the command does, with every parameter of its own and of all commands."""
    session, own = split_session(params)
    if own["form"] == "json":
        session = session.with_json()
    table = build(session, **own)
    _write_scenario(session, table, own["out"])
    if own["form"] in AS_WRITTEN and not session.as_json:
        print_line(_text(session, table, own))
    else:
        show(session, table, lambda: _text(session, table, own))


def _text(session: Session, table: dict[str, Any], own: dict[str, Any]) -> str:
    from costbasis.reports.csv import usage_csv
    from costbasis.reports.markdown import usage_markdown
    from costbasis.reports.screen import screen_width
    from costbasis.reports.usage_text import usage_text

    if "invoice" in table or "contract" in table:
        from costbasis.reports.invoice_object import invoice_text

        return invoice_text(table, min(screen_width(), 120))
    if "reconcile" in table:
        from costbasis.reports.reconcile_object import reconcile_text

        return reconcile_text(table["reconcile"], table["by"], table["tz"], min(screen_width(), 120))
    if "lines" in table:
        from costbasis.reports.lines_object import lines_text

        return lines_text(table["lines"], table["tz"])
    asked, breakdown = bases(own["basis"]), own["breakdown"]
    if own["form"] == "csv":
        return usage_csv(table, asked, breakdown=breakdown)
    if own["form"] == "markdown":
        return usage_markdown(table, asked, breakdown=breakdown)
    return usage_text(table, asked, breakdown=breakdown, style=session.style, width=screen_width())


def build(
    session: Session,
    *,
    paths: tuple[Path, ...],
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
    basis: str,
    week_start: str | None,
    order: str,
    breakdown: bool,
    form: str,
    reconcile: Path | None,
    invoice: Path | None,
    contract: Path | None,
    out: Path | None,
    lines: str | None,
) -> dict[str, Any]:
    """The ``costbasis.usage/1`` object: a table, or the evidence of one of its rows."""
    from costbasis.cli.tabled import grouping
    from costbasis.errors import BadArgument

    wanted = grouping(
        by=by,
        since=since,
        until=until,
        last=last,
        tz=tz,
        agent=agent,
        model=model,
        project=project,
        session_id=session_id,
        host=host,
        week_start=week_start,
    )
    _refuse_two(lines=lines, reconcile=reconcile, invoice=invoice or contract)
    if session.as_json and form in ("csv", "markdown"):
        raise BadArgument(f"--json and --format {form} are two outputs", where="usage", hint="ask for one of them")
    if invoice is not None or contract is not None:
        wanted = wanted.but(by="day", tz=tz or "UTC")  # providers bill days of Greenwich
        return _bill(session, paths, wanted, invoice, contract)
    if reconcile is not None:
        return _reconcile(session, paths, wanted, reconcile)
    if lines is not None:
        return _lines(session, paths, wanted, lines)
    return _table(session, paths, wanted, bases(basis), order)


def _refuse_two(**questions: object) -> None:
    """Each of these options asks for something else than a table: two of them have no one answer."""
    from costbasis.errors import BadArgument

    asked = [f"--{name}" for name, value in questions.items() if value is not None]
    if len(asked) > 1:
        raise BadArgument(f"{' and '.join(asked)} are two questions", where="usage", hint="ask one at a time")


def _table(session: Session, paths: tuple[Path, ...], wanted: Grouping, asked: list[str], order: str) -> dict[str, Any]:
    from costbasis.cli.facts import facts_of
    from costbasis.cli.tabled import table_of
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.reading import read_by_book

    with facts_of(session) as facts:
        with scanning(session) as progress:
            reading = read_by_book(
                paths,
                lambda: PriceBook.from_catalog(facts.listed()),
                wanted,
                facts.as_of,
                progress,
                kept=facts.kept,
                laid=session.catalog if facts.kept is None else None,
            )
        return table_of(facts, reading, asked, order)


def _lines(session: Session, paths: tuple[Path, ...], wanted: Grouping, key: str) -> dict[str, Any]:
    from costbasis.reports.head import head
    from costbasis.reports.lines_object import lines_object
    from costbasis.reports.usage_object import SCHEMA
    from costbasis.usage.ledger.evidence import evidence_of
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.reading import up_to_date

    with scanning(session) as progress, up_to_date(paths, progress) as (ledger, _):
        evidence = evidence_of(ledger.connection, PriceBook.from_catalog(session.catalog), wanted, key)
    found = head(SCHEMA, session.catalog, session.as_of, [])
    return found | {"by": wanted.by, "tz": wanted.tz, "lines": lines_object(evidence)}


def _reconcile(session: Session, paths: tuple[Path, ...], wanted: Grouping, path: Path) -> dict[str, Any]:
    from costbasis.errors import BadArgument
    from costbasis.reports.head import head
    from costbasis.reports.reconcile_object import reconcile_object
    from costbasis.reports.usage_object import SCHEMA
    from costbasis.usage.othertools.ccusage_json import read_report
    from costbasis.usage.othertools.reconcile import reconcile
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.reading import local_zone, up_to_date

    narrowed = [*wanted.kept, *(["model"] if wanted.model else []), *(["last"] if wanted.last else [])]
    if narrowed:
        what = f"the other report is of everything, so it cannot be compared with one {narrowed[0]}"
        raise BadArgument(what, where="--reconcile", hint=f"drop --{narrowed[0]}; --since, --until and --tz are fine")
    report = read_report(path)
    book = PriceBook.from_catalog(session.catalog)
    with scanning(session) as progress, up_to_date(paths, progress) as (ledger, _):
        found = reconcile(ledger.connection, book, report, wanted.but(by="total"), local_zone())
    made = head(SCHEMA, session.catalog, session.as_of, [])
    return made | {"by": report.by, "tz": wanted.tz, "reconcile": reconcile_object(found)}


def _bill(
    session: Session, paths: tuple[Path, ...], wanted: Grouping, invoice: Path | None, contract: Path | None
) -> dict[str, Any]:
    from costbasis.errors import AmbiguousName, UnknownName
    from costbasis.reports.head import Warn, head
    from costbasis.reports.invoice_object import contract_object, invoice_object
    from costbasis.reports.usage_object import SCHEMA
    from costbasis.usage.bills.bill import read_bill
    from costbasis.usage.bills.contract import read_contract, under_contract
    from costbasis.usage.bills.invoice import compare
    from costbasis.usage.reading import read_usage

    def model_of(name: str) -> str:
        try:
            return session.catalog.find_model(name)
        except (UnknownName, AmbiguousName):
            return name

    lines = read_bill(invoice) if invoice else []
    terms = read_contract(contract, model_of) if contract else None
    with scanning(session) as progress:
        reading = read_usage(paths, session.catalog, wanted, session.as_of, progress)
    warnings = [Warn(warn.kind, warn.count, warn.first, warn.effect) for warn in reading.warnings]
    made = head(SCHEMA, session.catalog, session.as_of, warnings) | {"by": wanted.by, "tz": wanted.tz}
    if invoice:
        found = compare(lines, reading.cells, model_of, lambda model: session.catalog.vendor(model) or "")
        made["invoice"] = invoice_object(found, str(invoice), wanted.tz)
    if terms is not None:
        made["contract"] = contract_object(under_contract(terms, reading.cells), str(contract))
    return made


def _write_scenario(session: Session, table: dict[str, Any], out: Path | None) -> None:
    """Write what a bill or a contract says of the realised basis, as a scenario file."""
    if out is None:
        return
    from costbasis.errors import BadArgument
    from costbasis.reports.invoice_object import scenario_text
    from costbasis.reports.place import write_to

    found = table.get("invoice") or table.get("contract")
    if found is None:
        raise BadArgument("there is nothing to write", where="--out", hint="it goes with --invoice or --contract")
    if not found["set"]:
        what = "no realised share below list was measured, so there is no scenario to write"
        raise BadArgument(what, where="--out", hint="the notes without --out say why")
    write_to(out, scenario_text(found, found["file"]), hint="check --out")
    session.say(f"written: {out}")
