"""The session format of pi and of agents made from it: one entry a line, usage on the assistant's messages.

Input is without cache and output holds the reasoning. A fork copies entries with their ids and times, so an entry
is one request wherever it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, counted, needed, object_of, text_of, told_call
from costbasis.usage.formats.logline import NO_MODEL, ODD_SHAPE, BadLine, epoch_ms, time_ms_of

BY_ENTRY = "entry id and time"
BY_PLACE = "session and place"
KEY_RULES = (BY_ENTRY, BY_PLACE)

MARKERS = (b'"usage"', b'"session"', b'"model_change"', b'"model-snapshot"')

MIRROR_OF_CODEX = "told by Codex's own log"
NOTES = "note of the agent itself, no tokens"

_NOTE_MODELS = ("delivery-mirror", "gateway-injected")


class Session:
    """What the entries so far say of the session; it can be told to the next stretch of the file."""

    def __init__(self, agent: str, prefix: str, session: str, known: Mapping[str, str]) -> None:
        self.agent, self.prefix = agent, prefix
        self.id = known.get("session") or session
        self.project, self.model = known.get("project", ""), known.get("model", "")
        self.provider = known.get("provider", "")

    @property
    def known(self) -> dict[str, str]:
        """What must be known again to go on."""
        return {"session": self.id, "project": self.project, "model": self.model, "provider": self.provider}

    def take(self, said: dict[str, Any], origin: str) -> UsageEvent | None:
        """What one entry says: a request, or something about those that follow.

        Errors: :class:`~costbasis.usage.formats.logline.BadLine` for usage that cannot be counted.
        """
        kind = said.get("type")
        if kind == "session":
            self.id, self.project = text_of(said.get("id")) or self.id, text_of(said.get("cwd"))
            self._take_model(said)
        elif kind == "model_change":
            self._take_model(said)
        elif kind == "custom":
            self._take_model(object_of(said.get("data")))
        elif kind == "message":
            return self._message(said, object_of(said.get("message")), origin)
        return None

    def _take_model(self, said: dict[str, Any]) -> None:
        self.model = text_of(said.get("modelId")) or self.model
        self.provider = text_of(said.get("provider")) or self.provider

    def _message(self, said: dict[str, Any], message: dict[str, Any], origin: str) -> UsageEvent | None:
        usage = message.get("usage")
        if message.get("role") != "assistant" or usage is None:
            return None
        if not isinstance(usage, dict):
            raise BadLine(ODD_SHAPE)
        if text_of(message.get("idempotencyKey")).startswith("codex-app-server:"):
            raise BadLine(MIRROR_OF_CODEX)
        if message.get("api") == "openclaw-transcript" or message.get("model") in _NOTE_MODELS:
            raise BadLine(NOTES)
        counts = counts_of(usage)
        model = text_of(message.get("model")) or self.model
        if not model:
            raise BadLine(NO_MODEL)
        self.model, self.provider = model, text_of(message.get("provider")) or self.provider
        time = message.get("timestamp")
        time_ms = epoch_ms(time) if isinstance(time, int | float) else time_ms_of(time or said.get("timestamp"))
        entry, session = text_of(said.get("id")), self.id or "(session not logged)"
        return told_call(
            counts,
            model or MODEL_NOT_LOGGED,
            time_ms,
            agent=self.agent,
            session=session,
            key=f"{self.prefix}:{entry}@{time_ms}" if entry else f"{self.prefix}:{session}@{origin.rpartition(':')[2]}",
            rule=BY_ENTRY if entry else BY_PLACE,
            origin=origin,
            provider=self.provider,
            project=self.project,
            partial_output=message.get("stopReason") == "aborted",
        )


def counts_of(usage: dict[str, Any]) -> TokenCounts:
    """Tokens of one answer. ``cacheWrite1h``, where it is told, is a part of ``cacheWrite``.

    Errors: :class:`~costbasis.usage.formats.logline.BadLine` where input or output is missing or a count is none.
    """
    fresh, output = needed(usage, "input", "output")
    read, write, hour, reasoning = counted(usage, "cacheRead", "cacheWrite", "cacheWrite1h", "reasoning")
    split = usage.get("cacheWrite1h") is not None and hour <= write
    return TokenCounts(
        input_tok=fresh,
        cache_write_5m_tok=write - hour if split else 0,
        cache_write_1h_tok=hour if split else 0,
        cache_write_unknown_tok=0 if split else write,
        cache_read_tok=read,
        output_tok=output,
        reasoning_tok=min(reasoning, output),
    )
