"""The ledger's tables: files, what each file said of each request, what was skipped, and the requests that count."""

from __future__ import annotations

from costbasis.usage.dedupe import WON_BY

VERSION = 3

TABLES = (
    """
CREATE TABLE file (
    id INTEGER PRIMARY KEY, reader TEXT NOT NULL, path TEXT NOT NULL UNIQUE, host TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    head_sha256 TEXT NOT NULL, tail_sha256 TEXT NOT NULL, consumed INTEGER NOT NULL, pending INTEGER NOT NULL,
    known TEXT NOT NULL, project TEXT NOT NULL, gone INTEGER NOT NULL DEFAULT 0
)""",
    """
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
    PRIMARY KEY (file_id, request_key)
) WITHOUT ROWID""",
    """
CREATE TABLE skipped (
    file_id INTEGER NOT NULL REFERENCES file(id) ON DELETE CASCADE, offset INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (file_id, offset)
) WITHOUT ROWID""",
    """
CREATE TABLE request (
    request_key TEXT PRIMARY KEY, file_id INTEGER, offset INTEGER, rule TEXT,
    time_ms INTEGER, hour INTEGER, quarter INTEGER,
    session TEXT, agent_id TEXT, project TEXT, agent TEXT, host TEXT,
    model TEXT, provider TEXT, mode TEXT, geo TEXT,
    prompt_tok INTEGER, input_tok INTEGER, cache_write_5m_tok INTEGER, cache_write_1h_tok INTEGER,
    cache_write_unknown_tok INTEGER, cache_read_tok INTEGER, output_tok INTEGER, reasoning_tok INTEGER,
    web_searches INTEGER, context_bucket INTEGER,
    output_ctx_tok2 REAL, new_ctx_tok2 REAL, kv_resident_tok_s REAL, partial_output INTEGER
) WITHOUT ROWID""",
    "CREATE TABLE fingerprint (sha256 TEXT NOT NULL)",
    """
CREATE VIEW dropped AS
    WITH other AS (
        SELECT seen.file_id, seen.request_key, seen.offset, 1 AS lines,
               CASE WHEN is_mirror THEN 'mirror' WHEN is_sidechain THEN 'sidechain' ELSE 'line' END AS kind
        FROM seen JOIN request ON request.request_key = seen.request_key AND request.file_id != seen.file_id
        UNION ALL SELECT file_id, request_key, line_offset, line_lines, 'line' FROM seen WHERE line_lines > 0
        UNION ALL SELECT file_id, request_key, sidechain_offset, sidechain_lines, 'sidechain' FROM seen
            WHERE sidechain_lines > 0
        UNION ALL SELECT file_id, request_key, mirror_offset, mirror_lines, 'mirror' FROM seen WHERE mirror_lines > 0
    )
    SELECT other.request_key, other.file_id,
           CASE WHEN kind = 'mirror' THEN 'progress mirror'
                WHEN kind = 'sidechain' AND NOT kept.is_sidechain THEN 'sidechain replay'
                WHEN other.file_id = kept.file_id THEN 'earlier line of the response'
                ELSE 'copy in another file' END AS reason,
           SUM(other.lines) AS lines, MIN(other.offset) AS offset
    FROM other JOIN request USING (request_key)
         JOIN seen AS kept ON kept.request_key = request.request_key AND kept.file_id = request.file_id
    GROUP BY other.request_key, other.file_id, reason
""",
)

INDEXES = (
    "CREATE INDEX IF NOT EXISTS seen_by_key ON seen(request_key)",
    "CREATE INDEX IF NOT EXISTS request_by_session ON request(session, agent_id)",
)
"""Made after the first rows are in."""

TOUCHED = "CREATE TEMP TABLE IF NOT EXISTS touched (request_key TEXT PRIMARY KEY) WITHOUT ROWID"
"""Requests to count again: those that a changed file speaks of, and their neighbours in the session."""

TOUCH_NEIGHBOURS = """
INSERT OR IGNORE INTO touched
WITH conversation AS (
    SELECT session, agent_id FROM request WHERE request_key IN (SELECT request_key FROM touched)
    UNION SELECT session, agent_id FROM seen WHERE request_key IN (SELECT request_key FROM touched)
)
SELECT request.request_key FROM conversation JOIN request USING (session, agent_id)
"""

_RULES = " ".join(f"WHEN {index} THEN '; {why}'" for index, why in enumerate(WON_BY) if why)
"""What ``request.rule`` says after the rule that made the key; nothing where the others are equal."""

