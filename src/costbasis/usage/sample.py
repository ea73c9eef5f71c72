"""A synthetic month of one heavy user of Claude Code, written as the log files that Claude Code would write.

It is made up, and says so (``costbasis-sample`` is in every path and version); its mix of tokens is the one
measured for coding agents: 96.95 % cache reads, 1.92 % cache writes, 0.70 % fresh input, 0.43 % output. It holds
what makes such logs hard to count: several lines a response, of which the last has the final output, subagent
files, a forked session that replays another, and a mirror of a subagent in its parent's file. There is no
payload. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from costbasis.errors import BadArgument
from costbasis.usage.samplelines import Requests, day_totals, write_logs

OPUS, HAIKU = "claude-opus-4-6", "claude-haiku-4-5-20251001"
MODELS = (OPUS, HAIKU)

FIRST_DAY = np.datetime64("2026-03-01")
LAST_DAY = date(2026, 3, 31)
SESSIONS = 150
MAIN_REQUESTS = 48_300
SUBAGENTS = 420
SUBAGENT_REQUESTS = 6_500
WEEKEND_DAYS_WORKED = 3

SYSTEM_PROMPT_TOK = 16_000
AFTER_COMPACTION_TOK = 66_000
COMPACTED_ABOVE_TOK = 188_000
"""A session is compacted below the 200,000 tokens of its window, so no prompt reaches the long-context tier."""

MS_PER_S, S_PER_HOUR, MS_PER_DAY = 1000, 3600, 86_400_000

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SampleTruth:
    """What a correct reader must count: *daily* is UTC day → model → column → amount, of requests and not of lines."""

    folder: Path
    requests: int
    web_searches: int
    daily: dict[str, dict[str, dict[str, int]]]

    def total(self, column: str) -> int:
        """The month's total of one column, such as ``output_tok``."""
        return sum(amounts[column] for models in self.daily.values() for amounts in models.values())


