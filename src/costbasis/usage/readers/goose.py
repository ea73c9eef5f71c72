"""Goose: a database of sessions with their accumulated tokens, and of messages without any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, id_of, needed, object_of, text_of
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine, epoch_ms, time_ms_of
from costbasis.usage.formats.programs import app_folders, data_home, is_named, named_folder
from costbasis.usage.formats.sqlite_log import NOT_A_DATABASE, SQLITE, BadDatabase, rows_of, size_of
from costbasis.usage.formats.totals import BY_SHARE, SHARED, shared_out
from costbasis.usage.readers import Caveat, FileReading

NAME = "goose"
REASONS = (*COMMON_REASONS, NOT_A_DATABASE)
CAVEATS = {
    BY_SHARE: Caveat(SHARED.kind, f"{SHARED.effect}; Goose does not tell cached input apart, it counts as fresh"),
}
RESUMES = False
WANTS_BYTES = False
PRIORITY = 3

_SESSIONS = (
    "SELECT rowid, id, working_dir, updated_at, created_at, accumulated_input_tokens, accumulated_output_tokens,"
    " provider_name, model_config_json FROM sessions ORDER BY rowid",
    "SELECT rowid, id, NULL, created_at, created_at, accumulated_input_tokens, accumulated_output_tokens,"
    " provider_name, model_config_json FROM sessions ORDER BY rowid",
)
_MESSAGES = "SELECT session_id, created_timestamp FROM messages WHERE role = 'assistant' ORDER BY rowid"
_LATEST_S = 10**11
"""A greater time is in milliseconds."""


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``data/sessions`` below ``GOOSE_PATH_ROOT``, else ``goose/sessions`` in the user's data folders."""
    named = named_folder(environ, home, "GOOSE_PATH_ROOT")
    if named:
        return [named / "data" / "sessions"]
    folders = [data_home(environ, home), *app_folders(environ, home)[1:]]
    return [folder / goose / "sessions" for folder in folders for goose in ("goose", "Block/goose")]


def claims(path: str, head: bytes) -> bool:
    """A database named ``sessions.db``."""
    return is_named(path, "sessions.db") and head.startswith(SQLITE)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """Each session's totals, shared out over the assistant's messages; the path is opened here."""
    found = FileReading(consumed=size_of(path))
    times: dict[str, list[int]] = defaultdict(list)
    with suppress(BadDatabase):
        for session, time in rows_of(path, _MESSAGES):
            with suppress(BadLine):
                times[str(session)].append(_message_ms(time))
    try:
        for row in rows_of(path, *_SESSIONS):
            try:
                _take(row, times[str(row[1])], path, found)
            except BadLine as bad:
                found.skip(path, row[0], bad)
    except BadDatabase as bad:
        found.skip(path, 0, bad)
    return found


def _take(row: tuple[Any, ...], times: list[int], path: str, found: FileReading) -> None:
    rowid, session, folder, updated, created, prompt, output, provider, config = row
    if prompt is None and output is None:
        return  # nothing was asked in it yet
    fresh, answered = needed({"prompt": prompt, "output": output}, "prompt", "output")
    raw = config if isinstance(config, bytes) else text_of(config).encode("utf-8", "replace")
    session = id_of(session) or f"row {rowid}"
    settings = object_of(decoded(raw)) if raw else {}
    found.events += shared_out(
        TokenCounts(input_tok=fresh, output_tok=answered),
        text_of(settings.get("model_name")) or MODEL_NOT_LOGGED,
        times or [_row_ms(updated or created)],
        agent=NAME,
        session=session,
        key=f"e:{session}",
        origin=f"{path}:{rowid}",
        provider=text_of(provider),
        project=text_of(folder),
    )


def _message_ms(time: object) -> int:
    return epoch_ms(time * 1000 if isinstance(time, int | float) and time < _LATEST_S else time)


def _row_ms(time: object) -> int:
    """A database's own moment, which is in UTC."""
    text = text_of(time)
    return time_ms_of(text if "+" in text or text.endswith("Z") else f"{text}+00:00")
