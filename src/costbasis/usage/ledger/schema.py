"""The ledger's tables: files, what each file said of each request and whether that counts, and what was skipped.

``seen`` has one row a request and file. Nearly always one file speaks of a request, so its row *is* the request:
``request`` is a view of the rows that count.
"""

from __future__ import annotations

from costbasis.usage.ledger.dedupe import BY_SHARE, IN_TOTAL, WON_BY
from costbasis.usage.ledger.tally import MOVED, TALLY_ALL
from costbasis.usage.ledger.tally import TABLE as _TALLY

VERSION = 9

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

_WRITES = "cache_write_5m_tok + cache_write_1h_tok + cache_write_unknown_tok"

_PROMPT = f"(input_tok + {_WRITES} + cache_read_tok)"
_SHARE = f"CASE WHEN requests = 1 OR {_PROMPT} = 0 THEN 1.0 ELSE 1.0 * prompt_tok / {_PROMPT} END"
"""What one call is of a row that sums up many; sums of products of two counts shrink by it."""

_REQUEST = f"""
CREATE VIEW request AS
SELECT request_key, file_id, offset, key_rule || CASE MAX(won_by, won_by_here) {_RULES} ELSE '' END AS rule,
       time_ms, hour, quarter, session, agent_id, project, agent, host, model, provider, mode, geo,
       prompt_tok, input_tok, cache_write_5m_tok, cache_write_1h_tok, cache_write_unknown_tok, cache_read_tok,
       output_tok, reasoning_tok, web_searches, context_bucket,
       ROUND(output_tok * (prompt_tok + output_tok / 2.0 * {_SHARE})) AS output_ctx_tok2,
       ROUND((input_tok + {_WRITES}) * (cache_read_tok + (input_tok + {_WRITES}) / 2.0) * {_SHARE}) AS new_ctx_tok2,
       ROUND((cache_read_tok + {_WRITES}) * held_s) AS kv_resident_tok_s,
       partial_output, api_key, user, requests
FROM seen WHERE counts
"""
"""The requests, and the sums that keep their context: each a whole number, so that they add up to the same in any order
of files (a float is exact to 2^53, which is a million requests of nine billion each)."""

_DROPPED = f"""
CREATE VIEW dropped AS
    WITH other AS (
        SELECT file_id, request_key, offset, 1 AS lines,
               CASE WHEN won_by_here = {IN_TOTAL} THEN 'part' WHEN is_mirror THEN 'mirror'
                    WHEN is_sidechain THEN 'sidechain' ELSE 'line' END AS kind
        FROM seen WHERE NOT counts
        UNION ALL SELECT file_id, request_key, line_offset, line_lines, 'line' FROM seen WHERE line_lines > 0
        UNION ALL SELECT file_id, request_key, sidechain_offset, sidechain_lines, 'sidechain' FROM seen
            WHERE sidechain_lines > 0
        UNION ALL SELECT file_id, request_key, mirror_offset, mirror_lines, 'mirror' FROM seen WHERE mirror_lines > 0
    )
    SELECT other.request_key, other.file_id,
           CASE WHEN kind = 'part' THEN 'part of the session''s total' WHEN kind = 'mirror' THEN 'progress mirror'
                WHEN kind = 'sidechain' AND NOT kept.is_sidechain THEN 'sidechain replay'
                WHEN other.file_id = kept.file_id THEN 'earlier line of the response'
                ELSE 'copy in another file' END AS reason,
           SUM(other.lines) AS lines, MIN(other.offset) AS offset
    FROM other LEFT JOIN seen AS kept ON kept.request_key = other.request_key AND kept.counts
    GROUP BY other.request_key, other.file_id, reason
"""

_LOOKED = "CREATE TABLE looked (tree TEXT NOT NULL)"
"""The hash of the look that the ledger was last brought up to, without anything left that could not be read."""

