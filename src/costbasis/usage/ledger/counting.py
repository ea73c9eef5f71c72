"""Across files: which copy of a request counts, when it was made, and how long its prompt is held."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from costbasis.usage.events import kind_number
from costbasis.usage.ledger.block import folded_of
from costbasis.usage.ledger.dedupe import BY_SHARE, IN_TOTAL, first_difference
from costbasis.usage.ledger.seen import LONG_LIFE_S, MS_PER_HOUR, MS_PER_QUARTER, SHORT_LIFE_S, earliest_ms

if TYPE_CHECKING:
    from costbasis.usage.ledger.opened import Opened

MOST_KEYS = 500
"""How many values one question names; SQLite allows 999 and more."""


Moved = set[tuple[str, int]]
"""Sessions and quarters of an hour of which the sums are no longer what they were."""


class Told(msgspec.Struct, gc=False):
    """What one file says of one request, as far as the rules across files look at it, where it is a row of the ledger.

    They set the last four: whether it *counts*, why before others, its date, and how long its prompt is held.
    """

    file_id: int
    source: str
    path: str
    request_key: str
    key_rule: str
    session: str
    agent_id: str
    agent: str
    model: str
    partial_output: int
    is_mirror: int
    is_sidechain: int
    output_tok: int
    prompt_tok: int
    line_ms: int
    offset: int
    times: str
    cache_write_1h_tok: int
    time_ms: int
    held_s: float
    counts: int
    won_by_here: int


Telling: TypeAlias = "Told | Opened"
"""The same, wherever it lies."""

_LOAD = f"SELECT {', '.join(Told.__struct_fields__)} FROM seen CROSS JOIN file ON file.id = file_id"

_SAVE = (
    "UPDATE seen SET time_ms = ?, hour = ?, quarter = ?, held_s = ?, counts = ?, won_by_here = ?"
    " WHERE file_id = ? AND request_key = ?"
)

_found = attrgetter("time_ms", "held_s", "counts", "won_by_here")


def choose(copies: Sequence[Telling]) -> None:
    """Of all copies of one request, which counts, in the order of ``WON_BY``; and its date.

    That is the first time that any of its copies told the final output.
    """
    ranks = [*map(_rank, copies)]
    place = ranks.index(min(ranks))
    best, won_by_here = copies[place], 0
    if len(copies) > 1:
        first = ranks.pop(place)
        second = min(ranks)
        won_by_here = first_difference(first, second)
        if first == second:
            best = min((one for one in copies if _rank(one) == first), key=_place)
    for one in copies:
        one.counts, one.won_by_here = 0, 0
        one.time_ms = _date_ms(one, (one,)) if one.times else one.line_ms
    best.counts, best.won_by_here = 1, won_by_here
    if len(copies) > 1:
        best.time_ms = _date_ms(best, copies)


_place = attrgetter("source", "path", "offset")


def _rank(one: Telling) -> tuple[int, ...]:
    return one.partial_output, one.is_mirror, one.is_sidechain, -one.output_tok, -one.prompt_tok, one.line_ms


def _date_ms(mine: Telling, copies: Iterable[Telling]) -> int:
    """When one of the copies first told what this one tells; as it was where none says so."""
    dates = []
    is_mirror, is_sidechain, output_tok = mine.is_mirror, mine.is_sidechain, mine.output_tok
    for other in copies:
        if other.times:
            date_ms = earliest_ms(other.times, kind_number(bool(is_mirror), bool(is_sidechain)), output_tok)
            if date_ms is not None:
                dates.append(date_ms)
        elif other.is_mirror == is_mirror and other.is_sidechain == is_sidechain and other.output_tok == output_tok:
            dates.append(other.line_ms)
    return min(dates) if dates else mine.time_ms


def hold(conversation: Sequence[Telling], folded: Sequence[tuple[int, str]] = ()) -> None:
    """Of a whole conversation, which calls a session's total holds already, and how long each prompt is held.

    A cache is held until the conversation's next request, at most for its lifetime; after the last one, for that.
    *folded*: time and key of requests of it that lie in a block, and stay as they are.
    """
    until_ms: dict[tuple[str, str], int] = {}
    for one in conversation:
        if one.counts and one.key_rule == BY_SHARE:
            whose = one.agent, one.model
            until_ms[whose] = max(one.time_ms, until_ms.get(whose, one.time_ms))
    for one in conversation if until_ms else ():
        if one.key_rule != BY_SHARE and one.time_ms <= until_ms.get((one.agent, one.model), one.time_ms - 1):
            one.counts, one.won_by_here = 0, IN_TOTAL
    in_order: list[tuple[int, str, Telling | None]] = [(*told, None) for told in folded]
    in_order += [(one.time_ms, one.request_key, one) for one in conversation if one.counts]
    in_order.sort(key=_place_in_time)
    next_ms: int | None = None
    for time_ms, _, told in reversed(in_order):
        if told is not None:
            life_s = LONG_LIFE_S if told.cache_write_1h_tok > 0 else SHORT_LIFE_S
            told.held_s = life_s if next_ms is None else min((next_ms - time_ms) / 1000.0, life_s)
        next_ms = time_ms


_place_in_time = itemgetter(0, 1)


def count_all(conversations: Collection[Sequence[Telling]]) -> None:
    """Of whole conversations: what more than one file speaks of. The rest is right as each file says it."""
    copies: defaultdict[str, list[Telling]] = defaultdict(list)
    for conversation in conversations:
        for one in conversation:
            copies[one.request_key].append(one)
    shared = {key: some for key, some in copies.items() if len(some) > 1}
    for some in shared.values():
        choose(some)
    for conversation in conversations:
        file_id = conversation[0].file_id
        if any(one.request_key in shared or one.file_id != file_id for one in conversation):
            hold(conversation)


def count_touched(db: sqlite3.Connection) -> Moved:
    """The requests that are ``touched``, all of them rows, and the conversations that are noted with them; what moved.

    Of a conversation that one file alone tells, what nothing can move may lie in blocks.
    """
    moved: Moved = set()
    keys = [key for (key,) in db.execute("SELECT request_key FROM touched")]
    for start in range(0, len(keys), MOST_KEYS):
        some = keys[start : start + MOST_KEYS]
        with_copies: defaultdict[str, list[Told]] = defaultdict(list)
        with changes(db, f"WHERE request_key IN (?{', ?' * (len(some) - 1)})", some, moved) as told:
            for one in told:
                with_copies[one.request_key].append(one)
            for copies in with_copies.values():
                choose(copies)
    for whose in db.execute("SELECT session, agent_id FROM conversation").fetchall():
        with changes(db, "WHERE session = ? AND agent_id = ?", whose, moved) as told:
            folded = folded_of(db, "session = ? AND agent_id = ?", whose).get(whose, ())
            hold(told, [(one.time_ms, one.key) for one in folded])
    return moved


@contextmanager
def changes(
    db: sqlite3.Connection, where: str = "", values: Sequence[str] = (), moved: Moved | None = None
) -> Iterator[list[Told]]:
    """Rows of ``seen``, by a condition; what was found out of them otherwise than it was is written at the end.

    *moved* is told of which session and quarter they were, and are.
    """
    rows = db.execute(f"{_LOAD} {where}", values).fetchall()
    told = [Told(*row) for row in rows]
    yield told
    db.executemany(_SAVE, _changed(rows, told, set() if moved is None else moved))


def _changed(rows: Sequence[tuple[Any, ...]], told: Sequence[Told], moved: Moved) -> Iterator[tuple[Any, ...]]:
    for row, one in zip(rows, told, strict=True):
        found = _found(one)
        was = row[-len(found) :]
        if found != was:
            time_ms, *more = found
            moved.update((one.session, ms // MS_PER_QUARTER) for ms in (was[0], time_ms))
            yield time_ms, time_ms // MS_PER_HOUR, time_ms // MS_PER_QUARTER, *more, one.file_id, one.request_key
