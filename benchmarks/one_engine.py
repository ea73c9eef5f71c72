"""One engine's process of the benchmark ``engines``: makes the table, or prices it and says what that took."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from listed import chosen_models
from measure import cpu_s_here, peak_mb_here

THREADS = 2
ROWS_A_FILE = 10_000_000
FIRST_US, SPAN_US = 1_772_323_200_000_000, 92 * 86_400_000_000
USERS = 5_000

ROWS = """
COPY (
  SELECT make_timestamptz($first + CAST(i AS BIGINT) * ($span // $rows)) AS time,
    list_extract($models, CAST(1 + hash(i * 7 + 1) % len($models) AS INTEGER)) AS model,
    CASE WHEN hash(i) % 997 % 20 = 0 THEN 'batch' ELSE 'standard' END AS mode,
    'u' || (hash(i * 7 + 6) % $users) AS user,
    CAST(hash(i * 7 + 2) % 1500 + 1 AS BIGINT) AS input_tok,
    CAST(hash(i * 7 + 3) % 4000 AS BIGINT) AS cache_write_5m_tok,
    CAST(hash(i * 7 + 4) % 230000 AS BIGINT) AS cache_read_tok,
    CAST(hash(i * 7 + 5) % 900 + 1 AS BIGINT) AS output_tok,
    CAST((hash(i * 7 + 5) % 900 + 1) // 3 AS BIGINT) AS reasoning_tok,
    CAST(hash(i * 7 + 8) % 40 = 0 AS BIGINT) AS web_searches
  FROM range($start, $stop) AS r(i)
) TO '{path}' (FORMAT parquet, COMPRESSION snappy)
"""

COUNTS = ("input_tok", "cache_write_5m_tok", "cache_read_tok", "output_tok", "reasoning_tok", "web_searches")

SCAN = f"""
SELECT COUNT(*), MAX(LENGTH(model)), MAX(LENGTH(mode)), {{time}}, {", ".join(f"SUM({name})" for name in COUNTS)}
FROM {{relation}}
"""

TIME = {
    "duckdb": "SUM(EPOCH_US(time) % 7)",
    "spark": "SUM(UNIX_MICROS(time) % 7)",
    "clickhouse": "SUM(toUnixTimestamp64Micro(time) % 7)",
}
"""So that times are read, and not answered from what the file says of itself."""

DAY = {
    "duckdb": "EPOCH_US(time) // 86400000000",
    "spark": "UNIX_MICROS(time) DIV 86400000000",
    "clickhouse": "intDiv(toUnixTimestamp64Micro(time), 86400000000)",
}

GROUPED = f"""
SELECT {{day}} AS day, model, mode, COUNT(*) AS requests, {", ".join(f"SUM({name}) AS {name}" for name in COUNTS)}
FROM {{relation}} GROUP BY 1, 2, 3
"""

PRICED = ("input", "cache_write_5m", "cache_read", "output")

VALUES = ", ".join(
    f"CAST(SUM(r.{name}_tok * IF(r.prompt > p.long_above, p.long_{name}, p.{name})) AS DECIMAL(38, 0)) AS {name}_pico"
    for name in PRICED
)

BY_HAND = f"""
SELECT r.day, p.model, COUNT(*) AS requests, {", ".join(f"SUM(r.{name}) AS {name}" for name in COUNTS)},
  {VALUES}, SUM(r.web_searches * p.web_search) AS tools_pico,
  SUM(r.output_tok * (r.prompt + r.output_tok / 2D)) AS output_ctx,
  SUM(r.new * (r.cache_read_tok + r.new / 2D)) AS new_ctx, MIN(r.time) AS first, MAX(r.time) AS last
FROM (
  SELECT *, CAST(time AS DATE) AS day, input_tok + cache_write_5m_tok AS new,
    input_tok + cache_write_5m_tok + cache_read_tok AS prompt
  FROM {{relation}}
) AS r JOIN by_hand AS p ON r.model = p.log_model AND r.mode = p.mode AND r.day = p.day
GROUP BY r.day, p.model
"""


def make(table: Path, rows: int) -> None:
    """Write the table's files."""
    import duckdb

    table.mkdir(parents=True, exist_ok=True)
    told = {"first": FIRST_US, "span": SPAN_US, "rows": rows, "models": chosen_models(), "users": USERS}
    with duckdb.connect() as db:
        db.execute(f"SET threads = {THREADS}")
        for number, start in enumerate(range(0, rows, ROWS_A_FILE)):
            ends = {"start": start, "stop": min(rows, start + ROWS_A_FILE)}
            db.execute(ROWS.format(path=table / f"part-{number:03}.parquet"), told | ends)
    (table / "_SUCCESS").touch()


def value(engine: str, table: Path, rounds: int) -> dict[str, Any]:
    """Price the table in this process, as often as asked, and print the best of it."""
    from costbasis.catalog import load_catalog
    from costbasis.usage import engines
    from costbasis.usage.mappingfile import find_mapping
    from costbasis.usage.pricing.epochs import PriceBook
    from costbasis.usage.warehouse.priced import Ask, price_table
    from costbasis.usage.warehouse.smalltables import Wanted

    found = engines.find(engine)
    mapping, book = find_mapping("plain"), PriceBook.from_catalog(load_catalog())
    ask = Ask("day", Wanted("", "UTC"), 300.0)
    session = _spark() if engine == "spark" else None
    uri = str(table)
    result: dict[str, Any] = {}

    def scanned() -> Any:
        with found.opened(uri) as door:
            _two_threads(door)
            return door.query(SCAN.format(relation=door.relation, time=TIME[engine]), 1)

    def grouped() -> Any:
        with found.opened(uri) as door:
            _two_threads(door)
            return door.query(GROUPED.format(relation=door.relation, day=DAY[engine]), 1_000_000)

    def priced() -> Any:
        return price_table(Limited(found), uri, mapping, book, ask, lambda _: None)

    works: dict[str, Callable[[], Any]] = {"scan": scanned, "grouped": grouped, "value": priced}
    if session is not None:
        hand = _hand(found, uri, mapping, book)
        works["by_hand"] = hand
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            wall, cpu = time.perf_counter(), cpu_s_here()
            result[name] = work()
            times[name].append((time.perf_counter() - wall, cpu_s_here() - cpu))
    best = {name: (min(wall for wall, _ in each), min(cpu for _, cpu in each)) for name, each in times.items()}
    cells = result["value"].cells
    told = {**best, "peak_mb": peak_mb_here(), "cells": len(cells), "digest": digest(cells)}
    if session is not None:
        told["hand_equal"] = _hand_equal(result["by_hand"], cells)
    return told


def digest(cells: Any) -> str:
    """One hash of every integer of every cell."""
    whole = sorted((c.key, c.month, c.model, c.requests, *c.counts, c.web_searches, *_money(c)) for c in cells)
    return hashlib.sha256(repr(whole).encode()).hexdigest()


def _money(cell: Any) -> list[int]:
    return [getattr(cell.value, name) for name in cell.value.__slots__] if cell.value else []


class Limited:
    """An engine like another (``Engine``), whose tables are asked with two threads: what is compared has as many."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.NAME, self.SQL, self.DIALECT = engine.NAME, engine.SQL, engine.DIALECT

    @contextmanager
    def opened(self, uri: str) -> Iterator[Any]:
        """The table at *uri*. Errors: the engine's own."""
        with self.engine.opened(uri) as door:
            _two_threads(door)
            yield door


def _two_threads(door: Any) -> None:
    if "DuckDB" in door.version:
        door.run(f"SET threads = {THREADS}")
    elif "ClickHouse" in door.version:
        door._tell(f"SET max_threads = {THREADS}")


def _spark() -> Any:
    from costbasis.usage.engines.spark import session_of

    session, _ = session_of(f"local[{THREADS}]", "benchmark")
    return session


def _hand(engine: Any, uri: str, mapping: Any, book: Any) -> Callable[[], Any]:
    """The statement by hand, over prices by model, mode and day that lie in the session already."""
    from costbasis.usage.pricing.priceview import PRICE_COLUMNS
    from costbasis.usage.warehouse.priced import Ask, Run
    from costbasis.usage.warehouse.smalltables import Wanted, small_tables

    with engine.opened(uri) as door:
        extent = Run(engine, door, mapping, Ask("day", Wanted("", "UTC"), 300.0)).extent()
        tables = small_tables(extent, mapping, book, Wanted("day", "UTC"))
    names = dict(tables.keyed.names.codes)
    prices = {row[0]: dict(zip(PRICE_COLUMNS, row, strict=True)) for row in tables.price}
    days = {number: key for number, key, _ in tables.segment}
    rows = []
    for code, first, before, epoch, *_ in tables.epoch_of:
        model, mode, _ = names[code]
        price = prices[epoch]
        each = [price[f"{long}{name}_pico_usd_per_tok"] for long in ("", "long_") for name in PRICED]
        told = (price["model"], price["long_above_tok"], price["web_search_pico_usd"], *each)
        rows += [(model, mode, days[segment], *told) for segment in range(first, before)]
    session = _spark()
    columns = [f"{long}{name} BIGINT" for long in ("", "long_") for name in PRICED]
    schema = ", ".join([*(f"{name} STRING" for name in ("log_model", "mode", "day", "model")),
                        "long_above BIGINT", "web_search BIGINT", *columns])  # fmt: skip
    made = session.createDataFrame(rows, schema).selectExpr("* EXCEPT (day)", "CAST(day AS DATE) AS day")
    made.coalesce(1).hint("broadcast").createOrReplaceTempView("by_hand")

    def run() -> Any:
        session.read.option("recursiveFileLookup", "true").parquet(uri).createOrReplaceTempView("by_hand_files")
        return session.sql(BY_HAND.format(relation="by_hand_files")).collect()

    return run


def _hand_equal(rows: Any, cells: Any) -> bool:
    """Whether the statement by hand has the same requests, tokens and money of each day and model."""
    hand = sorted((str(r[0]), r[1], r[2], *r[3:9], *map(int, r[9:14])) for r in rows)
    ours: dict[tuple[Any, ...], list[int]] = {}
    for cell in cells:  # a price that needs a word has cells of its own
        key = (cell.key, cell.model)
        counts = [getattr(cell.counts, name) for name in COUNTS[:-1]]
        money = [getattr(cell.value, name) for name in (*PRICED, "tools")]
        numbers = [cell.requests, *counts, cell.web_searches, *money]
        ours[key] = [a + b for a, b in zip(ours[key], numbers, strict=True)] if key in ours else numbers
    return hand == sorted((*key, *numbers) for key, numbers in ours.items())


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(value(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
