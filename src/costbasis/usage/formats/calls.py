"""What readers of many formats share: a model call with its usual fields, parts of plain JSON, totals shared out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.logline import NO_INPUT, NO_MODEL, NO_OUTPUT, PART_ABOVE_WHOLE, BadLine, whole

MODEL_NOT_LOGGED = "(model not logged)"
"""Stands for a model where a log names none: shown as such, and left without a price."""


def told_call(
    counts: TokenCounts,
    model: str,
    time_ms: int,
    *,
    agent: str,
    session: str,
    key: str,
    rule: str,
    origin: str,
    provider: str = "",
    mode: str = "standard",
    project: str = "",
    agent_id: str = "",
    partial_output: bool = False,
) -> UsageEvent:
    """A model call told by one line or row; *origin* is ``path:place`` and *rule* says how *key* was made."""
    return UsageEvent(
        counts=counts,
        model=model,
        provider=provider,
        mode=mode,
        geo="",
        time_ms=time_ms,
        web_searches=0,
        session=session,
        agent_id=agent_id,
        project=project,
        agent=agent,
        request_key=key,
        key_rule=rule,
        is_sidechain=False,
        is_mirror=False,
        partial_output=partial_output,
        lines=1,
        offset=int(origin.rpartition(":")[2]),
        origin=origin,
    )


def shares(total: TokenCounts, parts: int) -> Iterator[TokenCounts]:
    """*total* in *parts* that are as even as whole tokens can be, and add up to it.

    >>> [part.output_tok for part in shares(TokenCounts(output_tok=5, reasoning_tok=1), 2)]
    [2, 3]
    """
    visible = total._replace(output_tok=total.output_tok - total.reasoning_tok)
    for part in range(parts):
        even = TokenCounts(*(value * (part + 1) // parts - value * part // parts for value in visible))
        yield even._replace(output_tok=even.output_tok + even.reasoning_tok)


def prompt_with_cache(prompt: int, read: int, write: int, output: int, reasoning: int = 0) -> TokenCounts:
    """Counts of a log whose prompt holds what was read from and written to a cache, and output the reasoning.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where a part is larger than its whole.
    """
    if read + write > prompt or reasoning > output:
        raise BadLine(PART_ABOVE_WHOLE)
    return TokenCounts(
        input_tok=prompt - read - write,
        cache_write_unknown_tok=write,
        cache_read_tok=read,
        output_tok=output,
        reasoning_tok=reasoning,
    )


def needed(usage: Mapping[str, Any], prompt: str, output: str) -> tuple[int, int]:
    """The two counts that every call has, by their names in *usage*.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where one is missing or is no count: unknown is not zero.
    """
    if usage.get(prompt) is None:
        raise BadLine(NO_INPUT)
    if usage.get(output) is None:
        raise BadLine(NO_OUTPUT)
    return whole(usage[prompt]), whole(usage[output])


def counted(usage: Mapping[str, Any], *names: str) -> Iterator[int]:
    """Counts that may be missing, then 0.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where one is no count.
    """
    return (whole(usage.get(name)) for name in names)


def text_of(value: object) -> str:
    """A text with no blanks around it; "" for anything else.

    >>> text_of(" gpt-5 "), text_of(None)
    ('gpt-5', '')
    """
    return value.strip() if isinstance(value, str) else ""


def id_of(value: object) -> str:
    """An id, which some programs write as a number; "" for anything else."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)


def model_of(value: object) -> str:
    """The name of a model.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where there is none.
    """
    if not text_of(value):
        raise BadLine(NO_MODEL)
    return text_of(value)


def object_of(value: object) -> dict[str, Any]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []
