"""The frozen SQL is what the Ibis module says, and both dialects give the same integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from costbasis.usage.pricing import cells, priceview, sums, tables, warehouse
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping, price_tables
from costbasis.usage.warehouse import smalltables, source

from .request_rows import GPT, HAIKU, OPUS, PRICES, ledger, request, time_ms


def test_the_checked_in_sql_is_what_the_expressions_compile_to() -> None:
    assert tables.stale(tables.generated()) == []


@pytest.mark.slow
def test_there_is_no_sql_file_that_nothing_generates() -> None:
    assert sorted(tables.SQL_FOLDER.rglob("*.sql")) == sorted(tables.generated())


@pytest.mark.slow
def test_check_names_a_stale_file_and_fails_and_writing_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables, "SQL_FOLDER", tmp_path)
    assert tables.main(["--check"]) == 1
    named = f"{tmp_path / 'sqlite' / 'price_cells.sql'}: stale, run: python -m costbasis.usage.pricing.tables\n"
    assert named in capsys.readouterr().out
    assert tables.main([]) == 0
    assert tables.main(["--check"]) == 0


def test_the_tables_made_at_run_time_have_the_columns_that_the_expressions_read() -> None:
    assert tables.price.columns == priceview.PRICE_COLUMNS
    assert set(sums.PASSED_ON) < set(tables.usage_keyed.columns)
    assert tables.COUNTED[:7] == cells.COUNTS
    assert tuple(f"{name}_pico_usd" for name in cells.ListValue.__struct_fields__) == tables.MONEY


def random_requests(count: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(5)
    models, modes = [OPUS, HAIKU, GPT, "unheard-of"], ["standard", "standard", "batch", "priority"]
    first = time_ms("2026-02-01T00:00:00")
    tokens = ("input_tok", "cache_write_unknown_tok", "cache_write_1h_tok", "cache_read_tok", "output_tok")
    return [
        request(
            model=models[rng.integers(4)],
            mode=modes[rng.integers(4)],
            geo=["", "us"][rng.integers(2)],
            session=f"s{rng.integers(9)}",
            time_ms=int(first + rng.integers(90 * 86_400_000)),
            web_searches=int(rng.integers(3)),
            **{name: int(rng.integers(150_000)) for name in tokens},
        )
        for _ in range(count)
    ]


def test_a_key_is_packed_at_run_time_as_the_expressions_take_it_apart() -> None:
    """The expressions need Ibis, which no run loads, so what both go by is written twice."""
    assert smalltables.PROMPT_BITS == warehouse.TIER_BITS + warehouse.BUCKET_BITS
    assert source.TIERS == len(warehouse.TIERS) < 2**warehouse.TIER_BITS
    assert source.BEYOND == warehouse._BEYOND


@pytest.mark.parametrize("query", sorted(tables.QUERIES))
def test_sqlite_and_duckdb_give_the_same_integers(query: str) -> None:
    """The same temporary tables in both engines; context sums, the only floats, to rounding."""
    book = PriceBook(PRICES, lambda name: name, web_search_pico_usd=10_000_000_000, us_geo_permille=1100)
    duck = duckdb.connect()
    with price_tables(ledger(random_requests(400)), book, Grouping(by="session", buckets=True)) as (cursor, _):
        for table in (tables.usage_keyed, tables.epoch_of, tables.price):
            copy_table(cursor, duck, table)
        lite_rows = cursor.execute((tables.SQL_FOLDER / "sqlite" / f"{query}.sql").read_text("utf-8")).fetchall()
    duck_rows = duck.execute((tables.SQL_FOLDER / "duckdb" / f"{query}.sql").read_text("utf-8")).fetchall()
    assert len(lite_rows) == len(duck_rows) > 0
    for lite_row, duck_row in zip(sorted(lite_rows), sorted(duck_rows), strict=True):
        for lite, other in zip(lite_row, duck_row, strict=True):
            assert type(lite) is type(other)
            assert lite == pytest.approx(other, rel=1e-12) if isinstance(lite, float) else lite == other


def copy_table(cursor: Any, duck: duckdb.DuckDBPyConnection, table: Any) -> None:
    """Load the rows of a temporary SQLite table into DuckDB, with the types of the Ibis schema."""
    kinds = {"int64": "BIGINT", "float64": "DOUBLE", "string": "VARCHAR"}
    schema = ", ".join(f'"{name}" {kinds[str(kind).strip("!")]}' for name, kind in table.schema().items())
    name = table.get_name()
    duck.execute(f"CREATE TABLE {name} ({schema})")
    rows = cursor.execute(f"SELECT {', '.join(table.columns)} FROM {name}").fetchall()
    duck.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})", rows)
