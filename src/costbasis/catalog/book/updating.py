"""Takes one upstream in: what it would change, and the user's book with those changes added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from costbasis.catalog.book.compiled import read_book
from costbasis.catalog.book.diff import Change, changes
from costbasis.catalog.book.laying import compile_over
from costbasis.catalog.book.overlay import Overlay, only_one, read_overlay, write_overlay
from costbasis.catalog.book.statement import Statement
from costbasis.catalog.importers import Imported, Importer, Refused, Told, Upstream
from costbasis.catalog.models.names import Names
from costbasis.catalog.tables import Row, read_csv, schemas
from costbasis.errors import BadImport

IDENTITY = {
    "rate": ("accelerator", "provider", "pricing_type", "gpus_per_instance", "region"),
    "architecture": ("model",),
}
"""What a row of another table is about; a row about the same with other values is a newer fact."""

_TOLD = ("observed", "observed_basis", "source", "confidence", "note")


@dataclass(frozen=True)
class Update:
    """What an upstream would change. *rows*: new rows of other tables, each with what the book holds of the same."""

    upstream: str
    told: Told
    imported: Imported
    changes: Sequence[Change]
    rows: Mapping[str, Sequence[tuple[Row, Row | None]]]

    def accepted(self, *, held_too: bool) -> list[Change]:
        """The changes that go in: those without a doubt, or all of them."""
        return [change for change in self.changes if held_too or not change.held]


def told_of(importer: Importer, upstream: Upstream, names: Names, listed: Sequence[str], observed: str) -> Told:
    """What an importer is told of a file."""
    rows = [row for row in read_csv("book/provider.csv") if row["upstream"] == importer.NAME]
    sellers = {row["raw"]: (row["provider"], row["route"]) for row in rows}
    return Told(upstream.citation, observed, names, sellers, frozenset(listed))


def plan_update(importer: Importer, upstream: Upstream, told: Told, overlay: Overlay) -> Update:
    """What the file would change; nothing is written.

    Errors: :class:`~costbasis.errors.BadImport` for a file that is not the upstream's, or of which nothing can
    be used.
    """
    imported = importer.read(upstream.raw, told)
    if not imported.statements and not any(imported.rows.values()):
        why = imported.refused[0].reason if imported.refused else "it names no seller or model that is known"
        raise BadImport(f"nothing in it can be used: {why}", where=upstream.citation)
    imported.statements = _without_twice(imported)
    book = [*read_book(), *overlay.statements]
    seen = imported.seen if importer.COMPLETE else None
    found = changes(book, imported.statements, seen=seen, today=told.observed)
    ordered = sorted(found, key=lambda change: (change.kind, change.statement.series))
    rows = {kind: _new_rows(kind, made, overlay) for kind, made in imported.rows.items()}
    return Update(importer.NAME, told, imported, ordered, rows)


def _without_twice(imported: Imported) -> list[Statement]:
    """The statements without those that the file makes twice and differently: neither of the two is believed."""
    by_key: dict[tuple[object, ...], list[Statement]] = {}
    for one in imported.statements:
        by_key.setdefault((*one.series, one.valid_from), []).append(one)
    kept = []
    for same in by_key.values():
        if all(dict(one.prices) == dict(same[0].prices) for one in same):
            kept.append(same[0])
        else:
            where = f"{same[0].provider}/{same[0].provider_model_id}"
            imported.refused.append(Refused(where, "priced twice, differently"))
    return kept


def _new_rows(kind: str, made: Sequence[Row], overlay: Overlay) -> list[tuple[Row, Row | None]]:
    named = IDENTITY[kind]
    held = [*read_csv(schemas()[kind]["file"]), *overlay.rows.get(kind, ())]
    newest = {tuple(row.get(name, "") for name in named): row for row in held}
    found: list[tuple[Row, Row | None]] = []
    for row in made:
        before = newest.get(tuple(row.get(name, "") for name in named))
        values = [name for name in row if name not in (*_TOLD, *named)]
        if before is None or any(_value(row[name]) != _value(before.get(name, "")) for name in values):
            found.append((row, before))
    return found


def _value(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def apply_update(update: Update, path: Path, *, held_too: bool) -> Overlay:
    """Add the accepted changes to the user's book at *path* and replace it.

    Errors: :class:`~costbasis.errors.BadCatalogue` where the book cannot be read or written; the old one stays.
    """
    accepted = update.accepted(held_too=held_too)
    with only_one(path):
        old = read_overlay(path)
        statements = (*old.statements, *(change.statement for change in accepted))
        rows = {kind: (*old.rows.get(kind, ()), *(row for row, _ in new)) for kind, new in update.rows.items() if new}
        review = {(row["raw_name"], row["seller"]): row for row in old.review}
        for raw, seller in update.imported.unmapped.items():
            row = {
                "raw_name": raw,
                "seller": seller,
                "upstream": update.imported.source_id,
                "observed": update.told.observed,
            }
            review.setdefault((raw, seller), row)
        entry = {
            "day": update.told.observed,
            "source": update.told.citation,
            "added": str(len(accepted) + sum(map(len, update.rows.values()))),
        }
        new = replace(
            old,
            statements=statements,
            rows={**old.rows, **rows},
            review=tuple(review.values()),
            log=(*old.log, entry),
            compiled=compile_over(statements),
        )
        write_overlay(path, new)
    return read_overlay(path)