def write_sample(folder: Path, *, seed: int = 1) -> SampleTruth:
    """Write the month under *folder* (``projects/``, ``README.txt``, ``truth.json``) and return its true totals.

    Errors: :class:`~costbasis.errors.BadArgument` where *folder* holds other logs: they would be counted too.
    """
    if (folder / "projects").exists() and _seed_of(folder) != seed:
        raise BadArgument("the folder holds other logs", where=str(folder), hint="write the sample to a new folder")
    rng = np.random.default_rng(seed)
    main = main_requests(rng)
    subagents = subagent_requests(rng, main)
    write_logs(folder, rng, main, subagents, MODELS)
    daily = day_totals([main, subagents], MODELS)
    truth = SampleTruth(
        folder=folder,
        requests=len(main.time_ms) + len(subagents.time_ms),
        web_searches=int(main.searches.sum() + subagents.searches.sum()),
        daily=daily,
    )
    about = {
        "synthetic": "made up by costbasis; nobody's usage",
        "seed": seed,
        "requests": truth.requests,
        "web_searches": truth.web_searches,
        "daily": daily,
    }
    (folder / "truth.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    return truth


def _seed_of(folder: Path) -> int | None:
    """The seed of the sample that *folder* holds, None where it holds none."""
    try:
        seed: int | None = json.loads((folder / "truth.json").read_bytes())["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed


def main_requests(rng: np.random.Generator) -> Requests:
    """The requests of the main conversations: one stream a session, several sessions at once."""
    stream = _streams(rng, SESSIONS, MAIN_REQUESTS)
    first = _first_of(stream)
    gap_s = _gaps_s(rng, stream, first)
    output = _lognormal(rng, 258, 1.17, len(stream), most=24_000)
    grown = np.roll(output, 1) + _lognormal(rng, 362, 1.3, len(stream), most=11_000)
    grown[first] = rng.integers(0, 12_000, SESSIONS)
    room = COMPACTED_ABOVE_TOK - AFTER_COMPACTION_TOK
    laps, above = np.divmod(_running_sum(grown, stream, first), room)
    cached = AFTER_COMPACTION_TOK + above
    compacted = laps != np.roll(laps, 1)
    read = np.roll(cached, 1)
    read[first | compacted] = SYSTEM_PROMPT_TOK
    read[gap_s > S_PER_HOUR] = 0
    return Requests(
        stream=stream,
        time_ms=_times_ms(rng, stream, first, gap_s),
        model=np.zeros(len(stream), np.int64),
        input=_fresh_input(rng, len(stream)),
        cache_write_5m=np.zeros(len(stream), np.int64),
        cache_write_1h=cached - read,
        cache_read=read,
        output=output,
        searches=(rng.random(len(stream)) < 0.004).astype(np.int64),
        **_lines(rng, len(stream)),
    )


def subagent_requests(rng: np.random.Generator, main: Requests) -> Requests:
    """The requests of subagents: short streams that begin at a request of a session and share its day."""
    stream = _streams(rng, SUBAGENTS, SUBAGENT_REQUESTS)
    first = _first_of(stream)
    parent = np.sort(rng.choice(len(main.time_ms), SUBAGENTS, replace=False))
    gap_s = 3.0 + rng.lognormal(np.log(6.0), 0.6, len(stream))
    gap_s[first] = 2.0
    output = _lognormal(rng, 200, 1.1, len(stream), most=8_000)
    grown = np.roll(output, 1) + _lognormal(rng, 1_500, 1.0, len(stream), most=12_000)
    grown[first] = rng.integers(0, 4_000, SUBAGENTS)
    cached = np.minimum(12_000 + _running_sum(grown, stream, first), COMPACTED_ABOVE_TOK)
    read = np.roll(cached, 1)
    read[first] = 0
    since_start_ms = (_running_sum(gap_s, stream, first) * MS_PER_S).astype(np.int64)
    return Requests(
        stream=stream,
        time_ms=main.time_ms[parent][stream] + since_start_ms,
        model=(rng.random(SUBAGENTS) < 0.35).astype(np.int64)[stream],
        input=_fresh_input(rng, len(stream)),
        cache_write_5m=cached - read,
        cache_write_1h=np.zeros(len(stream), np.int64),
        cache_read=read,
        output=output,
        searches=(rng.random(len(stream)) < 0.01).astype(np.int64),
        parent=parent,
        **_lines(rng, len(stream)),
    )


def _streams(rng: np.random.Generator, streams: int, requests: int) -> Ints:
    """The stream of each request: log-normal lengths of at least four that add up to *requests*."""
    share = rng.lognormal(0.0, 0.7, streams)
    ends = np.floor(np.cumsum(share) / share.sum() * (requests - 4 * streams)).astype(np.int64)
    ends[-1] = requests - 4 * streams
    return np.repeat(np.arange(streams), np.diff(ends, prepend=0) + 4)


def _first_of(stream: Ints) -> npt.NDArray[np.bool_]:
    return np.diff(stream, prepend=-1) > 0


def _running_sum(values: npt.NDArray[Any], stream: Ints, first: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """The sum of a stream's values so far."""
    total = np.cumsum(values)
    return np.asarray(total - (total - values)[first][stream])


def _lognormal(rng: np.random.Generator, median: float, sigma: float, count: int, *, most: int) -> Ints:
    return np.minimum(rng.lognormal(np.log(median), sigma, count), most).astype(np.int64) + 1


def _fresh_input(rng: np.random.Generator, count: int) -> Ints:
    """A few tokens after the cached prefix; in one request of seven, a tail that was not cached."""
    tail = _lognormal(rng, 4_950, 0.7, count, most=11_000)
    return np.where(rng.random(count) < 1 / 7, tail, rng.integers(1, 12, count))


def _gaps_s(rng: np.random.Generator, stream: Ints, first: npt.NDArray[np.bool_]) -> Floats:
    """Seconds since the request before: tool calls, pauses of minutes while a person reads, and a few breaks."""
    count = len(stream)
    gap_s = 4.0 + rng.lognormal(np.log(13.0), 0.8, count)
    kind = rng.random(count)
    gap_s[kind < 0.018] += rng.uniform(300, 1_500, int((kind < 0.018).sum()))
    gap_s[kind < 0.0012] += S_PER_HOUR
    gap_s[first] = 0.0
    return gap_s


def _times_ms(rng: np.random.Generator, stream: Ints, first: npt.NDArray[np.bool_], gap_s: Floats) -> Ints:
    """When each request ended: sessions begin in working hours, and end on the same day."""
    weekday = (np.arange(30) + 6) % 7  # 1 March 2026 is a Sunday
    worked = np.flatnonzero(weekday < 5)
    weekend = rng.choice(np.flatnonzero(weekday >= 5), WEEKEND_DAYS_WORKED, replace=False)
    days = np.sort(np.concatenate([worked, weekend]))
    day = np.sort(np.concatenate([days, rng.choice(days, SESSIONS - len(days))]))
    start_s = rng.uniform(8.0, 16.5, SESSIONS) * S_PER_HOUR
    since_start_s = _running_sum(gap_s, stream, first)
    lasts_s = np.maximum.reduceat(since_start_s, np.flatnonzero(first))
    squeeze = np.minimum(1.0, (23.3 * S_PER_HOUR - start_s) / np.maximum(lasts_s, 1.0))
    since_midnight_s = start_s[stream] + since_start_s * squeeze[stream]
    midnight_ms = FIRST_DAY.astype("datetime64[ms]").astype(np.int64) + day * MS_PER_DAY
    return np.asarray(midnight_ms[stream] + (since_midnight_s * MS_PER_S).astype(np.int64))


def _lines(rng: np.random.Generator, count: int) -> dict[str, Ints]:
    """How many lines each response took, how much output the early ones show, and whether that is already all."""
    kind = rng.random(count)
    return {
        "lines": np.where(kind < 0.73, 1, np.where(kind < 0.97, 2, 3)),
        "partial_output": rng.integers(1, 9, count),
        "early_is_final": (rng.random(count) < 0.15).astype(np.int64),
    }
