"""Reads an upstream's bytes safely: size, encoding, depth, repeated keys and the shape of what is in them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from costbasis.errors import BadImport

LARGEST = 64 * 2**20
"""Bytes. The largest upstream is 4 MB; a file above this is not one of them."""

DEEPEST = 40
"""Levels. The deepest upstream nests 8."""

LONGEST_NAME = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/@+&'()~,-]*")


def text_of(raw: bytes, where: str) -> str:
    """The text of a file.

    Errors: :class:`~costbasis.errors.BadImport` for what is empty, too large, or not UTF-8.
    """
    if len(raw) > LARGEST:
        raise BadImport(f"{len(raw) / 2**20:,.0f} MiB is too large for an upstream (64 MiB at most)", where=where)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadImport(f"not UTF-8 at byte {error.start}", where=where, hint="save it as UTF-8") from error
    if not text.strip():
        raise BadImport("empty", where=where)
    return text


def json_of(raw: bytes, where: str, *, infinities: bool = False) -> Any:
    """What a JSON file holds; numbers with a point stay decimals. *infinities* may stand in it where no price can.

    Errors: :class:`~costbasis.errors.BadImport` for what is not JSON, nests too deep, repeats a key, or holds
    NaN or an infinity.
    """
    text = text_of(raw, where)
    _refuse_deep(text, where)
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=str if infinities else _refuse_constant,
            object_pairs_hook=_object,
        )
    except BadImport as error:
        raise BadImport(error.what, where=where) from error
    except (ValueError, RecursionError) as error:
        raise BadImport(f"not JSON: {error}", where=where) from error


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 40 else Decimal(digits)


def _refuse_constant(word: str) -> Any:
    raise BadImport(f"{word} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise BadImport(f'the key "{twice[:60]}" stands twice in one object')
    return found


def _refuse_deep(text: str, where: str) -> None:
    depth = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark.group(), 0)
        if depth > DEEPEST:
            raise BadImport(f"nests deeper than {DEEPEST} levels", where=where)


def csv_of(raw: bytes, where: str, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a CSV file with their numbers.

    Errors: :class:`~costbasis.errors.BadImport` where a needed column is missing or stands twice, or a line has
    another number of cells than the head.
    """
    reader = csv.reader(io.StringIO(text_of(raw, where), newline=""))
    try:
        head = next(reader)
        missing = [column for column in needed if column not in head]
        if missing:
            raise BadImport(f"no column {', '.join(missing)}", where=where, hint=f"needed: {', '.join(needed)}")
        if len(set(head)) < len(head):
            raise BadImport("a column stands twice", where=where)
        for cells in reader:
            if len(cells) != len(head):
                raise BadImport(f"{len(cells)} cells under {len(head)} columns", where=f"{where}:{reader.line_num}")
            yield reader.line_num, dict(zip(head, cells, strict=True))
    except csv.Error as error:
        raise BadImport(f"not CSV: {error}", where=f"{where}:{reader.line_num}") from error


def mapping(value: object, where: str) -> dict[str, Any]:
    """*value*, which must be an object.

    Errors: :class:`~costbasis.errors.BadImport`.
    """
    if not isinstance(value, dict):
        raise BadImport(f"an object was expected, not {type(value).__name__}", where=where)
    return value


def listing(value: object, where: str) -> list[Any]:
    """*value*, which must be a list.

    Errors: :class:`~costbasis.errors.BadImport`.
    """
    if not isinstance(value, list):
        raise BadImport(f"a list was expected, not {type(value).__name__}", where=where)
    return value


def safe_name(value: object, where: str) -> str:
    """A name that may stand in a table: no formula, no path that climbs, no control character, not endless.

    Errors: :class:`~costbasis.errors.BadImport`.
    """
    if not isinstance(value, str) or not value:
        raise BadImport("a name is missing", where=where)
    if len(value) > LONGEST_NAME:
        raise BadImport(f"a name of {len(value):,} characters", where=where)
    if not _NAME.fullmatch(value) or ".." in value.split("/") or "//" in value:
        raise BadImport(f"{value!r} is no name of a model or seller", where=where)
    return value


def packaged(package: str, path: str) -> tuple[bytes, str] | None:
    """The bytes of a file of an installed package and the package's version; None where it is not installed."""
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return None
    place = found.locate_file(path)
    try:
        return Path(str(place)).read_bytes(), found.version
    except OSError:
        return None
