"""A ledger's ``request`` table made by hand, and retail prices, for the tests of pricing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from costbasis.usage.ledger.block import TABLE as BLOCK
from costbasis.usage.ledger.tally import TABLE, TALLY_ALL

COLUMNS = {
    "request_key": "TEXT",
    "file_id": "INTEGER",
    "offset": "INTEGER",
    "rule": "TEXT",
    "time_ms": "INTEGER",
    "hour": "INTEGER",
    "quarter": "INTEGER",
    "session": "TEXT",
    "agent_id": "TEXT",
    "project": "TEXT",
    "agent": "TEXT",
    "host": "TEXT",
    "model": "TEXT",
    "provider": "TEXT",
    "mode": "TEXT",
    "geo": "TEXT",
    "prompt_tok": "INTEGER",
    "input_tok": "INTEGER",
    "cache_write_5m_tok": "INTEGER",
    "cache_write_1h_tok": "INTEGER",
    "cache_write_unknown_tok": "INTEGER",
    "cache_read_tok": "INTEGER",
    "output_tok": "INTEGER",
    "reasoning_tok": "INTEGER",
    "web_searches": "INTEGER",
    "context_bucket": "INTEGER",
    "output_ctx_tok2": "REAL",
    "new_ctx_tok2": "REAL",
    "kv_resident_tok_s": "REAL",
    "partial_output": "INTEGER",
    "api_key": "TEXT",
    "user": "TEXT",
    "requests": "INTEGER",
}

WRITES = ("cache_write_5m_tok", "cache_write_1h_tok", "cache_write_unknown_tok")


def time_ms(text: str) -> int:
    """Epoch milliseconds of an ISO time, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def request(**given: Any) -> dict[str, Any]:
    """A row of the table: what is given, zeros for the other tokens, and everything that follows from them."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, 0)
    row |= {"session": "s1", "agent_id": "", "project": "/p", "agent": "claude-code", "host": "here", "geo": ""}
    row |= {"request_key": "k", "rule": "final", "provider": "anthropic", "mode": "standard"}
    row |= {"api_key": "", "user": "", "requests": 1}
    row |= {"model": "claude-opus-4-6", "time_ms": time_ms("2026-04-01T12:00:00")} | given
    new = row["input_tok"] + sum(row[name] for name in WRITES)
    row["prompt_tok"] = new + row["cache_read_tok"]
    row["hour"], row["quarter"] = row["time_ms"] // 3_600_000, row["time_ms"] // 900_000
    row["context_bucket"] = max(row["prompt_tok"].bit_length() - 1, 0)
    row["output_ctx_tok2"] = row["output_tok"] * (row["prompt_tok"] + row["output_tok"] / 2)
    row["new_ctx_tok2"] = new * (row["cache_read_tok"] + new / 2)
    row["kv_resident_tok_s"] = 300.0 * row["prompt_tok"]
    return row


def ledger(rows: Iterable[Mapping[str, Any]]) -> sqlite3.Connection:
    """A connection to a ledger that holds *rows*."""
    connection = sqlite3.connect(":memory:")
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE request ({columns})")
    connection.execute("CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT)")
    values = [tuple(row[name] for name in COLUMNS) for row in rows]
    files = sorted({value[1] for value in values})
    connection.executemany("INSERT INTO file VALUES (?, ?)", [(number, f"/logs/{number}.jsonl") for number in files])
    connection.executemany(f"INSERT INTO request VALUES ({', '.join('?' * len(COLUMNS))})", values)
    for statement in (TABLE, BLOCK, *TALLY_ALL):
        connection.execute(statement)
    connection.commit()
    return connection


@dataclass(frozen=True)
class Price:
    """A retail row, in pico-USD per token."""

    provider: str
    model: str
    mode: str
    valid_from: date | None
    valid_to: date | None
    input: int
    output: int
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    long_above_tok: int | None = None
    long_input: int | None = None
    long_output: int | None = None
    long_cache_read: int | None = None
    long_cache_write_5m: int | None = None
    long_cache_write_1h: int | None = None
    source: str = "a test"


OPUS, HAIKU, GPT = "claude-opus-4-6", "claude-haiku-4-5-20251001", "gpt-5.4"

CHANGE = date(2026, 3, 13)
"""The day on which the long-context tier of Opus 4.6 ended."""

PRICES = (
    # Opus 4.6 as published: $5 in, $25 out, and until the change twice and 1.5 times that above 200k tokens
    Price("anthropic", OPUS, "standard", date(2026, 2, 5), CHANGE, 5_000_000, 25_000_000, 500_000, 6_250_000,
          10_000_000, 200_000, 10_000_000, 37_500_000, 1_000_000, 12_500_000),
    Price("anthropic", OPUS, "standard", CHANGE, None, 5_000_000, 25_000_000, 500_000, 6_250_000, 10_000_000),
    Price("anthropic", OPUS, "batch", CHANGE, None, 2_500_000, 12_500_000, 250_000, 3_125_000, 5_000_000),
    Price("anthropic", OPUS, "fast", date(2026, 4, 8), date(2026, 8, 6), 30_000_000, 150_000_000, 3_000_000,
          37_500_000, 60_000_000),
    Price("anthropic", HAIKU, "standard", date(2025, 10, 15), None, 1_000_000, 5_000_000, 100_000, 1_250_000),
    Price("openai", GPT, "standard", date(2026, 3, 5), None, 2_500_000, 15_000_000, 250_000, None, None, 272_000,
          5_000_000, 22_500_000),
)  # fmt: skip
