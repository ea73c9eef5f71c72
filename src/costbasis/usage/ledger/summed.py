"""Sums of requests, as SQL over ``seen`` and as Python over rows that are not in it yet: two sides of the same sums.

What keeps the context is a whole number of each request, so that it adds up to the same in any order of files (a float
is exact to 2^53, which is a million requests of nine billion each).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from costbasis.usage.events import TokenCounts
from costbasis.usage.ledger.seen import COLUMNS

TIERS_TOK = (100_000, 128_000, 200_000, 272_000)
"""Prompt lengths above which some model prices a whole request otherwise: a sum lies between two of them. Any other
length may cut a sum, which its *shortest_tok* and *longest_tok* tell; then requests are priced one by one."""

WRITES = "cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok"

_PROMPT = f"(input_tok + {WRITES} + cache_read_tok)"
_SHARE = f"CASE WHEN requests = 1 OR {_PROMPT} = 0 THEN 1.0 ELSE 1.0 * prompt_tok / {_PROMPT} END"
"""What one call is of a row that sums up many; sums of products of two counts shrink by it."""

OUTPUT_CTX = f"ROUND(output_tok * (prompt_tok + output_tok / 2.0 * {_SHARE}))"
NEW_CTX = f"ROUND((input_tok + {WRITES}) * (cache_read_tok + (input_tok + {WRITES}) / 2.0) * {_SHARE})"
KV_RESIDENT = f"ROUND((cache_read_tok + {WRITES}) * held_s)"

Sum = list[Any]
"""First and last time, shortest and longest prompt, how many rows, and a total for each of ``tally.SUMMED``."""

_pick = itemgetter(
    *map(COLUMNS.index, ("quarter", "model", "mode", "geo", "api_key", "user")),
    *map(COLUMNS.index, ("time_ms", "prompt_tok", "requests", "held_s", "web_searches", "partial_output")),
    *map(COLUMNS.index, TokenCounts._fields),
)


def sums_of_rows(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The sums of rows of one conversation: quarter, model, mode, region, key, user, tier, then a :data:`Sum`.

    They are those of ``tally.sums_of`` to the last digit: both add up whole numbers.
    """
    first, second, third, fourth = TIERS_TOK
    sums: dict[tuple[Any, ...], Sum] = {}
    for row in rows:
        (
            quarter, model, mode, geo, api_key, user, time_ms, prompt, requests, held_s, searches, is_partial,
            given, five, hour, unknown, read, output, reasoning,
        ) = _pick(row)  # fmt: skip
        new = given + five + hour + unknown
        share = 1.0 if requests == 1 or new + read == 0 else prompt / (new + read)
        more = (
            requests, given, five, hour, unknown, read, output, reasoning, searches, is_partial,
            _whole(output * (prompt + output / 2.0 * share)), _whole(new * (read + new / 2.0) * share),
            _whole((new - given + read) * held_s),
        )  # fmt: skip
        tier = (prompt > first) + (prompt > second) + (prompt > third) + (prompt > fourth)
        key = quarter, model, mode, geo, api_key, user, tier
        had = sums.get(key)
        if had is None:
            sums[key] = [time_ms, time_ms, prompt, prompt, 1, *more]
        else:
            add(had, time_ms, time_ms, prompt, prompt, 1, *more)
    return [(*key, *one) for key, one in sums.items()]


def add(had: Sum, first_ms: int, last_ms: int, shortest_tok: int, longest_tok: int, *more: float) -> None:
    """Add a sum to another."""
    if first_ms < had[0]:
        had[0] = first_ms
    if last_ms > had[1]:
        had[1] = last_ms
    if shortest_tok < had[2]:
        had[2] = shortest_tok
    if longest_tok > had[3]:
        had[3] = longest_tok
    had[4:] = map(operator.add, had[4:], more)


_ALL_WHOLE = 2.0**52
"""From here on a float has no fraction."""


def _whole(number: float) -> float:
    """As SQLite rounds: half a unit goes up."""
    return float(int(number + 0.5)) if number < _ALL_WHOLE else float(number)
