"""A table is worth the same on every engine, to the pico-USD, and the same as in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from costbasis.usage import engines
from costbasis.usage.mappingfile import find_mapping, parse_mapping
from costbasis.usage.warehouse.priced import PricedTable, price_table

from .table_rows import BOOK, ask, columns, exact, from_ledger, parquet

PLAIN = find_mapping("plain")

ENGINES = [
    "duckdb",
    pytest.param("clickhouse", marks=pytest.mark.slow),
    pytest.param("spark", marks=pytest.mark.spark),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One JVM for all tests: the engine takes the session that is running."""
    from costbasis.usage.engines.spark import session_of

    session, _ = session_of("local[2]", "tests")
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def _running(request: pytest.FixtureRequest) -> None:
    """Start Spark for the tests that are of it."""
    if request.node.get_closest_marker("spark"):
        request.getfixturevalue("spark")


def priced(engine: str, where: Path | str, mapping: Any = PLAIN, by: str = "day", **options: Any) -> PricedTable:
    return price_table(engines.find(engine), str(where), mapping, BOOK, ask(by, **options), lambda _: None)


def in_this_order(cells: Any) -> Any:
    return sorted(cells, key=lambda cell: (cell.key, cell.month, cell.model, cell.context_bucket, not cell.is_priced))


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return columns(4_000)