COUNT_REQUESTS = f"""
INSERT INTO request
WITH spoken AS MATERIALIZED (
    SELECT request_key, MIN(file_id) AS file_id, COUNT(*) AS files, MIN(partial_output) AS never_stopped
    FROM seen {{scope}} GROUP BY request_key
),
rivals AS (
    SELECT seen.*, file.path,
           input_tok + cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok + cache_read_tok AS prompt_tok
    FROM spoken JOIN seen USING (request_key) JOIN file ON file.id = seen.file_id WHERE files > 1
),
ranked AS (
    SELECT request_key, file_id, ROW_NUMBER() OVER best_first AS place,
           CASE WHEN LEAD(partial_output) OVER best_first != partial_output THEN 1
                WHEN LEAD(is_mirror) OVER best_first != is_mirror THEN 2
                WHEN LEAD(is_sidechain) OVER best_first != is_sidechain THEN 3
                WHEN LEAD(output_tok) OVER best_first != output_tok THEN 4
                WHEN LEAD(prompt_tok) OVER best_first != prompt_tok THEN 5
                WHEN LEAD(time_ms) OVER best_first != time_ms THEN 6
                ELSE 7 END AS won_by_here
    FROM rivals
    WINDOW best_first AS (PARTITION BY request_key ORDER BY partial_output, is_mirror, is_sidechain, output_tok DESC,
                          prompt_tok DESC, time_ms, path, offset)
),
winner AS (
    SELECT request_key, file_id, 0 AS won_by_here, never_stopped FROM spoken WHERE files = 1
    UNION ALL
    SELECT request_key, ranked.file_id, won_by_here, never_stopped FROM ranked JOIN spoken USING (request_key)
    WHERE place = 1
),
followed AS (
    SELECT winner.*, (LEAD(time_ms) OVER conversation - time_ms) / 1000.0 AS gap_s
    FROM winner JOIN seen USING (file_id, request_key)
    WINDOW conversation AS (PARTITION BY session, agent_id ORDER BY time_ms, request_key)
),
counted AS (
    SELECT seen.*, followed.gap_s, followed.won_by_here, followed.never_stopped, file.host,
           CASE WHEN file.project != '' THEN file.project ELSE seen.project END AS whole_project,
           CASE WHEN cache_write_1h_tok > 0 THEN 3600.0 ELSE 300.0 END AS ttl_s,
           cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok AS write_tok,
           input_tok + cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok + cache_read_tok AS prompt_tok
    FROM followed JOIN seen USING (file_id, request_key) JOIN file ON file.id = file_id
)
SELECT request_key, file_id, offset, key_rule || CASE MAX(won_by, won_by_here) {_RULES} ELSE '' END,
       time_ms, time_ms / 3600000, time_ms / 900000,
       session, agent_id, whole_project, agent, host, model, provider, mode, geo,
       prompt_tok, input_tok, cache_write_5m_tok, cache_write_1h_tok, cache_write_unknown_tok, cache_read_tok,
       output_tok, reasoning_tok, web_searches,
       bucket_of(prompt_tok),
       output_tok * (prompt_tok + output_tok / 2.0),
       (input_tok + write_tok) * (cache_read_tok + (input_tok + write_tok) / 2.0),
       (cache_read_tok + write_tok) * MIN(COALESCE(gap_s, ttl_s), ttl_s),
       never_stopped
FROM counted ORDER BY request_key
"""
"""Which copy of a request counts, in the order of ``WON_BY``, and the sums that keep its context.

A cache is held until the session's next request, at most for its lifetime; after the last one, for its lifetime.
"""

TOUCHED_ONLY = "WHERE request_key IN (SELECT request_key FROM touched)"

COUNTED = """
SELECT request_key || '|' || time_ms || '|' || session || '|' || agent_id || '|' || project || '|' || agent || '|' ||
       model || '|' || provider || '|' || mode || '|' || geo || '|' || input_tok || '|' || cache_write_5m_tok || '|' ||
       cache_write_1h_tok || '|' || cache_write_unknown_tok || '|' || cache_read_tok || '|' || output_tok || '|' ||
       reasoning_tok || '|' || web_searches || '|' || partial_output
FROM request ORDER BY request_key
"""
"""What the hash of the usage is made of: everything that a report can group by, select or value, but no paths."""
