"""Rows of an export, whichever way it was written: CSV, JSON lines, or one JSON document with pages in it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from costbasis.usage.formats.calls import list_of
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import BOM, NOT_AN_OBJECT, BadLine
from costbasis.usage.readers import FileReading

WRONG_WIDTH = "a row that has not the columns of the header"
UNREADABLE_ROW = "a row that is no CSV"
MORE_PAGES = "the last page says that there are more"
ROW_REASONS = (WRONG_WIDTH, UNREADABLE_ROW, MORE_PAGES)

WIDEST = 1 << 30
"""Characters of one cell: some exports keep whole prompts in one."""

Row = tuple[int, dict[str, Any]]
"""Where a row stands and what it says: its number (the header of a CSV is row 1), its place in a JSON list from 1, or
the first byte of its line."""


def rows_of(data: bytes, path: str, found: FileReading) -> Iterator[Row]:
    """The rows of an export; what is none is noted in *found*, and so is a torn end, which is left for later."""
    found.consumed = len(data)
    text = data.removeprefix(BOM).lstrip()
    if path.endswith(".csv") or (text[:1] not in (b"{", b"[") and not path.endswith((".json", ".jsonl"))):
        yield from csv_rows(data, path, found)
    elif path.endswith(".jsonl"):
        yield from _json_lines(data, path, found)
    elif not text:
        return
    elif text[:1] == b"[" or b"\n" not in text.rstrip() or not _is_json(text.partition(b"\n")[0]):
        yield from _document(text, path, found)
    else:
        yield from _json_lines(data, path, found)


def has_columns(head: bytes, *names: str) -> bool:
    """Whether the first line is a CSV header that has all these columns.

    >>> has_columns(b'id,"Cost",model\\n1,2,3', "cost", "id")
    True
    """
    cells = _cells(head)
    return bool(cells) and all(name.lower() in cells for name in names)


@lru_cache(maxsize=1)
def _cells(head: bytes) -> set[str]:
    """Of the first line; none where that is JSON. Many readers are asked of one file, one after the other."""
    first = head.removeprefix(BOM).partition(b"\n")[0]
    if first.startswith((b"{", b"[")):
        return set()
    return {cell.strip().strip('"').lower() for cell in first.decode("utf-8", "replace").split(",")}


def has_fields(head: bytes, *names: str) -> bool:
    """Whether the file begins as JSON, and its first bytes name all these fields.

    >>> has_fields(b'[{"id": 1, "spend": 2}]', "id", "spend"), has_fields(b'{"id": 1}', "spend")
    (True, False)
    """
    if not head.removeprefix(BOM).lstrip().startswith((b"{", b"[")):
        return False
    first, *more = _quoted(names)
    return first in head and all(name in head for name in more)


@cache
def _quoted(names: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(b'"%s"' % name.encode() for name in names)


def csv_rows(data: bytes, path: str, found: FileReading, delimiter: str = ",") -> Iterator[Row]:
    """The rows of a CSV below its header, by column. A last row without its end is pending, unless it is complete."""
    import csv  # here: a scan loads this reader, and meets no CSV

    csv.field_size_limit(WIDEST)
    found.consumed = len(data)
    text = data.removeprefix(BOM).decode("utf-8", "replace")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] | None = None
    number = 0
    held: tuple[int, list[str]] | None = None
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            break
        except csv.Error:
            number += 1
            found.skip(path, number, UNREADABLE_ROW)
            continue
        number += 1
        if not any(cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            continue
        if held is not None:
            yield from _as_row(held, header, path, found)
        held = number, cells
    if held is None or header is None:
        return
    if len(held[1]) < len(header) and not text.endswith("\n"):
        found.pending = 1
        return
    yield from _as_row(held, header, path, found)


def _as_row(held: tuple[int, list[str]], header: Sequence[str], path: str, found: FileReading) -> Iterator[Row]:
    number, cells = held
    if len(cells) != len(header):
        found.skip(path, number, WRONG_WIDTH)
        return
    yield number, dict(zip(header, cells, strict=True))


def _is_json(line: bytes) -> bool:
    try:
        decoded(line.strip())
    except BadLine:
        return False
    return True


def _document(text: bytes, path: str, found: FileReading) -> Iterator[Row]:
    """A list of rows, a page (``{"data": [...]}``), a list of pages, or a single row."""
    try:
        said = decoded(text.strip())
    except BadLine as bad:
        found.skip(path, 0, bad)
        return
    number = 0
    pages = said if isinstance(said, list) else [said]
    for page in pages:
        inside = page.get("data") if isinstance(page, dict) else None
        for row in inside if isinstance(inside, list) else [page]:
            number += 1
            if isinstance(row, dict):
                yield number, row
            else:
                found.skip(path, number, NOT_AN_OBJECT)
    if pages and isinstance(pages[-1], dict) and pages[-1].get("has_more") is True:
        found.skip(path, number + 1, MORE_PAGES)


def _json_lines(data: bytes, path: str, found: FileReading) -> Iterator[Row]:
    lines = data.split(b"\n")
    following = 0
    for number, line in enumerate(lines, 1):
        place, following = following, following + len(line) + 1
        line = line.removeprefix(BOM) if place == 0 else line
        if not line.strip():
            continue
        try:
            said = decoded(line.strip())
        except BadLine as bad:
            if number == len(lines):
                found.pending = len(line)
            else:
                found.skip(path, place, bad)
            continue
        inside = list_of(said.get("data")) if isinstance(said, dict) and "data" in said else [said]
        for row in inside:
            if isinstance(row, dict):
                yield place, row
            else:
                found.skip(path, place, NOT_AN_OBJECT)
