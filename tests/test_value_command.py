"""``costbasis value`` as a user runs it: the object, the SQL, and what can be wrong with a table or a connection."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from costbasis.errors import BadArgument, BadMapping, CostbasisError, UnreadableInput
from costbasis.usage import engines
from costbasis.usage.mappingfile import find_mapping, parse_mapping
from costbasis.usage.warehouse.emit import COMPILED, emitted
from costbasis.usage.warehouse.priced import price_table

from .command import Run
from .table_rows import BOOK, ask, columns, exact, parquet, table

PLAIN = find_mapping("plain")
ENGINES = ["duckdb", pytest.param("clickhouse", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parquet(tmp_path_factory.mktemp("table"), columns(300))


def fails(engine: str, where: Path | str, mapping: Any = PLAIN, by: str = "day", **options: Any) -> CostbasisError:
    with pytest.raises(CostbasisError) as caught:
        price_table(engines.find(engine), str(where), mapping, BOOK, ask(by, **options), lambda _: None)
    return caught.value


def test_the_object_holds_what_was_read_what_it_was_worth_and_on_which_engine(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "value.json"
    run = Run(tmp_path, "value", "--from", str(folder), "--mapping", "plain", "--by", "month", "--json", "--quiet",
              "--user-months", "--basis", "list,serving", "--out", str(out))  # fmt: skip
    assert (run.status, run.err) == (0, "")
    found = run.json
    assert found["schema"] == "costbasis.value/1"
    assert found["engine"]["name"] == "duckdb"
    assert found["read"] == {"rows": 300, "counted": 300, "outside": 0}
    assert [row["key"] for row in found["rows"]] == ["2026-02", "2026-03", "2026-04", "2026-05"]
    assert set(found["total"]["tokens"]) >= {"input", "cache_read", "output", "reasoning"}
    assert found["total"]["bases"]["serving_usd"]["p10"] < found["total"]["bases"]["serving_usd"]["p90"]
    assert found["duplicates"] == {"checked": True}
    assert found["user_months"]["users"] == 40
    assert "unheard-of" in {row["model"] for row in found["unpriced"]}
    assert out.read_text("utf-8") == run.out


def test_the_text_says_what_was_read_and_explain_finds_a_number(tmp_path: Path, folder: Path) -> None:
    words = ("value", "--from", str(folder), "--mapping", "plain", "--by", "total", "--basis", "list")
    run = Run(tmp_path, *words, "--quiet")
    assert f"read 300 rows of {folder} as plain; " in run.out
    explained = Run(tmp_path, "explain", "--of", " ".join(words), "/total/bases/list_usd", "--quiet")
    assert explained.status == 0
    assert "the table read" in explained.out


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse", "spark", *COMPILED])
@pytest.mark.parametrize("mapping", ["plain", "spelt"])
def test_the_sql_of_every_dialect_parses_in_it(tmp_path: Path, folder: Path, dialect: str, mapping: str) -> None:
    """Parsed, and for the engines that run here also run: for all others it is said that they were not."""
    from .test_value_engines import SPELT, spelt

    where, meant = folder, PLAIN
    if mapping == "spelt":
        where, meant = spelt(tmp_path / "spelt.parquet"), parse_mapping(SPELT, name="spelt", where="spelt.toml")
    sql = emitted(engines.find("duckdb"), str(where), meant, BOOK, ask("day"), dialect, lambda _: None)
    (parsed,) = sqlglot.parse(sql, read=dialect)
    assert parsed is not None
    assert parsed.find(sqlglot.exp.Group)
    assert ("never run by them" in sql.splitlines()[0]) == (dialect in COMPILED)


@pytest.mark.slow
def test_the_sql_that_is_printed_gives_what_the_command_gives(folder: Path) -> None:
    import duckdb

    sql = emitted(engines.find("duckdb"), str(folder), PLAIN, BOOK, ask("day"), "duckdb", lambda _: None)
    with duckdb.connect() as db:
        rows = db.execute(f"SET TimeZone = 'UTC'; {sql}").fetchall()
    found = price_table(engines.find("duckdb"), str(folder), PLAIN, BOOK, ask("day"), lambda _: None)
    assert len(rows) == len(found.cells)
    assert sum(row[7] for row in rows) == 300
    assert sum(int(sum(row[16:22])) for row in rows) == sum(cell.value.tokens for cell in found.cells if cell.value)


def test_an_unknown_dialect_is_told_which_there_are(tmp_path: Path, folder: Path) -> None:
    run = Run(tmp_path, "value", "--from", str(folder), "--mapping", "plain", "--emit-sql", "oracle", "--quiet")
    assert run.status == 2
    assert 'no SQL for "oracle"' in run.err


@pytest.mark.parametrize("engine", ENGINES)
class TestWrong:
    def test_a_mapping_of_columns_that_are_not_there_is_refused(self, engine: str, folder: Path) -> None:
        error = fails(engine, folder, find_mapping("litellm-spendlogs"))
        assert isinstance(error, BadMapping)
        assert 'the table has no column "startTime" for time' in str(error)

    def test_a_number_where_a_time_should_be_is_refused(self, engine: str, folder: Path) -> None:
        text = '[columns]\ntime = "input_tok"\nmodel = "model"\ninput = "input_tok"\noutput = "output_tok"'
        error = fails(engine, folder, parse_mapping(text, name="mine", where="mine.toml"))
        assert 'column "input_tok" cannot be the time: it is a number' in str(error)
        assert "write time_unit = s, ms, us or ns in the mapping" in str(error)

    def test_swapped_columns_of_which_no_row_counts_are_refused(self, engine: str, folder: Path) -> None:
        text = '[columns]\ntime = "user"\nmodel = "model"\ninput = "input_tok"\noutput = "output_tok"'
        error = fails(engine, folder, parse_mapping(text, name="mine", where="mine.toml"))
        assert "no row can be counted (150 rows: no time that can be read; 150 rows" in str(error)

    def test_rows_that_repeat_a_request_are_refused_counted_once_or_all(self, engine: str, tmp_path: Path) -> None:
        made = table(columns(100))
        pq.write_table(pa.concat_tables([made, made.slice(7, 3)]), tmp_path / "twice.parquet")
        error = fails(engine, tmp_path / "twice.parquet")
        assert isinstance(error, UnreadableInput)
        assert str(error).startswith(f'{tmp_path}/twice.parquet: column request_id "r7": 6 rows share 3 request ids\n')
        found = {
            option: price_table(
                engines.find(engine),
                str(tmp_path / "twice.parquet"),
                PLAIN,
                BOOK,
                ask(duplicates=option),
                lambda _: None,
            )
            for option in ("once", "ignore")
        }
        assert sum(cell.requests for cell in found["once"].cells) == 100
        assert sum(cell.requests for cell in found["ignore"].cells) == 103

    def test_ids_that_differ_in_what_counts_are_refused_even_once(self, engine: str, tmp_path: Path) -> None:
        made = columns(10)
        made["request_id"][3] = made["request_id"][4]
        error = fails(engine, parquet(tmp_path / "rows", made), duplicates="once")
        assert "2 rows that are not equal in all that is counted share 1 request ids" in str(error)

    def test_one_bad_row_is_enough_where_strict(self, engine: str, tmp_path: Path) -> None:
        made = columns(20)
        made["output_tok"][13] = -1
        made["reasoning_tok"][13] = 0
        error = fails(engine, parquet(tmp_path / "rows", made, files=1), strict=True)
        assert str(error).startswith(f"{tmp_path}/rows/part-0.parquet, row 13: a row cannot be counted (1 rows: a neg")

    def test_a_file_that_is_no_parquet_is_named(self, engine: str, tmp_path: Path) -> None:
        where = parquet(tmp_path / "rows", columns(50), files=3)
        (where / "part-1.parquet").write_bytes(b"PAR1" + b"\0" * 400)
        error = fails(engine, where)
        assert "part-1.parquet" in str(error)
        assert "nothing was written" in str(error)

    def test_a_file_that_was_cut_short_is_named(self, engine: str, tmp_path: Path) -> None:
        where = parquet(tmp_path / "rows", columns(5_000), files=2)
        cut = where / "part-1.parquet"
        whole = cut.read_bytes()
        cut.write_bytes(whole[:20_000] + b"\xff" * 30_000 + whole[50_000:])
        error = fails(engine, where)
        assert "nothing was written" in str(error)

    def test_a_path_that_is_not_there_is_said(self, engine: str, tmp_path: Path) -> None:
        assert "there is no such file or folder" in str(fails(engine, tmp_path / "nowhere"))

    def test_a_grouping_that_cannot_be_is_said(self, engine: str, folder: Path) -> None:
        assert isinstance(fails(engine, folder, by="day,month"), BadArgument)
        assert isinstance(fails(engine, folder, by="shoe"), BadArgument)
        assert "the mapping" in str(fails(engine, folder, by="team")) or "names no column" in str(
            fails(engine, folder, by="team")
        )


def while_priced(where: Path, then: Callable[[], object], engine: str = "duckdb") -> CostbasisError:
    """What a table's engine says where *then* happens between the look for names and the sums."""

    def say(told: str) -> None:
        if ": pricing " in told:
            then()

    with pytest.raises(CostbasisError) as caught:
        price_table(engines.find(engine), str(where), PLAIN, BOOK, ask("day"), say)
    return caught.value


