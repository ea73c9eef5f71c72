"""LiteLLM proxy: rows of ``LiteLLM_SpendLogs``, from ``/spend/logs`` (JSON) or out of the database (CSV, JSON lines).

The table has no columns for cached tokens: they stand in ``metadata``. Prompts, answers and whole keys are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.formats.calls import id_of, model_of, object_of
from costbasis.usage.formats.export_rows import ROW_REASONS, has_columns, has_fields
from costbasis.usage.formats.gateway import (
    Call,
    count_of,
    first_text,
    object_in,
    read_rows,
    short_key,
    utc_ms,
)
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT
from costbasis.usage.readers import Caveat, FileReading

NAME = "litellm"
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
    """Spend logs, by their columns or fields."""
    return has_columns(head, "request_id", "call_type", "spend", "prompt_tokens") or has_fields(
        head, "request_id", "call_type", "spend"
    )


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request a row; a row of a call that failed holds no tokens and is passed over."""
    return read_rows(data, path, _call, agent=NAME, told=known)


def _call(place: int, said: dict[str, Any]) -> Call | None:
    metadata = object_in(said.get("metadata"))
    usage = object_of(metadata.get("usage_object")) | object_of(metadata.get("additional_usage_values"))
    prompt_parts = object_of(usage.get("prompt_tokens_details"))
    written = object_of(usage.get("cache_creation"))
    five, hour = (
        count_of(written, f"ephemeral_{life}_input_tokens") or count_of(usage, f"ephemeral_{life}_input_tokens")
        for life in ("5m", "1h")
    )
    write = count_of(usage, "cache_creation_input_tokens") or count_of(prompt_parts, "cache_creation_tokens")
    provider = first_text(said, "custom_llm_provider")
    prompt, output = (
        count_of(said, "prompt_tokens", missing=NO_INPUT),
        count_of(said, "completion_tokens", missing=NO_OUTPUT),
    )
    if not prompt and not output:
        return None
    total = count_of(said, "total_tokens") or None
    return Call(
        place,
        f"ll:{id_of(said.get('request_id')) or place}",
        BY_ID,
        utc_ms(said.get("startTime") or said.get("start_time")),
        model_of(first_text(said, "model", "model_group").removeprefix(f"{provider}/")),
        prompt=prompt,
        output=output,
        read=count_of(usage, "cache_read_input_tokens") or count_of(prompt_parts, "cached_tokens"),
        write_5m=five,
        write_1h=hour,
        write=max(write - five - hour, 0),
        reasoning=count_of(object_of(usage.get("completion_tokens_details")), "reasoning_tokens"),
        total=total,
        emitter=provider,
        provider=provider,
        session=first_text(said, "session_id"),
        project=first_text(metadata, "user_api_key_team_alias") or first_text(said, "team_id"),
        api_key=first_text(metadata, "user_api_key_alias") or short_key(first_text(said, "api_key")),
        user=first_text(said, "end_user", "user") or first_text(metadata, "user_api_key_user_id"),
    )
