"""The Python API: the same answers as the commands, whatever was imported first, in and out of any frame library."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import costbasis

from .command import Run
from .logs import line, raw, write_log

CALL = {"time": "2026-03-05T12:00:00Z", "model": "claude-opus-4-6", "input_tok": 1_000, "output_tok": 500}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own with a log in it: no test reads the real one."""
    lines = [line(f"msg_{n}", requestId=f"r{n}", time=f"2026-03-0{5 + n % 3}T1{n}:00:00Z") for n in range(6)]
    lines += [line("msg_x", requestId="rx", message={"model": "mystery-1"})]
    lines += [line("msg_h", requestId="rh", message={"model": "claude-haiku-4-5"}, sessionId="s2")]
    write_log(tmp_path / "logs", raw(*lines))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COSTBASIS_HOME", str(tmp_path / "cb"))
    monkeypatch.setenv("TZ", "UTC")
    yield tmp_path


def fresh(code: str) -> str:
    """What a new Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_costbasis_loads_nothing_heavy() -> None:
    said = fresh(
        "import sys; was = set(sys.modules); import costbasis; print(sorted(set(sys.modules) - was - {'types'}))"
    )
    assert said == "['__future__', 'costbasis']" or said == "['costbasis']"


def test_there_are_at_most_fifteen_public_names_and_each_is_there() -> None:
    assert len(costbasis.__all__) <= 15
    assert all(getattr(costbasis, name) is not None for name in costbasis.__all__)
    assert all(getattr(costbasis, name).__doc__ for name in costbasis.__all__ if name != "__version__")
    assert set(costbasis.__all__) <= set(dir(costbasis))


ORDERS = (
    "import costbasis; costbasis.usage; import costbasis.usage.ledger.ledger",
    "import costbasis.usage.ledger.ledger; import costbasis",
    "from costbasis.usage.events import TokenCounts; import costbasis",
    "import costbasis; from costbasis.usage.ledger import ledger; costbasis.usage; import costbasis.usage.events",
    "import costbasis.usage.ledger.ledger as deep; import costbasis; assert deep.open_ledger",
    "import costbasis; costbasis.compare, costbasis.company; import costbasis.compare.choice, costbasis.company.walk",
    "from costbasis import usage; import costbasis.usage.ledger.ledger as deep; import costbasis; assert deep.Ledger",
)


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_a_name_of_function_and_package_is_the_function_in_any_order(order: str) -> None:
    said = fresh(
        f"{order}\n"
        "import inspect\n"
        "for name in ('usage', 'compare', 'company'): assert inspect.isfunction(getattr(costbasis, name)), name\n"
        "from costbasis.usage.events import TokenCounts\n"
        "from costbasis.company.walk import walk\n"
        "import costbasis.usage.events as events, costbasis.usage.ledger.ledger as deep\n"
        "assert events.TokenCounts is TokenCounts is costbasis.usage.events.TokenCounts\n"
        "call = {'time': '2026-03-05T12:00Z', 'model': 'claude-opus-4-6', 'input_tok': 1000, 'output_tok': 500}\n"
        "print(costbasis.usage([call], basis='list').total.bases.list_usd)"
    )
    assert said == "0.0175"


SAME = (
    ("usage", ["logs"], {"by": "month"}, "usage logs --by month"),
    ("usage", [["logs"]], {"last": 2, "basis": ["list", "serving"]}, "usage logs --last 2 --basis list,serving"),
    ("price", ["kimi-k2.5"], {"input": 1000, "as_of": "2026-03-01"}, "price kimi-k2.5 --input 1000 --as-of 2026-03-01"),
    ("check", ["forbes-5000"], {"seed": 3}, "check forbes-5000 --seed 3"),
    ("plan", ["anthropic/max_20x"], {"utilisation": (0.02, 0.05)}, "plan anthropic/max_20x --utilisation 0.02..0.05"),
    ("company", ["openai"], {"stock_pay": False, "one_off": True}, "company openai --no-stock-pay --one-off"),
    ("compare", [], {"list_usd": 900, "plans": ["anthropic/max_5x"]}, "compare --list-usd 900 --plan anthropic/max_5x"),
    ("serving", ["deepseek-v3"], {"on": "8xh200-sxm", "set": {"fleet/default.load_factor_frac": (0.2, 0.4)}},
     "serving deepseek-v3 --on 8xh200-sxm --set fleet/default.load_factor_frac=0.2..0.4"),
    ("report", ["logs"], {"plan": "anthropic/pro"}, "report logs --plan anthropic/pro"),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments", "options", "command"), SAME, ids=[one[3] for one in SAME])
def test_a_function_gives_what_its_command_prints(
    name: str, arguments: list[Any], options: dict[str, Any], command: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    found = getattr(costbasis, name)(*arguments, **options)
    printed = Run(home, *command.split(), "--json").json
    for each in (told := json.loads(found.to_json()), printed):
        each.get("reproduce", {}).pop("command", None)
        each.get("reproduce", {}).pop("explain", None)
    assert (
        told
        == printed
        == json.loads(json.dumps(found.to_dict())) | ({"reproduce": told["reproduce"]} if "reproduce" in told else {})
    )
    assert set(shlex.split(command)) <= set(shlex.split(found.command))
    assert found._repr_html_().count("<table>") >= 1
    assert len(str(found).splitlines()) > 3


@pytest.mark.slow
def test_a_frame_of_an_export_gives_the_numbers_of_the_logs(home: Path) -> None:
    Run(home, "export", str(home / "logs"), "--to", "u.parquet")
    table = _parquet(home / "u.parquet")
    of_logs = costbasis.usage(home / "logs", by="model", tz="UTC").to_dict()
    for frame in (table, table.to_pandas(), table.to_reader(), table.to_pylist()):
        of_frame = costbasis.usage(frame, by="model").to_dict()
        assert of_frame["total"] == of_logs["total"]
        assert of_frame["rows"] == of_logs["rows"]
        assert of_frame["unpriced"] == of_logs["unpriced"]


@pytest.mark.slow
def test_a_table_is_valued_as_the_logs_that_it_was_exported_from(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    Run(home, "export", str(home / "logs"), "--to", "u.parquet")
    of_logs = costbasis.usage(home / "logs", by="model", tz="UTC", basis="list").to_dict()
    of_file = costbasis.value("u.parquet", by="model", basis="list")
    assert of_file.to_dict() == Run(home, *of_file.command.split(), "--json").json
    assert "list" in str(of_file) and "<table>" in of_file._repr_html_()
    table = _parquet(home / "u.parquet")
    for found in (
        of_file,
        costbasis.value(table, by="model", basis="list"),
        costbasis.value(table.to_pandas(), by="model", basis="list"),
    ):
        assert found.to_dict()["total"]["bases"]["list_usd"] == of_logs["total"]["bases"]["list_usd"]
        assert found.to_dict()["total"]["tokens"] == of_logs["total"]["tokens"]
        assert found.to_dict()["unpriced"] == of_logs["unpriced"]


def _parquet(path: Path) -> pa.Table:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(path)


def test_a_result_leaves_as_arrow_with_its_dollars_exact(home: Path) -> None:
    found = costbasis.usage(home / "logs", by="day", tz="UTC")
    table = pa.table(found)
    assert table.schema.field("list_usd").type == pa.decimal128(38, 12)
    assert sum(value for value in table["list_usd"].to_pylist() if value is not None) == found.total.bases.list_usd
    assert sum(table["cache_read_tok"].to_pylist()) == found.total.tokens.cache_read
    assert found.to_arrow().equals(table)
    frame = pd.DataFrame.from_arrow(found.rows)
    assert list(frame["key"]) == [row.key for row in found.rows]
    assert frame["market_usd_p50"].sum() > 0
    unpriced = [row for row in table.to_pylist() if row["model"] == "mystery-1"]
    assert [row["list_usd"] for row in unpriced] == [None]  # unknown is not zero
    hosts = pa.table(costbasis.price("kimi-k2.5", input="1M").offers)
    assert {"host", "usd"} <= set(hosts.column_names) and hosts.num_rows > 1


def test_a_result_reads_like_a_mapping_and_is_none_by_type(home: Path) -> None:
    """Polars takes a Mapping for columns, and a Sequence for rows, before it looks for Arrow."""
    found = costbasis.usage(home / "logs", by="day", tz="UTC", basis="list")
    assert not isinstance(found, Mapping) and not isinstance(found.rows, Sequence)
    assert dict(found) == dict(found.items()) and list(found.keys()) == list(found)
    assert "rows" in found and "row" not in found
    assert (found.get("tz"), found.get("nothing", 3)) == ("UTC", 3)
    assert [row.key for row in found.rows] == [found.rows[place].key for place in range(len(found.rows))]


@pytest.mark.slow
def test_polars_frames_go_in_and_results_come_out_as_polars_frames(home: Path) -> None:
    pl = pytest.importorskip("polars")
    text = pl.DataFrame([CALL | {"time": "2026-03-05T12:00Z"}, CALL | {"time": "2026-03-06T12:00Z", "input_tok": 7}])
    typed = text.with_columns(
        pl.col("time").str.to_datetime(time_zone="UTC").dt.convert_time_zone("Europe/Zurich"),
        pl.col("model").cast(pl.Categorical),
        pl.col("input_tok").cast(pl.UInt32),
        pl.col("output_tok").cast(pl.Int16),
    )
    wanted = costbasis.usage(text.to_dicts(), basis="list")
    for frame in (text, typed):
        for found in (costbasis.usage(frame, basis="list"), costbasis.value(frame, basis="list")):
            assert found.total.bases.list_usd == wanted.total.bases.list_usd == Decimal("0.030035")
            assert [row.key for row in found.rows] == ["2026-03-05", "2026-03-06"]
    out = pl.DataFrame(wanted)
    assert out["list_usd"].sum() == wanted.total.bases.list_usd
    assert out.schema["list_usd"] == pl.Decimal(38, 12)
    assert pl.DataFrame(wanted.rows)["key"].to_list() == ["2026-03-05", "2026-03-06"]
    for function in (costbasis.usage, costbasis.value):
        with pytest.raises(
            costbasis.CostbasisError, match=r"LazyFrame is no frame of rows\nhint: call its .collect\(\)"
        ):
            function(text.lazy())


@pytest.mark.parametrize("data", [42, {"time": "now"}, [1, 2]])
def test_what_is_no_frame_is_said_to_be_none(data: Any) -> None:
    for function in (costbasis.usage, costbasis.value):
        with pytest.raises(costbasis.CostbasisError, match="is no frame of rows") as caught:
            function(data)
        assert "hint: a path" in str(caught.value)


BAD = (
    ({"input_tok": -1}, 'frame:2: a row has a negative input_tok'),
    ({"output_tok": None}, "frame:2: a row has no number in output_tok (fill in 0 where there was none)"),
    ({"input_tok": 1.5}, "frame:2: a row has no whole number of 64 bits in input_tok"),
    ({"input_tok": 1 << 63}, "frame:2: a row has no whole number of 64 bits in input_tok"),
    ({"time": "yesterday"}, "frame:2: a row has no time that can be read"),
    ({"time": None}, "frame:2: a row has no time that can be read"),
    ({"model": ""}, "frame:2: a row has no model"),
    ({"reasoning_tok": 501}, "frame:2: a row has more reasoning_tok than output_tok, which holds it"),
    ({"cached_tokens": 3}, 'frame: column "cached_tokens" seems to count tokens, and is none that is read'),
)  # fmt: skip


@pytest.mark.parametrize(("change", "said"), BAD, ids=[one[1] for one in BAD])
def test_a_row_that_cannot_be_counted_is_named(change: dict[str, Any], said: str) -> None:
    zero = dict.fromkeys(change, 0) if set(change) - set(CALL) else {}
    with pytest.raises(costbasis.CostbasisError) as caught:
        costbasis.usage([{**zero, **CALL}, CALL | change])
    assert str(caught.value).startswith(said)


@pytest.mark.slow
def test_rows_of_one_request_count_once_and_are_told() -> None:
    found = costbasis.usage([CALL | {"request_id": "a"}, CALL | {"request_id": "a"}, CALL | {"request_id": "b"}])
    assert found.total.requests == 2
    assert found.to_dict()["warnings"] == [
        {"kind": "duplicate rows", "count": 1, "first": "frame:1", "effect": "rows of one request_id count once"}
    ]


@pytest.mark.slow
def test_times_without_a_zone_are_utc_and_others_are_moved() -> None:
    naive = pd.DataFrame([CALL | {"time": pd.Timestamp("2026-03-05 23:30")}])
    zoned = pd.DataFrame([CALL | {"time": pd.Timestamp("2026-03-05 23:30", tz="America/New_York")}])
    assert [costbasis.usage(frame).rows[0].key for frame in (naive, zoned)] == ["2026-03-05", "2026-03-06"]


def test_a_missing_column_names_the_one_that_may_be_meant() -> None:
    with pytest.raises(costbasis.CostbasisError, match='no column "output_tok"; rename "output_tokens" to it'):
        costbasis.usage([{"time": "2026-03-05", "model": "m", "input_tok": 1, "output_tokens": 2}])
    with pytest.raises(costbasis.CostbasisError, match="there are no rows in it"):
        costbasis.usage([])


def test_html_escapes_every_text() -> None:
    page = costbasis.usage(
        [CALL | {"model": "<script>alert(1)</script>", "project": "<b>"}], by="project"
    )._repr_html_()
    assert "<script>" not in page and "<b>" not in page
    assert "&lt;script&gt;" in page


def test_a_number_explains_itself_and_an_unknown_field_names_the_known_ones() -> None:
    found = costbasis.price("claude-opus-4-6", input="1M", as_of="2026-03-01")
    assert found.list_now_usd == Decimal("5.00")
    tree = costbasis.explain(found, "/list_now_usd")
    assert tree.tree.to_dict() == costbasis.explain(found.command, "/list_now_usd").tree.to_dict()
    assert "5.0" in str(tree)
    with pytest.raises(AttributeError, match="no field 'list_usd_now' here; there is list_now_usd"):
        _ = found.list_usd_now
    with pytest.raises(costbasis.CostbasisError, match="there is no explained number"):
        found.explain("/model")


def test_what_a_command_refuses_the_function_refuses_in_the_same_words(home: Path) -> None:
    for call, said in (
        (lambda: costbasis.price("claude-opus-4-6x"), 'unknown model "claude-opus-4-6x"'),
        (lambda: costbasis.usage(home / "logs", by="fortnight"), "costbasis.usage: Invalid value for '--by'"),
        (lambda: costbasis.usage(home / "nothing"), "no such file or folder"),
        (lambda: costbasis.check("no-such-claim"), "no-such-claim"),
    ):
        with pytest.raises(costbasis.CostbasisError) as caught:
            call()
        assert said in str(caught.value)


def test_a_text_that_no_command_line_can_hold_is_refused_and_no_traceback() -> None:
    for ask in (costbasis.usage, costbasis.plan, costbasis.check):
        with pytest.raises(costbasis.CostbasisError, match="a text with a NUL in it is none that a command takes"):
            ask("logs\0x")
