"""How ccusage reads Claude Code's lines: what it counts of each, and which it drops without a word.

Restated from its behaviour, version 20.0.24, and checked against its real output on every case of the conformance
table. It keeps two loaders that disagree: one behind ``daily``, ``weekly`` and ``monthly`` (here "daily"), one
behind ``session`` and ``blocks`` (here "session").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from costbasis.usage.othertools.othertool import FourCounts

VERSION = "20.0.24"

DAILY, SESSION = "daily", "session"

MARKER = b'"usage":{'
SYNTHETIC = "<synthetic>"

NO_MARKER = "drops the line: blanks after its colons"
NULL_FIELD = "drops the line: one of the fields it wants filled is null somewhere in it, a tool's input included"
NOT_JSON = "drops the line: not JSON to the letter (a stray byte, half a character, two objects run together)"
ODD_FIELD = "drops the line: a field of another type than it expects, such as a count that is no whole number"
ODD_TIME = "drops the line: its time is not written to the second or the millisecond, with a zone"
EMPTY_FIELD = "drops the line: an empty id, or a version that is not three numbers"
NO_MIRRORS = "does not read progress mirrors in this report"

DROPPED = (NO_MARKER, NULL_FIELD, NOT_JSON, ODD_FIELD, ODD_TIME, EMPTY_FIELD, NO_MIRRORS)
"""Why a line is not counted at all, as words behind the tool's name."""

NULLABLE = b"id|cwd|model|speed|costUSD|version|sessionId|requestId|isApiErrorMessage"
NULLABLE += b"|cache_read_input_tokens|cache_creation_input_tokens"
_NULL = re.compile(rb'"(?:' + NULLABLE + rb')":null')
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)")
_VERSION = re.compile(r"\d+\.\d+\.\d")
_HALF_PAIR = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


class _Split(msgspec.Struct):
    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0


class _Tokens(msgspec.Struct):
    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation: _Split | None = None
    speed: str | None = None

    @property
    def counts(self) -> FourCounts:
        """Its four classes: a split of the cache write replaces the total, whatever it says."""
        split = self.cache_creation
        write = self.cache_creation_input_tokens
        if split is not None:
            write = split.ephemeral_5m_input_tokens + split.ephemeral_1h_input_tokens
        return FourCounts(self.input_tokens, write, self.cache_read_input_tokens, self.output_tokens)

    @property
    def all_counts(self) -> tuple[int, ...]:
        split = self.cache_creation or _Split()
        mine = (self.input_tokens, self.output_tokens, self.cache_creation_input_tokens, self.cache_read_input_tokens)
        return (*mine, split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens)


class _Round(_Tokens, kw_only=True):
    type: str
    model: str | None = None


class _Usage(_Tokens):
    iterations: msgspec.Raw = msgspec.Raw(b"")


class _Message(msgspec.Struct):
    usage: _Usage
    id: str | None = None
    model: str | None = None


class _Told(msgspec.Struct, rename="camel"):
    """A line, or the line inside a mirror."""

    timestamp: str
    message: _Message
    version: str | None = None
    session_id: str | None = None
    request_id: str | None = None
    is_sidechain: bool | None = None
    cost_usd: float | None = msgspec.field(default=None, name="costUSD")


class _MirrorData(msgspec.Struct):
    message: _Told


class _Mirror(msgspec.Struct, rename="camel"):
    data: _MirrorData
    session_id: str | None = None


