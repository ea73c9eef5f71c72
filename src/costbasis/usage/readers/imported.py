"""What ``costbasis import`` kept: requests of a table or an export, a JSON line each, below one that says whose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from costbasis.usage.events import TokenCounts, UsageEvent
from costbasis.usage.formats.json_log import marked_lines
from costbasis.usage.formats.logline import COMMON_REASONS, MOST_TOK, ODD_SHAPE
from costbasis.usage.formats.programs import data_home
from costbasis.usage.formats.usage_buckets import BUCKET, SUMMED, UNTOLD, UNTOLD_SUMMED
from costbasis.usage.readers import FileReading

NAME = "imported"
LEFT_OUT = "a row that was left out of an import"
REASONS = (*COMMON_REASONS, LEFT_OUT)
CAVEATS = {BUCKET: SUMMED, UNTOLD: UNTOLD_SUMMED}
RESUMES = True
WANTS_BYTES = True
PRIORITY = 1

HEAD = "costbasis_import"


class Kept(msgspec.Struct, omit_defaults=True):
    """One line: a request, or a row that was left out."""

    time_ms: int = 0
    key: str = ""
    rule: str = ""
    model: str = ""
    agent: str = ""
    session: str = ""
    counts: list[int] = []
    provider: str = ""
    mode: str = "standard"
    geo: str = ""
    project: str = ""
    api_key: str = ""
    user: str = ""
    web_searches: int = 0
    requests: int = 1
    each_prompt_tok: int = -1
    row: int = 0
    left_out: bool = False


def line_of(event: UsageEvent) -> bytes:
    """A request as a line of such a file."""
    kept = Kept(
        time_ms=event.time_ms,
        key=event.request_key,
        rule=event.key_rule,
        model=event.model,
        agent=event.agent,
        session=event.session,
        counts=list(event.counts),
        provider=event.provider,
        mode=event.mode,
        geo=event.geo,
        project=event.project,
        api_key=event.api_key,
        user=event.user,
        web_searches=event.web_searches,
        requests=event.requests,
        each_prompt_tok=event.each_prompt_tok,
        row=event.offset,
    )
    return msgspec.json.encode(kept) + b"\n"


def roots(environ: Mapping[str, str], home: Path) -> list[Path]:
    """``imports`` below ``COSTBASIS_HOME``, else below ``costbasis`` in ``XDG_DATA_HOME``."""
    own = environ.get("COSTBASIS_HOME")
    return [Path(own) / "imports" if own else data_home(environ, home) / "costbasis" / "imports"]


def claims(path: str, head: bytes) -> bool:
    """A file that begins as such."""
    return head.startswith(b'{"' + HEAD.encode() + b'"')


def read(data: bytes, path: str, start: int, known: Mapping[str, str]) -> FileReading:
    """One request a line."""
    found = FileReading()
    for offset, said in marked_lines(data, path, start, found, (b'"counts":', b'"left_out":')):
        try:
            kept = msgspec.convert(said, Kept)
        except (msgspec.MsgspecError, RecursionError):
            found.skip(path, offset, ODD_SHAPE)
            continue
        if kept.left_out:
            found.skip(path, offset, LEFT_OUT)
        elif _is_whole(kept):
            found.events.append(_event(kept, path, offset))
        else:
            found.skip(path, offset, ODD_SHAPE)
    return found


def _is_whole(kept: Kept) -> bool:
    counts, texts = kept.counts, (kept.key.partition(":")[2], kept.rule, kept.model, kept.agent, kept.session)
    return (
        all(texts)
        and "; " not in kept.rule
        and len(counts) == len(TokenCounts._fields)
        and all(0 <= count <= MOST_TOK for count in (*counts, kept.web_searches, kept.requests))
        and counts[6] <= counts[5]
        and 0 < kept.time_ms < LAST_MS
        and -1 <= kept.each_prompt_tok <= MOST_TOK
    )


LAST_MS = 4_102_444_800_000
"""The end of the year 2099."""


def _event(kept: Kept, path: str, offset: int) -> UsageEvent:
    more: dict[str, Any] = {"requests": kept.requests, "each_prompt_tok": kept.each_prompt_tok}
    return UsageEvent(
        counts=TokenCounts(*kept.counts),
        model=kept.model,
        provider=kept.provider,
        mode=kept.mode,
        geo=kept.geo,
        time_ms=kept.time_ms,
        web_searches=kept.web_searches,
        session=kept.session,
        agent_id="",
        project=kept.project,
        agent=kept.agent,
        request_key=kept.key,
        key_rule=kept.rule,
        is_sidechain=False,
        is_mirror=False,
        partial_output=False,
        lines=1,
        offset=offset,
        origin=f"{path}:{offset}",
        api_key=kept.api_key,
        user=kept.user,
        **more,
    )
