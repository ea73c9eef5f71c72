"""``costbasis export``: usage as a file, in the form that its name asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.progress import scanning
from costbasis.cli.session import Session, show, split_session

NAMED = {"focus": "costbasis.focus.csv", "openmetrics": "costbasis.prom"}
"""A form that can be asked for without a file, and the file that it is written to here."""

METRICS_ENDINGS = (".prom", ".om", ".openmetrics")


@click.command("export")
@click.argument("paths", nargs=-1, type=PLACE)
@click.option(
    "--to",
    required=True,
    type=PLACE,
    help="The file: .parquet, .csv, .focus.csv or .prom; or focus, openmetrics.",
)
@shared_options
def command(**params: Any) -> None:
    """Write usage as a file: of the agents' logs on this machine and what was merged, or of PATHS.

    F.parquet and F.csv have one row a request. F.focus.csv is FOCUS 1.2: a row a day, model, price and class of token,
    with list money and, in x_ columns, other bases. F.prom is OpenMetrics: counters and gauges by model. The file is
    there whole or not at all; no text of prompts or answers is in it.
    """
    session, own = split_session(params)
    result = build(session, **own)
    for row in result.get("unpriced", []):
        session.say(f"left out: {row['model']}: {row['requests']:,} requests have no list price: {row['reason']}")
    show(session, result, lambda: f"{result['path']}: {result['requests']:,} requests")


def build(session: Session, *, paths: tuple[Path, ...], to: Path) -> dict[str, Any]:
    """Write the file; what it holds."""
    to = Path(NAMED.get(str(to), to))
    if to.name.lower().endswith(".focus.csv"):
        return _focus(session, paths, to)
    if to.suffix.lower() in METRICS_ENDINGS:
        return _metrics(session, paths, to)
    return _requests(session, paths, to)


def _requests(session: Session, paths: tuple[Path, ...], to: Path) -> dict[str, Any]:
    from costbasis.usage.export import COLUMNS, export
    from costbasis.usage.reading import up_to_date

    with scanning(session) as progress, up_to_date(paths, progress) as (ledger, _):
        count = export(ledger.connection, to)
        digest = ledger.usage_sha256
    return _told(to, count, list(COLUMNS), digest)


def _told(to: Path, requests: int, columns: list[str], usage_sha256: str) -> dict[str, Any]:
    return {
        "schema": "costbasis.export/1",
        "path": str(to),
        "requests": requests,
        "columns": columns,
        "usage_sha256": usage_sha256,
    }


def _focus(session: Session, paths: tuple[Path, ...], to: Path) -> dict[str, Any]:
    from costbasis.bases import engine
    from costbasis.reports.focus import BASES, COLUMNS, X_COLUMNS, Charge, focus_csv, vendor_named
    from costbasis.usage.amounts import Row
    from costbasis.usage.billed import read_lines
    from costbasis.usage.export import made_whole
    from costbasis.usage.pricing.priceview import Grouping

    catalog = session.catalog
    with made_whole(to) as made, scanning(session) as progress:
        billed = read_lines(paths, catalog, Grouping(by="day", tz="UTC"), session.as_of, progress)
        lines, amounts, reading = billed.lines, billed.amounts, billed.reading
        found = engine.value(amounts, catalog, only=BASES)
        place = {row: index for index, row in enumerate(amounts.rows)}
        charges = []
        for number, line in enumerate(lines):
            index = place[Row(str(number), None)]
            worth = {
                name: found[name].rows.row(index)
                for name in BASES
                if name in found and found[name].covered_list_usd[index] > 0
            }
            charges.append(Charge(line, vendor_named(catalog.vendor(line.model)), worth))
        made.write_text(focus_csv(charges), encoding="utf-8")
    told = _told(to, sum(cell.requests for cell in reading.cells), [*COLUMNS, *X_COLUMNS], reading.usage_sha256)
    pico_usd = sum(line.pico_usd for line in lines)
    from costbasis.usage.pricing.cells import usd_text

    unpriced = [
        {"model": row.model, "requests": row.requests, "tokens": row.tokens, "reason": row.reason}
        for row in reading.unpriced
    ]
    return told | {"rows": len(lines), "list_usd": usd_text(pico_usd), "unpriced": unpriced}


def _metrics(session: Session, paths: tuple[Path, ...], to: Path) -> dict[str, Any]:
    from costbasis.cli.facts import facts_at_hand
    from costbasis.cli.tabled import table_of
    from costbasis.reports.openmetrics import FAMILIES, openmetrics
    from costbasis.usage.export import made_whole
    from costbasis.usage.pricing.priceview import Grouping
    from costbasis.usage.reading import read_usage

    with made_whole(to) as made, scanning(session) as progress:
        reading = read_usage(paths, session.catalog, Grouping(by="model", tz="UTC"), session.as_of, progress)
        table = table_of(facts_at_hand(session), reading, ["list", "market", "serving"], "asc")
        last_ms = max((cell.last_time_ms for cell in reading.cells), default=None)
        made.write_text(openmetrics(table, None if last_ms is None else last_ms / 1000), encoding="utf-8")
    return _told(to, table["total"]["requests"], list(FAMILIES), reading.usage_sha256) | {"unpriced": []}