_line = msgspec.json.Decoder(_Told).decode
_mirror = msgspec.json.Decoder(_Mirror).decode
_rounds = msgspec.json.Decoder(list[_Round]).decode


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that the tool counts, before it looks for copies. *advisor*: the number of the advisor's round in it.

    *recorded_usd*: the value that an old version of the agent wrote down, which the tool takes over.
    """

    path: str
    offset: int
    length: int
    time_ms: int
    message_id: str | None
    request_id: str | None
    session: str
    path_session: str
    is_sidechain: bool
    model: str
    counts: FourCounts
    writes_1h: int
    is_fast: bool
    has_speed: bool
    recorded_usd: float | None
    advisor: int | None = None


class Drop(NamedTuple):
    """A line that the tool does not count, and why."""

    path: str
    offset: int
    length: int
    why: str


def entries_of(data: bytes, path: str, loader: str) -> Iterator[Entry | Drop]:
    """What the tool makes of the lines of a file that speak of usage."""
    offset = 0
    session = path_session(path)
    for line in data.split(b"\n"):
        here, offset = offset, offset + len(line) + 1
        if b'"usage"' not in line:
            continue
        if MARKER not in line:
            if b'"usage":null' not in line:
                yield Drop(path, here, len(line), NO_MARKER)
            continue
        yield from _of_line(line, path, here, session, loader)


def _of_line(line: bytes, path: str, offset: int, session: str, loader: str) -> Iterator[Entry | Drop]:
    said = NULL_FIELD if _NULL.search(line) else _decoded(line.strip(b"\r"), loader)
    if isinstance(said, str):
        yield Drop(path, offset, len(line), said)
        return
    usage, message = said.message.usage, said.message
    split = usage.cache_creation
    entry = Entry(
        path=path,
        offset=offset,
        length=len(line),
        time_ms=round(datetime.fromisoformat(said.timestamp).timestamp() * 1000),
        message_id=message.id,
        request_id=said.request_id,
        session=said.session_id or session,
        path_session=session,
        is_sidechain=bool(said.is_sidechain),
        model=message.model or "",
        counts=usage.counts,
        writes_1h=split.ephemeral_1h_input_tokens if split else 0,
        is_fast=usage.speed == "fast",
        has_speed=usage.speed is not None,
        recorded_usd=said.cost_usd,
    )
    yield entry
    yield from _advisors(entry, usage)


def _decoded(line: bytes, loader: str) -> _Told | str:
    """The line as the tool sees it, or why it drops it."""
    if _HALF_PAIR.search(line) or not _is_utf8(line):
        if loader == DAILY:
            return NOT_JSON
        line = _HALF_PAIR.sub(rb"\\ufffd", line.decode("utf-8", "replace").encode())
    try:
        said = _line(line)
    except msgspec.ValidationError:
        try:
            mirror = _mirror(line)
        except msgspec.DecodeError:
            return ODD_FIELD
        if loader == SESSION:
            return NO_MIRRORS
        said = mirror.data.message
        said.session_id, said.version = mirror.session_id, None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NOT_JSON
    if min(said.message.usage.all_counts) < 0:
        return ODD_FIELD
    if not _TIME.fullmatch(said.timestamp) or not _is_moment(said.timestamp):
        return ODD_TIME
    texts = (said.session_id, said.request_id, said.message.id, said.message.model)
    if "" in texts or (said.version is not None and not _VERSION.match(said.version)):
        return EMPTY_FIELD
    return said


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _advisors(entry: Entry, usage: _Usage) -> Iterator[Entry]:
    """The rounds of an advisor, each an entry of its own model; a compaction's round is not counted."""
    raw = bytes(usage.iterations)
    if b'"advisor_message"' not in raw:
        return
    try:
        rounds = _rounds(raw)
    except msgspec.ValidationError:
        return
    advised = (part for part in rounds if part.type == "advisor_message" and part.model)
    for index, part in enumerate(advised):
        yield _advisor(entry, part, index)


def _advisor(entry: Entry, part: _Round, index: int) -> Entry:
    return replace(
        entry,
        message_id=f"{entry.message_id}:advisor:{index}" if entry.message_id else None,
        model=part.model or "",
        counts=part.counts,
        writes_1h=part.cache_creation.ephemeral_1h_input_tokens if part.cache_creation else 0,
        is_fast=part.speed == "fast",
        has_speed=part.speed is not None,
        recorded_usd=None,
        advisor=index,
    )


def path_session(path: str) -> str:
    """The session that a path stands for: the file, or the folder of the session that it lies in.

    >>> path_session("/c/projects/-p/s1.jsonl"), path_session("/c/projects/-p/s1/subagents/agent-a.jsonl")
    ('s1', 's1')
    """
    parts = PurePath(path).parts
    below = parts[len(parts) - parts[::-1].index("projects") :] if "projects" in parts else parts[-2:]
    if len(below) <= 2:
        return PurePath(path).stem
    return below[-3] if below[-2] == "subagents" else below[-2]
