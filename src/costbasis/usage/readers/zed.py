"""Zed's agent: a database of threads, each a compressed JSON document with the tokens of all its requests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.calls import counted, id_of, list_of, model_of, object_of, text_of
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine, time_ms_of
from costbasis.usage.formats.programs import app_folders, data_home, is_named
from costbasis.usage.formats.sqlite_log import NOT_A_DATABASE, SQLITE, BadDatabase, rows_of, size_of
from costbasis.usage.formats.totals import BY_SHARE, SHARED, shared_out
from costbasis.usage.readers import Caveat, FileReading

NAME = "zed"
UNREADABLE = "a thread that cannot be decompressed"
REASONS = (*COMMON_REASONS, NOT_A_DATABASE, UNREADABLE)
CAVEATS = {BY_SHARE: Caveat(SHARED.kind, f"{SHARED.effect}; a thread of Zed is dated by its last change")}
RESUMES = False
WANTS_BYTES = False
PRIORITY = 3

MOST_BYTES = 64 << 20
"""Of one thread, decompressed: more is damage."""

_THREADS = (
    "SELECT rowid, id, updated_at, folder_paths, data_type, data FROM threads ORDER BY rowid",
    "SELECT rowid, id, updated_at, NULL, data_type, data FROM threads ORDER BY rowid",
)
_USAGE = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``zed/threads`` in the user's data folders."""
    _, mac, windows = app_folders(environ, home)
    return [
        data_home(environ, home) / "zed" / "threads",
        mac / "Zed" / "threads",
        windows.parent / "Local" / "Zed" / "threads",
    ]


def claims(path: str, head: bytes) -> bool:
    """A database named ``threads.db``."""
    return is_named(path, "threads.db") and head.startswith(SQLITE)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """Each thread's totals, shared out over the agent's messages; the path is opened here."""
    found = FileReading(consumed=size_of(path))
    try:
        for rowid, thread, updated, folders, how, raw in rows_of(path, *_THREADS):
            try:
                said = object_of(decoded(_plain(how, raw)))
                _take(said, id_of(thread) or f"row {rowid}", updated, text_of(folders), f"{path}:{rowid}", found)
            except BadLine as bad:
                found.skip(path, rowid, bad)
    except BadDatabase as bad:
        found.skip(path, 0, bad)
    return found


def _plain(how: object, raw: object) -> bytes:
    blob = raw if isinstance(raw, bytes) else str(raw or "").encode("utf-8", "replace")
    if how != "zstd":
        return blob
    from costbasis.usage.formats.zstd import BadFrame, decompressed

    try:
        return decompressed(blob, MOST_BYTES)
    except BadFrame:
        raise BadLine(UNREADABLE) from None


def _take(said: dict[str, Any], thread: str, updated: object, folders: str, origin: str, found: FileReading) -> None:
    total, turns = _counts(said.get("cumulative_token_usage")), _turns(said)
    is_part = total == TokenCounts()
    total = turns if is_part else total
    if said.get("imported") is True or total == TokenCounts():
        return  # shared by someone else, or nothing was asked in it
    model = object_of(said.get("model"))
    time_ms = time_ms_of(said.get("updated_at") if said.get("updated_at") is not None else updated)
    answers = sum(1 for message in list_of(said.get("messages")) if isinstance(message, dict) and "Agent" in message)
    found.events += shared_out(
        total,
        model_of(model.get("model")),
        [time_ms] * max(answers, len(object_of(said.get("request_token_usage"))), 1),
        agent=NAME,
        session=thread,
        key=f"z:{thread}",
        origin=origin,
        provider=text_of(model.get("provider")),
        mode="fast" if said.get("speed") == "fast" else "standard",
        project=folders.partition("\n")[0],
        partial_output=is_part,
    )


def _turns(said: dict[str, Any]) -> TokenCounts:
    """The last request of each turn: a part of the thread, for one that was saved without its total."""
    turns = said.get("request_token_usage")
    parts = [_counts(usage) for usage in (turns.values() if isinstance(turns, dict) else list_of(turns))]
    return TokenCounts(*(sum(values) for values in zip(TokenCounts(), *parts, strict=True)))


def _counts(usage: object) -> TokenCounts:
    """Anthropic's classes, whoever the provider is; a class of none is left out."""
    fresh, output, read, write = counted(object_of(usage), *_USAGE)
    return TokenCounts(input_tok=fresh, cache_write_unknown_tok=write, cache_read_tok=read, output_tok=output)
