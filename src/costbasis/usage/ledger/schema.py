"""The ledger's tables: files, what each file said of each request and whether that counts, and what was skipped.

``seen`` has one row a request and file. Nearly always one file speaks of a request, so its row *is* the request. What a
first scan found lies folded in ``block``; ``telling`` is a view of both, and ``request`` of the rows that count.
"""

from __future__ import annotations

from costbasis.usage.ledger.block import INDEXES as _BLOCK_INDEXES
from costbasis.usage.ledger.block import TABLE as _BLOCK
from costbasis.usage.ledger.block import TELLING as _TELLING
from costbasis.usage.ledger.block import opened
from costbasis.usage.ledger.dedupe import IN_TOTAL, WON_BY
from costbasis.usage.ledger.summed import KV_RESIDENT, NEW_CTX, OUTPUT_CTX
from costbasis.usage.ledger.tally import MOVED
from costbasis.usage.ledger.tally import TABLE as _TALLY

VERSION = 12
OLDEST = 3
"""The oldest version that was released."""

_FILE = """
CREATE TABLE file (
    id INTEGER PRIMARY KEY, reader TEXT NOT NULL, source TEXT NOT NULL DEFAULT '', path TEXT NOT NULL,
    host TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    head_sha256 TEXT NOT NULL, tail_sha256 TEXT NOT NULL, consumed INTEGER NOT NULL, pending INTEGER NOT NULL,
    known TEXT NOT NULL, project TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
    UNIQUE (source, path)
)"""
"""*source*: the ledger that a file was merged from; nothing for this machine's own."""

_SEEN = """
CREATE TABLE seen (
    file_id INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE,
    request_key TEXT NOT NULL, key_rule TEXT NOT NULL, won_by INTEGER NOT NULL,
    offset INTEGER NOT NULL, lines INTEGER NOT NULL, time_ms INTEGER NOT NULL,
    session TEXT NOT NULL, agent_id TEXT NOT NULL, project TEXT NOT NULL, agent TEXT NOT NULL, model TEXT NOT NULL,
    provider TEXT NOT NULL, mode TEXT NOT NULL, geo TEXT NOT NULL, web_searches INTEGER NOT NULL,
    is_sidechain INTEGER NOT NULL, is_mirror INTEGER NOT NULL, partial_output INTEGER NOT NULL,
    input_tok INTEGER NOT NULL, cache_write_5m_tok INTEGER NOT NULL, cache_write_1h_tok INTEGER NOT NULL,
    cache_write_unknown_tok INTEGER NOT NULL, cache_read_tok INTEGER NOT NULL, output_tok INTEGER NOT NULL,
    reasoning_tok INTEGER NOT NULL,
    line_lines INTEGER NOT NULL, line_offset INTEGER, sidechain_lines INTEGER NOT NULL, sidechain_offset INTEGER,
    mirror_lines INTEGER NOT NULL, mirror_offset INTEGER,
    hour INTEGER NOT NULL, quarter INTEGER NOT NULL, prompt_tok INTEGER NOT NULL, context_bucket INTEGER NOT NULL,
    held_s REAL NOT NULL, host TEXT NOT NULL,
    counts INTEGER NOT NULL DEFAULT 1, won_by_here INTEGER NOT NULL DEFAULT 0,
    api_key TEXT NOT NULL DEFAULT '', user TEXT NOT NULL DEFAULT '', requests INTEGER NOT NULL DEFAULT 1,
    line_ms INTEGER NOT NULL DEFAULT 0, times TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (file_id, request_key)
) WITHOUT ROWID"""
"""*won_by* tells why a line counts within its file, *won_by_here* why its file counts before others; *held_s* how
long the request's prompt stays cached. *requests*: how many calls a row of an aggregate sums up (0: not told);
*prompt_tok* and *context_bucket* are then those of one call. *time_ms* is the request's date, *line_ms* the time of the
line that counts, and *times* what else may have to date it (``seen.earliest_ms``)."""

_SKIPPED = """
CREATE TABLE skipped (
    file_id INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE, offset INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (file_id, offset)
) WITHOUT ROWID"""

_RULES = " ".join(f"WHEN {index} THEN '; {why}'" for index, why in enumerate(WON_BY) if why)
"""What ``request.rule`` says after the rule that made the key; nothing where the others are equal."""

REQUEST = f"""
CREATE VIEW request AS
SELECT request_key, file_id, offset, key_rule || CASE MAX(won_by, won_by_here) {_RULES} ELSE '' END AS rule,
       time_ms, hour, quarter, session, agent_id, project, agent, host, model, provider, mode, geo,
       prompt_tok, input_tok, cache_write_5m_tok, cache_write_1h_tok, cache_write_unknown_tok, cache_read_tok,
       output_tok, reasoning_tok, web_searches, context_bucket,
       {OUTPUT_CTX} AS output_ctx_tok2, {NEW_CTX} AS new_ctx_tok2, {KV_RESIDENT} AS kv_resident_tok_s,
       partial_output, api_key, user, requests
FROM telling WHERE counts
"""
"""The requests, and the sums that keep their context."""

