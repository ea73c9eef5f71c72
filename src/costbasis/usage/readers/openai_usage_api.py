"""OpenAI's usage report (``/v1/organization/usage/completions``): sums by time bucket, with the number of requests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.formats.calls import MODEL_NOT_LOGGED
from costbasis.usage.formats.export_rows import has_fields
from costbasis.usage.formats.gateway import Call, count_of, first_text
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT
from costbasis.usage.formats.usage_buckets import BUCKET, BUCKET_REASONS, SUMMED, read_buckets
from costbasis.usage.readers import FileReading

NAME = "openai-usage-api"
REASONS = (*COMMON_REASONS, *BUCKET_REASONS)
CAVEATS = {BUCKET: SUMMED}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 6


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """No place of its own: a report lies where it was saved."""
    return []


def claims(path: str, head: bytes) -> bool:
    """Pages of buckets of completions; costs are a bill, and no log."""
    return has_fields(head, "data", "start_time", "results") and b"usage.completions" in head


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One row a result: its requests, its tokens, the bucket's time."""
    return read_buckets(data, path, _call, agent=NAME)


def _call(place: int, time_ms: int, said: dict[str, Any]) -> Call | None:
    prompt = count_of(said, "input_tokens", missing=NO_INPUT)
    output = count_of(said, "output_tokens", missing=NO_OUTPUT)
    requests = count_of(said, "num_model_requests")
    if not prompt and not output:
        return None
    model, key = first_text(said, "model"), first_text(said, "api_key_id")
    user, project = first_text(said, "user_id"), first_text(said, "project_id")
    tier, batch = first_text(said, "service_tier"), said.get("batch") is True
    of = f"{model}|{key}|{user}|{project}|{tier}|{batch}"
    return Call(
        place,
        f"ou:{time_ms}@{of}",
        BUCKET,
        time_ms,
        model or MODEL_NOT_LOGGED,
        prompt=prompt,
        output=output,
        read=count_of(said, "input_cached_tokens"),
        write=count_of(said, "input_cache_write_tokens"),
        within=True,
        provider="openai",
        mode="batch" if batch else tier if tier in ("priority", "flex") else "standard",
        session=f"bucket {time_ms}",
        project=project,
        api_key=key,
        user=user,
        requests=requests,
        each_prompt_tok=prompt,
    )
