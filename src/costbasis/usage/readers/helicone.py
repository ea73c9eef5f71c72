"""Helicone: requests as the query API or an export gives them (JSON, JSON lines, CSV), in whole tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.formats.calls import id_of, model_of
from costbasis.usage.formats.export_rows import ROW_REASONS, has_columns, has_fields
from costbasis.usage.formats.gateway import Call, count_of, first_text, object_in, read_rows, utc_ms
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT
from costbasis.usage.readers import Caveat, FileReading

NAME = "helicone"
REASONS = (*COMMON_REASONS, *ROW_REASONS)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 6
CACHED_INPUT_IS_OPEN = True
"""Whoever wrote the record decides whether its input holds the cached tokens: ``import --cached-input`` may say it."""

BY_ID = "request id"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """No place of its own: an export lies where it was saved."""
    return []


def claims(path: str, head: bytes) -> bool:
    """Rows of requests, by the time that each has and the key that goes with it."""
    return has_columns(head, "request_id", "request_created_at", "prompt_tokens") or has_fields(
        head, "request_id", "request_created_at"
    )


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request a row; an answer out of Helicone's own cache reached no provider and is passed over."""
    return read_rows(data, path, _call, agent=NAME, told=known)


def _call(place: int, said: dict[str, Any]) -> Call | None:
    if said.get("cache_reference_id") not in (None, "", NO_CACHE):
        return None
    status = said.get("response_status")
    if isinstance(status, int) and status >= FAILED_FROM and not count_of(said, "completion_tokens"):
        return None
    properties = object_in(said.get("request_properties") or said.get("properties"))
    provider = first_text(said, "provider")
    return Call(
        place,
        f"he:{id_of(said.get('request_id')) or place}",
        BY_ID,
        utc_ms(said.get("request_created_at")),
        model_of(first_text(said, "model_override", "response_model", "model", "request_model")),
        prompt=count_of(said, "prompt_tokens", missing=NO_INPUT),
        output=count_of(said, "completion_tokens", missing=NO_OUTPUT),
        read=count_of(said, "prompt_cache_read_tokens"),
        write=count_of(said, "prompt_cache_write_tokens"),
        reasoning=count_of(said, "reasoning_tokens"),
        total=count_of(said, "total_tokens") or None,
        emitter=provider,
        provider=provider.lower(),
        session=first_text(properties, "Helicone-Session-Id"),
        project=first_text(properties, "Helicone-Session-Name"),
        user=first_text(said, "helicone_user", "request_user_id", "user_id"),
    )


NO_CACHE = "00000000-0000-0000-0000-000000000000"
"""What the column holds for an answer that did not come out of Helicone's cache."""

FAILED_FROM = 400
