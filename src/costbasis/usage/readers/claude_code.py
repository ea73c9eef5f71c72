"""Claude Code: JSON lines under ``projects/``; one response is one to four lines, and replays abound.

A line counts by what it is, not by where it stands: the bytes ``"usage"`` mark a candidate, a typed decoder
reads just the fields that matter, and the payload is never built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePath

from costbasis.usage.anthropic_usage import (
    Round,
    counts_of,
    geo_of,
    mode_of,
    rounds_apart,
    web_searches_of,
)
from costbasis.usage.claude_lines import Line, decoded, is_one_object, objects_of
from costbasis.usage.dedupe import better
from costbasis.usage.events import Skipped, TokenCounts, UsageEvent
from costbasis.usage.logline import BAD_TIME, BOM, COMMON_REASONS, MALFORMED, NO_MODEL, NOT_AN_OBJECT, BadLine
from costbasis.usage.readers import FileReading

NAME = "claude-code"
RESUMES = True
WANTS_BYTES = True
PRIORITY = 9

MARKER = b'"usage"'
SYNTHETIC = "<synthetic>"

NO_TOKENS = "synthetic message, no tokens"

REASONS = (*COMMON_REASONS, NO_TOKENS)
"""Every reason for which a line is skipped. Only the last loses nothing."""

BY_MESSAGE = "message id"
BY_ID_AND_TIME = "id and first time"
BY_REQUEST = "request id"
BY_CONTENT = "time, model and counts"

KEY_RULES = (BY_MESSAGE, BY_ID_AND_TIME, BY_REQUEST, BY_CONTENT)
"""What makes two lines speak of one request, the first that applies. Ids that begin with ``msg_`` are unique to a
response; ids of gateways may come again, so within a file they are one request and across files their first time
goes with them."""

EARLIEST_MS, LATEST_MS = 946_684_800_000, 4_102_444_800_000
"""The years 2000 to 2099: another time is no time."""


@dataclass(slots=True)
class _File:
    """What is known of a file while it is read."""

    path: str
    stem: str
    slug: str
    keys: dict[str, str]
    project: str
    first_cwd: str


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
    found = FileReading()
    best: dict[str, UsageEvent] = {}
    offset, size = start, start + len(data)
    for raw in data.split(b"\n"):
        here, offset = offset, offset + len(raw) + 1
        line = raw.removeprefix(BOM).strip() if here == 0 else raw.strip()
        if not line:
            continue
        if len(line) != len(raw):
            here += raw.index(line[:1])
        if offset > size:
            offset = _tell_last_line(line, here, size, file, best, found)
        elif line.startswith(b"{") and line.endswith(b"}"):
            if MARKER in line:
                _tell(line, here, file, best, found)
        else:
            _tell_odd_line(line, here, file, best, found)
    found.consumed = min(offset, size)
    found.pending = size - found.consumed
    found.project = file.project or _without_cwd(file)
    found.events = [_of_project(event, found.project) for event in best.values()]
    found.known = file.keys | {"project": file.project, "cwd": file.first_cwd}
    return found


def _opened(path: str, known: Mapping[str, str]) -> _File:
    keys = {name: key for name, key in known.items() if name.startswith("id:")}
    return _File(path, PurePath(path).stem, slug_of(path), keys, known.get("project", ""), known.get("cwd", ""))


def _tell(line: bytes, offset: int, file: _File, best: dict[str, UsageEvent], found: FileReading) -> None:
    """Add what a line says, or why it says nothing that counts."""
    try:
        said = decoded(line)
        events = _events(said, offset, file) if said is not None else []
    except BadLine as bad:
        if str(bad) == MALFORMED and not is_one_object(line):
            _tell_odd_line(line, offset, file, best, found)
            return
        found.skipped.append(Skipped(f"{file.path}:{offset}", str(bad)))
        return
    for event in events:
        earlier = best.get(event.request_key)
        best[event.request_key] = event if earlier is None else better(earlier, event)


def _tell_odd_line(line: bytes, offset: int, file: _File, best: dict[str, UsageEvent], found: FileReading) -> None:
    """A line that is not one object: the objects it begins with count, what is left of it is skipped.

    A process that was killed leaves such lines: an object, or zeros, with the next line written right behind.
    """
    for at, piece, is_object in objects_of(line):
        if not is_object:
            reason = MALFORMED if piece.startswith(b"{") and piece.endswith(b"}") else NOT_AN_OBJECT
            found.skipped.append(Skipped(f"{file.path}:{offset + at}", reason))
        elif MARKER in piece:
            _tell(piece, offset + at, file, best, found)


def _tell_last_line(
    line: bytes, offset: int, size: int, file: _File, best: dict[str, UsageEvent], found: FileReading
) -> int:
    """A line whose end has not been written: its complete objects count; the offset of what is left for later."""
    for at, piece, is_object in objects_of(line):
        if not is_object:
            return offset + at
        if MARKER in piece:
            _tell(piece, offset + at, file, best, found)
    return size


def _events(said: Line, offset: int, file: _File) -> list[UsageEvent]:
    """The request that a line speaks of and the rounds billed beside it; none where the marker stood in a payload."""
    mirrored = said.data.message if said.data is not None else None
    is_mirror = said.message is None or said.message.usage is None
    message = mirrored.message if is_mirror and mirrored is not None else said.message
    if message is None or message.usage is None:
        return []
    request_id = mirrored.request_id if is_mirror and mirrored is not None else said.request_id
    counts = counts_of(message.usage)
    model = message.model
    if model == SYNTHETIC and counts == TokenCounts():
        raise BadLine(NO_TOKENS)
    if not model:
        raise BadLine(NO_MODEL)
    time_ms = _time_ms((mirrored.timestamp if is_mirror and mirrored is not None else None) or said.timestamp)
    agent_id = (said.data.agent_id if is_mirror and said.data is not None else said.agent_id) or ""
    key, rule = _key(message.id, request_id, time_ms, model, counts, file.keys)
    _learn_project(file, said.cwd or "")
    event = UsageEvent(
        counts=counts,
        model=model,
        provider="anthropic" if (message.id or "").startswith("msg_") or not message.id else "",
        mode=mode_of(message.usage),
        geo=geo_of(message.usage),
        time_ms=time_ms,
        web_searches=web_searches_of(message.usage),
        session=said.session_id or file.stem,
        agent_id=(agent_id or (file.stem if said.is_sidechain else "")).removeprefix("agent-"),
        project=file.project,
        agent=NAME,
        request_key=key,
        key_rule=rule,
        is_sidechain=bool(said.is_sidechain) and not is_mirror,
        is_mirror=is_mirror,
        partial_output=message.stop_reason is None,
        lines=1,
        offset=offset,
        origin=f"{file.path}:{offset}",
    )
    return [event, *(_apart(event, index, part) for index, part in enumerate(rounds_apart(message.usage), 1))]


def _apart(event: UsageEvent, index: int, part: Round) -> UsageEvent:
    """A round that the response does not include, as a request of its own: it has a prompt and a price of its own."""
    return replace(
        event,
        counts=counts_of(part),
        model=part.model or event.model,
        web_searches=0,
        request_key=f"{event.request_key}+{index}",
        key_rule=f"{event.key_rule}, {part.type}",
        partial_output=False,
    )


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
        time_ms = round(moment.timestamp() * 1000) if moment.tzinfo is not None else -1
    except (ValueError, OverflowError):
        raise BadLine(BAD_TIME) from None
    if not EARLIEST_MS <= time_ms < LATEST_MS:
        raise BadLine(BAD_TIME)
    return time_ms


def slug_of(path: str) -> str:
    """The folder that stands for a project, whatever lies between it and the log.

    >>> slug_of("/home/dev/.claude/projects/-home-dev-app/5f1c/subagents/agent-1.jsonl")
    '-home-dev-app'
    >>> slug_of("/backup/projects/team-a/session-1/chat.jsonl"), slug_of("/tmp/logs/s1.jsonl")
    ('team-a', 'logs')
    """
    folders = PurePath(path).parts[:-1]
    slugs = [folder for folder in folders if folder.startswith("-")]
    if slugs:
        return slugs[-1]
    below = folders[len(folders) - folders[::-1].index("projects") :] if "projects" in folders else ()
    return below[0] if below else folders[-1] if folders else ""


@lru_cache(maxsize=4096)
def project_of(slug: str, cwd: str) -> str:
    """The folder that a slug stands for: *cwd* or one above it; "" where none of them becomes that slug.

    >>> project_of("-home-dev-my-app", "/home/dev/my.app/src"), project_of("-home-dev-my-app", "/tmp")
    ('/home/dev/my.app', '')
    """
    while cwd:
        if re.sub(r"[^a-zA-Z0-9]", "-", cwd) == slug:
            return cwd
        cwd = cwd[: max(cwd.rfind("/"), cwd.rfind("\\"), 0)]
    return ""


def _learn_project(file: _File, cwd: str) -> None:
    if not file.project and cwd:
        file.project = project_of(file.slug, cwd)
        file.first_cwd = file.first_cwd or cwd


def _of_project(event: UsageEvent, project: str) -> UsageEvent:
    return event if event.project == project else replace(event, project=project)


def _without_cwd(file: _File) -> str:
    """The slug itself, or the first folder worked in where the log does not lie in a slug's folder."""
    return file.slug if file.slug.startswith("-") else file.first_cwd or file.slug


def _from_home(folder: str, home: Path) -> Path:
    return home / folder.removeprefix("~").lstrip("/") if folder == "~" or folder.startswith("~/") else Path(folder)