TABLES = (
    _FILE,
    _SEEN,
    _SKIPPED,
    _REQUEST,
    _DROPPED,
    _TALLY,
    *MOVED,
    _LOOKED,
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

COUNT = (
    "INSERT OR IGNORE INTO conversation SELECT session, agent_id FROM touched CROSS JOIN seen USING (request_key)",
    "INSERT OR IGNORE INTO touched SELECT request_key FROM conversation CROSS JOIN seen USING (session, agent_id)"
    f" WHERE won_by_here = {IN_TOTAL}",
    "UPDATE seen SET counts = 1, won_by_here = 0 WHERE request_key IN (SELECT request_key FROM touched)"
    " AND (counts != 1 OR won_by_here != 0)",
    """
WITH shared AS (
    SELECT request_key FROM touched CROSS JOIN seen USING (request_key) GROUP BY request_key HAVING COUNT(*) > 1
),
ranked AS (
    SELECT request_key, file_id, ROW_NUMBER() OVER best_first AS place,
           CASE WHEN LEAD(partial_output) OVER best_first != partial_output THEN 1
                WHEN LEAD(is_mirror) OVER best_first != is_mirror THEN 2
                WHEN LEAD(is_sidechain) OVER best_first != is_sidechain THEN 3
                WHEN LEAD(output_tok) OVER best_first != output_tok THEN 4
                WHEN LEAD(prompt_tok) OVER best_first != prompt_tok THEN 5
                WHEN LEAD(line_ms) OVER best_first != line_ms THEN 6
                ELSE 7 END AS won_by_here
    FROM shared CROSS JOIN seen USING (request_key) JOIN file ON file.id = file_id
    WINDOW best_first AS (PARTITION BY request_key ORDER BY partial_output, is_mirror, is_sidechain, output_tok DESC,
                          prompt_tok DESC, line_ms, source, path, offset)
)
UPDATE seen SET counts = place = 1, won_by_here = CASE place WHEN 1 THEN ranked.won_by_here ELSE 0 END
FROM ranked WHERE seen.file_id = ranked.file_id AND seen.request_key = ranked.request_key
""",
    """
WITH dated AS (
    SELECT mine.file_id, mine.request_key,
           MIN(CASE WHEN other.times != ''
                    THEN earliest_ms(other.times, 2 * mine.is_mirror + mine.is_sidechain, mine.output_tok)
                    WHEN other.is_mirror = mine.is_mirror AND other.is_sidechain = mine.is_sidechain
                         AND other.output_tok = mine.output_tok
                    THEN other.line_ms END) AS date_ms
    FROM touched CROSS JOIN seen AS mine USING (request_key) CROSS JOIN seen AS other
         ON other.request_key = mine.request_key AND (mine.counts OR other.file_id = mine.file_id)
    GROUP BY mine.file_id, mine.request_key
)
UPDATE seen SET time_ms = date_ms, hour = date_ms / 3600000, quarter = date_ms / 900000
FROM dated WHERE seen.file_id = dated.file_id AND seen.request_key = dated.request_key AND time_ms != date_ms
""",
    f"""
WITH total AS (
    SELECT session, agent_id, agent, model, MAX(time_ms) AS until_ms
    FROM conversation CROSS JOIN seen USING (session, agent_id)
    WHERE key_rule = '{BY_SHARE}' AND counts GROUP BY session, agent_id, agent, model
)
UPDATE seen SET counts = 0, won_by_here = {IN_TOTAL}
FROM total WHERE seen.session = total.session AND seen.agent_id = total.agent_id AND seen.agent = total.agent
    AND seen.model = total.model AND seen.time_ms <= total.until_ms AND seen.key_rule != '{BY_SHARE}'
""",
    """
WITH said AS (
    SELECT file_id, request_key, time_ms, session, agent_id,
           CASE WHEN cache_write_1h_tok > 0 THEN 3600.0 ELSE 300.0 END AS ttl_s
    FROM conversation CROSS JOIN seen USING (session, agent_id) WHERE counts
),
followed AS (
    SELECT file_id, request_key, ttl_s, (LEAD(time_ms) OVER conversation - time_ms) / 1000.0 AS gap_s FROM said
    WINDOW conversation AS (PARTITION BY session, agent_id ORDER BY time_ms, request_key)
)
UPDATE seen SET held_s = MIN(COALESCE(gap_s, ttl_s), ttl_s)
FROM followed WHERE seen.file_id = followed.file_id AND seen.request_key = followed.request_key
    AND held_s != MIN(COALESCE(gap_s, ttl_s), ttl_s)
""",
)
"""Which copy of a touched request counts, in the order of ``WON_BY``; when it was made, which is the first time that
any of its copies told the final output; which calls a session's total holds already; and how long each prompt is held.

CROSS JOIN makes SQLite begin with what was touched: without statistics it would walk through all requests instead.
A cache is held until the session's next request, at most for its lifetime; after the last one, for its lifetime.
"""

DONE = ("DELETE FROM touched", "DELETE FROM conversation")
"""Nothing is left to count."""

FROM_VERSION_3 = (
    "DROP VIEW dropped",
    "DROP TABLE request",
    "DROP INDEX IF EXISTS seen_by_key",
    "ALTER TABLE seen RENAME TO seen_3",
    "ALTER TABLE skipped RENAME TO skipped_3",
    "ALTER TABLE file RENAME TO file_3",
    "DROP TABLE fingerprint",
    *TABLES,
    """
INSERT INTO file (id, reader, path, host, size, mtime_ns, inode, head_sha256, tail_sha256, consumed, pending, known,
                  project, gone)
SELECT id, reader, path, host, size, mtime_ns, inode, head_sha256, tail_sha256, consumed, pending, known, project, gone
FROM file_3
""",
    f"""
INSERT INTO seen
SELECT file_id, request_key, key_rule, won_by, offset, lines, time_ms, session, agent_id,
       CASE WHEN file.project != '' THEN file.project ELSE seen_3.project END, agent, model, provider, mode, geo,
       web_searches, is_sidechain, is_mirror, partial_output, input_tok, cache_write_5m_tok, cache_write_1h_tok,
       cache_write_unknown_tok, cache_read_tok, output_tok, reasoning_tok, line_lines, line_offset, sidechain_lines,
       sidechain_offset, mirror_lines, mirror_offset, time_ms / 3600000, time_ms / 900000,
       input_tok + {_WRITES} + cache_read_tok, bucket_of(input_tok + {_WRITES} + cache_read_tok), -1.0, host, 1, 0,
       '', '', 1, time_ms, ''
FROM seen_3 JOIN file ON file.id = file_id
""",
    "INSERT INTO skipped SELECT * FROM skipped_3",
    "DROP TABLE seen_3",
    "DROP TABLE skipped_3",
    "DROP TABLE file_3",
    *INDEXES,
    *TOUCHED,
    "INSERT INTO touched SELECT DISTINCT request_key FROM seen",
    *COUNT,
    *DONE,
    *TALLY_ALL,
)
"""A ledger of version 3, with all it knows of logs that are gone."""

FROM_VERSION_5 = (
    "ALTER TABLE seen ADD COLUMN api_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE seen ADD COLUMN user TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE seen ADD COLUMN requests INTEGER NOT NULL DEFAULT 1",
    "DROP VIEW IF EXISTS request",
    _REQUEST,
)
"""A ledger from before gateways: no key, no user, and one call a row."""

FROM_VERSION_6 = (
    "ALTER TABLE seen ADD COLUMN line_ms INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE seen ADD COLUMN times TEXT NOT NULL DEFAULT ''",
    "UPDATE seen SET line_ms = time_ms",
    "DELETE FROM answer",
)
"""A request keeps the date that it had, until its file is read again."""

FROM_VERSION_8 = (*MOVED, _LOOKED)
"""A ledger from before priced cells were kept."""

FROM_VERSION_7 = ("DROP VIEW request", _REQUEST, _TALLY, *TALLY_ALL, *FROM_VERSION_8)
"""A ledger from before sums were kept, and from before what keeps the context was a whole number."""

MIGRATIONS = {
    3: FROM_VERSION_3,
    4: ("DROP TABLE answer", TABLES[-1], *FROM_VERSION_5, *FROM_VERSION_6, *FROM_VERSION_7),
    5: (*FROM_VERSION_5, *FROM_VERSION_6, *FROM_VERSION_7),
    6: (*FROM_VERSION_6, *FROM_VERSION_7),
    7: FROM_VERSION_7,
    8: FROM_VERSION_8,
}

COUNTED = """
SELECT request_key || '|' || time_ms || '|' || session || '|' || agent_id || '|' || project || '|' || agent || '|' ||
       model || '|' || provider || '|' || mode || '|' || geo || '|' || input_tok || '|' || cache_write_5m_tok || '|' ||
       cache_write_1h_tok || '|' || cache_write_unknown_tok || '|' || cache_read_tok || '|' || output_tok || '|' ||
       reasoning_tok || '|' || web_searches || '|' || partial_output ||
       CASE WHEN api_key = '' AND user = '' AND requests = 1 THEN ''
            ELSE '|' || api_key || '|' || user || '|' || requests END
FROM request ORDER BY request_key
"""
"""What the hash of the usage is made of: everything that a report can group by, select or value, but no paths."""