@pytest.mark.parametrize("engine", ENGINES)
class TestChanged:
    """A table that changes while it is priced: what was read by then counts for nothing."""

    def test_a_file_that_is_cut_short_while_it_is_priced_is_named(self, engine: str, tmp_path: Path) -> None:
        where = parquet(tmp_path / "rows", columns(5_000), files=2)
        error = while_priced(where, lambda: os.truncate(where / "part-1.parquet", 20_000), engine)
        assert "part-1.parquet" in str(error)
        assert "nothing was written" in str(error)

    def test_a_file_that_goes_while_it_is_priced_is_said(self, engine: str, tmp_path: Path) -> None:
        where = parquet(tmp_path / "rows", columns(5_000), files=2)
        error = while_priced(where, (where / "part-1.parquet").unlink, engine)
        assert str(where) in str(error)
        assert "nothing was written" in str(error)

    def test_rows_that_come_while_it_is_priced_refuse_the_table(self, engine: str, tmp_path: Path) -> None:
        where, more = (
            parquet(tmp_path / "rows", columns(200), files=2),
            parquet(tmp_path / "more", columns(50), files=1),
        )
        error = while_priced(where, lambda: (more / "part-0.parquet").rename(where / "part-2.parquet"), engine)
        assert "200 rows at first, 250 when they were priced: the table changed in between" in str(error)
        assert "nothing was written; run it again on a table at rest" in str(error)


