"""OpenTelemetry GenAI: spans of model calls in OTLP's JSON, as the Collector's file exporter writes them line by line.

Old and new names of attributes are read. The conventions say that input tokens include cached ones; what an emitter
does shows in its own spans. A span whose own children tell the tokens is a wrapper, and counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from costbasis.usage.formats.calls import MODEL_NOT_LOGGED, id_of, list_of, object_of
from costbasis.usage.formats.export_rows import ROW_REASONS, has_fields, rows_of
from costbasis.usage.formats.gateway import Call, count_of, events_of, first_text, utc_ms
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT, ODD_SHAPE, BadLine
from costbasis.usage.readers import Caveat, FileReading

NAME = "otel-genai"
TOLD_BELOW = "told by the spans below it"
REASONS = (*COMMON_REASONS, *ROW_REASONS, TOLD_BELOW)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 1
CACHED_INPUT_IS_OPEN = True
"""Whoever wrote the record decides whether its input holds the cached tokens: ``import --cached-input`` may say it."""

BY_SPAN = "trace and span"

SIGNALS = ("resourceSpans", "resourceMetrics", "resourceLogs")

_U = "gen_ai.usage."
INPUT = (f"{_U}input_tokens", f"{_U}prompt_tokens")
OUTPUT = (f"{_U}output_tokens", f"{_U}completion_tokens")
READ = (f"{_U}cache_read.input_tokens", f"{_U}cache_read_input_tokens", f"{_U}input_tokens.cached")
WRITE = (
    f"{_U}cache_creation.input_tokens", f"{_U}cache_creation_input_tokens", f"{_U}cache_write.input_tokens",
    f"{_U}cache_write_input_tokens", f"{_U}input_tokens.cache_write",
)  # fmt: skip
REASONING = (f"{_U}reasoning.output_tokens", f"{_U}reasoning_tokens", f"{_U}output_tokens.reasoning")
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system")
SESSION = ("gen_ai.conversation.id", "session.id")
USER = ("user.id", "enduser.id", "user.name")


class _Span(NamedTuple):
    """A span that tells tokens, with what its resource and scope say of it."""

    place: int
    order: int
    trace: str
    span: str
    parent: str
    said: dict[str, Any]
    attributes: dict[str, Any]
    service: str
    scope: str


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """No place of its own: the exporter writes where it is told to."""
    return []


def claims(path: str, head: bytes) -> bool:
    """OTLP in JSON: traces, or other signals in a file that may hold traces too."""
    first = head.lstrip()[:200]
    return b'"resource' in first and any(has_fields(first, name) for name in SIGNALS)


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each innermost span that tells tokens; an exporter that sends a span again adds nothing."""
    found = FileReading()
    spans: list[_Span] = []
    parents: dict[tuple[str, str], str] = {}
    for place, said in rows_of(data, path, found):
        if not any(signal in said for signal in SIGNALS):
            found.skip(path, place, ODD_SHAPE)
        for span in _spans(place, said):
            parents[span.trace, span.span] = span.parent
            if any(span.attributes.get(name) is not None for name in (*INPUT, *OUTPUT)):
                spans.append(span)
    wrappers = _wrappers(spans, parents)
    calls: list[Call] = []
    for span in spans:
        if (span.trace, span.span) in wrappers:
            found.skip(path, span.place + span.order, TOLD_BELOW)
            continue
        try:
            calls.append(_call(span))
        except BadLine as bad:
            found.skip(path, span.place + span.order, bad)
    events_of(calls, found, agent=NAME, path=path, told=known)
    return found


def _spans(place: int, said: Mapping[str, Any]) -> Iterator[_Span]:
    order = -1
    for resource in list_of(said.get("resourceSpans")):
        service = first_text(_attributes(object_of(object_of(resource).get("resource"))), "service.name")
        for scope in list_of(object_of(resource).get("scopeSpans")):
            name = first_text(object_of(object_of(scope).get("scope")), "name")
            for span in list_of(object_of(scope).get("spans")):
                if not isinstance(span, dict):
                    continue
                order += 1
                trace, own, parent = (id_of(span.get(key)) for key in ("traceId", "spanId", "parentSpanId"))
                yield _Span(place, order, trace, own, parent, span, _attributes(span), service, name)


def _attributes(of: Mapping[str, Any]) -> dict[str, Any]:
    """A list of keys and typed values as an object; 64-bit numbers stand in texts."""
    found: dict[str, Any] = {}
    for pair in list_of(of.get("attributes")):
        value = object_of(object_of(pair).get("value"))
        key = object_of(pair).get("key")
        if isinstance(key, str) and value:
            found[key] = next(iter(value.values()))
    return found


def _wrappers(spans: list[_Span], parents: Mapping[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Every span above another one that tells tokens."""
    above: set[tuple[str, str]] = set()
    for span in spans:
        parent = span.parent
        while parent and (span.trace, parent) not in above:
            above.add((span.trace, parent))
            parent = parents.get((span.trace, parent), "")
    return above


def _call(span: _Span) -> Call:
    said = span.attributes
    embeds = said.get("gen_ai.operation.name") == "embeddings"
    provider = first_text(said, *PROVIDER)
    trace, name = span.trace, span.span
    return Call(
        span.place,
        f"ot:{trace}@{name}" if name else f"ot:{trace}:{span.place}+{span.order}",
        BY_SPAN,
        utc_ms(span.said.get("endTimeUnixNano") or span.said.get("startTimeUnixNano")),
        first_text(said, *MODEL) or MODEL_NOT_LOGGED,
        prompt=count_of(said, *INPUT, missing=NO_INPUT),
        output=count_of(said, *OUTPUT, missing="" if embeds else NO_OUTPUT),
        read=count_of(said, *READ),
        write=count_of(said, *WRITE),
        reasoning=count_of(said, *REASONING),
        total=count_of(said, f"{_U}total_tokens") or None,
        emitter=f"{span.scope} {provider}",
        provider=provider,
        session=first_text(said, *SESSION) or trace,
        project=span.service,
        user=first_text(said, *USER),
    )
