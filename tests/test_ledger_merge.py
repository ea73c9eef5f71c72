"""Ledgers of several machines: what two of them saw counts once, and merging again counts nothing twice."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from costbasis.errors import BadArgument, UnreadableInput
from costbasis.usage.export import export
from costbasis.usage.ledger import filing
from costbasis.usage.ledger.ledger import Ledger, open_ledger
from costbasis.usage.ledger.merge import merge

from .command import Run
from .logs import line, raw, write_log

SHARED = line("msg_shared", usage={"output_tokens": 5})


def machine(place: Path, name: str, monkeypatch: pytest.MonkeyPatch, *lines: Any) -> Ledger:
    """The ledger of a machine of that name, with a log of those lines."""
    monkeypatch.setattr(filing, "host_name", lambda: name)
    write_log(place / name, raw(*lines))
    ledger = open_ledger([place / name], keep_history=True, folder=place / f"{name}-home")
    ledger.update()
    return ledger


def requests(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.connection.execute("SELECT request_key, host, output_tok FROM request ORDER BY 1, 2").fetchall()


def test_a_request_on_two_machines_counts_once_and_merging_again_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = machine(tmp_path, "desk", monkeypatch, SHARED, line("msg_1"))
    lap = machine(tmp_path, "lap", monkeypatch, SHARED, line("msg_2", sessionId="s2"))
    done = merge(desk, lap.path)
    assert (done.hosts, done.files, done.requests, done.new_requests) == (["lap"], 1, 2, 1)
    expected = [("m:msg_1", "desk", 40), ("m:msg_2", "lap", 40), ("m:msg_shared", "desk", 5)]
    assert requests(desk) == expected
    sha = desk.usage_sha256
    assert merge(desk, lap.path).new_requests == 0
    assert (requests(desk), desk.usage_sha256) == (expected, sha)
    assert desk.update().requests == 3


def test_a_merged_ledger_takes_in_what_the_other_one_learned_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = machine(tmp_path, "desk", monkeypatch, line("msg_1"))
    lap = machine(tmp_path, "lap", monkeypatch, line("msg_2"))
    merge(desk, lap.path)
    write_log(tmp_path / "lap", raw(line("msg_3")), "more.jsonl")
    (tmp_path / "lap/projects/-p/s1.jsonl").unlink()
    lap.update()
    merge(desk, lap.path)
    assert [row[0] for row in requests(desk)] == ["m:msg_1", "m:msg_2", "m:msg_3"]


def test_three_ledgers_through_each_other_count_each_request_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = (machine(tmp_path, f"m{n}", monkeypatch, SHARED, line(f"msg_{n}")) for n in range(3))
    merge(two, one.path)
    merge(three, two.path)
    merge(one, three.path)
    assert [row[0] for row in requests(one)] == ["m:msg_0", "m:msg_1", "m:msg_2", "m:msg_shared"]
    assert {row[1] for row in requests(one)} == {"m0", "m1", "m2"}


def test_other_ids_are_one_request_only_where_what_they_say_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = {"message": {"id": None, "model": "deepseek-v3"}, "requestId": "req_7"}
    desk = machine(tmp_path, "desk", monkeypatch, line(None, usage={"input_tokens": 10}, **gateway))
    same = machine(tmp_path, "same", monkeypatch, line(None, usage={"input_tokens": 10}, **gateway))
    other = machine(tmp_path, "other", monkeypatch, line(None, usage={"input_tokens": 11}, **gateway))
    assert merge(desk, same.path).new_requests == 0
    assert merge(desk, other.path).new_requests == 1
    assert merge(desk, other.path).new_requests == 0
    assert sorted(host for _, host, _ in requests(desk)) == ["desk", "other"]


def test_what_cannot_be_merged_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = machine(tmp_path, "desk", monkeypatch, line("msg_1"))
    (tmp_path / "text.sqlite").write_bytes(b"some text that is no database" * 99)
    newer = machine(tmp_path, "newer", monkeypatch, line("msg_2"))
    newer.connection.execute("PRAGMA user_version = 99")
    newer.close()
    for path, what in (
        (tmp_path / "nowhere", "no such ledger"),
        (tmp_path / "text.sqlite", "this is no ledger"),
        (newer.path, "this ledger is of version 99"),
        (desk.path, "this is the ledger that it would be merged into"),
    ):
        with pytest.raises(UnreadableInput, match=what):
            merge(desk, path)
    assert len(requests(desk)) == 1


def test_an_export_has_one_row_a_request_and_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    ledger = machine(tmp_path, "desk", monkeypatch, line("msg_1", cwd='/odd,"\n'), line("msg_2", stop=None))
    assert export(ledger.connection, tmp_path / "out.csv") == 2
    assert export(ledger.connection, tmp_path / "it's.parquet") == 2
    rows = list(csv.DictReader((tmp_path / "out.csv").open(newline="")))
    assert [row["request_id"] for row in rows] == ["m:msg_1", "m:msg_2"]
    place = str(tmp_path / "it's.parquet").replace("'", "''")
    found = duckdb.sql(
        f"SELECT request_id, host, output_tok, partial_output, geo, epoch(time)::BIGINT FROM '{place}' ORDER BY 1"
    ).fetchall()
    assert found == [
        ("m:msg_1", "desk", 40, False, "", 1772704800),
        ("m:msg_2", "desk", 40, True, "", 1772704800),
    ]
    with pytest.raises(BadArgument, match="cannot export"):
        export(ledger.connection, tmp_path / "out.xlsx")
    with pytest.raises(UnreadableInput, match="cannot be written"):
        export(ledger.connection, tmp_path / "nowhere" / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["desk", "desk-home", "it's.parquet", "out.csv"]


def test_the_commands_show_merge_and_export(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    for place, name in ((home, "msg_1"), (other, "msg_2")):
        write_log(place / ".claude", raw(line(name)))
    path = Run(other, "ledger", "path").out.strip()
    Run(other, "ledger")
    merged = Run(home, "ledger", "merge", path, "--json").json
    assert merged["merged"][0]["new_requests"] == 1
    assert Run(home, "ledger", "show", "--json").json["hosts"][0]["requests"] == 2
    assert Run(home, "usage", "--basis", "list", "--json").json["total"]["requests"] == 2
    assert Run(home, "export", "--to", "out.csv").out == "out.csv: 2 requests\n"
    assert Run(home, "ledger", "merge").status == 2
