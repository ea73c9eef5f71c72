"""Request traces as workloads: lengths, arrivals, and how much of the prompts a cache could have held.

Known shapes: Azure's (time, context and generated tokens), Mooncake's (with the hashes of the blocks of a prompt) and
TraceLab's (rounds of agents, with the prefix that was read). A trace of an hour tells no day.
"""

from __future__ import annotations

import csv
import io
import lzma
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import numpy as np

from costbasis.catalog.tables import read_bytes
from costbasis.catalog.workloads import Workload
from costbasis.errors import UnknownName, UnreadableInput
from costbasis.quantity import Source
from costbasis.sampling import Floats

BLOCK_TOK = 512
"""Tokens of a block of Mooncake's hashes."""

DAY_S = 86_400.0
MINUTE_S = 60.0
FOLDER = "traces"

AZURE = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
TRACELAB = ("session_id", "input_tokens_total", "prefix_tokens", "output_tokens", "first_event_ts")
MOONCAKE = ("timestamp", "input_length", "output_length")


@dataclass(frozen=True, slots=True)
class Trace:
    """Requests in the order of their arrival. Shape: each array is ``(requests,)``.

    *isl_tok* includes cached tokens. *cached_tok*: read from a cache, None where the trace tells nothing of it;
    *says_cached*: by which rule. *gap_s*: from the last use of a cached prefix to its next, of each request that hit.
    """

    name: str
    time_s: Floats
    isl_tok: Floats
    osl_tok: Floats
    cached_tok: Floats | None
    says_cached: str
    gap_s: Floats
    source: Source

    @property
    def span_s(self) -> float:
        """From the first request to the last."""
        return float(self.time_s.max() - self.time_s.min())

    @property
    def cached_frac(self) -> float | None:
        """Cached tokens over all input tokens; None where it is not known."""
        if self.cached_tok is None:
            return None
        return float(self.cached_tok.sum() / self.isl_tok.sum())

    @property
    def peak_minute_over_mean(self) -> float:
        """Requests of the busiest minute over those of the mean one."""
        minutes = ((self.time_s - self.time_s.min()) // MINUTE_S).astype(int)
        return float(np.bincount(minutes).max() / (len(minutes) / max(self.span_s / MINUTE_S, 1.0)))

    @property
    def tells_a_day(self) -> bool:
        """Whether there are requests in most hours of a day or more."""
        hours = np.unique(self.time_s // 3600)
        return self.span_s >= DAY_S and len(hours) >= self.span_s / 3600 / 2

    @property
    def held_s(self) -> float:
        """Half of the cached tokens had been used no longer than this before."""
        if self.cached_tok is None or not len(self.gap_s):
            return 0.0
        order = np.argsort(self.gap_s)
        weight = np.cumsum(self.cached_tok[self.cached_tok > 0][order])
        return float(self.gap_s[order][np.searchsorted(weight, weight[-1] / 2)])

    def workload(self) -> Workload:
        """The mean request; no hourly profile unless the trace is of a whole day or more."""
        share = self.cached_frac
        return Workload(
            self.name,
            float(self.isl_tok.mean()),
            float(self.osl_tok.mean()),
            share or 0.0,
            self.held_s,
            self._hours(),
            self.source,
        )

    def _hours(self) -> tuple[float, ...]:
        if not self.tells_a_day:
            return ()
        hours = ((self.time_s % DAY_S) // 3600).astype(int)
        return tuple(float(count) for count in np.bincount(hours, minlength=24))

    def notes(self) -> list[str]:
        """What the mean leaves out, and what the trace does not tell."""
        lengths = " and ".join(
            f"{name} p10 {low:,.0f}, p50 {mid:,.0f}, p90 {high:,.0f}, mean {values.mean():,.0f}"
            for name, values in (("input", self.isl_tok), ("output", self.osl_tok))
            for low, mid, high in [np.quantile(values, (0.1, 0.5, 0.9))]
        )
        share = self.cached_frac
        cached = f"{share:.1%} of the input is cached ({self.says_cached})" if share is not None else self.says_cached
        minutes = f"the busiest minute has {self.peak_minute_over_mean:.1f} times the mean's requests"
        if self.span_s >= DAY_S and not self.tells_a_day:
            minutes = "its requests are too few to tell how they arrive"
        day = "" if self.tells_a_day else "; it tells no day, so the book's range of demand is used"
        return [
            f"{len(self.isl_tok):,} requests in {self.span_s / MINUTE_S:,.0f} minutes: {lengths} tokens",
            f"{cached}; {minutes}{day}",
        ]


@cache
def shipped_traces() -> Mapping[str, Mapping[str, str]]:
    """The traces that ship, by name, with file, licence and source."""
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(read_bytes(f"{FOLDER}/traces.toml").decode())
    return found


def shipped_trace(name: str) -> Trace:
    """A trace that ships.

    Errors: :class:`~costbasis.errors.UnknownName`.
    """
    told = shipped_traces().get(name)
    if told is None:
        raise UnknownName("trace", name, known=shipped_traces())
    data = read_bytes(f"{FOLDER}/{told['file']}")
    text = lzma.decompress(data) if told["file"].endswith(".xz") else data
    place = f"catalog/data/{FOLDER}/{told['file']}"
    source = Source(told["source"], place=place, trust=told["trust"], status="counted", as_of=told["as_of"])
    return parse_trace(text, name, source)


def is_trace(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a trace of a known shape."""
    first = head.lstrip().partition(b"\n")[0].decode("utf-8", "replace")
    if first.startswith("{"):
        return all(f'"{name}"' in first for name in MOONCAKE)
    columns = {cell.strip() for cell in first.split(",")}
    return set(AZURE) <= columns or set(TRACELAB) <= columns


def parse_trace(data: bytes, name: str, source: Source) -> Trace:
    """The requests of a trace.

    Errors: :class:`~costbasis.errors.UnreadableInput` with the line, for one that is no request.
    """
    if data.lstrip().startswith(b"{"):
        return _mooncake(data, name, source)
    text = data.decode("utf-8", "replace")
    rows = csv.DictReader(io.StringIO(text))
    if set(AZURE) <= set(rows.fieldnames or ()):
        time, prompt, output = AZURE
        found = [
            (
                _time_s(row[time], name, line),
                _count(row[prompt], prompt, name, line),
                _count(row[output], output, name, line),
            )
            for line, row in enumerate(rows, 2)
        ]
        return _trace(found, None, "the trace tells nothing of caching", [], name, source)
    lines: list[tuple[float, int, int]] = []
    cached: list[int] = []
    gaps: list[float] = []
    last: dict[str, float] = {}
    for line, row in enumerate(rows, 2):
        time_s = _time_s(row["first_event_ts"], name, line)
        isl, osl, read = (
            _count(row[key], key, name, line) for key in ("input_tokens_total", "output_tokens", "prefix_tokens")
        )
        if min(read, isl):
            gaps.append(max(time_s - last.get(row["session_id"], time_s), 0.0))
        last[row["session_id"]] = time_s
        lines.append((time_s, isl, osl))
        cached.append(min(read, isl))
    return _trace(lines, cached, "as the agents' logs told it", gaps, name, source)


def _mooncake(data: bytes, name: str, source: Source) -> Trace:
    """Cached: the leading blocks that an earlier request held, with a cache that keeps all for ever."""
    lines: list[tuple[float, int, int]] = []
    cached: list[int] = []
    gaps: list[float] = []
    last: dict[int, float] = {}
    tells = False
    for line, said in _json_lines(data, name):
        time_s = _count(said.get("timestamp"), "timestamp", name, line) / 1000
        isl, osl = (_count(said.get(key), key, name, line) for key in MOONCAKE[1:])
        blocks = said.get("hash_ids") or []
        if not isinstance(blocks, list) or not all(isinstance(block, int) for block in blocks):
            raise _bad("hash_ids is no list of numbers", name, line)
        tells = tells or bool(blocks)
        hit = next((place for place, block in enumerate(blocks) if block not in last), len(blocks))
        if min(hit * BLOCK_TOK, isl):
            gaps.append(time_s - last[blocks[hit - 1]])
        last |= dict.fromkeys(blocks, time_s)
        lines.append((time_s, isl, osl))
        cached.append(min(hit * BLOCK_TOK, isl))
    says = f"an endless cache in blocks of {BLOCK_TOK}: an upper bound" if tells else "it has no hashes of prompts"
    return _trace(lines, cached if tells else None, says, gaps, name, source)


def _trace(
    lines: list[tuple[float, int, int]], cached: list[int] | None, says: str, gaps: list[float], name: str,
    source: Source,
) -> Trace:  # fmt: skip
    if not lines:
        raise UnreadableInput("a trace without requests", where=name, hint="docs/sources.md shows the known shapes")
    time_s, isl, osl = (np.array(values, dtype=float) for values in zip(*lines, strict=True))
    if not isl.sum() or not osl.sum():
        raise UnreadableInput("a trace without tokens", where=name, hint="docs/sources.md shows the known shapes")
    held = np.array(cached, dtype=float) if cached is not None else None
    return Trace(name, time_s, isl, osl, held, says, np.array(gaps, dtype=float), source)


def _json_lines(data: bytes, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in enumerate(data.split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            said = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            raise _bad("not JSON", name, line) from None
        if not isinstance(said, dict):
            raise _bad("not an object", name, line)
        yield line, said


def _count(value: Any, key: str, name: str, line: int) -> int:
    try:
        count = int(value)
        if isinstance(value, bool) or count < 0 or (isinstance(value, float) and value != count):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise _bad(f'{key} "{value}" is no count', name, line) from None
    return count


def _time_s(value: Any, name: str, line: int) -> float:
    try:
        moment = datetime.fromisoformat(str(value).strip()[:26].removesuffix("Z"))
    except ValueError:
        raise _bad(f'"{value}" is no time', name, line) from None
    return moment.replace(tzinfo=UTC).timestamp()


def _bad(what: str, name: str, line: int) -> UnreadableInput:
    return UnreadableInput(what, where=f"{name}:{line}", hint="mend the line; a trace is read whole")
