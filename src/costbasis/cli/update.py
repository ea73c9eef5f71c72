"""``costbasis update``: what an upstream would change in the book; ``--apply`` adds it to your own book."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import click

from costbasis.cli.common import PLACE, shared_options
from costbasis.cli.session import Session, parse_day, show, split_session

SHOWN = 12
"""Changes of a kind that the text shows; --json and --all have the rest."""


@click.command("update")
@click.argument("upstream", required=False)
@click.option("--file", "file", type=PLACE, help="Read this file of the upstream.")
@click.option("--online", is_flag=True, help="Fetch it from its own address (the only thing that uses the network).")
@click.option("--observed", metavar="DAY", help="The day on which it was seen [default: today].")
@click.option("--apply", "apply", is_flag=True, help="Add the changes to your own book.")
@click.option("--accept-held", is_flag=True, help="With --apply: those too that the sanity gate holds back.")
@click.option("--all", "show_all", is_flag=True, help="List every change.")
@shared_options
def command(**params: Any) -> None:
    """Show what an UPSTREAM would change in the price book, and with --apply add it to your own book.

    Without --file the installed package of the upstream is read. The book that ships is never changed; yours is laid
    over it. For example: costbasis update litellm --file model_prices_and_context_window.json
    """
    session, own = split_session(params)
    result = build(session, **own)
    show(session, result, lambda: _text(result, own["show_all"]))


def build(
    session: Session,
    *,
    upstream: str | None,
    file: Path | None,
    online: bool,
    observed: str | None,
    apply: bool,
    accept_held: bool,
    show_all: bool,
) -> dict[str, Any]:
    """The ``costbasis.update/1`` object: new, changed, vanished and held offers, and what was refused.

    Errors: :class:`~costbasis.errors.BadImport`, :class:`~costbasis.errors.UnknownName`,
    :class:`~costbasis.errors.BadArgument`.
    """
    from costbasis.catalog.book.overlay import own_book
    from costbasis.catalog.book.updating import apply_update, plan_update, told_of
    from costbasis.catalog.importers import discover, find
    from costbasis.errors import BadArgument
    from costbasis.reports.head import head

    path = own_book(os.environ, Path.home())
    catalog = session.catalog
    base = head("costbasis.update/1", catalog, session.as_of, [])
    if upstream is None:
        if file or online or apply:
            raise BadArgument("which upstream?", where="update", hint=f"one of {', '.join(discover())}")
        return base | {"upstreams": [_known(importer) for importer in discover().values()], "book": str(path)}
    if file and online:
        raise BadArgument("--file and --online exclude each other", where="update")
    importer = find(upstream)
    day = (parse_day(observed, "--observed") if observed else date.today()).isoformat()
    source = _source(importer, file, online)
    told = told_of(importer, source, catalog.names, catalog.retail_models(), day)
    update = plan_update(importer, source, told, catalog.overlay)
    taken = update.accepted(held_too=accept_held)
    result = base | {
        "upstream": upstream,
        "source": source.citation,
        "observed": day,
        "entries": update.imported.entries,
        "offers": len(update.imported.statements),
        "changes": [_change(change) for change in update.changes],
        "rows": [_row(kind, *pair) for kind, pairs in update.rows.items() for pair in pairs],
        "refused": [{"where": one.where, "reason": one.reason} for one in update.imported.refused],
        "unmapped": sorted(update.imported.unmapped),
        "repaired": len(update.imported.repaired),
        "would_add": len(taken) + sum(map(len, update.rows.values())),
        "applied": False,
        "book": str(path),
    }
    if apply and result["would_add"]:
        apply_update(update, path, held_too=accept_held)
        result["applied"] = True
    return result


def _source(importer: Any, file: Path | None, online: bool) -> Any:
    from costbasis.catalog.importers import Upstream
    from costbasis.catalog.importers.reading import LARGEST
    from costbasis.errors import BadArgument, BadImport, why

    if file:
        try:
            size = file.stat().st_size
            if size > LARGEST:
                raise BadImport(f"{size / 2**20:,.0f} MiB is too large (64 MiB at most)", where=str(file))
            return Upstream(file.read_bytes(), "", f"{importer.CITES} {'/'.join(file.parts[-2:])}")
        except OSError as error:
            raise BadImport(f"cannot be read: {why(error)}", where=str(file), hint="check --file") from error
    if online:
        return _fetched(importer)
    found = importer.installed()
    if found is None:
        ways = f"--file{' or --online' if importer.URL else ''}"
        raise BadArgument(f"{importer.NAME} is not installed here", where="update", hint=f"give {ways}")
    return found


def _fetched(importer: Any) -> Any:
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    from costbasis.catalog.importers import Upstream
    from costbasis.catalog.importers.reading import LARGEST
    from costbasis.errors import BadArgument, BadImport

    if not importer.URL:
        raise BadArgument(f"{importer.NAME} has no address to fetch from", where="--online", hint="give --file")
    try:
        with urlopen(Request(importer.URL, headers={"User-Agent": "costbasis"}), timeout=60) as answer:
            return Upstream(answer.read(LARGEST + 1), "", f"{importer.CITES} {importer.URL}")
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise BadImport(f"cannot be fetched: {reason}", where=importer.URL, hint="give --file") from error


def _known(importer: Any) -> dict[str, Any]:
    found = importer.installed()
    return {
        "name": importer.NAME,
        "title": importer.TITLE,
        "licence": importer.LICENCE,
        "installed": found.version if found else None,
        "url": importer.URL,
    }


def _change(change: Any) -> dict[str, Any]:
    one = change.statement
    return {
        "kind": change.kind,
        "model": one.model,
        "seller": one.provider,
        "route": one.route,
        "name": one.provider_model_id,
        "variant": one.variant,
        "tier": one.service_tier,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "prices": {f"{meter}{f'@{context}' if context else ''}": text for (meter, context), text in one.prices.items()},
        "moved": change.moved,
        "held": list(change.held),
    }


def _row(kind: str, row: dict[str, str], before: dict[str, str] | None) -> dict[str, Any]:
    differs = {name: value for name, value in row.items() if before is None or before.get(name, "") != value}
    return {"kind": "changed" if before else "new", "table": kind, "row": row, "differs": differs}


def _text(result: dict[str, Any], show_all: bool) -> str:
    if "upstreams" in result:
        lines = [
            f"{one['name']:<14} {one['title']} ({one['licence']})"
            f" · {'installed: ' + one['installed'] if one['installed'] else 'not installed'}"
            for one in result["upstreams"]
        ]
        return "\n".join([*lines, "", "Show what one would change: costbasis update UPSTREAM [--file F | --online]"])
    held = [change for change in result["changes"] if change["held"]]
    rows = Counter(f"{row['kind']} {row['table']}" for row in result["rows"])
    lines = [
        f"{result['source']}, seen on {result['observed']}: {result['entries']:,} entries,"
        f" {result['offers']:,} offers of models and sellers that are known"
    ]
    for kind in ("new", "changed", "vanished"):
        lines += _listed(kind, [c for c in result["changes"] if c["kind"] == kind and not c["held"]], show_all)
    lines += _listed("held back", held, show_all)
    lines += [f"\n{count:,} {name} rows" for name, count in rows.items()]
    if not result["changes"] and not result["rows"]:
        lines.append("\nnothing to change")
    refused = Counter(one["reason"].split(":")[0] for one in result["refused"])
    notes = [f"{count} × {reason}" for reason, count in refused.most_common(5)]
    lines.append("")
    if notes:
        lines.append(f"{len(result['refused']):,} entries refused: {'; '.join(notes)}")
    if result["unmapped"]:
        lines.append(f"{len(result['unmapped']):,} names of models are not known: costbasis catalog review")
    if result["applied"]:
        lines.append(f"{result['would_add']:,} added to {result['book']}; costbasis catalog sources shows them")
    elif result["would_add"]:
        lines.append(f"Nothing was changed. --apply adds {result['would_add']:,} to {result['book']}")
    return "\n".join(lines)


def _listed(kind: str, changes: list[dict[str, Any]], show_all: bool) -> list[str]:
    if not changes:
        return []
    lines = [f"\n{len(changes):,} {kind}"]
    for change in changes if show_all else changes[:SHOWN]:
        tier = "" if change["tier"] == "standard" else f" {change['tier']}"
        when = f" from {change['valid_from']}" if change["valid_from"] else ""
        what = "; ".join(change["held"]) or ", ".join(change["moved"]) or "no longer listed"
        lines.append(f"  {change['model']}{tier} at {change['seller']}{when}: {what}")
    return lines if show_all or len(changes) <= SHOWN else [*lines, f"  … {len(changes) - SHOWN:,} more: --all"]
