"""OpenCode's messages, and those of agents made from it: rows of a database, and before that a JSON file each.

A fork of a session copies its answers under new ids but with their times and counts, so an answer that is done
is known by these. Reasoning comes on top of output, unless the total says that it is inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import counted, model_of, needed, object_of, text_of, told_call
from costbasis.usage.formats.json_log import decoded
from costbasis.usage.formats.logline import ODD_SHAPE, BadLine, epoch_ms, whole
from costbasis.usage.formats.sqlite_log import BadDatabase, rows_of, size_of
from costbasis.usage.readers import FileReading

BY_ANSWER = "times, model and counts"
BY_MESSAGE = "message id"

_QUERIES = (
    "SELECT rowid, id, session_id, type, data FROM session_message ORDER BY rowid",
    "SELECT rowid, id, session_id, NULL, data FROM message ORDER BY rowid",
    "SELECT rowid, id, NULL, NULL, data FROM message ORDER BY rowid",
)
"""By table: the present one, whose rows name their kind, and the earlier one, whose messages name their role."""


def read_messages(path: str, agent: str, prefix: str) -> FileReading:
    """One request for each answer of an assistant, from a database or a file of one message."""
    return _read_database(path, agent, prefix) if path.endswith(".db") else _read_file(path, agent, prefix)


def _read_file(path: str, agent: str, prefix: str) -> FileReading:
    raw = Path(path).read_bytes()
    found = FileReading(consumed=len(raw))
    if raw.strip():
        _take(raw.strip(), path, 0, (PurePath(path).stem, PurePath(path).parent.name), agent, prefix, found)
    return found


def _read_database(path: str, agent: str, prefix: str) -> FileReading:
    found = FileReading(consumed=size_of(path))
    troubles = []
    for queries in (_QUERIES[:1], _QUERIES[1:]):
        try:
            for rowid, message, session, kind, said in rows_of(path, *queries):
                if kind in (None, "assistant") and said:
                    raw = said if isinstance(said, bytes) else str(said).encode("utf-8", "replace")
                    ids = (str(message), text_of(session) or PurePath(path).stem)
                    _take(raw, path, rowid, ids, agent, prefix, found)
        except BadDatabase as bad:
            troubles.append(bad)
    if len(troubles) == len(("session_message", "message")):
        found.skip(path, 0, troubles[0])
    return found


def _take(raw: bytes, path: str, place: int, ids: tuple[str, str], agent: str, prefix: str, found: FileReading) -> None:
    try:
        said = object_of(decoded(raw))
        if said.get("tokens") is not None and said.get("role", "assistant") == "assistant":
            event = _event(said, f"{path}:{place}", ids, agent, prefix)
            found.events += [event] if event is not None else []
    except BadLine as bad:
        found.skip(path, place, bad)


def _event(said: dict[str, Any], origin: str, ids: tuple[str, str], agent: str, prefix: str) -> UsageEvent | None:
    """The request behind an answer; None for one that never got any tokens (begun, or given up)."""
    tokens, time, named = said["tokens"], object_of(said.get("time")), object_of(said.get("model"))
    if not isinstance(tokens, dict):
        raise BadLine(ODD_SHAPE)
    counts = counts_of(tokens)
    if counts == TokenCounts():
        return None
    model = model_of(said.get("modelID") or named.get("id"))
    created, done = epoch_ms(time.get("created")), time.get("completed")
    seen = f"{prefix}:{text_of(said.get('id')) or ids[0]}"
    if isinstance(done, int | float):
        seen = f"{prefix}:{created}/{done}|{model}|{'/'.join(map(str, counts))}"
    return told_call(
        counts,
        model,
        created,
        agent=agent,
        session=text_of(said.get("sessionID")) or text_of(said.get("session_id")) or ids[1],
        key=seen,
        rule=BY_ANSWER if isinstance(done, int | float) else BY_MESSAGE,
        origin=origin,
        provider=text_of(said.get("providerID") or named.get("providerID")),
        project=text_of(object_of(said.get("path")).get("cwd")),
    )


def counts_of(tokens: Mapping[str, Any]) -> TokenCounts:
    """Tokens of one answer; input is without cache.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where input or output is missing or a count is none.
    """
    fresh, output = needed(tokens, "input", "output")
    cache = object_of(tokens.get("cache"))
    (reasoning,), (read, write) = counted(tokens, "reasoning"), counted(cache, "read", "write")
    inside = reasoning <= output and whole(tokens.get("total")) == fresh + output + read + write
    return TokenCounts(
        input_tok=fresh,
        cache_write_unknown_tok=write,
        cache_read_tok=read,
        output_tok=output if inside else output + reasoning,
        reasoning_tok=reasoning,
    )
