"""Anthropic's usage reports (``usage_report/messages`` and the analytics that follow it): sums by time bucket.

The first tells no number of requests. What one of them attends to is then assumed, and said so (``OUTPUT_EACH_TOK``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, object_of
from costbasis.usage.formats.export_rows import has_fields
from costbasis.usage.formats.gateway import Call, count_of, first_text
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT
from costbasis.usage.formats.usage_buckets import (
    BUCKET,
    BUCKET_REASONS,
    OUTPUT_EACH_TOK,
    SUMMED,
    UNTOLD,
    UNTOLD_SUMMED,
    read_buckets,
)
from costbasis.usage.readers import FileReading

NAME = "anthropic-usage-api"
REASONS = (*COMMON_REASONS, *BUCKET_REASONS)
CAVEATS = {
    BUCKET: SUMMED,
    UNTOLD: UNTOLD_SUMMED,
}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 6

SHORT_CONTEXT_TOK = 200_000
"""Where a window of ``0-200k`` ends and ``200k-1M`` begins."""


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """No place of its own: a report lies where it was saved."""
    return []


def claims(path: str, head: bytes) -> bool:
    """Buckets with uncached input; the cost report is a bill, and no log."""
    return has_fields(head, "data", "starting_at") and b'"uncached_input_tokens"' in head


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One row a result, at the bucket's time."""
    return read_buckets(data, path, _call, agent=NAME)


def _call(place: int, time_ms: int, said: dict[str, Any]) -> Call | None:
    written = object_of(said.get("cache_creation"))
    five, hour = (count_of(written, f"ephemeral_{life}_input_tokens") for life in ("5m", "1h"))
    fresh = count_of(said, "uncached_input_tokens", missing=NO_INPUT)
    read_tok = count_of(said, "cache_read_input_tokens")
    output = count_of(said, "output_tokens", missing=NO_OUTPUT)
    prompt = fresh + five + hour + read_tok
    if not prompt and not output:
        return None
    told = said.get("requests") is not None
    names = ("model", "api_key_id", "account_id", "workspace_id", "service_tier", "speed", "context_window")
    model, key, user, project, tier, speed, window = (first_text(said, name) for name in names)
    actor = object_of(said.get("actor"))
    user = user or first_text(actor, "email", "user_id")
    geo = first_text(said, "inference_geo")
    of = "|".join((model, key, user, project, tier, speed, window, geo, first_text(said, "product")))
    return Call(
        place,
        f"au:{time_ms}@{of}",
        BUCKET if told else UNTOLD,
        time_ms,
        model or MODEL_NOT_LOGGED,
        prompt=fresh,
        output=output,
        read=read_tok,
        write_5m=five,
        write_1h=hour,
        within=False,
        provider="anthropic",
        mode="fast" if speed == "fast" else tier if tier in ("batch", "priority", "flex") else "standard",
        geo="us" if geo == "us" else "",
        searches=count_of(object_of(said.get("server_tool_use")), "web_search_requests"),
        session=f"bucket {time_ms}",
        project=project,
        api_key=key,
        user=user,
        requests=count_of(said, "requests") if told else 0,
        each_prompt_tok=each_prompt_tok(prompt, output, window),
    )


def each_prompt_tok(prompt: int, output: int, window: str) -> int:
    """Prompt of one request: the bucket's own ratio times an assumed output, within the context window if it is told.

    >>> each_prompt_tok(3200, 500, "0-200k"), each_prompt_tok(150_000_000, 300_000, "0-200k")
    (3200, 200000)
    >>> each_prompt_tok(3200, 500, "200k-1M")
    200001
    """
    each = min(prompt, prompt * OUTPUT_EACH_TOK // output) if output else min(prompt, SHORT_CONTEXT_TOK)
    if window == "0-200k":
        return min(each, SHORT_CONTEXT_TOK)
    return max(each, SHORT_CONTEXT_TOK + 1) if window.startswith("200k") else each
