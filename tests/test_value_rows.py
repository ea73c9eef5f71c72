"""Which rows of a warehouse's table count, under which name, and what is told of the others."""

from __future__ import annotations

import json
import socket
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from costbasis.catalog import load_catalog
from costbasis.errors import EngineFailed
from costbasis.usage import engines
from costbasis.usage.mappingfile import find_mapping, parse_mapping
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.warehouse import names
from costbasis.usage.warehouse.priced import PricedTable, price_table

from .table_rows import BOOK, ask, columns, exact, parquet, table

PLAIN = find_mapping("plain")
SPEND_LOGS = Path(__file__).parent / "fixtures/litellm/exports/spend_logs.json"


def priced(where: Path, mapping: Any = PLAIN, by: str = "day", book: PriceBook = BOOK, **options: Any) -> PricedTable:
    return price_table(engines.find("duckdb"), str(where), mapping, book, ask(by, **options), lambda _: None)


def test_a_mode_that_is_missing_empty_or_written_out_is_one_mode(tmp_path: Path) -> None:
    made = table(columns(300))
    same = made.set_column(made.column_names.index("mode"), "mode", pa.array([None, "", "standard"] * 100))
    written = made.set_column(made.column_names.index("mode"), "mode", pa.array(["standard"] * 300))
    pq.write_table(same, tmp_path / "same.parquet")
    pq.write_table(written, tmp_path / "written.parquet")
    assert exact(priced(tmp_path / "same.parquet").cells) == exact(priced(tmp_path / "written.parquet").cells)


def test_names_looked_up_in_lists_and_names_that_are_joined_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = parquet(tmp_path / "rows", columns(2_000))
    listed = priced(where)
    monkeypatch.setattr(names, "MOST_WORDS", 1)
    joined = priced(where)
    assert exact(joined.cells) == exact(listed.cells)
    assert (joined.unpriced, joined.warnings) == (listed.unpriced, listed.warnings)


def test_rows_outside_of_the_days_asked_for_are_not_taken_for_faults(tmp_path: Path) -> None:
    made = columns(500)
    made["input_tok"][7] = -1
    made["model"] = made["model"].astype(object)
    made["model"][11] = None
    where = parquet(tmp_path / "rows", made, files=1)
    whole, march = priced(where), priced(where, since=date(2026, 3, 1), until=date(2026, 3, 31))
    assert [(fault.reason, fault.first_row) for fault in march.faults] == [("a negative count", 7), ("no model", 11)]
    assert march.faults == whole.faults
    assert sum(cell.requests for cell in march.cells) + march.outside == 498
    assert (whole.rows, whole.outside, sum(cell.requests for cell in whole.cells)) == (500, 0, 498)


TICKS = """
time_unit = "{unit}"
[columns]
time = "time"
model = "model"
mode = "mode"
geo = "geo"
input = "input_tok"
cache_write_5m = "cache_write_5m_tok"
cache_write_1h = "cache_write_1h_tok"
cache_write_unknown = "cache_write_unknown_tok"
cache_read = "cache_read_tok"
output = "output_tok"
reasoning = "reasoning_tok"
web_searches = "web_searches"
"""


