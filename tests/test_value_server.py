"""A table on a ClickHouse server, asked by the real client over HTTP: the same integers, and a connection that drops.

The server is ClickHouse's own engine behind a few lines of HTTP, because its server is in no registry at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from costbasis.errors import EngineFailed
from costbasis.usage import engines
from costbasis.usage.mappingfile import find_mapping
from costbasis.usage.warehouse.priced import PricedTable, price_table

from .clickhouse_http import Served, clickhouse_server
from .command import Run
from .table_rows import BOOK, ask, columns, exact, parquet

pytestmark = pytest.mark.slow
pytest.importorskip("chdb")
pytest.importorskip("clickhouse_connect")

PLAIN = find_mapping("plain")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parquet(tmp_path_factory.mktemp("table"), columns(3_000))


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Served]:
    with clickhouse_server() as served:
        served.engine.query("CREATE DATABASE db")
        rows = f"SELECT * FROM file('{folder}/*.parquet', 'Parquet')"
        served.engine.query(f"CREATE TABLE db.requests ENGINE = Memory AS {rows}")
        yield served


@pytest.fixture(autouse=True)
def _whole(server: Served) -> Iterator[None]:
    yield
    server.cut_at = ""


def priced(server: Served, by: str = "day") -> PricedTable:
    uri = f"clickhouse://me@127.0.0.1:{server.port}/db#requests"
    return price_table(engines.find("clickhouse"), uri, PLAIN, BOOK, ask(by, months=True), lambda _: None)


@pytest.mark.parametrize("by", ["day", "month,user"])
def test_a_table_on_a_server_gives_the_integers_of_duckdb(server: Served, folder: Path, by: str) -> None:
    wanted = price_table(engines.find("duckdb"), str(folder), PLAIN, BOOK, ask(by, months=True), lambda _: None)
    found = priced(server, by)
    assert exact(found.cells) == exact(wanted.cells)
    assert (found.rows, found.unpriced, found.warnings) == (3_000, wanted.unpriced, wanted.warnings)
    assert sorted(found.months or [], key=str) == sorted(wanted.months or [], key=str)


def test_nothing_is_written_on_the_server_but_temporary_tables(server: Served) -> None:
    server.asked.clear()
    priced(server)
    kinds = {" ".join(sql.split()[:2]).upper() for sql in server.asked}
    assert {kind for kind in kinds if not kind.startswith(("SELECT", "DESCRIBE", "INSERT"))} == {
        "CREATE TEMPORARY",
        "DROP TEMPORARY",
    }
    assert b"requests" in bytes(server.engine.query("SHOW TABLES FROM db", "TSV").bytes())


def test_a_connection_that_drops_in_the_middle_of_the_answer_is_said(server: Served, tmp_path: Path) -> None:
    """The answer that holds the sums ends half-way: what was received by then must count for nothing."""
    server.cut_at = "input_pico_usd"
    with pytest.raises(EngineFailed) as caught:
        priced(server)
    assert "the connection was lost in mid-query" in str(caught.value)
    assert f"ClickHouse, 127.0.0.1:{server.port}#requests" in str(caught.value)
    assert "nothing was written; run it again when the server is back" in str(caught.value)
    out = tmp_path / "value.json"
    uri = f"clickhouse://me@127.0.0.1:{server.port}/db#requests"
    words = ("value", "--engine", "clickhouse", "--from", uri, "--mapping", "plain", "--basis", "list")
    run = Run(tmp_path, *words, "--out", str(out), "--quiet")
    assert (run.status, run.out, out.exists()) == (2, "", False)
    assert "the connection was lost in mid-query" in run.err
    assert "Traceback" not in run.err


def test_a_table_that_the_server_does_not_have_is_said(server: Served) -> None:
    uri = f"clickhouse://me@127.0.0.1:{server.port}/db#nothing"
    with pytest.raises(EngineFailed, match="nothing does not exist"):
        price_table(engines.find("clickhouse"), uri, PLAIN, BOOK, ask("day"), lambda _: None)
