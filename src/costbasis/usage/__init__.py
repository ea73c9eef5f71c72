"""Usage: what was used, read from logs, exports and tables, each request counted once and priced at list."""
