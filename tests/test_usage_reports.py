"""Usage tables as people ask for them: blocks, aliases, filters, formats, and the lines behind a number."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.usage.blocks import HOURS_PER_BLOCK, block_starts

from .command import Run
from .logs import line, raw, write_log

EARLY, LATE = "2026-03-05T10:00:00.000Z", "2026-03-05T10:00:09.000Z"
UNKNOWN_MODEL = {"message": {"model": "no-such-model-9"}}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sessions, three models of which one has no price, a partial line, a fork, and a line of junk."""
    root = tmp_path_factory.mktemp("logs")
    first = [
        line("msg_1", usage={"output_tokens": 3}, stop=None, time=EARLY),
        line("msg_1", time=LATE),
        b"<<<<<<< HEAD",
        line("msg_2", time="2026-03-05T14:59:59.000Z", message={"model": "claude-haiku-4-5"}),
        line("msg_3", time="2026-03-05T15:00:00.000Z"),
    ]
    second = [
        line("msg_1", time=LATE, sessionId="s2"),
        line("msg_4", time="2026-03-06T23:30:00.000Z", sessionId="s2", **UNKNOWN_MODEL),
        line("chat-1", time="2026-03-06T23:40:00.000Z", sessionId="s2", requestId=None),
    ]
    write_log(root, raw(*first))
    write_log(root, raw(*second), "s2.jsonl")
    return root


@given(st.lists(st.integers(0, 2_000)))
def test_every_request_is_in_one_block_that_began_with_a_request_less_than_five_hours_before(hours: list[int]) -> None:
    starts = block_starts(hours)
    assert set(starts) == set(hours)
    began = sorted(set(starts.values()))
    for hour, start in starts.items():
        assert starts[start] == start
        assert 0 <= hour - start < HOURS_PER_BLOCK
    assert all(later - sooner >= HOURS_PER_BLOCK for sooner, later in pairwise(began))


def keys(home: Path, logs: Path, *words: str) -> list[str]:
    return [row["key"] for row in Run(home, *words, str(logs), "--basis", "list", "--json").json["rows"]]


def test_blocks_are_five_hours_from_the_hour_of_their_first_request(home: Path, logs: Path) -> None:
    assert keys(home, logs, "blocks") == ["2026-03-05 10:00", "2026-03-05 15:00", "2026-03-06 23:00"]
    assert keys(home, logs, "blocks", "--tz", "Asia/Kolkata") == [
        "2026-03-05 15:30",
        "2026-03-05 20:30",
        "2026-03-07 04:30",
    ]


@pytest.mark.parametrize(
    ("alias", "by", "first"),
    [
        ("daily", "day", "2026-03-05"),
        ("weekly", "week", "2026-W10"),
        ("monthly", "month", "2026-03"),
        ("session", "session", "s1"),
        ("blocks", "block", "2026-03-05 10:00"),
    ],
)
def test_an_alias_is_usage_by(home: Path, logs: Path, alias: str, by: str, first: str) -> None:
    aliased = Run(home, alias, str(logs), "--json", "--basis", "list")
    assert aliased.json["rows"][0]["key"] == first
    assert aliased.out == Run(home, "usage", "--by", by, str(logs), "--json", "--basis", "list").out
    assert f"[default: {by}]" in Run(home, alias, "--help").out


@pytest.mark.slow
def test_an_alias_can_be_explained_and_is_suggested(home: Path, logs: Path) -> None:
    assert "list value" in Run(home, "explain", "--of", f"monthly {logs}", "/total/bases/list_usd").out
    assert 'unknown command "dayly"; did you mean "daily"' in Run(home, "dayly").err


def test_a_row_without_some_prices_is_a_lower_bound_and_says_so(home: Path, logs: Path) -> None:
    table = Run(home, "monthly", str(logs), "--basis", "list", "--json").json
    assert table["rows"][0]["unpriced_requests"] == table["unpriced"][0]["requests"] == 1
    text = Run(home, "monthly", str(logs), "--basis", "list").out
    assert "≥ 0.00" in text
    assert "Not priced: no-such-model-9 (1 request, 80 tokens)" in text
    unpriced = Run(home, "usage", str(logs), "--by", "model", "--basis", "list", "--format", "csv").out.splitlines()
    assert next(row for row in unpriced if "no-such" in row).endswith(",,")