def test_a_refused_table_leaves_an_older_answer_as_it_was(tmp_path: Path) -> None:
    where, out = parquet(tmp_path / "rows", columns(20)), tmp_path / "value.json"
    out.write_text("older")
    (where / "part-1.parquet").write_bytes(b"junk")
    run = Run(tmp_path, "value", "--from", str(where), "--mapping", "plain", "--out", str(out), "--quiet")
    assert run.status == 2
    assert "part-1.parquet" in run.err
    assert out.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".costbasis")) == []


def test_the_same_object_comes_back_from_the_same_table(folder: Path) -> None:
    once, again = (
        price_table(engines.find("duckdb"), str(folder), PLAIN, BOOK, ask("day,user"), lambda _: None) for _ in range(2)
    )
    assert once == again
    assert exact(once.cells)


@pytest.mark.spark
def test_a_jvm_that_dies_in_mid_query_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    """The real thing: a Spark of its own process, whose JVM is killed while it reads."""
    where, out = parquet(tmp_path / "rows", columns(200_000), files=8), tmp_path / "value.json"
    words = ("value", "--engine", "spark", "--from", f"local[1]#{where}/", "--mapping", "plain", "--out", str(out))
    environ = {**os.environ, "HOME": str(tmp_path), "COSTBASIS_HOME": str(tmp_path / "cb")}
    child = subprocess.Popen(
        [sys.executable, "-m", "costbasis", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
    )
    assert child.stderr is not None
    seen = ""
    while "what there is to price" not in seen:
        line = child.stderr.readline()
        assert line, seen
        seen += line
    time.sleep(0.3)
    for process in _java_below(child.pid):
        os.kill(process, signal.SIGKILL)
    said, told = child.communicate(timeout=240)
    assert child.returncode == 2, told
    assert "the connection to Spark was lost in mid-query" in told
    assert "Traceback" not in told
    assert (said, out.exists()) == ("", False)


def _java_below(parent: int) -> list[int]:
    """The JVMs among the processes that come of *parent*."""
    parents: dict[int, tuple[int, str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = stat.read_text().partition(" ")
        except OSError:
            continue
        name, _, tail = rest.rpartition(") ")
        parents[int(number)] = (int(tail.split()[1]), name.lstrip("("))

    def comes_of(process: int) -> bool:
        while process in parents and process != parent:
            process = parents[process][0]
        return process == parent

    return [process for process, (_, name) in parents.items() if name == "java" and comes_of(process)]
