"""Amp: one JSON file a thread; usage on each message in Anthropic's classes, or in a ledger of events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.events import Skipped, TokenCounts, UsageEvent
from costbasis.usage.logline import (
    COMMON_REASONS,
    MALFORMED,
    NO_INPUT,
    NO_MODEL,
    NO_OUTPUT,
    BadLine,
    decode_object,
    is_object,
    time_ms_of,
    whole,
)
from costbasis.usage.readers import FileReading

NAME = "amp"
REASONS = COMMON_REASONS
RESUMES = False
WANTS_BYTES = True
PRIORITY = 4

BY_PLACE = "thread and message"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``threads`` below ``AMP_DATA_DIR`` (default ``~/.local/share/amp``)."""
    named = environ.get("AMP_DATA_DIR")
    return [(Path(named).expanduser() if named else home / ".local" / "share" / "amp") / "threads"]


def claims(path: str, head: bytes) -> bool:
    """A file ``T-….json``."""
    name = Path(path).name
    return name.startswith("T-") and name.endswith(".json")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each message that carries usage; for each event of the ledger where no message does."""
    found = FileReading(consumed=start + len(data))
    if not data.strip():
        return found
    try:
        thread = decode_object(data.strip())
    except BadLine as bad:
        found.skipped.append(Skipped(f"{path}:0", str(bad) if is_object(data.strip()) else MALFORMED))
        return found
    for place, said in _parts(thread):
        try:
            found.events.append(_event(said, place, thread, path))
        except BadLine as bad:
            found.skipped.append(Skipped(f"{path}:{place}", str(bad)))
    return found


def _parts(thread: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Usage objects with their place, model and time: of the messages, else of the ledger."""
    messages = [message for message in _list(thread.get("messages")) if isinstance(message, dict)]
    billed = [(place, message) for place, message in enumerate(messages) if isinstance(message.get("usage"), dict)]
    for place, message in billed:
        usage = message["usage"]
        yield place, {"timestamp": message.get("timestamp")} | usage
    ledger = thread.get("usageLedger")
    events = _list(ledger.get("events")) if isinstance(ledger, dict) and not billed else []
    for place, event in enumerate(events):
        if isinstance(event, dict) and isinstance(event.get("tokens"), dict):
            tokens = event["tokens"]
            yield place, event | {"inputTokens": tokens.get("input"), "outputTokens": tokens.get("output")}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _event(said: Mapping[str, Any], place: int, thread: Mapping[str, Any], path: str) -> UsageEvent:
    if said.get("inputTokens") is None:
        raise BadLine(NO_INPUT)
    if said.get("outputTokens") is None:
        raise BadLine(NO_OUTPUT)
    model, session = said.get("model"), str(thread.get("id") or Path(path).stem)
    if not isinstance(model, str) or not model:
        raise BadLine(NO_MODEL)
    return UsageEvent(
        counts=TokenCounts(
            input_tok=whole(said["inputTokens"]),
            cache_write_unknown_tok=whole(said.get("cacheCreationInputTokens")),
            cache_read_tok=whole(said.get("cacheReadInputTokens")),
            output_tok=whole(said["outputTokens"]),
        ),
        model=model,
        provider="",
        mode="standard",
        geo="",
        time_ms=time_ms_of(said.get("timestamp")),
        web_searches=0,
        session=session,
        agent_id="",
        project="",
        agent=NAME,
        request_key=f"a:{session}:{place}",
        key_rule=BY_PLACE,
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=place,
        origin=f"{path}:{place}",
    )
