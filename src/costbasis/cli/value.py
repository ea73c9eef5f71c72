"""``costbasis value``: a warehouse's table of requests, priced where it lies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, bases, parse_day, show, split_session

if TYPE_CHECKING:
    from costbasis.usage.warehouse.priced import Ask, PricedTable

ENGINES = ("duckdb", "spark", "clickhouse")
DUPLICATES = ("refuse", "once", "ignore")
HELD = "mix/coding-agent-arknill.cache_held_s"
MOST_ESTIMATED = 500
"""Rows that are each estimated; with more of them only the total is, and list money stays exact in each."""


@click.command("value")
@click.option("--engine", type=click.Choice(ENGINES), default="duckdb", show_default=True, help="What reads the table.")
@click.option("--from", "uri", required=True, metavar="URI", help="Parquet file, glob or folder, or ADDRESS#TABLE.")
@click.option("--mapping", required=True, metavar="NAME", help="What its columns mean: a name or a TOML file.")
@click.option("--by", default="day", show_default=True, help="A row: day, week, month, model, user …, or day,user.")
@click.option("-s", "--since", metavar="DAY", help="First local day (2026-03-01).")
@click.option("-u", "--until", metavar="DAY", help="Last local day, included.")
@click.option("-z", "--tz", default="UTC", show_default=True, help="IANA time zone of days.")
@click.option("--basis", default="list,market,serving", show_default=True, help="Bases to show.")
@click.option("-b", "--breakdown", is_flag=True, help="One line a model under each row.")
@click.option("--user-months", is_flag=True, help="Exact quantiles of what a user's month is worth at list.")
@click.option("--duplicates", type=click.Choice(DUPLICATES), default="refuse", show_default=True, help="Repeated ids.")
@click.option("--strict", is_flag=True, help="Refuse the table if any row cannot be counted.")
@click.option("--out", type=PLACE, help="Write the JSON object to this file, whole or not at all.")
@click.option(
    "--emit-sql",
    "dialect",
    is_flag=False,
    flag_value="engine",
    metavar="[DIALECT]",
    help="Print the SQL instead: this engine's, or bigquery, snowflake, trino, postgres …",
)
@shared_options
def command(**params: Any) -> None:
    """Price and sum a table of requests where it lies, then value the sums here on every basis.

    The engine normalises, prices and sums (docs/scale.md); list money is exact and the same on each. Nothing is
    written unless all of it could be read.
    """
    session, own = split_session(params)
    result = build(session, **own)
    if "sql" in result:
        _write(session, own["out"], result["sql"]) if own["out"] else click.echo(result["sql"], nl=False)
        return
    if own["out"]:
        from costbasis.reports.json import to_json

        _write(session, own["out"], to_json(result) + "\n")
    show(session, result, lambda: _text(session, result, own))


def _text(session: Session, result: dict[str, Any], own: dict[str, Any]) -> str:
    from costbasis.reports.screen import screen_width
    from costbasis.reports.value_text import value_text

    asked = bases(own["basis"])
    return value_text(result, asked, breakdown=own["breakdown"], style=session.style, width=screen_width())


def build(
    session: Session,
    *,
    engine: str,
    uri: str,
    mapping: str,
    by: str,
    since: str | None,
    until: str | None,
    tz: str,
    basis: str,
    breakdown: bool,
    user_months: bool,
    duplicates: str,
    strict: bool,
    out: Path | None,
    dialect: str | None,
) -> dict[str, Any]:
    """The ``costbasis.value/1`` object; with *dialect*, ``{"sql": …}``."""
    from costbasis.usage import engines
    from costbasis.usage.mappingfile import find_mapping
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.warehouse.emit import emitted
    from costbasis.usage.warehouse.priced import Ask, price_table
    from costbasis.usage.warehouse.smalltables import Wanted

    days = {option: parse_day(text, f"--{option}") for option, text in (("since", since), ("until", until)) if text}
    asked = bases(basis)
    meant, book = find_mapping(mapping), PriceBook.from_catalog(session.catalog)
    held_s = session.catalog.quantity(HELD).estimate.p50
    ask = Ask(by, Wanted("", tz, **days), held_s, duplicates, strict, user_months)
    found = engines.find(engine)
    if dialect is not None:
        name = found.NAME if dialect == "engine" else dialect
        return {"sql": emitted(found, uri, meant, book, ask, name, session.say)}
    priced = price_table(found, uri, meant, book, ask, session.say)
    return _valued(session, priced, (uri, meant), ask, asked)


def _valued(session: Session, priced: PricedTable, read: tuple[str, Any], ask: Ask, asked: list[str]) -> dict[str, Any]:
    """The sums on the bases asked for."""
    from dataclasses import replace

    from costbasis.bases.table import columns
    from costbasis.cli.facts import facts_of
    from costbasis.quantity import Source
    from costbasis.reports.usage_object import Table
    from costbasis.reports.value_object import Asked, value_object
    from costbasis.usage.amounts import amounts_of
    from costbasis.usage.pricing.cells import PriceWarning

    uri, mapping = read
    times = [cell.last_time_ms for cell in priced.cells]
    last = datetime.fromtimestamp(max(times) / 1000, UTC).date() if times else session.as_of
    source = Source("the table read", place=uri, trust="A", status="counted", as_of=last.isoformat())
    each = len({(cell.key, cell.model) for cell in priced.cells}) <= MOST_ESTIMATED
    cells = priced.cells if each else [cell.but(key="total") for cell in priced.cells]
    amounts = amounts_of(cells, source=source, as_of=min(session.as_of, last), models=each)
    estimated = [name for name in asked if name != "list"]
    with facts_of(session) as facts:
        valued = columns(amounts, facts.catalog, estimated, facts.kept)
    warnings = list(priced.warnings)
    if "serving" in asked and any(cell.counts.cache_read_tok + cell.counts.cache_write_tok for cell in cells):
        effect = f"such a table does not tell it: {ask.held_s:.0f} s is assumed for serving ({HELD})"
        warnings.append(PriceWarning("time in cache assumed", sum(cell.requests for cell in cells), "", effect))
    if not each and estimated:
        effect = f"more than {MOST_ESTIMATED} rows: only the total is estimated; list is exact in each"
        warnings.append(PriceWarning("rows not estimated", len({cell.key for cell in priced.cells}), "", effect))
    skipped = {fault.reason: fault.rows for fault in priced.faults}
    for fault in priced.faults:
        skipped[fault.reason] = sum(other.rows for other in priced.faults if other.reason == fault.reason)
    table = Table(
        ask.by, ask.wanted.tz, priced.cells, priced.unpriced, skipped, lambda: amounts, valued, lambda: session.catalog
    )
    return value_object(Asked(uri, mapping, replace(priced, warnings=warnings)), table, session.catalog, session.as_of)


def _write(session: Session, out: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    import tempfile

    from costbasis.errors import UnreadableInput, why

    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".costbasis-") as folder:
            made = Path(folder) / "made"
            made.write_text(text, encoding="utf-8")
            made.replace(out)
    except OSError as error:
        what = f"cannot be written ({why(error)})"
        raise UnreadableInput(what, where=str(out), hint="choose another folder") from error
    session.say(f"written: {out}")
