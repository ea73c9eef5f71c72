"""Sums of requests, as SQL over ``seen`` and as Python over rows that are not in it yet: two sides of the same sums.

What keeps the context is a whole number of each request, so that it adds up to the same in any order of files (a float
is exact to 2^53, which is a million requests of nine billion each).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from costbasis.usage.ledger.seen import MS_PER_QUARTER

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


def sums_of_rows(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """The sums of rows of a block: quarter, model, mode, region, key, user, tier, then a :data:`Sum`.

    They are those of ``tally.sums_of`` to the last digit: both add up whole numbers. Written out, number by number:
    adding up columns takes half as long again, and a first scan sums every request here.
    """
    together: dict[tuple[Any, ...], list[Any]] = {}
    for (
        _, _, _, _, _, time_ms, model, _, mode, geo, searches, api_key, user, requests, _, _, is_partial,
        given, five, hour, unknown, read, output, reasoning, _, _, _, _, _, _, prompt, _, held_s, *_,
    ) in rows:  # fmt: skip
        new = given + five + hour + unknown
        if requests == 1 and prompt < SHORT_TOK and output < SHORT_TOK:
            output_ctx, new_ctx = output * (2 * prompt + output) + 1 >> 1, new * (2 * read + new) + 1 >> 1
        else:
            share = 1.0 if requests == 1 or new + read == 0 else prompt / (new + read)
            output_ctx = _whole(output * (prompt + output / 2.0 * share))
            new_ctx = _whole(new * (read + new / 2.0) * share)
        resident = (new - given + read) * held_s
        if resident < ALL_WHOLE:
            resident = int(resident + 0.5)
        key = time_ms // MS_PER_QUARTER, model, mode, geo, api_key, user, bisect_left(TIERS_TOK, prompt)
        had = together.get(key)
        if had is None:
            together[key] = [
                time_ms, time_ms, prompt, prompt, 1, requests, given, five, hour, unknown, read, output, reasoning,
                searches, is_partial + 0, output_ctx, new_ctx, resident,
            ]  # fmt: skip
            continue
        if time_ms < had[0]:
            had[0] = time_ms
        elif time_ms > had[1]:
            had[1] = time_ms
        if prompt < had[2]:
            had[2] = prompt
        elif prompt > had[3]:
            had[3] = prompt
        had[4] += 1
        had[5] += requests
        had[6] += given
        had[7] += five
        had[8] += hour
        had[9] += unknown
        had[10] += read
        had[11] += output
        had[12] += reasoning
        had[13] += searches
        had[14] += is_partial
        had[15] += output_ctx
        had[16] += new_ctx
        had[17] += resident
    return [(*key, *sums) for key, sums in together.items()]


SHORT_TOK = 2**24
"""Products of shorter prompts and outputs are whole numbers, or halves, of less than ``ALL_WHOLE``."""

ALL_WHOLE = 2.0**52
"""From here on a float has no fraction. Below, half a unit is rounded up, as SQLite does."""


def _whole(number: float) -> float:
    return int(number + 0.5) if number < ALL_WHOLE else number


def total(some: Sequence[Sum]) -> Sum:
    """Sums of the same key as one."""
    if len(some) == 1:
        return some[0]
    first_ms, last_ms, shortest_tok, longest_tok, *more = zip(*some, strict=True)
    return [min(first_ms), max(last_ms), min(shortest_tok), max(longest_tok), *map(sum, more)]
