"""What readers of log lines share: cutting lines, whole counts, moments, and why a line cannot be counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

NOT_AN_OBJECT = "not a JSON object"
MALFORMED = "malformed JSON"
ODD_SHAPE = "usage of an unknown shape"
NO_OUTPUT = "no output tokens"
NO_INPUT = "no input tokens"
BAD_COUNT = "a token count that is no whole number below 10 billion"
NO_MODEL = "no model"
BAD_TIME = "no usable timestamp"
PART_ABOVE_WHOLE = "cached or reasoning tokens above the count that holds them"

COMMON_REASONS = (
    NOT_AN_OBJECT, MALFORMED, ODD_SHAPE, NO_OUTPUT, NO_INPUT, BAD_COUNT, PART_ABOVE_WHOLE, NO_MODEL, BAD_TIME,
)  # fmt: skip
"""Reasons for which any reader skips a line."""

BOM = b"\xef\xbb\xbf"

Count = int | float | None

MOST_TOK = 10**10
"""More tokens than this in one request are no count but damage; times any price they still fit 64 bits."""


class BadLine(Exception):
    """A line that cannot be counted; the first argument is the reason."""


Cut = tuple[int, bytes, bool]
"""Where a line begins, the line, and whether it is torn: the last one, without its newline and not complete."""


def cut_lines(data: bytes, start: int) -> Iterator[Cut]:
    """The lines of a stretch of a file that begins at byte *start*, empty ones left out, blanks stripped.

    A last line without its newline is whole if it is complete JSON, else it is torn.
    """
    offset, end = start, start + len(data)
    for raw in data.split(b"\n"):
        here, offset = offset, offset + len(raw) + 1
        line = raw.removeprefix(BOM).strip() if here == 0 else raw.strip()
        if line:
            yield here, line, offset > end and not _is_complete(line)


def is_object(line: bytes) -> bool:
    """True where a line begins and ends as a JSON object does."""
    return line.startswith(b"{") and line.endswith(b"}")


_decode_any = msgspec.json.Decoder().decode


def decode_object(line: bytes) -> dict[str, Any]:
    """A line as a plain object. What a program left in it that is not quite JSON is repaired, see :func:`repaired`.

    Errors: :class:`BadLine` where it is none.
    """
    try:
        said = _decode_any(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = msgspec.json.decode(repaired(line))
    if not isinstance(said, dict):
        raise BadLine(NOT_AN_OBJECT)
    return said


def repaired(line: bytes) -> bytes:
    """The line without half of a surrogate pair (text cut by a program that counts in UTF-16) or a stray byte.

    ``NaN`` and ``Infinity``, which are not JSON, become texts: no harm in a payload, no count in a usage.

    Errors: :class:`BadLine` where it is not JSON even so, or nested too deep.
    """
    import json  # here: hardly any line is not quite JSON

    try:
        said = json.JSONDecoder(strict=False, parse_constant=str).decode(line.decode("utf-8", "replace"))
        return json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        raise BadLine(MALFORMED) from None


def _is_complete(line: bytes) -> bool:
    if not line.endswith(b"}"):
        return False
    try:
        decode_object(line)
    except BadLine:
        return False
    return True


def whole(count: Count) -> int:
    """A token count as an integer; None is 0.

    Errors: :class:`BadLine` for a negative count, a fraction, an impossible one, or what is no number.
    """
    if count is None:
        return 0
    if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count <= MOST_TOK:
        raise BadLine(BAD_COUNT)
    if count != int(count):
        raise BadLine(BAD_COUNT)
    return int(count)


def time_ms_of(text: object) -> int:
    """An ISO moment with its zone, as epoch milliseconds, between 2000 and 2100.

    Errors: :class:`BadLine` where it is none.
    """
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise BadLine(BAD_TIME) from None
    if moment.tzinfo is None:
        raise BadLine(BAD_TIME)
    return epoch_ms(moment.timestamp() * 1000)


def epoch_ms(milliseconds: object) -> int:
    """Epoch milliseconds as they stand in a log, between 2000 and 2100.

    Errors: :class:`BadLine` where they are not.
    """
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        raise BadLine(BAD_TIME)
    if not _FIRST_MS <= milliseconds <= _LAST_MS:
        raise BadLine(BAD_TIME)
    return round(milliseconds)


_FIRST_MS, _LAST_MS = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (2000, 2100))