@pytest.mark.parametrize(("unit", "per_s"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_a_time_counts_for_its_day_in_every_unit(tmp_path: Path, unit: str, per_s: int) -> None:
    made = columns(400)
    where = parquet(tmp_path / "stamps", made)
    numbers = table(made).set_column(0, "time", pa.array(made["time"] // 1_000_000 * per_s + per_s - 1))
    pq.write_table(numbers, tmp_path / "numbers.parquet")
    mapping = parse_mapping(TICKS.format(unit=unit), name="ticks", where="ticks.toml")
    assert exact(priced(tmp_path / "numbers.parquet", mapping).cells) == exact(priced(where).cells)


def test_a_time_of_text_may_be_to_the_minute_and_must_be_a_time(tmp_path: Path) -> None:
    told = ["2026-03-05T12:00Z", "2026-03-05 12:00+02:00", "2026-03-05T12:00:30.25Z", "2026-03-05T12Z", "2026-03-05"]
    made = {"time": told, "model": ["gpt-5.4"] * 5, "input_tok": [1] * 5, "output_tok": [1] * 5}
    pq.write_table(pa.table(made), tmp_path / "t.parquet")
    found = priced(tmp_path / "t.parquet")
    assert sum(cell.requests for cell in found.cells) == 3
    assert [(fault.reason, fault.rows, fault.first_row) for fault in found.faults] == [
        ("no time that can be read", 2, 3)
    ]


def test_a_column_of_floats_or_of_several_units_is_read_to_the_second(tmp_path: Path) -> None:
    made = columns(400)
    where = parquet(tmp_path / "stamps", made)
    floats = table(made).set_column(0, "time", pa.array(made["time"] / 1e6))
    pq.write_table(floats, tmp_path / "floats.parquet")
    mapping = parse_mapping(TICKS.format(unit="s"), name="ticks", where="ticks.toml")
    assert exact(priced(tmp_path / "floats.parquet", mapping).cells) == exact(priced(where).cells)
    two = table(made).append_column("other", pa.array(made["time"], pa.timestamp("us", tz="UTC")))
    two = two.set_column(0, "time", pa.array([None] * 400, pa.string()))
    pq.write_table(two, tmp_path / "two.parquet")
    text = TICKS.format(unit="timestamp").replace('time = "time"', 'time = ["time", "other"]')
    assert exact(priced(tmp_path / "two.parquet", parse_mapping(text, name="two", where="two.toml")).cells) == exact(
        priced(where).cells
    )


def test_counts_in_thousands_and_what_one_includes_of_another(tmp_path: Path) -> None:
    text = """
    input_includes = ["cache_read", "cache_write_5m"]
    output_includes_reasoning = false
    tokens_per_unit = 1000
    [columns]
    time = "time"
    model = "model"
    input = "i"
    cache_read = "c"
    cache_write_5m = "w"
    output = "o"
    reasoning = "r"
    """
    when = pa.array([1_772_323_200_000_000] * 5, pa.timestamp("us", tz="UTC"))
    rows = {"time": when, "model": ["gpt-5.4"] * 5, "i": [9, 9, -1, 2**62, 1], "c": [5, 5, 0, 0, 2**62]}
    pq.write_table(pa.table(rows | {"w": [2, 5, 0, 0, 2**62], "o": [3] * 5, "r": [4] * 5}), tmp_path / "t.parquet")
    found = priced(tmp_path / "t.parquet", parse_mapping(text, name="thousands", where="t.toml"))
    (cell,) = found.cells
    assert (cell.requests, cell.counts.input_tok, cell.counts.cache_read_tok) == (1, 2_000, 5_000)
    assert (cell.counts.output_tok, cell.counts.reasoning_tok) == (7_000, 4_000)
    assert {(fault.first_row, fault.reason, fault.rows) for fault in found.faults} == {
        (1, "more cached tokens than the input that is to include them", 1),
        (2, "a negative count", 1),
        (3, "more than a billion tokens in one request", 2),
    }


def test_cached_tokens_of_spend_logs_are_found_where_the_reader_finds_them(tmp_path: Path) -> None:
    rows = [row for row in json.loads(SPEND_LOGS.read_text("utf-8")) if row["prompt_tokens"]]
    names_of = ("startTime", "model", "request_id", "prompt_tokens", "completion_tokens")
    made = {name: [row[name] for row in rows] for name in names_of}
    metadata = [json.dumps(row["metadata"]) if isinstance(row["metadata"], dict) else row["metadata"] for row in rows]
    pq.write_table(pa.table(made | {"metadata": metadata}), tmp_path / "spend.parquet")
    book = PriceBook.from_catalog(load_catalog())
    found = priced(tmp_path / "spend.parquet", find_mapping("litellm-spendlogs"), "total", book)
    assert found.faults == []
    assert sum(cell.counts.cache_read_tok for cell in found.cells) >= 36_000 + 8_000
    assert sum(cell.counts.cache_write_unknown_tok for cell in found.cells) >= 3_000
    assert sum(cell.counts.prompt_tok for cell in found.cells) == sum(row["prompt_tokens"] for row in rows)


@pytest.mark.slow
def test_a_server_that_hangs_up_is_said(tmp_path: Path) -> None:
    """The real client against a socket that closes what it accepts: what a dropped connection looks like to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def hang_up() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(EngineFailed) as caught:
            uri = f"clickhouse://me@127.0.0.1:{port}/db#requests"
            price_table(engines.find("clickhouse"), uri, PLAIN, BOOK, ask("day"), lambda _: None)
        server.shutdown(socket.SHUT_RDWR)
    assert f"127.0.0.1:{port}#requests" in str(caught.value)
    assert "check the address, and CLICKHOUSE_PASSWORD" in str(caught.value)
