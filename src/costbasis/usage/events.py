"""What a log says: the tokens of one model call, or why a line could not be counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec


class TokenCounts(NamedTuple):
    """Tokens of one request or of many, in six disjoint classes; *reasoning_tok* is a part of output."""

    input_tok: int = 0
    cache_write_5m_tok: int = 0
    cache_write_1h_tok: int = 0
    cache_write_unknown_tok: int = 0
    cache_read_tok: int = 0
    output_tok: int = 0
    reasoning_tok: int = 0

    @property
    def cache_write_tok(self) -> int:
        """Cache writes of any lifetime."""
        return self.cache_write_5m_tok + self.cache_write_1h_tok + self.cache_write_unknown_tok

    @property
    def prompt_tok(self) -> int:
        """Everything but the output: the context that the request was made with."""
        return self.input_tok + self.cache_write_tok + self.cache_read_tok


def add_counts(left: TokenCounts, right: TokenCounts) -> TokenCounts:
    """The sum, class by class.

    >>> add_counts(TokenCounts(input_tok=1, output_tok=2), TokenCounts(input_tok=3)).input_tok
    4
    """
    return TokenCounts(*(one + other for one, other in zip(left, right, strict=True)))


class OtherLines(NamedTuple):
    """Lines of one file that spoke of a request beside the one that counts; *offset*: of the first.

    *kind*: "line", "sidechain" or "mirror".
    """

    kind: str
    lines: int
    offset: int


Telling = tuple[int, int, int]
"""A kind of line (:func:`kind_number`), the output it told, and the earliest time (epoch milliseconds) it did so."""


def kind_number(is_mirror: bool, is_sidechain: bool) -> int:
    """Lines first, then sidechains, then mirrors: the order in which they count."""
    return 2 * is_mirror + is_sidechain


def earliest_of(times: Iterable[Telling], kind: int, output: int) -> int:
    """The first time that a line of a *kind* told an *output*, of *times* that hold one.

    >>> earliest_of([(0, 5, 1000), (0, 7, 4000), (0, 7, 3000)], 0, 7)
    3000
    """
    return min(time_ms for *told, time_ms in times if told == [kind, output])


class UsageEvent(msgspec.Struct, frozen=True):
    """One model call as a file tells it: the best of the lines that speak of it.

    *time_ms*: epoch milliseconds (UTC) of the line that counts. *times*: the earliest time of each telling that the
    request may yet have to be dated by, as (kind, output, time); nothing where that is the line that counts.
    *key_rule*: how *request_key* was made. *geo*: "us" where inference was pinned there. *partial_output*: no line says
    why the response stopped, so the output is a lower bound. *lines*: how many lines spoke of the call. *origin*:
    ``file:offset`` of the line that counted. *won_by*: index in :data:`costbasis.usage.ledger.dedupe.WON_BY` of the
    rule that let it count; *others*: the lines that did not, by kind. *api_key*, *user*: the name of a gateway's key
    and of who used it, "" where the log tells none. *requests*: how many model calls the event sums up, 0 where the
    source does not tell it; *each_prompt_tok* is then the prompt of one of them, as far as it is known.
    """

    counts: TokenCounts
    model: str
    provider: str
    mode: str
    geo: str
    time_ms: int
    web_searches: int
    session: str
    agent_id: str
    project: str
    agent: str
    request_key: str
    key_rule: str
    is_sidechain: bool
    is_mirror: bool
    partial_output: bool
    lines: int
    offset: int
    origin: str
    won_by: int = 0
    others: tuple[OtherLines, ...] = ()
    api_key: str = ""
    user: str = ""
    requests: int = 1
    each_prompt_tok: int = -1
    times: tuple[Telling, ...] = ()

    @property
    def dated_ms(self) -> int:
        """When the request was made: the first time that a line of the kind that counts told its final output."""
        if not self.times:
            return self.time_ms
        return earliest_of(self.times, kind_number(self.is_mirror, self.is_sidechain), self.counts.output_tok)


class Skipped(msgspec.Struct, frozen=True):
    """A line that could not be counted: its address, and why. A value, never silence."""

    origin: str
    reason: str
