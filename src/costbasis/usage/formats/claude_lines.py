"""The lines of a Claude Code log: the fields that matter, and what to do with a line that is not quite JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from costbasis.usage.formats.anthropic_usage import Usage
from costbasis.usage.formats.logline import BOM, MALFORMED, ODD_SHAPE, BadLine, decode_object, repaired

if TYPE_CHECKING:
    from json import JSONDecoder


class Message(msgspec.Struct, gc=False):
    """A response, or the part of it that a line holds."""

    model: str | None = None
    id: str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class Mirrored(msgspec.Struct, rename="camel", gc=False):
    """A subagent's line inside a line of its parent's log."""

    timestamp: str | None = None
    message: Message | None = None
    request_id: str | None = None


class Data(msgspec.Struct, rename="camel", gc=False):
    """What a progress line carries."""

    message: Mirrored | None = None
    agent_id: str | None = None


class Line(msgspec.Struct, rename="camel", gc=False):
    """A line; everything else in it is skipped unread. Fields stand in the order in which they are written: the
    decoder looks for the next one first."""

    is_sidechain: bool | None = None
    agent_id: str | None = None
    cwd: str | None = None
    session_id: str | None = None
    message: Message | None = None
    data: Data | None = None
    request_id: str | None = None
    timestamp: str | None = None


Piece = tuple[int, bytes, bool]
"""Where a part of a line begins, the part, and whether it is one object."""


_decode = msgspec.json.Decoder(Line).decode
_blanks = re.compile(r"[ \t\r]*")


def decoded(line: bytes) -> Line | None:
    """The line; None where it is of another shape and no usage of its own is in it.

    Errors: :class:`BadLine` where it is not JSON, or its usage is of a shape that cannot be counted.
    """
    try:
        return _decode(line)
    except msgspec.ValidationError:
        return _of_odd_shape(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        mended = repaired(line)
    try:
        return _decode(mended)
    except msgspec.ValidationError:
        return _of_odd_shape(mended)
    except (msgspec.DecodeError, RecursionError):
        raise BadLine(MALFORMED) from None


def _of_odd_shape(line: bytes) -> Line | None:
    """A line of which a field is of another type: only the fields around the usage are allowed that.

    A number for an id is that id; anything else there is unknown.
    """
    said = _clean(decode_object(line), _TEXTS)
    said["message"] = _clean(said.get("message"), _TEXTS)
    data = said["data"] = _clean(said.get("data"), _TEXTS)
    mirrored = data["message"] = _clean(data.get("message"), _TEXTS)
    mirrored["message"] = _clean(mirrored.get("message"), _TEXTS)
    if said["message"].get("usage") is None and mirrored["message"].get("usage") is None:
        return None
    if not isinstance(said.get("isSidechain"), bool):
        said["isSidechain"] = None
    try:
        return msgspec.convert(said, Line)
    except msgspec.ValidationError:
        raise BadLine(ODD_SHAPE) from None


_TEXTS = ("timestamp", "sessionId", "requestId", "agentId", "cwd", "id", "model", "stop_reason")


def _clean(part: object, texts: tuple[str, ...]) -> dict[str, Any]:
    """A part of a line with its texts as texts; nothing where it is no object."""
    if not isinstance(part, dict):
        return {}
    plain = {name: str(part[name]) if type(part[name]) is int else part[name] for name in texts if name in part}
    return part | {name: text if isinstance(text, str) else None for name, text in plain.items()}


def objects_of(line: bytes) -> Iterator[Piece]:
    r"""The objects that a line begins with (leading zeros aside), then what is left of it.

    >>> [*objects_of(b'\x00\x00{"a":1}{"b":2}{"c"')]
    [(0, b'\x00\x00', False), (2, b'{"a":1}', True), (9, b'{"b":2}', True), (16, b'{"c"', False)]
    """
    if line.startswith(BOM):
        for at, data, is_object in objects_of(line[len(BOM) :]):
            yield at + len(BOM), data, is_object
        return
    at = len(line) - len(line.lstrip(b"\0"))
    if at:
        at = at if line[at : at + 1] == b"{" else len(line)
        yield 0, line[:at], False
    text = line.decode("latin-1")  # a character a byte, so that places in the text are places in the line
    while at < len(text):
        at = _after_blanks(text, at)
        end = _end_of_object(text, at)
        if end is None:
            yield at, line[at:], False
            return
        yield at, line[at:end], True
        at = end


def _after_blanks(text: str, at: int) -> int:
    found = _blanks.match(text, at)
    return found.end() if found else at


def is_one_object(line: bytes) -> bool:
    """True for a complete object and nothing else, so that nothing is lost by taking it for a whole line."""
    return line.startswith(b"{") and line.endswith(b"}") and _end_of_object(line.decode("latin-1"), 0) == len(line)


@cache
def _loose() -> JSONDecoder:
    from json import JSONDecoder  # here: in most logs every line is plain

    return JSONDecoder(strict=False)


def _end_of_object(text: str, at: int) -> int | None:
    if not text.startswith("{", at):
        return None
    try:
        _, end = _loose().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return end