@pytest.mark.parametrize("breakdown", [(), ("--breakdown",)])
def test_csv_says_what_json_says(home: Path, logs: Path, breakdown: tuple[str, ...]) -> None:
    table = Run(home, "daily", str(logs), "--json").json
    rows = list(csv.DictReader(io.StringIO(Run(home, "daily", str(logs), "--format", "csv", *breakdown).out)))
    assert sum(int(row["requests"]) for row in rows) == table["total"]["requests"]
    for name, count in table["total"]["tokens"].items():
        assert sum(int(row[f"{name}_tok"]) for row in rows) == count
    if not breakdown:
        assert [row["list_usd"] for row in rows] == [row["bases"]["list_usd"] for row in table["rows"]]
        market = table["rows"][0]["bases"]["market_usd"]
        assert float(rows[0]["market_usd_p50"]) == pytest.approx(market["p50"], rel=1e-5)


def test_csv_arms_no_spreadsheet_and_json_is_a_format(home: Path, logs: Path, tmp_path: Path) -> None:
    write_log(tmp_path, raw(line(sessionId="=cmd|calc")))
    assert "'=cmd|calc,1" in Run(home, "session", str(tmp_path), "--basis", "list", "--format", "csv").out
    asked = Run(home, "daily", str(logs), "--basis", "list", "--format", "json").out
    assert asked == Run(home, "daily", str(logs), "--basis", "list", "--json").out


def test_markdown_is_a_table_with_a_total(home: Path, logs: Path) -> None:
    lines = Run(home, "daily", str(logs), "--basis", "list", "--format", "markdown", "--breakdown").out.splitlines()
    assert lines[0] == "| day (UTC) | requests | tokens | cache reads | output | list USD |"
    assert lines[1] == "| --- | ---: | ---: | ---: | ---: | ---: |"
    assert lines[2].startswith("| 2026-03-05 | 3 | 240 | 38 % |")
    assert any(row.startswith("| ↳ claude-haiku-4-5 | 1 |") for row in lines)
    assert any(row.startswith("| **total** | **5** |") for row in lines)
    assert "- Skipped: 1 line (1 not a JSON object)" in lines


@pytest.mark.parametrize(
    ("option", "value", "requests"), [("--session", "s2", 2), ("--session", "s1", 3), ("--agent", "claude-code", 5)]
)
def test_filters_keep_what_they_name(home: Path, logs: Path, option: str, value: str, requests: int) -> None:
    table = Run(home, "daily", str(logs), "--basis", "list", option, value, "--json").json
    assert table["total"]["requests"] == requests
    missing = Run(home, "daily", str(logs), option, "nowhere")
    assert missing.status == 2
    assert f'{option}: no request of {option[2:]} "nowhere"' in missing.err


def lines(home: Path, logs: Path, *words: str) -> Any:
    return Run(home, "usage", str(logs), *words, "--json").json["lines"]


def test_the_lines_of_a_request_say_which_counted_and_why_others_did_not(home: Path, logs: Path) -> None:
    found = lines(home, logs, "--lines", "msg_1")
    (request,) = found["requests"]
    assert request["counted"]["origin"].endswith("s1.jsonl:387")
    assert request["counted"]["rule"] == "message id"  # the copy in the fork is as finished
    told = [(other["origin"].rpartition("/")[2], other["lines"], other["reason"]) for other in request["not_counted"]]
    assert told == [("s1.jsonl:0", 1, "earlier line of the response"), ("s2.jsonl:0", 1, "copy in another file")]
    assert request["tokens"]["output"] == 40
    assert [skip["reason"] for skip in found["skipped"]] == ["not a JSON object"]


@pytest.mark.slow
def test_the_lines_of_a_row_are_the_requests_of_the_table(home: Path, logs: Path) -> None:
    for by in ("day", "block", "session", "model", "project", "host", "agent", "month", "week"):
        for row in Run(home, "usage", str(logs), "--by", by, "--basis", "list", "--json").json["rows"]:
            found = lines(home, logs, "--by", by, "--lines", row["key"])
            assert len(found["requests"]) == row["requests"]
            outputs = sum(request["tokens"]["output"] for request in found["requests"])
            assert outputs == row["tokens"]["output"]


def test_the_lines_as_text(home: Path, logs: Path) -> None:
    text = Run(home, "usage", str(logs), "--lines", "chat-1").out
    assert "chat-1: 1 request counted, 0 more lines spoke of them" in text
    assert "i:chat-1@1772840400000  2026-03-06 23:40:00  claude-opus-4-6  10 input, 30 cache read, 40 output" in text
    assert "id and first time" in text


def test_lines_of_nothing_name_the_nearest_rows(home: Path, logs: Path) -> None:
    done = Run(home, "usage", str(logs), "--lines", "2026-03-04")
    assert done.status == 2
    assert '--lines: unknown row or request "2026-03-04"; did you mean "2026-03-0' in done.err
    assert "hint: a key of usage --by day, or the id of a request such as msg_…" in done.err
