"""How a ledger of an older version becomes one of this version, with all it knows of logs that are gone."""

from __future__ import annotations

from costbasis.usage.ledger.block import INDEXES as BLOCK_INDEXES
from costbasis.usage.ledger.block import TABLE as BLOCK
from costbasis.usage.ledger.block import TELLING
from costbasis.usage.ledger.counting import count_touched
from costbasis.usage.ledger.schema import DONE, DROPPED, INDEXES, LOOKED, REQUEST, TABLES, TOUCH_MORE, TOUCHED
from costbasis.usage.ledger.summed import WRITES
from costbasis.usage.ledger.tally import MOVED, TALLY_ALL
from costbasis.usage.ledger.tally import TABLE as TALLY

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
       input_tok + {WRITES} + cache_read_tok, bucket_of(input_tok + {WRITES} + cache_read_tok), -1.0, host, 1, 0,
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
    *TOUCH_MORE,
    count_touched,
    *DONE,
    *TALLY_ALL,
)
"""A ledger of version 3, with all it knows of logs that are gone."""

FROM_VERSION_5 = (
    "ALTER TABLE seen ADD COLUMN api_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE seen ADD COLUMN user TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE seen ADD COLUMN requests INTEGER NOT NULL DEFAULT 1",
    "DROP VIEW IF EXISTS request",
)
"""A ledger from before gateways: no key, no user, and one call a row."""

FROM_VERSION_6 = (
    "ALTER TABLE seen ADD COLUMN line_ms INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE seen ADD COLUMN times TEXT NOT NULL DEFAULT ''",
    "UPDATE seen SET line_ms = time_ms",
    "DELETE FROM answer",
)
"""A request keeps the date that it had, until its file is read again."""

_VIEWS = (
    "DROP VIEW IF EXISTS dropped",
    "DROP VIEW IF EXISTS request",
    "DROP VIEW IF EXISTS telling",
    TELLING,
    REQUEST,
    DROPPED,
)

FROM_VERSION_11 = ("ALTER TABLE block ADD COLUMN counts INTEGER NOT NULL DEFAULT 1", *_VIEWS)
"""A ledger whose blocks hold only what counts: it stays so."""

FROM_VERSION_9 = (BLOCK, *_VIEWS, *BLOCK_INDEXES)
"""A ledger of which every request is a row: it stays so."""

FROM_VERSION_8 = (*MOVED, LOOKED, *FROM_VERSION_9)
"""A ledger from before priced cells were kept."""

FROM_VERSION_7 = (TALLY, *FROM_VERSION_8, *TALLY_ALL)
"""A ledger from before sums were kept, and from before what keeps the context was a whole number."""

MIGRATIONS = {
    3: FROM_VERSION_3,
    4: ("DROP TABLE answer", TABLES[-1], *FROM_VERSION_5, *FROM_VERSION_6, *FROM_VERSION_7),
    5: (*FROM_VERSION_5, *FROM_VERSION_6, *FROM_VERSION_7),
    6: (*FROM_VERSION_6, *FROM_VERSION_7),
    7: FROM_VERSION_7,
    8: FROM_VERSION_8,
    9: FROM_VERSION_9,
    10: FROM_VERSION_11,
    11: FROM_VERSION_11,
}
