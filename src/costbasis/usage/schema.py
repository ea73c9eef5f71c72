"""The ledger's tables: files, what each file said of each request, what was skipped, and the requests that count."""

from __future__ import annotations

VERSION = 1

TABLES = """
CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY, reader TEXT NOT NULL, path TEXT NOT NULL UNIQUE, host TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    head_sha256 TEXT NOT NULL, head_len INTEGER NOT NULL,
    consumed INTEGER NOT NULL, pending INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS seen (
    file_id INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE,
    request_key TEXT NOT NULL, key_rule TEXT NOT NULL, offset INTEGER NOT NULL, lines INTEGER NOT NULL,
    time_ms INTEGER NOT NULL, session TEXT NOT NULL, agent_id TEXT NOT NULL, project TEXT NOT NULL,
    agent TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL, mode TEXT NOT NULL, geo TEXT NOT NULL,
    input_tok INTEGER NOT NULL, cache_write_5m_tok INTEGER NOT NULL, cache_write_1h_tok INTEGER NOT NULL,
    cache_write_unknown_tok INTEGER NOT NULL, cache_read_tok INTEGER NOT NULL, output_tok INTEGER NOT NULL,
    reasoning_tok INTEGER NOT NULL, web_searches INTEGER NOT NULL,
    is_sidechain INTEGER NOT NULL, is_mirror INTEGER NOT NULL, partial_output INTEGER NOT NULL,
    PRIMARY KEY (file_id, request_key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS skipped (
    file_id INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE, offset INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS skipped_of_file ON skipped(file_id);
CREATE TABLE IF NOT EXISTS request (
    request_key TEXT PRIMARY KEY, file_id INTEGER, offset INTEGER, rule TEXT,
    time_ms INTEGER, hour INTEGER, quarter INTEGER,
    session TEXT, agent_id TEXT, project TEXT, agent TEXT, host TEXT,
    model TEXT, provider TEXT, mode TEXT, geo TEXT,
    prompt_tok INTEGER, input_tok INTEGER, cache_write_5m_tok INTEGER, cache_write_1h_tok INTEGER,
    cache_write_unknown_tok INTEGER, cache_read_tok INTEGER, output_tok INTEGER, reasoning_tok INTEGER,
    web_searches INTEGER, context_bucket INTEGER,
    output_ctx_tok2 REAL, new_ctx_tok2 REAL, kv_resident_tok_s REAL, partial_output INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fingerprint (sha256 TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS dropped AS
    SELECT seen.request_key, seen.file_id, seen.offset, seen.lines,
           CASE WHEN seen.is_mirror THEN 'progress mirror'
                WHEN seen.is_sidechain AND NOT kept.is_sidechain THEN 'sidechain replay'
                ELSE 'copy in another file' END AS reason
    FROM seen JOIN request USING (request_key) JOIN seen AS kept
         ON kept.request_key = request.request_key AND kept.file_id = request.file_id
    WHERE seen.file_id != request.file_id
    UNION ALL
    SELECT request_key, file_id, offset, lines - 1, 'earlier line of the response' FROM seen WHERE lines > 1;
"""

SEEN_COLUMNS = (
    "file_id", "request_key", "key_rule", "offset", "lines", "time_ms", "session", "agent_id", "project", "agent",
    "model", "provider", "mode", "geo", "input_tok", "cache_write_5m_tok", "cache_write_1h_tok",
    "cache_write_unknown_tok", "cache_read_tok", "output_tok", "reasoning_tok", "web_searches", "is_sidechain",
    "is_mirror", "partial_output",
)  # fmt: skip

COUNT_REQUESTS = """
INSERT INTO request
WITH ranked AS (
    SELECT seen.*, file.host, file.path,
           input_tok + cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok + cache_read_tok AS prompt_tok,
           cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok AS write_tok,
           ROW_NUMBER() OVER (
               PARTITION BY request_key
               ORDER BY is_mirror, is_sidechain, output_tok DESC,
                        input_tok + cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok
                            + cache_read_tok + output_tok DESC,
                        time_ms, path, offset
           ) AS place,
           MIN(partial_output) OVER (PARTITION BY request_key) AS never_stopped
    FROM seen JOIN file ON file.id = seen.file_id
),
counted AS (
    SELECT *, CASE WHEN cache_write_1h_tok > 0 THEN 3600.0 ELSE 300.0 END AS ttl_s,
           (LEAD(time_ms) OVER (PARTITION BY session, agent_id ORDER BY time_ms, request_key) - time_ms) / 1000.0
               AS gap_s
    FROM ranked WHERE place = 1
)
SELECT request_key, file_id, offset, key_rule, time_ms, time_ms / 3600000, time_ms / 900000,
       session, agent_id, project, agent, host, model, provider, mode, geo,
       prompt_tok, input_tok, cache_write_5m_tok, cache_write_1h_tok, cache_write_unknown_tok, cache_read_tok,
       output_tok, reasoning_tok, web_searches,
       bucket_of(prompt_tok),
       output_tok * (prompt_tok + output_tok / 2.0),
       (input_tok + write_tok) * (cache_read_tok + (input_tok + write_tok) / 2.0),
       (cache_read_tok + write_tok) * MIN(COALESCE(gap_s, ttl_s), ttl_s),
       never_stopped
FROM counted
"""
"""Which copy of a request counts, and the sums that keep its context.

A cache is held until the session's next request, at most for its lifetime; after the last one, for its lifetime.
"""
