"""Amp: one JSON file a thread; usage on each message in Anthropic's classes, and a ledger of events beside them.

An event of the ledger tells the message that it paid for; it counts where that message has no usage of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import counted, id_of, list_of, model_of, needed, object_of, text_of, told_call
from costbasis.usage.formats.json_log import document
from costbasis.usage.formats.logline import COMMON_REASONS, BadLine, time_ms_of
from costbasis.usage.formats.programs import data_home, named_folder
from costbasis.usage.readers import Caveat, FileReading

NAME = "amp"
REASONS = COMMON_REASONS
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 4

BY_PLACE = "thread and message"
LEDGER_PLACE = 1_000_000
"""Added to the number of an event of the ledger, which keeps its place apart from a message's."""


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``threads`` below ``AMP_DATA_DIR``, else below ``amp`` in ``XDG_DATA_HOME`` (default ``~/.local/share``)."""
    return [(named_folder(environ, home, "AMP_DATA_DIR") or data_home(environ, home) / "amp") / "threads"]


def claims(path: str, head: bytes) -> bool:
    """A file ``T-….json``."""
    return path.endswith(".json") and PurePath(path).name.startswith("T-")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each message that carries usage, and for each event of the ledger that pays for another."""
    found = FileReading()
    thread = object_of(document(data, path, found))
    found.project = _project(thread)
    for place, said in _parts(thread):
        try:
            found.events.append(_event(said, place, thread, path, found.project))
        except BadLine as bad:
            found.skip(path, place, bad)
    return found


def _parts(thread: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Usage with its place, model and time."""
    billed: set[str] = set()
    for place, message in enumerate(list_of(thread.get("messages"))):
        if isinstance(message, dict) and isinstance(message.get("usage"), dict):
            billed.add(id_of(message.get("messageId")))
            told = {"timestamp": message.get("timestamp"), "model": message.get("model")}
            yield place, told | {name: value for name, value in message["usage"].items() if value is not None}
    for number, event in enumerate(list_of(object_of(thread.get("usageLedger")).get("events"))):
        tokens = object_of(object_of(event).get("tokens"))
        pays_for = id_of(object_of(event).get("toMessageId"))
        if tokens and (not billed or (pays_for and pays_for not in billed)):
            yield (
                LEDGER_PLACE + number,
                event | {"inputTokens": tokens.get("input"), "outputTokens": tokens.get("output")},
            )


def _event(said: Mapping[str, Any], place: int, thread: Mapping[str, Any], path: str, project: str) -> UsageEvent:
    fresh, output = needed(said, "inputTokens", "outputTokens")
    write, read = counted(said, "cacheCreationInputTokens", "cacheReadInputTokens")
    session = text_of(thread.get("id")) or PurePath(path).stem
    return told_call(
        TokenCounts(input_tok=fresh, cache_write_unknown_tok=write, cache_read_tok=read, output_tok=output),
        model_of(said.get("model")),
        time_ms_of(said.get("timestamp")),
        agent=NAME,
        session=session,
        key=f"a:{session}:{place}",
        rule=BY_PLACE,
        origin=f"{path}:{place}",
        project=project,
    )


def _project(thread: Mapping[str, Any]) -> str:
    """The first folder that the thread was opened in."""
    trees = list_of(object_of(object_of(thread.get("env")).get("initial")).get("trees"))
    return text_of(object_of(trees[0] if trees else None).get("uri")).removeprefix("file://")
