"""Claude Code: JSON lines under ``projects/``; one response is one to four lines, and replays abound.

A line counts by what it is, not by where it stands: the bytes ``"usage"`` mark a candidate, a typed decoder
reads just the fields that matter, and the payload is never built.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from stringzilla import find as search

from costbasis.usage.events import Skipped, TokenCounts
from costbasis.usage.formats.anthropic_usage import counts_of, geo_of, mode_of, rounds_apart, web_searches_of
from costbasis.usage.formats.claude_lines import Line, decoded, is_one_object, objects_of
from costbasis.usage.formats.claude_plain import plain_line
from costbasis.usage.formats.claude_project import project_of, slug_of, stem_of
from costbasis.usage.formats.claude_tellings import BY_MESSAGE, Requests, Telling, epoch_ms_of
from costbasis.usage.formats.logline import BAD_TIME, BOM, COMMON_REASONS, MALFORMED, NO_MODEL, NOT_AN_OBJECT, BadLine
from costbasis.usage.readers import Caveat, FileReading

if TYPE_CHECKING:
    from pathlib import Path

NAME = "claude-code"
RESUMES = True
WANTS_BYTES = True
PRIORITY = 9
BEGINS = b'{"parentUuid":'
"""How the first line of most sessions and of all subagents begins; where it does not, other readers are asked first."""

MARKER = b'"usage"'
SYNTHETIC = "<synthetic>"

NO_TOKENS = "synthetic message, no tokens"

REASONS = (*COMMON_REASONS, NO_TOKENS)
"""Every reason for which a line is skipped. Only the last loses nothing."""

CAVEATS: dict[str, Caveat] = {}

BY_ID_AND_TIME = "id and first time"
BY_REQUEST = "request id"
BY_CONTENT = "time, model and counts"

KEY_RULES = (BY_MESSAGE, BY_ID_AND_TIME, BY_REQUEST, BY_CONTENT)
"""What makes two lines speak of one request, the first that applies. Ids that begin with ``msg_`` are unique to a
response; ids of gateways may come again, so within a file they are one request and across files their first time
goes with them."""

_OPENS, _CLOSES = b"{}"

EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000
"""The years 2000 to 2099: another time is no time."""


class _File(msgspec.Struct):
    """What is known of a file while it is read."""

    path: str
    stem: str
    slug: str
    keys: dict[str, str]
    project: str
    first_cwd: str
    told: dict[str, list[Telling]] = {}
    skipped: list[Skipped] = []


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """The ``projects`` folders: those of ``CLAUDE_CONFIG_DIR`` (a comma list) where set, else the two defaults."""
    named = [part.strip() for part in environ.get("CLAUDE_CONFIG_DIR", "").split(",") if part.strip()]
    folders = [_from_home(part, home) for part in named] or [home / ".config" / "claude", home / ".claude"]
    return [folder if folder.name == "projects" else folder / "projects" for folder in folders]


def claims(path: str, head: bytes) -> bool:
    """Every ``*.jsonl`` that no other reader knows: sessions, subagents in their folders, flat ones of old versions."""
    return path.endswith(".jsonl")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The requests of a stretch of a log, each from the best of its lines.

    *data* begins at byte *start* of the file, where the stretch before it was ``consumed``. A last line without
    its newline counts if it is complete, else it is left for later: ``consumed`` stops before what is torn.
    Reading in stretches is reading at once, wherever they end.
    """
    file = _opened(path, known)
    consumed = _tell_lines(data, start, file)
    size = len(data)
    project = file.project or _without_cwd(file)
    return FileReading(
        later=Requests(file.told, path, file.stem, project, NAME),
        skipped=file.skipped,
        consumed=consumed,
        pending=start + size - consumed,
        known=file.keys | {"project": file.project, "cwd": file.first_cwd},
        project=project,
    )


def _opened(path: str, known: Mapping[str, str]) -> _File:
    keys = {name: key for name, key in known.items() if name.startswith("id:")}
    return _File(
        path,
        stem_of(path),
        slug_of(path),
        keys,
        known.get("project", ""),
        known.get("cwd", ""),
    )


def _tell_lines(data: bytes, start: int, file: _File) -> int:
    """All lines of a stretch; the offset of what is left for later. Most lines are seen here and nowhere else."""
    begin, size, told = 0, len(data), file.told
    marked = -1
    while begin < size:
        end = search(data, b"\n", begin)
        if end < 0:
            return _tell_last_line(data[begin:], start + begin, start + size, file)
        if marked < begin:
            marked = search(data, MARKER, begin)
            if marked < 0:
                marked = size
        if end > begin:
            if data[begin] != _OPENS or data[end - 1] != _CLOSES:
                _tell_padded(data[begin:end], start + begin, file)
            elif marked < end:
                line = data[begin:end]
                said = plain_line(line)
                if said is None:
                    _tell(line, start + begin, file)
                else:
                    if not file.project and said.cwd:
                        _learn_project(file, said.cwd)
                    key = f"m:{said.message.id}"
                    if key in told:
                        told[key].append((start + begin, said))
                    else:
                        told[key] = [(start + begin, said)]
        begin = end + 1
    return start + size


def _tell_padded(raw: bytes, offset: int, file: _File) -> None:
    """A line that does not begin and end as an object does: without its blanks it may."""
    line = _stripped(raw, offset)
    if not line:
        return
    offset += raw.index(line[:1])
    if not (line.startswith(b"{") and line.endswith(b"}")):
        _tell_odd_line(line, offset, file)
    elif MARKER in line:
        _tell(line, offset, file)


