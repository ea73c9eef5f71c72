"""Pricing at scale: the generated SQL over a request table in DuckDB, beside a per-call price library, in one run.

``python benchmarks/pricing.py [--millions 1 10 100]``. Two threads and 512 MB for DuckDB, which is more than it needs:
the scan streams and the groups are few, so that less memory is not slower. The table lies on disk; one process makes
it and another prices it, so that the memory printed is the peak of pricing, with book, catalogue and price tables. A
row is one request: a synthetic agent's, spread over 40 models, three months and two modes, by day; its text columns
are dictionary-encoded (ENUM). Seconds are wall-clock, best of the rounds; processor time is shown beside them because
it does not wait for other work on the machine: two idle cores take about half of it.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from listed import MODELS, chosen_models

from costbasis.catalog import load_catalog
from costbasis.usage.pricing.epochs import PriceBook, hour_of
from costbasis.usage.pricing.priceview import PRICE_COLUMNS, Grouping, PriceTables, rows_of_tables
from costbasis.usage.pricing.pricing import SQL_FOLDER

MILLIONS = (1, 10)
ROUNDS = 3
THREADS = 2
MEMORY = "512MB"
FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = 92 * 24
PER_CALL = 5_000
"""Calls of the per-call library that are timed; its rate does not depend on how many there are."""

QUERY = Path(SQL_FOLDER, "duckdb", "price_cells.sql").read_text("utf-8")

REQUESTS = """
CREATE TABLE usage_keyed AS
SELECT
  CAST(strftime(to_timestamp(hour * 3600), '%Y-%m-%d') AS day_key) AS key,
  CAST(strftime(to_timestamp(hour * 3600), '%Y-%m') AS month_key) AS month,
  CAST(log_model AS log_model) AS log_model,
  CAST(CASE WHEN part % 20 = 0 THEN 'batch' ELSE 'standard' END AS call_mode) AS mode, CAST('' AS region) AS geo,
  hour, hour * 3600000 AS time_ms, hour * 3600000 AS last_time_ms,
  CAST(NULL AS BIGINT) AS context_bucket, cached + fresh + written AS prompt_tok,
  fresh AS input_tok, written AS cache_write_5m_tok, CAST(0 AS BIGINT) AS cache_write_1h_tok,
  CAST(0 AS BIGINT) AS cache_write_unknown_tok, cached AS cache_read_tok, output AS output_tok,
  output // 3 AS reasoning_tok, CAST(0 AS BIGINT) AS web_searches, CAST(0 AS BIGINT) AS partial_output,
  CAST(1 AS BIGINT) AS requests,
  CAST(output * (cached + fresh + written + output / 2) AS DOUBLE) AS output_ctx_tok2,
  CAST((fresh + written) * cached AS DOUBLE) AS new_ctx_tok2, CAST(cached * 55 AS DOUBLE) AS kv_resident_tok_s
FROM (
  SELECT $hour + (i * $hours) // $rows AS hour, hash(i) % 997 AS part,
    list_extract($models, CAST(1 + hash(i * 7 + 1) % len($models) AS INTEGER)) AS log_model,
    CAST(hash(i * 7 + 2) % 1500 + 1 AS BIGINT) AS fresh, CAST(hash(i * 7 + 3) % 4000 AS BIGINT) AS written,
    CAST(hash(i * 7 + 4) % 230000 AS BIGINT) AS cached, CAST(hash(i * 7 + 5) % 900 + 1 AS BIGINT) AS output
  FROM range($rows) AS r(i)
)
"""


def main(millions: Sequence[int] = MILLIONS, rounds: int = ROUNDS) -> None:
    """Print a table: seconds, rows a second, nanoseconds a row, memory; then the ratio to the per-call library."""
    print(f"pricing: {THREADS} threads, {MEMORY} for DuckDB, best of {rounds}; {MODELS} models, {HOURS} hours\n")
    heads = {"rows [M]": 9, "wall [s]": 10, "CPU [s]": 9, "M rows/s": 10, "CPU ns/row": 12, "table [MB]": 12}
    print("".join(f"{head:>{width}}" for head, width in (heads | {"RSS [MB]": 10}).items()))
    rates = [priced(million * 1_000_000, rounds) for million in millions]
    compare(max(wall for wall, _ in rates), max(cpu for _, cpu in rates))


def priced(rows: int, rounds: int) -> tuple[float, float]:
    """Make the table in one process, price it in another, print a line. Rows a second and rows a CPU-second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.duckdb"
        _child("make", path, rows)
        found = json.loads(_child("price", path, rounds))
        size = path.stat().st_size / 1e6
    assert found["priced"] == rows, "every request is priced, none twice"
    seconds, cpu_s = found["wall_s"], found["cpu_s"]
    print(
        f"{rows / 1e6:>9,.0f}{seconds:>10.3f}{cpu_s:>9.3f}{rows / seconds / 1e6:>10.1f}{cpu_s / rows * 1e9:>12.0f}"
        f"{size:>12,.0f}{found['rss_mb']:>10,.0f}",
        flush=True,
    )
    return rows / seconds, rows / cpu_s


