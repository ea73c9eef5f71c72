"""A telling of a request as a row of the ledger's table ``seen``, and back."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from costbasis.usage.dedupe import KINDS
from costbasis.usage.events import OtherLines, TokenCounts, UsageEvent

COUNTS = tuple(TokenCounts._fields)
OTHERS = tuple(f"{kind}_{what}" for kind in KINDS for what in ("lines", "offset"))
PLAIN = (
    "request_key", "key_rule", "won_by", "offset", "lines", "time_ms", "session", "agent_id", "project", "agent",
    "model", "provider", "mode", "geo", "web_searches",
)  # fmt: skip
FLAGS = ("is_sidechain", "is_mirror", "partial_output")
COLUMNS = (*PLAIN, *FLAGS, *COUNTS, *OTHERS)
"""Of ``seen``, after the file's id. A project that the whole file is of goes before."""

_NO_OTHERS = (0, None) * len(KINDS)
_plain_and_flags = attrgetter(*PLAIN, *FLAGS)


def row_of(event: UsageEvent) -> tuple[Any, ...]:
    """The values of ``COLUMNS``."""
    if not event.others:
        return (*_plain_and_flags(event), *event.counts, *_NO_OTHERS)
    others = {kind: (lines, offset) for kind, lines, offset in event.others}
    places = [value for kind in KINDS for value in others.get(kind, (0, None))]
    return (*_plain_and_flags(event), *event.counts, *places)


def event_of(row: Sequence[Any], path: str) -> UsageEvent:
    """The event that became *row*."""
    said = dict(zip(COLUMNS, row, strict=True))
    others = (OtherLines(kind, said[f"{kind}_lines"], said[f"{kind}_offset"]) for kind in KINDS)
    plain: dict[str, Any] = {name: said[name] for name in PLAIN} | {name: bool(said[name]) for name in FLAGS}
    return UsageEvent(
        **plain,
        counts=TokenCounts(*(said[name] for name in COUNTS)),
        others=tuple(sorted(other for other in others if other.lines)),
        origin=f"{path}:{said['offset']}",
    )
