"""The user's own book: statements laid over the one that ships, in one file that is replaced whole or not at all.

It holds what was added (append-only) and the compiled rows of every model that it touches, so that loading it costs
no compile. It never changes the installed package.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from costbasis.catalog.book.sources import source_id_of
from costbasis.catalog.book.statement import Statement, long_rows, plain_variant, statements_of
from costbasis.catalog.tables import Row, read_bytes
from costbasis.errors import BadCatalogue, why

SCHEMA = "costbasis.book/1"

FIRST = ("architecture",)
"""Tables in which the first row of a model counts: there the user's rows go before ours."""


def own_book(environ: Mapping[str, str], home: Path) -> Path:
    """Where the user's book is: below ``COSTBASIS_HOME``, else ``XDG_DATA_HOME``, else ``~/.local/share``."""
    if environ.get("COSTBASIS_HOME"):
        return Path(environ["COSTBASIS_HOME"]) / "book.json"
    data = Path(environ["XDG_DATA_HOME"]) if environ.get("XDG_DATA_HOME") else home / ".local" / "share"
    return data / "costbasis" / "book.json"


def base_sha256() -> str:
    """Hash of the statements that ship: compiled rows of an overlay hold for these only."""
    return hashlib.sha256(read_bytes("book/price.csv.gz") + read_bytes("book/mended.csv")).hexdigest()


@dataclass(frozen=True)
class Overlay:
    """What was added: *statements*, *rows* of other tables, names to *review*, and a *log* of who brought them.

    *compiled*: rows of ``retail`` and ``offer`` that stand in the place of those of the same model or series; with
    *known_on* all rows of the two, as the book knew them on that day, without *unseen* statements. *models*: every
    model of the whole book, known on the day or not.
    """

    statements: tuple[Statement, ...] = ()
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    review: tuple[Row, ...] = ()
    log: tuple[Row, ...] = ()
    compiled: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    sha256: str = ""
    path: Path | None = None
    known_on: date | None = None
    unseen: int = 0
    models: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True where nothing was ever added."""
        return not self.statements and not self.rows

    def lay(self, kind: str, rows: list[Row]) -> list[Row]:
        """The rows of a table with the user's own over them."""
        if self.known_on is not None and kind in self.compiled:
            return [dict(row) for row in self.compiled[kind]]
        if kind == "retail":
            return _replaced(rows, self.compiled.get(kind, ()), lambda row: (row["model"], row["mode"]))
        if kind == "offer":
            return _replaced(rows, self.compiled.get(kind, ()), series_of_row)
        own = [dict(row) for row in self.rows.get(kind, ())]
        return [*own, *rows] if kind in FIRST else [*rows, *own]

    @cached_property
    def count(self) -> int:
        """How many statements and rows were added."""
        return len(self.statements) + sum(len(rows) for rows in self.rows.values())


def series_of_row(row: Mapping[str, str]) -> tuple[str, ...]:
    """The series of a compiled offer, as :attr:`Statement.series` has it."""
    named = ("route", "provider", "model", "provider_model_id", "quantisation")
    return (source_id_of(row["source"]), plain_variant(row["variant"]), *(row[name] for name in named))


def _replaced(rows: list[Row], own: Iterable[Row], key: Any) -> list[Row]:
    mine = [dict(row) for row in own]
    if not mine:
        return rows
    touched = {key(row) for row in mine}
    return [*(row for row in rows if key(row) not in touched), *mine]


def read_overlay(path: Path) -> Overlay:
    """The user's book at *path*; an empty one where there is no such file.

    Errors: :class:`~costbasis.errors.BadCatalogue` for a file that is not one, with what to do.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Overlay(path=path)
    except OSError as error:
        raise BadCatalogue(f"cannot be read: {why(error)}", where=str(path)) from error
    try:
        held = json.loads(raw)
        if held["schema"] != SCHEMA:
            raise ValueError(f"schema {held['schema']!r}")
        overlay = Overlay(
            statements=tuple(statements_of(held["price"])),
            rows={kind: tuple(rows) for kind, rows in held["rows"].items()},
            review=tuple(held["review"]),
            log=tuple(held["log"]),
            compiled={kind: tuple(rows) for kind, rows in held["compiled"].items()},
            sha256=hashlib.sha256(raw).hexdigest(),
            path=path,
        )
        stale = held["base_sha256"] != base_sha256()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "move it away to go on without it; costbasis update makes a new one"
        raise BadCatalogue(f"is no book of costbasis ({error})", where=str(path), hint=hint) from error
    return _recompiled(overlay) if stale else overlay


def _recompiled(overlay: Overlay) -> Overlay:
    """With its compiled rows made anew: the book that ships is another one than when they were made."""
    from dataclasses import replace

    from costbasis.catalog.book.laying import compile_over

    return replace(overlay, compiled=compile_over(overlay.statements))


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock of a book while it is read, added to and replaced.

    Errors: :class:`~costbasis.errors.BadCatalogue` where the folder cannot be written.
    """
    import fcntl

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    except OSError as error:
        hint = "set COSTBASIS_HOME to a folder that you can write"
        raise BadCatalogue(f"cannot be written: {why(error)}", where=str(path.parent), hint=hint) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_overlay(path: Path, overlay: Overlay) -> None:
    """Replace the book at *path*: whoever reads it sees the old one or the new one, never a part.

    Errors: :class:`~costbasis.errors.BadCatalogue` where it cannot be written; the old one stays.
    """
    import tempfile

    held = {
        "schema": SCHEMA,
        "base_sha256": base_sha256(),
        "price": list(long_rows(overlay.statements)),
        "rows": {kind: list(rows) for kind, rows in overlay.rows.items()},
        "review": list(overlay.review),
        "log": list(overlay.log),
        "compiled": {kind: list(rows) for kind, rows in overlay.compiled.items()},
    }
    try:
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=".book-", suffix=".json")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(held, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            Path(made).replace(path)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise BadCatalogue(f"cannot be written: {why(error)}; the old book stays", where=str(path)) from error
