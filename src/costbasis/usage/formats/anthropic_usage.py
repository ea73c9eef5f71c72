"""Anthropic's ``usage`` object: tokens by class, web searches, mode and region of one response."""

from __future__ import annotations

import msgspec

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.logline import NO_INPUT, NO_OUTPUT, ODD_SHAPE, BadLine, Count, whole


class _CacheCreation(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: Count = None
    ephemeral_1h_input_tokens: Count = None


class Tokens(msgspec.Struct):
    """Token counts of a response, or of one round of it."""

    input_tokens: Count = None
    cache_creation_input_tokens: Count = None
    cache_read_input_tokens: Count = None
    cache_creation: _CacheCreation | None = None
    output_tokens: Count = None


class Round(Tokens):
    """One sampling that a response took on the vendor's side."""

    type: str | None = None
    model: str | None = None


class _Tools(msgspec.Struct, gc=False):
    web_search_requests: Count = None


class Usage(Tokens):
    """The whole object. *iterations* stays undecoded: it is needed for few responses."""

    server_tool_use: _Tools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: msgspec.Raw = msgspec.Raw(b"")


_ROUNDS_APART = ("compaction", "advisor_message")
_COMPACTION, _ADVISOR = (f'"{kind}"'.encode() for kind in _ROUNDS_APART)
_decode_rounds = msgspec.json.Decoder(list[Round]).decode


def rounds_apart(usage: Usage) -> list[Round]:
    """The rounds that the top level does not include, though they are billed: compactions and an advisor's.

    The vendor's documentation of compaction says that the top level is the sum of all other rounds; an
    advisor's round is of a model of its own.

    Errors: :class:`BadLine` where such a round is there and cannot be read.
    """
    raw = bytes(usage.iterations)
    if _COMPACTION not in raw and _ADVISOR not in raw:
        return []
    try:
        rounds = _decode_rounds(raw)
    except msgspec.ValidationError:
        raise BadLine(ODD_SHAPE) from None
    return [part for part in rounds if part.type in _ROUNDS_APART and counts_of(part) != TokenCounts()]


def counts_of(usage: Tokens) -> TokenCounts:
    """Tokens by class. Cached tokens are not part of ``input_tokens``; thinking is part of the output.

    Errors: :class:`BadLine` where input or output is missing, or a count is no whole number.
    """
    ordinary = _ordinary_counts(usage)
    if ordinary is not None:
        return ordinary
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


_tuple = tuple.__new__
_ORDINARY_BITS = 32
"""Counts below 2**32; what is negative has all bits set."""


def _ordinary_counts(usage: Tokens) -> TokenCounts | None:
    """The counts where every one of them is there and whole and the writes add up: nearly always, and fast."""
    given, read, output = usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens
    written, split = usage.cache_creation_input_tokens, usage.cache_creation
    if split is None:
        return None
    five, hour = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
    if not (type(given) is type(read) is type(output) is type(written) is type(five) is type(hour) is int):
        return None
    if (given | read | output | five | hour) >> _ORDINARY_BITS or five + hour != written:
        return None
    return _tuple(TokenCounts, (given, five, hour, 0, read, output, 0))


def _cache_writes(usage: Tokens) -> tuple[int, int, int]:
    """Writes at 5 minutes, at 1 hour, and of unknown lifetime.

    A split that contradicts the total is not believed; the last iteration whose split gives the total is,
    else the total is of unknown lifetime. Without a total the split stands.
    """
    total, split = whole(usage.cache_creation_input_tokens), _split(usage.cache_creation)
    if usage.cache_creation_input_tokens is None:
        return (*split, 0)
    if sum(split) == total:
        return (*split, 0)
    for iteration in reversed(_rounds(usage)):
        parts = _split(iteration.cache_creation)
        if iteration.cache_creation is not None and sum(parts) == total:
            return (*parts, 0)
    return 0, 0, total


def _rounds(usage: Tokens) -> list[Round]:
    try:
        return _decode_rounds(usage.iterations) if isinstance(usage, Usage) and usage.iterations else []
    except msgspec.ValidationError:
        return []


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
    return mode_named(usage.speed, usage.service_tier)


def mode_named(speed: str | None, tier: str | None) -> str:
    """The same, of the two names that say it.

    >>> mode_named("fast", "standard"), mode_named(None, "priority"), mode_named("standard", "auto")
    ('fast', 'priority', 'standard')
    """
    if speed == "fast":
        return "fast"
    return tier if tier and tier not in ("standard", "default", "auto") else "standard"