def _child(role: str, path: Path, number: int) -> str:
    words = [sys.executable, __file__, role, str(path), str(number)]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def make(path: Path, rows: int) -> None:
    """Write the table of requests."""
    models = chosen_models()
    with opened(path) as connection:
        make_types(connection, models)
        hour = hour_of(FIRST_DAY.date())
        connection.execute(REQUESTS, {"rows": rows, "hours": HOURS, "hour": hour, "models": models})
        connection.execute("CHECKPOINT")


def price(path: Path, rounds: int) -> None:
    """Price the table as often as asked; print the best times, the rows priced, and this process' peak memory."""
    book = PriceBook.from_catalog(load_catalog())
    with opened(path) as connection:
        load_prices(connection, price_rows_of(chosen_models(), hour_of(FIRST_DAY.date()), book))
        (seconds, cpu_s), cells = best(lambda: connection.execute(QUERY).fetchall(), rounds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    rows = sum(cell[5] for cell in cells)
    print(json.dumps({"wall_s": seconds, "cpu_s": cpu_s, "priced": int(rows), "rss_mb": peak}))


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The database, within the limits of the benchmark."""
    connection = duckdb.connect(str(path))
    connection.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'; SET temp_directory = '{path.parent}'")
    connection.execute("SET preserve_insertion_order = false")
    return connection


def make_types(connection: duckdb.DuckDBPyConnection, models: list[str]) -> None:
    """The dictionaries of the text columns, shared by the table and the prices."""
    days = [(FIRST_DAY + timedelta(hours=hour)).date().isoformat() for hour in range(0, HOURS, 24)]
    types = {
        "day_key": days,
        "month_key": sorted({day[:7] for day in days}),
        "log_model": models,
        "call_mode": ["standard", "batch"],
        "region": [""],
    }
    for name, words in types.items():
        listed = ", ".join(f"'{word}'" for word in words)
        connection.execute(f"CREATE TYPE {name} AS ENUM ({listed})")


def price_rows_of(models: list[str], hour: int, book: PriceBook) -> PriceTables:
    """The same rows that pricing a ledger makes, for every model, mode and hour of the table."""
    ledger = sqlite3.connect(":memory:")
    ledger.execute("CREATE TABLE tally (model, mode, geo, hour, quarter, agent, shortest_tok, longest_tok)")
    calls = [
        (model, mode, "", at, at * 4, "", 0, 0)
        for model in models
        for mode in ("standard", "batch")
        for at in range(hour, hour + HOURS)
    ]
    ledger.executemany("INSERT INTO tally VALUES (?, ?, ?, ?, ?, ?, ?, ?)", calls)
    return rows_of_tables(ledger.cursor(), book, Grouping(by="day"))


def load_prices(connection: duckdb.DuckDBPyConnection, tables: PriceTables) -> None:
    """The two small tables that the query joins."""
    connection.execute(
        "CREATE TABLE epoch_of (log_model log_model, mode call_mode, geo region, hour BIGINT, price_epoch BIGINT,"
        " noted BIGINT)"
    )
    insert(connection, "epoch_of", [list(row) for row in tables.epoch_of])
    types = {"model": "TEXT"}
    columns = ", ".join(f"{name} {types.get(name, 'BIGINT')}" for name in PRICE_COLUMNS)
    connection.execute(f"CREATE TABLE price ({columns})")
    insert(connection, "price", [list(row) for row in tables.price])


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[list[Any]]) -> None:
    """All rows at once: each column as one list."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    marks = ", ".join("unnest(?)" for _ in columns)
    connection.execute(f"INSERT INTO {table} SELECT {marks}", columns)


def best(work: Callable[[], Any], rounds: int) -> tuple[tuple[float, float], Any]:
    """The least wall-clock and the least processor seconds of so many runs, and the last result."""
    walls, cpus, result = [], [], None
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return (min(walls), min(cpus)), result


def compare(wall_rate: float, cpu_rate: float) -> None:
    """Price calls one at a time with genai-prices, and print how many times as fast the join is."""
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        print("\ngenai-prices is not installed: pip install 'costbasis[import]' to compare")
        return
    usage = Usage(input_tokens=100_000, cache_read_tokens=97_000, output_tokens=430)
    start, model = FIRST_DAY, chosen_models()[0]

    def calls() -> None:
        for number in range(PER_CALL):
            calc_price(usage, model, provider_id="anthropic", genai_request_timestamp=start + timedelta(seconds=number))

    (seconds, cpu_s), _ = best(calls, ROUNDS)
    wall, cpu = PER_CALL / seconds, PER_CALL / cpu_s
    print(f"\ngenai-prices, one call at a time: {wall:,.0f} calls a second, {cpu:,.0f} a CPU-second")
    print(f"the join prices {wall_rate / wall:,.0f}× as many a second, {cpu_rate / cpu:,.0f}× as many a CPU-second")


if __name__ == "__main__":
    if sys.argv[1:2] in (["make"], ["price"]):
        {"make": make, "price": price}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
    else:
        asked = argparse.ArgumentParser(description=__doc__)
        asked.add_argument("--millions", type=int, nargs="+", default=list(MILLIONS))
        asked.add_argument("--rounds", type=int, default=ROUNDS)
        main(**vars(asked.parse_args()))
