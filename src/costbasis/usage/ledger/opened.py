"""A block that is open: its requests, as far as the rules across files look at them, and back into what is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from costbasis.usage.ledger.seen import IN_BLOCK


class Opened(msgspec.Struct, array_like=True, gc=False):
    """A request of a block: the values of ``IN_BLOCK`` in their order, then what is said and found out of it here.

    It is what :class:`~costbasis.usage.ledger.counting.Told` says of a row, read off the text of the block at once.
    """

    request_key: str
    key_rule: str
    won_by: int
    offset: int
    lines: int
    time_ms: int
    model: str
    provider: str
    mode: str
    geo: str
    web_searches: int
    api_key: str
    user: str
    requests: int
    is_sidechain: bool | int
    is_mirror: bool | int
    partial_output: bool | int
    input_tok: int
    cache_write_5m_tok: int
    cache_write_1h_tok: int
    cache_write_unknown_tok: int
    cache_read_tok: int
    output_tok: int
    reasoning_tok: int
    line_lines: int
    line_offset: int | None
    sidechain_lines: int
    sidechain_offset: int | None
    mirror_lines: int
    mirror_offset: int | None
    prompt_tok: int
    context_bucket: int
    held_s: float
    line_ms: int
    times: str
    won_by_here: int = 0
    counts: int = 1
    file_id: int = 0
    source: str = ""
    path: str = ""
    agent: str = ""

    @property
    def values(self) -> Sequence[Any]:
        """What a block has of it: the values of ``IN_BLOCK``, and ``won_by_here`` where it counts before another."""
        return msgspec.structs.astuple(self)[: _WITH_WON_BY if self.won_by_here else _WON_BY]


_WON_BY = len(IN_BLOCK)
_WITH_WON_BY = _WON_BY + 1

_decode = msgspec.json.Decoder(list[Opened]).decode


def opened(db: sqlite3.Connection, block: int) -> list[Opened]:
    """The requests of a block."""
    return _decode(db.execute("SELECT rows FROM block WHERE id = ?", (block,)).fetchone()[0])
