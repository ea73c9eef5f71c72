"""The task format of Cline and of the extensions made from it: a JSON list of what the panel shows.

A request is an ``api_req_started`` entry, whose text is an object of counts that is filled in as the answer comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import (
    MODEL_NOT_LOGGED,
    counted,
    list_of,
    model_of,
    needed,
    object_of,
    text_of,
    told_call,
)  # fmt: skip
from costbasis.usage.formats.json_log import decoded, document
from costbasis.usage.formats.logline import MALFORMED, ODD_SHAPE, BadLine, epoch_ms, time_ms_of
from costbasis.usage.readers import FileReading

BY_PLACE = "task and request"

WITH_CACHE = ("doubao", "fireworks", "hicap", "lmstudio", "qwen", "xai", "zai")
"""Providers of Cline whose adapters pass on a prompt count that holds the cached tokens."""

PANEL, HISTORY = "ui_messages.json", "api_conversation_history.json"

_MODEL = re.compile(rb"<model>([^<\\]{1,200})</model>")
_FOLDER = re.compile(rb"Current W(?:orking|orkspace) Directory \(([^)\\\"]{1,1000})\)")


class Task(NamedTuple):
    """What the conversation beside the panel's list says of the whole task."""

    agent: str
    id: str
    model: str
    project: str
    prompt_holds_cache: bool
    """Whether the agent's prompt counts hold the cached tokens, as Roo Code's and Kilo Code's later versions do."""


def read_panel(data: bytes, path: str, agent: str, prompt_holds_cache: bool) -> FileReading:
    """One request for each entry that starts one, from a file named ``PANEL``."""
    found = FileReading()
    said = document(data, path, found)
    task = _task(path, agent, prompt_holds_cache)
    for place, entry in enumerate(list_of(said)):
        if isinstance(entry, dict) and entry.get("say") == "api_req_started":
            try:
                found.events.append(_request(entry, task, f"{path}:{place}"))
            except BadLine as bad:
                found.skip(path, place, bad)
    found.project = task.project
    return found


def _task(path: str, agent: str, prompt_holds_cache: bool) -> Task:
    """The last model and the folder that the conversation names; it is read for these alone."""
    try:
        history = (Path(path).parent / HISTORY).read_bytes()
    except OSError:
        history = b""
    models, folders = _MODEL.findall(history), _FOLDER.findall(history)
    model, folder = (found[-1].decode("utf-8", "replace") if found else "" for found in (models, folders))
    return Task(agent, PurePath(path).parent.name, model, folder, prompt_holds_cache)


def _request(entry: dict[str, Any], task: Task, origin: str) -> UsageEvent:
    said = decoded(text_of(entry.get("text")).encode("utf-8", "replace") or b"null")
    if not isinstance(said, dict):
        raise BadLine(ODD_SHAPE if said is not None else MALFORMED)
    info = object_of(entry.get("modelInfo"))
    provider = text_of(info.get("providerId"))
    time = entry.get("ts")
    return told_call(
        counts_of(said, task.prompt_holds_cache or provider in WITH_CACHE),
        text_of(info.get("modelId")) or task.model or MODEL_NOT_LOGGED,
        time_ms_of(time) if isinstance(time, str) else epoch_ms(time),
        agent=task.agent,
        session=task.id,
        key=f"v:{task.agent}/{task.id}@{origin.rpartition(':')[2]}",
        rule=BY_PLACE,
        origin=origin,
        provider=provider or text_of(said.get("apiProtocol")),
        project=task.project,
        partial_output=text_of(said.get("cancelReason")) != "",
    )


def counts_of(said: Mapping[str, Any], prompt_holds_cache: bool) -> TokenCounts:
    """Tokens of one request. A prompt smaller than its cached tokens does not hold them, whoever wrote it.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where a count is missing or is none.
    """
    prompt, output = needed(said, "tokensIn", "tokensOut")
    read, write = counted(said, "cacheReads", "cacheWrites")
    holds = prompt_holds_cache and read + write <= prompt
    return TokenCounts(
        input_tok=prompt - read - write if holds else prompt,
        cache_write_unknown_tok=write,
        cache_read_tok=read,
        output_tok=output,
    )


def read_transcript(data: bytes, path: str, agent: str) -> FileReading:
    """One request for each assistant's message with metrics, from Cline's ``….messages.json``."""
    found = FileReading()
    said = object_of(document(data, path, found))
    session = text_of(said.get("sessionId")) or PurePath(path).name.removesuffix(".messages.json")
    for place, message, model in _answers(said):
        try:
            found.events.append(_answer(message, model, agent, session, f"{path}:{place}"))
        except BadLine as bad:
            found.skip(path, place, bad)
    return found


def _answers(said: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any], str]]:
    model = ""
    for place, message in enumerate(list_of(said.get("messages"))):
        if isinstance(message, dict) and message.get("role") == "assistant":
            model = text_of(object_of(message.get("modelInfo")).get("id")) or model
            if message.get("metrics") is not None:
                yield place, message, model


def _answer(message: dict[str, Any], model: str, agent: str, session: str, origin: str) -> UsageEvent:
    """Here the prompt holds the cached tokens."""
    metrics, time = message["metrics"], message.get("ts")
    if not isinstance(metrics, dict):
        raise BadLine(ODD_SHAPE)
    prompt, output = needed(metrics, "inputTokens", "outputTokens")
    read, write = counted(metrics, "cacheReadTokens", "cacheWriteTokens")
    part = text_of(message.get("id")) or origin.rpartition(":")[2]
    return told_call(
        TokenCounts(
            input_tok=prompt - read - write if read + write <= prompt else prompt,
            cache_write_unknown_tok=write,
            cache_read_tok=read,
            output_tok=output,
        ),
        model_of(model),
        time_ms_of(time) if isinstance(time, str) else epoch_ms(time),
        agent=agent,
        session=session,
        key=f"v:{agent}/{session}@{part}",
        rule=BY_PLACE,
        origin=origin,
        provider=text_of(object_of(message.get("modelInfo")).get("provider")),
    )
