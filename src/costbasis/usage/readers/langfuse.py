"""Langfuse: observations as the API (camel case) or the blob export (snake case) writes them, in JSON, lines or CSV.

``usage_details`` names disjoint kinds of tokens, ``total`` is their sum; where ``total`` is input and output alone,
whoever wrote the record counts the cached and the reasoning tokens within them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from costbasis.usage.formats.calls import id_of, model_of
from costbasis.usage.formats.export_rows import ROW_REASONS, has_columns, has_fields
from costbasis.usage.formats.gateway import Call, count_of, first_text, object_in, read_rows, utc_ms
from costbasis.usage.formats.logline import COMMON_REASONS, NO_INPUT, NO_OUTPUT, ODD_SHAPE, BadLine
from costbasis.usage.readers import Caveat, FileReading

NAME = "langfuse"
REASONS = (*COMMON_REASONS, *ROW_REASONS)
CAVEATS: dict[str, Caveat] = {}
RESUMES = False
WANTS_BYTES = True
PRIORITY = 6

BY_ID = "observation id"
CALLS = ("GENERATION", "EMBEDDING")
"""The types of observation that are model calls; spans, events and agents only hold others."""


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """No place of its own: an export lies where it was saved."""
    return []


def claims(path: str, head: bytes) -> bool:
    """Observations, by the trace that each is of and the type that each has."""
    cased = (("trace_id", "start_time"), ("traceId", "startTime"))
    return any(
        has_columns(head, "id", "type", *names) or (has_fields(head, *names, "id", "type") and b"sage" in head)
        for names in cased
    )


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request for each generation."""
    return read_rows(data, path, _call, agent=NAME)


def _call(place: int, said: dict[str, Any]) -> Call | None:
    kind = first_text(said, "type").upper()
    if not kind:
        raise BadLine(ODD_SHAPE)
    if kind not in CALLS:
        return None
    usage = object_in(said.get("usage_details") or said.get("usageDetails") or said.get("usage"))
    kinds = {name: count_of(usage, name) for name in usage if usage[name] is not None and name != "unit"}
    parts = _sorted_out(kinds)
    total = kinds.get("total")
    plain = kinds.get("input", 0) + kinds.get("output", 0)
    apart = sum(count for name, count in kinds.items() if name != "total")
    within = total is not None and total == plain != apart
    return Call(
        place,
        f"lf:{id_of(said.get('id')) or place}",
        BY_ID,
        utc_ms(said.get("start_time") or said.get("startTime")),
        model_of(first_text(said, "provided_model_name", "providedModelName", "model")),
        prompt=parts["input"],
        output=parts["output"] if within else parts["output"] + parts["reasoning"],
        read=parts["read"],
        write=parts["write"],
        reasoning=parts["reasoning"],
        within=within,
        emitter="within" if within else "beside",
        session=first_text(said, "session_id", "sessionId", "trace_id", "traceId"),
        project=first_text(said, "environment"),
        user=first_text(said, "user_id", "userId"),
    )


def _sorted_out(kinds: Mapping[str, int]) -> dict[str, int]:
    """Counts by what they are: the names are free, and begin with *input* or *output* by custom."""
    found = dict.fromkeys(("input", "output", "read", "write", "reasoning"), 0)
    if not any(name.startswith(("input", "prompt")) for name in kinds):
        raise BadLine(NO_INPUT)
    if not any(name.startswith(("output", "completion")) for name in kinds):
        raise BadLine(NO_OUTPUT)
    for name, count in kinds.items():
        low = name.lower()
        if low == "total":
            continue
        if "reasoning" in low:
            found["reasoning"] += count
        elif "creation" in low or "write" in low:
            found["write"] += count
        elif "cache" in low:
            found["read"] += count
        elif low.startswith(("input", "prompt")):
            found["input"] += count
        elif low.startswith(("output", "completion")):
            found["output"] += count
        else:
            raise BadLine(ODD_SHAPE)
    return found