@pytest.fixture(scope="module")
def folder(made: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parquet(tmp_path_factory.mktemp("table"), made)


@pytest.mark.parametrize(("by", "ledgers"), [("day", "day"), ("user", "session"), ("model", "model")])
def test_duckdb_gives_the_integers_of_the_ledger(folder: Path, made: dict[str, Any], by: str, ledgers: str) -> None:
    found, wanted = priced("duckdb", folder, by=by), from_ledger(made, ledgers)
    assert exact(found.cells) == exact(wanted.cells)
    assert sum(row.requests for row in found.unpriced) == sum(row.requests for row in wanted.unpriced) > 0
    assert sum(warn.count for warn in found.warnings) == sum(warn.count for warn in wanted.warnings)


def test_the_sums_that_keep_the_context_are_the_ledgers_to_rounding(folder: Path, made: dict[str, Any]) -> None:
    found, wanted = priced("duckdb", folder, by="total").cells, from_ledger(made, "total").cells
    for name in ("output_ctx_tok2", "new_ctx_tok2"):
        total = sum(getattr(cell, name) for cell in wanted)
        assert sum(getattr(cell, name) for cell in found) == pytest.approx(total, rel=1e-12)


def test_days_of_a_zone_are_the_ledgers(folder: Path, made: dict[str, Any]) -> None:
    utc, zurich = priced("duckdb", folder), priced("duckdb", folder, tz="Europe/Zurich")
    assert {cell.key for cell in zurich.cells} != {cell.key for cell in utc.cells}
    assert sum(c.value.total for c in zurich.cells if c.value) == sum(c.value.total for c in utc.cells if c.value)
    march = priced("duckdb", folder, since=date(2026, 3, 1), until=date(2026, 3, 31))
    assert {cell.month for cell in march.cells} == {"2026-03"}
    assert march.outside == march.rows - sum(cell.requests for cell in march.cells) > 0


def test_months_of_users_add_up_to_the_cells(folder: Path) -> None:
    found = priced("duckdb", folder, months=True)
    assert found.months is not None
    assert sum(month.pico_usd for month in found.months) == sum(c.value.total for c in found.cells if c.value)
    assert sum(month.requests for month in found.months) == 4_000
    assert {month.month for month in found.months} == {"2026-02", "2026-03", "2026-04", "2026-05"}


def test_a_table_of_a_duckdb_file_is_the_same_as_its_parquet(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as db:
        db.execute(f"CREATE SCHEMA usage; CREATE TABLE usage.requests AS FROM read_parquet('{folder}/*.parquet')")
    assert exact(priced("duckdb", f"{file}#usage.requests").cells) == exact(priced("duckdb", folder).cells)


SPELT = """
timezone = "Europe/Zurich"
input_includes = ["cache_read", "cache_write_5m"]
output_includes_reasoning = false
tokens_per_unit = 1
[columns]
time = "at"
model = "m"
input = "prompt"
cache_read = { column = "usage", path = ["details", "cached"] }
cache_write_5m = ["written", "written_old"]
output = "answer"
reasoning = "thought"
[values.model]
"house-opus" = "claude-opus-4-6"
"""
"""A mapping that uses every rule at once."""


def spelt(path: Path) -> Path:
    """Text numbers, numbers in JSON, times with and without a zone, hours that come twice and one that never was."""
    rows = [
        ("2026-03-29T01:59:59", "house-opus", "1000", '{"details": {"cached": 600}}', 100, None, 50, "7"),
        ("2026-03-29 02:30:00", "house-opus", "1000", '{"details": {"cached": "600"}}', None, 100, 50, "7"),
        ("2026-10-25T02:30:00", "house-opus", "1000", '{"details": {}}', None, None, 50, ""),
        ("2026-03-29T01:30:00Z", "house-opus", "1000", "not json", None, None, 50, None),
        ("2026-03-29T01:30:00.123456+02:00", "claude-haiku-4-5", "900000", None, 0, None, 1, "0"),
        ("2026-03-29T01:30:00+0530", "claude-haiku-4-5", "1e3", None, 0, None, 1, "0"),
    ]
    names = ("at", "m", "prompt", "usage", "written", "written_old", "answer", "thought")
    pq.write_table(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), path)
    return path


FAULTY = """
[columns]
time = "at"
model = "m"
input = "i"
cache_read = "c"
output = "o"
request_id = "id"
"""


def faulty(path: Path) -> Path:
    """One row of each fault, and one that is right."""
    rows = [
        ("2026-03-01T00:00:00Z", "gpt-5.4", 10.0, 1, "5", "a"),
        ("yesterday", "gpt-5.4", 10.0, 1, "5", "b"),
        ("2026-03-01T00:00:00", "gpt-5.4", 10.0, 1, "5", "c"),
        ("1999-03-01T00:00:00Z", "gpt-5.4", 10.0, 1, "5", "d"),
        ("2026-03-01T00:00:00Z", None, 10.0, 1, "5", "e"),
        ("2026-03-01T00:00:00Z", "gpt-5.4", 10.5, 1, "5", "f"),
        ("2026-03-01T00:00:00Z", "gpt-5.4", 10.0, 1, "five", "g"),
        ("2026-03-01T00:00:00Z", "gpt-5.4", -10.0, 1, "5", "h"),
        ("2026-03-01T00:00:00Z", "gpt-5.4", None, 1, "5", "i"),
        ("2026-03-01T00:00:00Z", "gpt-5.4", 10.0, 2**62, "5", "j"),
    ]
    names = ("at", "m", "i", "c", "o", "id")
    pq.write_table(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), path)
    return path


SEEN = {
    1: "no time that can be read",
    2: "a time without a zone, and the mapping says of none",
    3: "a time before 2015 or after 2040 (check time_unit of the mapping)",
    4: "no model",
    5: "a count that is no whole number",
    6: "a count that is no whole number",
    7: "a negative count",
    8: "no count of input or output",
    9: "more than a billion tokens in one request",
}


