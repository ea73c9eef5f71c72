"""Anthropic's ``usage`` object: tokens by class, web searches, mode and region of one response."""

from __future__ import annotations

import msgspec

from costbasis.usage.events import TokenCounts
from costbasis.usage.logline import NO_INPUT, NO_OUTPUT, BadLine, Count, whole


class _CacheCreation(msgspec.Struct):
    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class _Iteration(msgspec.Struct):
    cache_creation_input_tokens: Count = None
    cache_creation: _CacheCreation | None = None


class _Tools(msgspec.Struct):
    web_search_requests: Count = None


class Usage(msgspec.Struct):
    input_tokens: Count = None
    output_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation: _CacheCreation | None = None
    server_tool_use: _Tools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: list[_Iteration] | None = None


def counts_of(usage: Usage) -> TokenCounts:
    """Tokens by class. Cached tokens are not part of ``input_tokens``; thinking is part of the output.

    Errors: :class:`BadLine` where input or output is missing, or a count is no whole number.
    """
    if usage.output_tokens is None:
        raise BadLine(NO_OUTPUT)
    if usage.input_tokens is None:
        raise BadLine(NO_INPUT)
    five, hour, unknown = _cache_writes(usage)
    return TokenCounts(
        input_tok=whole(usage.input_tokens),
        cache_write_5m_tok=five,
        cache_write_1h_tok=hour,
        cache_write_unknown_tok=unknown,
        cache_read_tok=whole(usage.cache_read_input_tokens),
        output_tok=whole(usage.output_tokens),
    )


def _cache_writes(usage: Usage) -> tuple[int, int, int]:
    """Writes at 5 minutes, at 1 hour, and of unknown lifetime.

    A split that contradicts the total is not believed; the last iteration whose split gives the total is,
    else the total is of unknown lifetime. Without a total the split stands.
    """
    total, split = whole(usage.cache_creation_input_tokens), _split(usage.cache_creation)
    if usage.cache_creation_input_tokens is None:
        return (*split, 0)
    if sum(split) == total:
        return (*split, 0)
    for iteration in reversed(usage.iterations or []):
        parts = _split(iteration.cache_creation)
        if iteration.cache_creation is not None and sum(parts) == total:
            return (*parts, 0)
    return 0, 0, total


def _split(creation: _CacheCreation | None) -> tuple[int, int]:
    if creation is None:
        return 0, 0
    return whole(creation.ephemeral_5m_input_tokens), whole(creation.ephemeral_1h_input_tokens)


def web_searches_of(usage: Usage) -> int:
    """Web searches that the response made on the vendor's side, billed apart from tokens."""
    return whole(usage.server_tool_use.web_search_requests) if usage.server_tool_use else 0


def geo_of(usage: Usage) -> str:
    """``us`` where inference was pinned to the United States, else ""."""
    return "us" if usage.inference_geo == "us" else ""


def mode_of(usage: Usage) -> str:
    """The price list that applies: fast, batch, priority, … or standard."""
    if usage.speed == "fast":
        return "fast"
    tier = usage.service_tier
    return tier if tier and tier not in ("standard", "default", "auto") else "standard"
