"""Sums of requests, as SQL over ``seen`` and as Python over rows that are not in it yet: two sides of the same sums.

What keeps the context is a whole number of each request, so that it adds up to the same in any order of files (a float
is exact to 2^53, which is a million requests of nine billion each).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from costbasis.usage.events import TokenCounts
from costbasis.usage.ledger.seen import IN_BLOCK, MS_PER_QUARTER

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

Sum = Sequence[Any]
"""First and last time, shortest and longest prompt, how many rows, and a total for each of ``tally.SUMMED``."""

_pick = itemgetter(
    *map(IN_BLOCK.index, ("model", "mode", "geo", "api_key", "user")),
    *map(IN_BLOCK.index, ("time_ms", "prompt_tok", "requests", "held_s", "web_searches", "partial_output")),
    *map(IN_BLOCK.index, TokenCounts._fields),
)


def sums_of_rows(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The sums of rows of a block: quarter, model, mode, region, key, user, tier, then a :data:`Sum`.

    They are those of ``tally.sums_of`` to the last digit: both add up whole numbers.
    """
    together: dict[tuple[Any, ...], list[tuple[float, ...]]] = {}
    for row in rows:
        (
            model, mode, geo, api_key, user, time_ms, prompt, requests, held_s, searches, is_partial,
            given, five, hour, unknown, read, output, reasoning,
        ) = _pick(row)  # fmt: skip
        new = given + five + hour + unknown
        share = 1.0 if requests == 1 or new + read == 0 else prompt / (new + read)
        key = time_ms // MS_PER_QUARTER, model, mode, geo, api_key, user, bisect_left(TIERS_TOK, prompt)
        output_ctx, new_ctx = output * (prompt + output / 2.0 * share), new * (read + new / 2.0) * share
        resident = (new - given + read) * held_s
        together.setdefault(key, []).append((
            time_ms, prompt, requests, given, five, hour, unknown, read, output, reasoning, searches, is_partial,
            int(output_ctx + 0.5) if output_ctx < ALL_WHOLE else output_ctx,
            int(new_ctx + 0.5) if new_ctx < ALL_WHOLE else new_ctx,
            int(resident + 0.5) if resident < ALL_WHOLE else resident,
        ))  # fmt: skip
    return [(*key, *_sum(some)) for key, some in together.items()]


ALL_WHOLE = 2.0**52
"""From here on a float has no fraction. Below, half a unit is rounded up, as SQLite does."""


def _sum(some: Sequence[tuple[float, ...]]) -> Sum:
    times_ms, prompts_tok, *more = zip(*some, strict=True)
    return [min(times_ms), max(times_ms), min(prompts_tok), max(prompts_tok), len(some), *map(sum, more)]


def total(some: Sequence[Sum]) -> Sum:
    """Sums of the same key as one."""
    if len(some) == 1:
        return some[0]
    first_ms, last_ms, shortest_tok, longest_tok, *more = zip(*some, strict=True)
    return [min(first_ms), max(last_ms), min(shortest_tok), max(longest_tok), *map(sum, more)]