@pytest.mark.parametrize("engine", ENGINES)
class TestEngine:
    """What every engine must do alike; Spark in a real JVM, ClickHouse's engine in this process."""

    def test_rules_of_a_mapping_mean_the_same(self, engine: str, tmp_path: Path) -> None:
        mapping = parse_mapping(SPELT, name="spelt", where="spelt.toml")
        found = priced(engine, spelt(tmp_path / "spelt.parquet"), mapping, by="total")
        assert (found.rows, found.faults) == (6, [])
        opus = [cell for cell in found.cells if cell.model == "claude-opus-4-6"]
        assert sum(cell.counts.input_tok for cell in opus) == 300 + 300 + 1000 + 1000
        assert sum(cell.counts.cache_read_tok for cell in opus) == 1200
        assert sum(cell.counts.output_tok for cell in opus) == 4 * 50 + 14
        times = sorted(
            {cell.first_time_ms // 1000 for cell in found.cells} | {c.last_time_ms // 1000 for c in found.cells}
        )
        assert times[0] == 1774728000  # 01:30 at +05:30
        assert times[-1] == 1792888200  # the first of the two 02:30 of that night, which is 00:30 UTC

    def test_a_time_of_text_may_be_to_the_minute(self, engine: str, tmp_path: Path) -> None:
        told = ["2026-03-05T12:00Z", "2026-03-05 14:00+02:00", "2026-03-05T17:30+0530", "2026-03-05T12:00:00.25Z"]
        made = {"time": told, "model": ["gpt-5.4"] * 4, "input_tok": [1] * 4, "output_tok": [1] * 4}
        pq.write_table(pa.table(made), tmp_path / "t.parquet")
        (cell,) = priced(engine, tmp_path / "t.parquet", buckets=False).cells
        assert (cell.requests, cell.first_time_ms, cell.last_time_ms) == (4, 1_772_712_000_000, 1_772_712_000_000)

    def test_every_fault_is_told_with_its_row_and_only_the_right_row_counts(self, engine: str, tmp_path: Path) -> None:
        mapping = parse_mapping(FAULTY, name="faulty", where="faulty.toml")
        found = priced(engine, faulty(tmp_path / "faulty.parquet"), mapping)
        assert sum(cell.requests for cell in found.cells) == 1
        assert found.repeats is not None
        told = {(fault.reason, fault.first_row, fault.rows) for fault in found.faults}
        assert told == {
            (reason, row, sum(other == reason for other in SEEN.values())) for row, reason in SEEN.items() if row != 6
        }
        assert all(fault.place.endswith("faulty.parquet") for fault in found.faults)

    @pytest.mark.parametrize("by", ["day", "month,user"])
    def test_cells_without_length_of_prompt_are_the_sums_of_those_with_it(
        self, engine: str, by: str, folder: Path
    ) -> None:
        summed, cells = priced(engine, folder, by=by, buckets=False), priced(engine, folder, by=by)
        assert {cell.context_bucket for cell in summed.cells} == {None}
        assert len(summed.cells) < len(cells.cells)
        assert exact(summed.cells) == exact(cell.but(context_bucket=None) for cell in cells.cells)
        assert (summed.unpriced, summed.warnings) == (cells.unpriced, cells.warnings)

    @pytest.mark.parametrize("by", ["day", "month,user"])
    def test_the_integers_are_those_of_duckdb(self, engine: str, by: str, folder: Path) -> None:
        found, wanted = priced(engine, folder, by=by, months=True), priced("duckdb", folder, by=by, months=True)
        assert exact(found.cells) == exact(wanted.cells)
        assert found.unpriced == wanted.unpriced
        assert found.warnings == wanted.warnings
        assert sorted(found.months or [], key=str) == sorted(wanted.months or [], key=str)

    def test_sums_beyond_64_bits_are_exact(self, engine: str, tmp_path: Path) -> None:
        """12,000 requests of a billion tokens at $5 a million: more pico-USD than 64 bits hold."""
        count = 12_000
        time = pa.array([1_772_323_200_000_000] * count, pa.timestamp("us", tz="UTC"))
        made = {"time": time, "model": ["claude-opus-4-6"] * count, "input_tok": [10**9] * count}
        path = tmp_path / "large.parquet"
        pq.write_table(pa.table(made | {"output_tok": [0] * count}), path)
        (cell,) = priced(engine, path).cells
        assert cell.value is not None
        assert cell.value.total == count * 10**9 * 10_000_000 > 2**63


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [pytest.param("clickhouse", marks=pytest.mark.slow), pytest.param("spark", marks=pytest.mark.spark)],
)
def test_two_hundred_thousand_rows_give_the_same_integers(engine: str, tmp_path: Path) -> None:
    where = parquet(tmp_path / "rows", columns(200_000, seed=10))
    assert exact(priced(engine, where).cells) == exact(priced("duckdb", where).cells)