def _stripped(raw: bytes, offset: int) -> bytes:
    return raw.removeprefix(BOM).strip() if offset == 0 else raw.strip()


def _tell(line: bytes, offset: int, file: _File) -> None:
    """Add what a line says, or why it says nothing that counts."""
    try:
        said = decoded(line)
        if said is not None:
            _hear(said, offset, file)
    except BadLine as bad:
        if str(bad) == MALFORMED and not is_one_object(line):
            _tell_odd_line(line, offset, file)
            return
        file.skipped.append(Skipped(f"{file.path}:{offset}", str(bad)))


def _tell_odd_line(line: bytes, offset: int, file: _File) -> None:
    """A line that is not one object: the objects it begins with count, what is left of it is skipped.

    A process that was killed leaves such lines: an object, or zeros, with the next line written right behind.
    """
    for at, piece, is_object in objects_of(line):
        if not is_object:
            reason = MALFORMED if piece.startswith(b"{") and piece.endswith(b"}") else NOT_AN_OBJECT
            file.skipped.append(Skipped(f"{file.path}:{offset + at}", reason))
        elif MARKER in piece:
            _tell(piece, offset + at, file)


def _tell_last_line(raw: bytes, offset: int, size: int, file: _File) -> int:
    """A line whose end has not been written: its complete objects count; the offset of what is left for later."""
    line = _stripped(raw, offset)
    if not line:
        return size
    offset += raw.index(line[:1])
    for at, piece, is_object in objects_of(line):
        if not is_object:
            return offset + at
        if MARKER in piece:
            _tell(piece, offset + at, file)
    return size


def _hear(said: Line, offset: int, file: _File) -> None:
    """What a line says of a request and of the rounds billed beside it; nothing where the marker was in a payload."""
    message, is_mirror = said.message, False
    request_id, when = said.request_id, said.timestamp
    if message is None or message.usage is None:
        mirrored, is_mirror = said.data.message if said.data is not None else None, True
        if mirrored is None:
            return
        message, request_id, when = mirrored.message, mirrored.request_id, mirrored.timestamp or when
        if message is None or message.usage is None:
            return
    counts = counts_of(message.usage)
    model = message.model
    if model == SYNTHETIC and counts == TokenCounts():
        raise BadLine(NO_TOKENS)
    if not model:
        raise BadLine(NO_MODEL)
    time_ms = _time_ms(when)
    key, rule = _key(message.id, request_id, time_ms, model, counts, file.keys)
    if not file.project and said.cwd:
        _learn_project(file, said.cwd)
    is_sidechain = not is_mirror and said.is_sidechain is True
    given, five, hour, unknown, read, output, _ = counts
    total = given + five + hour + unknown + read + output
    rank = (message.stop_reason is None, is_mirror, is_sidechain, -output, -total, time_ms, offset)
    usage = message.usage
    apart = [(index, part, counts_of(part)) for index, part in enumerate(rounds_apart(usage), 1)]
    session = said.session_id or file.stem
    agent_id = (said.data.agent_id if is_mirror and said.data is not None else said.agent_id) or ""
    agent_id = (agent_id or (file.stem if said.is_sidechain else "")).removeprefix("agent-")
    provider = "anthropic" if not message.id or message.id.startswith("msg_") else ""
    mode, geo = mode_of(usage), geo_of(usage)
    told = (counts, model, provider, mode, geo, web_searches_of(usage), session, agent_id, rule)
    file.told.setdefault(key, []).append((offset, (rank, told)))
    for index, part, own in apart:
        rank = (False, is_mirror, is_sidechain, -own.output_tok, -own.prompt_tok - own.output_tok, time_ms, offset)
        told = (own, part.model or model, provider, mode, geo, 0, session, agent_id, f"{rule}, {part.type}")
        file.told.setdefault(f"{key}+{index}", []).append((offset, (rank, told)))


def _key(
    message_id: str | None, request_id: str | None, time_ms: int, model: str, counts: TokenCounts, keys: dict[str, str]
) -> tuple[str, str]:
    """The request's key and the rule of ``KEY_RULES`` that made it."""
    if message_id and message_id.startswith("msg_"):
        return f"m:{message_id}", BY_MESSAGE
    if message_id:
        return keys.setdefault(f"id:{message_id}", f"i:{message_id}@{time_ms}"), BY_ID_AND_TIME
    if request_id:
        return f"r:{request_id}", BY_REQUEST
    return f"t:{time_ms}|{model}|{'/'.join(map(str, counts))}", BY_CONTENT


def _time_ms(text: str | None) -> int:
    try:
        moment = datetime.fromisoformat(text or "")
        time_ms = epoch_ms_of(moment) if moment.tzinfo is not None else -1
    except (ValueError, OverflowError):
        raise BadLine(BAD_TIME) from None
    if not EARLIEST_MS <= time_ms < LATEST_MS:
        raise BadLine(BAD_TIME)
    return time_ms


def _learn_project(file: _File, cwd: str) -> None:
    if not file.project and cwd:
        file.project = project_of(file.slug, cwd)
        file.first_cwd = file.first_cwd or cwd


def _without_cwd(file: _File) -> str:
    """The slug itself, or the first folder worked in where the log does not lie in a slug's folder."""
    return file.slug if file.slug.startswith("-") else file.first_cwd or file.slug


def _from_home(folder: str, home: Path) -> Path:
    from pathlib import Path  # here: it takes longer to load than an append to be read

    return home / folder.removeprefix("~").lstrip("/") if folder == "~" or folder.startswith("~/") else Path(folder)
