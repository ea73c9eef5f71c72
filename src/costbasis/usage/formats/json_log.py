"""Logs in JSON: the lines of a file that matter, or the one document that a file is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from costbasis.usage.formats.logline import (
    MALFORMED,
    NOT_AN_OBJECT,
    BadLine,
    cut_lines,
    decode_object,
    is_object,
    repaired,
)
from costbasis.usage.readers import FileReading


def marked_lines(
    data: bytes, path: str, start: int, found: FileReading, markers: Sequence[bytes]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines that hold one of *markers*, as objects, each with its first byte.

    Lines that are none are noted in *found*, and so is a torn last line, which is left for later.
    """
    found.consumed = start + len(data)
    for offset, line, torn in cut_lines(data, start):
        if torn:
            found.pending, found.consumed = len(line), offset
        elif not is_object(line):
            found.skip(path, offset, NOT_AN_OBJECT)
        elif any(marker in line for marker in markers):
            try:
                said = decode_object(line)
            except BadLine as bad:
                found.skip(path, offset, bad)
            else:
                yield offset, said


_decode_any = msgspec.json.Decoder().decode


def document(data: bytes, path: str, found: FileReading) -> Any:
    """A file that is one JSON document; None where it is empty, or damaged, which is noted in *found*."""
    found.consumed = len(data)
    text = data.strip()
    if not text:
        return None
    try:
        return decoded(text)
    except BadLine as bad:
        found.skip(path, 0, bad)
        return None


def decoded(text: bytes) -> Any:
    """JSON of any shape, mended like a log line.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where it is none.
    """
    try:
        return _decode_any(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            return _decode_any(repaired(text))
        except (msgspec.DecodeError, RecursionError):
            raise BadLine(MALFORMED) from None


def first_line_has(head: bytes, *fields: bytes) -> bool:
    """Whether the first line of a file has all these fields, however it is spaced.

    >>> first_line_has(b'{"type" : "session", "cwd": "/p"}\\n{}', b'"type":"session"', b'"cwd":')
    True
    """
    first = _first_line(head)
    return fields[0] in first and all(field in first for field in fields)


@lru_cache(maxsize=1)
def _first_line(head: bytes) -> bytes:
    """Without its spaces. Many readers are asked of one file, one after the other."""
    return head.lstrip().partition(b"\n")[0].translate(None, b" \t\r")
