"""Droid (Factory): a session's totals in ``….settings.json``, its messages in the ``….jsonl`` beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePath

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, counted, needed, object_of, text_of
from costbasis.usage.formats.json_log import document, first_line_has, marked_lines
from costbasis.usage.formats.logline import BAD_TIME, COMMON_REASONS, ODD_SHAPE, BadLine, time_ms_of
from costbasis.usage.formats.programs import named_folder
from costbasis.usage.formats.totals import BY_SHARE, SHARED, shared_out
from costbasis.usage.readers import FileReading

NAME = "droid"
REASONS = COMMON_REASONS
CAVEATS = {BY_SHARE: SHARED}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 2

SETTINGS = ".settings.json"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``DROID_SESSIONS_DIR``, else ``sessions`` below ``FACTORY_DIR`` (default ``~/.factory``)."""
    sessions = named_folder(environ, home, "DROID_SESSIONS_DIR")
    return [sessions or (named_folder(environ, home, "FACTORY_DIR") or home / ".factory") / "sessions"]


def claims(path: str, head: bytes) -> bool:
    """``….settings.json`` with token usage, or the messages of a session, which hold no counts."""
    if path.endswith(SETTINGS):
        return b'"tokenUsage"' in head or b'"providerLock"' in head or "/.factory/" in path
    return path.endswith(".jsonl") and first_line_has(head, b'"type":"session_start"')


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """The session's totals, shared out over the assistant's messages."""
    found = FileReading(consumed=start + len(data))
    if not path.endswith(SETTINGS):
        return _passed_over(data, path, start)
    said = object_of(document(data, path, found))
    if said.get("tokenUsage") is None:
        return found
    session = PurePath(path).name.removesuffix(SETTINGS)
    times, found.project = _messages(path.removesuffix(SETTINGS) + ".jsonl")
    try:
        found.events += shared_out(
            _counts(said["tokenUsage"]),
            model_name(text_of(said.get("model"))) or MODEL_NOT_LOGGED,
            times or [_changed_ms(said, path)],
            agent=NAME,
            session=session,
            key=f"d:{session}",
            origin=f"{path}:0",
            provider=text_of(said.get("providerLock")),
            project=found.project,
        )
    except BadLine as bad:
        found.skip(path, 0, bad)
    return found


def _passed_over(data: bytes, path: str, start: int) -> FileReading:
    """Messages hold no counts; what is no message is noted."""
    found = FileReading()
    for _ in marked_lines(data, path, start, found, ()):
        pass
    return found


def _counts(usage: object) -> TokenCounts:
    """Input is without cache, thinking beside output: every tool that reads Droid's totals adds it."""
    if not isinstance(usage, dict):
        raise BadLine(ODD_SHAPE)
    fresh, output = needed(usage, "inputTokens", "outputTokens")
    read, write, thinking = counted(usage, "cacheReadTokens", "cacheCreationTokens", "thinkingTokens")
    return TokenCounts(
        input_tok=fresh,
        cache_write_unknown_tok=write,
        cache_read_tok=read,
        output_tok=output + thinking,
        reasoning_tok=thinking,
    )


def _messages(path: str) -> tuple[list[int], str]:
    """Times of the assistant's messages, and the folder worked in; a line that is none does not count."""
    times: list[int] = []
    project = ""
    with suppress(OSError):
        data = Path(path).read_bytes()
        for _, said in marked_lines(data, path, 0, FileReading(), (b'"assistant"', b'"session_start"')):
            project = project or text_of(said.get("cwd"))
            if object_of(said.get("message")).get("role") == "assistant":
                with suppress(BadLine):
                    times.append(time_ms_of(said.get("timestamp")))
    return times, project


def _changed_ms(said: Mapping[str, object], path: str) -> int:
    """When the totals were last written, at the earliest when the provider was chosen."""
    try:
        return time_ms_of(said.get("providerLockTimestamp"))
    except BadLine:
        try:
            return round(Path(path).stat().st_mtime * 1000)
        except OSError:
            raise BadLine(BAD_TIME) from None


def model_name(name: str) -> str:
    """A model's name without what Droid adds for models of one's own.

    >>> model_name("custom:Claude-Opus-4.5-[Anthropic]-0"), model_name("claude-opus-4-5-20251101")
    ('claude-opus-4.5', 'claude-opus-4-5-20251101')
    """
    if not name.startswith("custom:"):
        return name
    plain = re.sub(r"\[[^\]]*\]|-\d+$", "", name.removeprefix("custom:"))
    return re.sub(r"[-\s]+", "-", plain).strip("-").lower()
