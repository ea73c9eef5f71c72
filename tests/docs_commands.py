"""Commands of the documents that the tests treat apart, each with the reason."""

from __future__ import annotations

NOT_RUN = {
    "pip install .": "it would change the environment that the tests run in; the set-up of `make test` does the same",
    "ccusage daily --json --breakdown > theirs.json": "another tool, from npm; its stored answer stands in for it",
    "costbasis watch --plan anthropic/max_20x": "never ends",
    "costbasis watch --json": "never ends",
    "costbasis import rows.csv --mapping rows.toml": "a person answers what a guess leaves open before it is used",
    "costbasis value --from requests/ --mapping plain --by month": "the reader's own table",
    "costbasis value --engine spark --from spark://host:7077#db.requests --mapping litellm-spendlogs": "a cluster",
    "costbasis value --engine clickhouse --from clickhouse://me@host:8123/db#requests --mapping mine.toml": "a server",
    "costbasis value --from requests/ --mapping plain --emit-sql bigquery": "the reader's own table",
    "costbasis explore": "a server, that the browser tests run",
    "costbasis explore --sample --plan openai/plus": "the same",
    "costbasis explore forbes-5000": "the same",
    "costbasis explore my-claim.toml": "the same",
    "costbasis explore usage.json": "the same",
    "costbasis explore ~/logs --port 8700 --no-open": "the same",
}
"""Command line of a document, to why no test runs it."""

NOT_COSTBASIS = {
    "pip install .": "the installer",
    "ccusage daily --json --breakdown > theirs.json": "the tool that is compared with",
}
"""Command line of a document that is another program's, to what it is."""
