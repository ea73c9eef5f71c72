"""Import a file: every request of it in one file of our own, whole or not at all, and a summary of what it holds."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from costbasis.errors import BadArgument, BadImport, UnreadableInput, why
from costbasis.usage.bills.charges import charges_of
from costbasis.usage.events import TokenCounts, UsageEvent, add_counts
from costbasis.usage.formats.gateway import CACHED_INPUT
from costbasis.usage.formats.logline import BadLine
from costbasis.usage.imports.maprow import BY_ROW, event_of
from costbasis.usage.imports.table import Table
from costbasis.usage.mapping import TableMapping, check_columns
from costbasis.usage.readers import HARMLESS, Reader
from costbasis.usage.readers.imported import HEAD, Kept, line_of, roots

SHOWN = 5
"""How many bad rows an error names."""


@dataclass(slots=True)
class Imported:
    """What a file held. *duplicates*: rows that repeat a request and count once; *alike*: rows without an id that equal
    an earlier one and count each, with the first of them. *bad*: rows left out, by what is wrong; *billed_usd*: what
    the file itself says was charged, None where it says nothing."""

    source: Path
    read_as: str
    requests: int = 0
    counts: TokenCounts = field(default_factory=TokenCounts)
    first_ms: int | None = None
    last_ms: int | None = None
    models: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    alike: int = 0
    first_alike: str = ""
    bad: list[str] = field(default_factory=list)
    billed_usd: Decimal | None = None
    kept: Path | None = None

    def add(self, event: UsageEvent) -> None:
        """Count a request."""
        self.requests += event.requests
        self.counts = add_counts(self.counts, event.counts)
        self.first_ms = min(self.first_ms or event.time_ms, event.time_ms)
        self.last_ms = max(self.last_ms or event.time_ms, event.time_ms)
        self.models[event.model] = self.models.get(event.model, 0) + event.requests


def place_of(source: Path, environ: Mapping[str, str], home: Path) -> Path:
    """Where what is imported from a file is kept: importing it again takes the place of what it said before."""
    name = hashlib.sha256(str(source.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return roots(environ, home)[0] / f"{source.stem[:40]}-{name}.jsonl"


def import_table(table: Table, mapping: TableMapping, to: Path, *, skip_bad: bool) -> Imported:
    """Every row of a table through a mapping. Nothing is written unless all rows are good, or *skip_bad* is given.

    Errors: :class:`~costbasis.errors.BadMapping` where a column is not there, :class:`~costbasis.errors.BadImport` with
    the rows that are no requests.
    """
    check_columns(mapping, table.columns, str(table.path))
    done = Imported(table.path, f"mapping {mapping.name}")
    seen: dict[bytes, int] = {}
    with _whole_or_not(to) as file:
        _write_head(file, table.path, done.read_as)
        for number, row in table.rows():
            try:
                event = event_of(mapping, number, row, table.path.name)
                _add_billed(done, mapping, row)
                if _is_new(event, number, seen, done):
                    file.write(line_of(event))
                    done.add(event)
            except BadLine as bad:
                done.bad.append(f"row {number}: {bad}")
                file.write(msgspec.json.encode(Kept(row=number, left_out=True)) + b"\n")
        _refuse(done, skip_bad)
    done.kept = to
    return done


def import_export(
    source: Path, data: bytes, reader: Reader, to: Path, *, skip_bad: bool, cached_input: str | None = None
) -> Imported:
    """Every request of an export that a reader knows. *cached_input*: "within" or "beside" the input, where it is open.

    Errors: :class:`~costbasis.errors.BadImport` with the rows that could not be counted, unless *skip_bad* is given;
    :class:`~costbasis.errors.BadArgument` where the format fixes what *cached_input* says.
    """
    if cached_input is not None and not getattr(reader, "CACHED_INPUT_IS_OPEN", False):
        what = f"{reader.NAME} fixes whether its input holds the cached tokens"
        raise BadArgument(what, where="--cached-input", hint="drop it; docs/sources.md says which it is")
    found = reader.read(data, str(source), 0, {CACHED_INPUT: cached_input} if cached_input else {})
    done = Imported(source, reader.NAME)
    best: dict[str, UsageEvent] = {}
    for event in found.requests:
        done.duplicates += event.request_key in best
        best.setdefault(event.request_key, event)
    lost = [skip for skip in found.skipped if not skip.reason.startswith(HARMLESS)]
    done.bad = [f"row {skip.origin.rpartition(':')[2]}: {skip.reason}" for skip in lost]
    if found.pending:
        done.bad.append("the end: the last row is torn")
    _refuse(done, skip_bad)
    charges = charges_of(data, str(source))
    done.billed_usd = sum((charge.usd for charge in charges), Decimal(0)) if charges else None
    with _whole_or_not(to) as file:
        _write_head(file, source, reader.NAME)
        for event in best.values():
            file.write(line_of(event))
            done.add(event)
        for skip in lost:
            number = int(skip.origin.rpartition(":")[2])
            file.write(msgspec.json.encode(Kept(row=number, left_out=True)) + b"\n")
    done.kept = to
    return done


def forget(source: Path, to: Path) -> bool:
    """Take back what was imported from a file; False where nothing was. An empty file stays, which the ledger obeys."""
    if not to.exists():
        return False
    with _whole_or_not(to) as file:
        _write_head(file, source, "forgotten")
    return True


def _is_new(event: UsageEvent, number: int, seen: dict[bytes, int], done: Imported) -> bool:
    """Whether a row is a request that no earlier row told."""
    what = msgspec.json.encode((event.time_ms, event.model, event.session if event.key_rule != BY_ROW else "",
                                event.user, event.counts))  # fmt: skip
    said = hashlib.blake2b(what, digest_size=12).digest()
    if event.key_rule == BY_ROW:
        if (first := seen.setdefault(said, number)) != number:
            done.alike += 1
            done.first_alike = done.first_alike or f"rows {first} and {number}"
        return True
    name = hashlib.blake2b(event.request_key.encode("utf-8", "replace"), digest_size=12).digest()
    if name not in seen:
        seen[name] = number
        seen[name + said] = number
        return True
    if name + said not in seen:
        identity = event.request_key.partition("@")[2]
        raise BadLine(f'request_id "{identity}" was told before, in row {seen[name]}, with other counts, time or model')
    done.duplicates += 1
    return False


def _add_billed(done: Imported, mapping: TableMapping, row: Mapping[str, Any]) -> None:
    for column in mapping.columns.get("billed_usd", ()):
        value = row.get(column.name)
        if value not in (None, ""):
            try:
                done.billed_usd = (done.billed_usd or Decimal(0)) + Decimal(str(value).strip())
            except InvalidOperation:
                raise BadLine(f'{column} "{value}" is no amount of dollars') from None
            return


def _refuse(done: Imported, skip_bad: bool) -> None:
    if not done.bad or skip_bad:
        return
    more = f"\n  … and {len(done.bad) - SHOWN} more" if len(done.bad) > SHOWN else ""
    listed = "".join(f"\n  {one}" for one in done.bad[:SHOWN])
    count = "1 row is no request" if len(done.bad) == 1 else f"{len(done.bad):,} rows are no requests"
    hint = "mend them or the mapping; --skip-bad leaves them out, counted. Nothing was written"
    raise BadImport(f"{count}:{listed}{more}", where=str(done.source), hint=hint)


def _write_head(file: BinaryIO, source: Path, read_as: str) -> None:
    digest = hashlib.sha256(source.read_bytes()).hexdigest() if source.exists() else ""
    file.write(msgspec.json.encode({HEAD: 1, "from": source.name, "sha256": digest, "read_as": read_as}) + b"\n")


@contextmanager
def _whole_or_not(to: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when all of it is written; an error leaves what was there before."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=to.parent, prefix=".costbasis-")
    except OSError as error:
        raise UnreadableInput(
            f"cannot be written ({why(error)})", where=str(to), hint="choose another place with --out"
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(to)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            what = f"cannot be written ({why(error)})"
            raise UnreadableInput(what, where=str(to), hint="make room, or choose another place with --out") from error
        raise
