"""Sums of the requests that count, kept beside them: what pricing adds up when it need not look at each request.

A sum is of one quarter of an hour and of everything that a report groups by, selects or prices by, so a price is one
number in each. A quarter holds many requests of a session, and a change touches the sums of a few sessions.
"""

from __future__ import annotations

from costbasis.usage.ledger.summed import KV_RESIDENT, NEW_CTX, OUTPUT_CTX, TIERS_TOK

KEYS = ("session", "quarter", "project", "agent", "host", "model", "mode", "geo", "api_key", "user", "tier")

SUMMED = (
    "requests", "input_tok", "cache_write_5m_tok", "cache_write_1h_tok", "cache_write_unknown_tok", "cache_read_tok",
    "output_tok", "reasoning_tok", "web_searches", "partial_output", "output_ctx_tok2", "new_ctx_tok2",
    "kv_resident_tok_s",
)  # fmt: skip

TABLE = """
CREATE TABLE tally (
    session TEXT NOT NULL, quarter INTEGER NOT NULL, project TEXT NOT NULL, agent TEXT NOT NULL, host TEXT NOT NULL,
    model TEXT NOT NULL, mode TEXT NOT NULL, geo TEXT NOT NULL, api_key TEXT NOT NULL, user TEXT NOT NULL,
    tier INTEGER NOT NULL,
    hour INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    shortest_tok INTEGER NOT NULL, longest_tok INTEGER NOT NULL, counted INTEGER NOT NULL,
    requests INTEGER NOT NULL, input_tok INTEGER NOT NULL, cache_write_5m_tok INTEGER NOT NULL,
    cache_write_1h_tok INTEGER NOT NULL, cache_write_unknown_tok INTEGER NOT NULL, cache_read_tok INTEGER NOT NULL,
    output_tok INTEGER NOT NULL, reasoning_tok INTEGER NOT NULL, web_searches INTEGER NOT NULL,
    partial_output INTEGER NOT NULL, output_ctx_tok2 REAL NOT NULL, new_ctx_tok2 REAL NOT NULL,
    kv_resident_tok_s REAL NOT NULL,
    PRIMARY KEY (session, quarter, project, agent, host, model, mode, geo, api_key, user, tier)
) WITHOUT ROWID"""
"""*counted*: rows of ``request``; *requests*: the calls that they stand for. *tier*: how many of ``TIERS_TOK`` its
prompts are longer than. *first_ms*, *last_ms*: times of its first and last request."""

WATCHED = (
    "CREATE TRIGGER sum_came AFTER INSERT ON tally BEGIN"
    " INSERT OR IGNORE INTO moved SELECT of, new.quarter FROM priced; END",
    "CREATE TRIGGER sum_went AFTER DELETE ON tally BEGIN"
    " INSERT OR IGNORE INTO moved SELECT of, old.quarter FROM priced; END",
)
UNWATCHED = ("DROP TRIGGER sum_came", "DROP TRIGGER sum_went", "DELETE FROM priced", "DELETE FROM moved")
"""While all sums are made anew: nothing that was priced before still holds."""

MOVED = (
    "CREATE TABLE priced (of TEXT PRIMARY KEY, cells BLOB NOT NULL)",
    "CREATE TABLE moved (of TEXT NOT NULL, quarter INTEGER NOT NULL, PRIMARY KEY (of, quarter)) WITHOUT ROWID",
    *WATCHED,
)
"""What pricing made of all sums, and the quarters in which a sum came or went since: what is to be priced again."""

QUARTERS_PER_HOUR = 4

_TIER = " + ".join(f"(prompt_tok > {tok})" for tok in TIERS_TOK)


UNFOLDED = (
    f"(SELECT *, {OUTPUT_CTX} AS output_ctx_tok2, {NEW_CTX} AS new_ctx_tok2, {KV_RESIDENT} AS kv_resident_tok_s"
    " FROM seen WHERE counts)"
)
"""The requests that are rows: without a look into the blocks."""


def sums_of(requests: str = "request", where: str = "") -> str:
    """The sums of some *requests*, or of those of them *where* something holds."""
    return (
        f"SELECT {', '.join(KEYS[:-1])}, {_TIER} AS tier, quarter / {QUARTERS_PER_HOUR}, MIN(time_ms),"
        f" MAX(time_ms), MIN(prompt_tok), MAX(prompt_tok), COUNT(*), {', '.join(f'SUM({name})' for name in SUMMED)}"
        f" FROM {requests} {where} GROUP BY {', '.join(str(place + 1) for place in range(len(KEYS)))}"
    )


TALLY_ALL = ("DELETE FROM tally", f"INSERT INTO tally {sums_of()}")
"""Of all requests."""

INSERT = f"INSERT INTO tally VALUES (?{', ?' * (len(KEYS) + 5 + len(SUMMED))})"

SUM_AGAIN = (
    "CREATE TEMP TABLE IF NOT EXISTS summed_again (session TEXT, quarter INTEGER, PRIMARY KEY (session, quarter))"
    " WITHOUT ROWID",
    "DELETE FROM summed_again",
)
_AGAIN = "(session, quarter) IN (SELECT session, quarter FROM summed_again)"
_NEAR = f"WHERE session IN (SELECT session FROM summed_again) AND (+session, quarter) IN {_AGAIN.partition(' IN ')[2]}"
"""By their sessions, for which ``seen`` has an index."""

TALLY_TOUCHED = (f"DELETE FROM tally WHERE {_AGAIN}", f"INSERT INTO tally {sums_of(UNFOLDED, _NEAR)}", SUM_AGAIN[-1])
"""Later: the quarters of sessions that are to be summed again, whose requests are rows by then."""
