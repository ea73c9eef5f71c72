"""OpenRouter: the activity export of single generations (CSV), by its header; reasoning is inside the completion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.formats.calls import model_of
from costbasis.usage.formats.export_rows import ROW_REASONS, has_columns
from costbasis.usage.formats.gateway import Call, count_of, first_text, read_rows, utc_ms
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT
from costbasis.usage.readers import Caveat, FileReading

NAME = "openrouter"
REASONS = (*COMMON_REASONS, *ROW_REASONS)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 6

BY_ID = "generation id"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """No place of its own: an export lies where it was saved."""
    return []


def claims(path: str, head: bytes) -> bool:
    """The header of the export of generations; the summary by day (date, model, cost) tells no tokens."""
    return has_columns(head, "generation_id", "created_at", "tokens_prompt", "tokens_completion", "model_permaslug")


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request a row, cancelled ones included: what they produced was billed."""
    return read_rows(data, path, _call, agent=NAME)


def _call(place: int, said: dict[str, Any]) -> Call:
    return Call(
        place,
        f"or:{first_text(said, 'generation_id') or place}",
        BY_ID,
        utc_ms(said.get("created_at")),
        model_of(said.get("model_permaslug")),
        prompt=count_of(said, "tokens_prompt", missing=NO_INPUT),
        output=count_of(said, "tokens_completion", missing=NO_OUTPUT),
        read=count_of(said, "tokens_cached"),
        reasoning=count_of(said, "tokens_reasoning"),
        within=True,
        provider="openrouter",
        project=first_text(said, "app_name"),
        api_key=first_text(said, "api_key_name"),
        user=first_text(said, "user"),
    )