_ITSELF = "CASE WHEN is_folded THEN is_sidechain END"
"""Of a folded row that counts itself, whether it is a sidechain; of others the row that counts is looked for: among
rows, then in blocks, by keys that are of a type, as SQLite makes no index otherwise."""

DROPPED = f"""
CREATE VIEW dropped AS
    WITH other AS (
        SELECT file_id, request_key, offset, 1 AS lines,
               CASE WHEN won_by_here = {IN_TOTAL} THEN 'part' WHEN is_mirror THEN 'mirror'
                    WHEN is_sidechain THEN 'sidechain' ELSE 'line' END AS kind, NULL AS of_sidechain
        FROM telling WHERE NOT counts
        UNION ALL SELECT file_id, request_key, line_offset, line_lines, 'line', {_ITSELF} FROM telling
            WHERE line_lines > 0
        UNION ALL SELECT file_id, request_key, sidechain_offset, sidechain_lines, 'sidechain', {_ITSELF} FROM telling
            WHERE sidechain_lines > 0
        UNION ALL SELECT file_id, request_key, mirror_offset, mirror_lines, 'mirror', {_ITSELF} FROM telling
            WHERE mirror_lines > 0
    ),
    folded AS MATERIALIZED (
        SELECT CAST(request_key AS TEXT) AS request_key, file_id, is_sidechain
        FROM ({opened("request_key", "file_id", "is_sidechain", "counts")}) WHERE counts
    )
    SELECT other.request_key, other.file_id,
           CASE WHEN kind = 'part' THEN 'part of the session''s total' WHEN kind = 'mirror' THEN 'progress mirror'
                WHEN kind = 'sidechain' AND NOT COALESCE(of_sidechain, kept.is_sidechain, folded.is_sidechain)
                     THEN 'sidechain replay'
                WHEN of_sidechain IS NOT NULL OR other.file_id = COALESCE(kept.file_id, folded.file_id)
                     THEN 'earlier line of the response'
                ELSE 'copy in another file' END AS reason,
           SUM(other.lines) AS lines, MIN(other.offset) AS offset
    FROM other
    LEFT JOIN seen AS kept ON of_sidechain IS NULL AND kept.request_key = other.request_key AND kept.counts
    LEFT JOIN folded
        ON of_sidechain IS NULL AND kept.request_key IS NULL AND folded.request_key = other.request_key
    GROUP BY other.request_key, other.file_id, reason
"""

LOOKED = "CREATE TABLE looked (tree TEXT NOT NULL)"
"""The hash of the look that the ledger was last brought up to, without anything left that could not be read."""

TABLES = (
    _FILE,
    _SEEN,
    _SKIPPED,
    _BLOCK,
    _TELLING,
    REQUEST,
    DROPPED,
    _TALLY,
    *MOVED,
    LOOKED,
    "CREATE TABLE fingerprint (sha256 TEXT NOT NULL)",
    "CREATE TABLE identity (ledger TEXT NOT NULL)",
    "INSERT INTO identity VALUES (lower(hex(randomblob(16))))",
    "CREATE TABLE IF NOT EXISTS answer (question TEXT PRIMARY KEY, environ TEXT NOT NULL, roots TEXT NOT NULL,"
    " tree TEXT NOT NULL, out TEXT NOT NULL, err TEXT NOT NULL)",
)
"""``answer`` holds what was printed, for the lane: gone as soon as anything in the ledger changes."""

INDEXES = (
    "CREATE INDEX IF NOT EXISTS seen_by_key ON seen(request_key)",
    "CREATE INDEX IF NOT EXISTS seen_by_session ON seen(session, agent_id)",
    *_BLOCK_INDEXES,
)
"""Made after the first rows are in."""

TOUCHED = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (request_key TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS conversation (session TEXT, agent_id TEXT, PRIMARY KEY (session, agent_id))"
    " WITHOUT ROWID",
    "DELETE FROM touched",
    "DELETE FROM conversation",
)
"""Requests to count again, and conversations whose gaps may have changed."""

TOUCH_SHARED = (
    "INSERT INTO touched SELECT request_key FROM seen GROUP BY request_key HAVING COUNT(*) > 1",
    "INSERT INTO conversation SELECT session, agent_id FROM seen GROUP BY 1, 2 HAVING MIN(file_id) != MAX(file_id)",
)
"""At first: what more than one file speaks of. Everything else is right as it was filed."""

TOUCH_MORE = (
    "INSERT OR IGNORE INTO conversation SELECT session, agent_id FROM touched CROSS JOIN seen USING (request_key)",
    "INSERT OR IGNORE INTO touched SELECT request_key FROM conversation CROSS JOIN seen USING (session, agent_id)"
    f" WHERE won_by_here = {IN_TOTAL}",
)
"""The conversations of what was touched, and the calls that a total in them holds.

CROSS JOIN makes SQLite begin with what was touched: without statistics it would walk through all requests instead.
"""

DONE = ("DELETE FROM touched", "DELETE FROM conversation", "DELETE FROM fingerprint")
"""Nothing is left to count, and what counts is no longer what it was."""
