"""Google's usage objects: cached tokens are a part of the prompt, thoughts are not of the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.usage.events import TokenCounts
from costbasis.usage.formats.logline import NO_INPUT, NO_OUTPUT, BadLine, whole


def counts_of_metadata(usage: Mapping[str, Any]) -> TokenCounts:
    """Tokens of a ``usageMetadata``: prompt with cached, candidates without thoughts.

    Thinking is billed as output, so thoughts are added to it. Some makers count thoughts inside the
    candidates already: then prompt and candidates alone give the total, and they are not added.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where prompt or candidates are missing.
    """
    if usage.get("promptTokenCount") is None:
        raise BadLine(NO_INPUT)
    if usage.get("candidatesTokenCount") is None and usage.get("thoughtsTokenCount") is None:
        raise BadLine(NO_OUTPUT)
    prompt, cached = whole(usage["promptTokenCount"]), whole(usage.get("cachedContentTokenCount"))
    candidates, thoughts = whole(usage.get("candidatesTokenCount")), whole(usage.get("thoughtsTokenCount"))
    total = whole(usage.get("totalTokenCount"))
    inside = thoughts <= candidates and total == prompt + candidates
    return _counts(prompt, cached, candidates if inside else candidates + thoughts, thoughts)


def counts_of_tokens(tokens: Mapping[str, Any]) -> TokenCounts:
    """Tokens of Gemini CLI's ``tokens``: input, output, cached, thoughts, tool, total.

    Cached is a part of input when the total is input + output + thoughts + tool; when cached is in the total
    once more, input is without it. Tool tokens are results given back to the model: input.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where input or output is missing.
    """
    if tokens.get("input") is None:
        raise BadLine(NO_INPUT)
    if tokens.get("output") is None:
        raise BadLine(NO_OUTPUT)
    names = ("input", "output", "cached", "thoughts", "tool", "total")
    prompt, output, cached, thoughts, tool, total = (whole(tokens.get(name)) for name in names)
    if cached and total == prompt + cached + output + thoughts + tool:
        prompt += cached
    return _counts(prompt + tool, cached, output + thoughts, thoughts)


def _counts(prompt: int, cached: int, output: int, reasoning: int) -> TokenCounts:
    """A prompt that is smaller than its cached tokens does not hold them."""
    fresh = prompt - cached if cached <= prompt else prompt
    return TokenCounts(input_tok=fresh, cache_read_tok=cached, output_tok=output, reasoning_tok=reasoning)
