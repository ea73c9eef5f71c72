"""The synthetic month is what it says: the same bytes, true totals, and the measured mix of an agent."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costbasis.errors import BadArgument, UnreadableInput
from costbasis.usage.sample import SampleTruth, write_sample
from costbasis.usage.samplemonth import SampleMonth

from .request_rows import HAIKU, OPUS

MIX = {"cache_read_tok": 0.9695, "cache_write": 0.0192, "input_tok": 0.0070, "output_tok": 0.0043}
"""Shares of tokens of 42,363 requests of one heavy user of a coding agent."""

CLASSES = ("input_tok", "cache_write_5m_tok", "cache_write_1h_tok", "cache_read_tok", "output_tok")

USD_PER_MTOK = {
    OPUS: dict(zip(CLASSES, (5.0, 6.25, 10.0, 0.5, 25.0), strict=True)),
    HAIKU: dict(zip(CLASSES, (1.0, 1.25, 2.0, 0.1, 5.0), strict=True)),
}


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> SampleTruth:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def lines(truth: SampleTruth) -> list[tuple[Path, dict[str, Any]]]:
    return list(parsed(truth.folder))


def parsed(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield path, json.loads(line)


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def responses(lines: list[tuple[Path, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line that carries a response, mirrors and replays too: its time and its message."""
    for _, line in lines:
        if line["type"] == "assistant":
            yield line["timestamp"], line["message"]
        elif line["type"] == "progress":
            yield line["data"]["message"]["timestamp"], line["data"]["message"]["message"]


def requests(lines: list[tuple[Path, dict[str, Any]]]) -> dict[str, tuple[int, str, dict[str, Any]]]:
    """The requests behind the lines: the most output of each message id, at the first line that shows it."""
    best: dict[str, tuple[int, str, dict[str, Any]]] = {}
    for time, message in responses(lines):
        output = message["usage"]["output_tokens"]
        known = best.get(message["id"])
        if known is None or (-output, time) < (-known[0], known[1]):
            best[message["id"]] = (output, time, message)
    return best


def columns(usage: dict[str, Any]) -> dict[str, int]:
    """The amounts of a request, named as in truth.json."""
    return {
        "requests": 1,
        "input_tok": usage["input_tokens"],
        "cache_write_5m_tok": usage["cache_creation"]["ephemeral_5m_input_tokens"],
        "cache_write_1h_tok": usage["cache_creation"]["ephemeral_1h_input_tokens"],
        "cache_read_tok": usage["cache_read_input_tokens"],
        "output_tok": usage["output_tokens"],
        "web_searches": usage.get("server_tool_use", {}).get("web_search_requests", 0),
    }


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(truth: SampleTruth, tmp_path: Path) -> None:
    again, other = write_sample(tmp_path / "again"), write_sample(tmp_path / "other", seed=2)
    assert digest(again.folder) == digest(truth.folder)
    assert again.daily == truth.daily
    assert digest(other.folder) != digest(truth.folder)


def test_a_folder_with_other_logs_is_left_alone(tmp_path: Path) -> None:
    logs = tmp_path / "projects" / "mine.jsonl"
    logs.parent.mkdir()
    logs.write_text("{}\n", "utf-8")
    with pytest.raises(BadArgument) as caught:
        write_sample(tmp_path)
    assert str(caught.value) == f"{tmp_path}: the folder holds other logs\nhint: write the sample to a new folder"
    assert logs.read_text("utf-8") == "{}\n"


def test_the_truth_is_what_the_requests_add_up_to(truth: SampleTruth, lines: list[tuple[Path, dict[str, Any]]]) -> None:
    """Counted again from the files, by day and model; lines that repeat a request are there and change nothing."""
    counted: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for _, time, message in requests(lines).values():
        for column, amount in columns(message["usage"]).items():
            counted[time[:10]][message["model"]][column] += amount
    assert counted == truth.daily
    assert truth.total("requests") == truth.requests
    assert truth.total("web_searches") == truth.web_searches
    assert sum(1 for _ in responses(lines)) > 1.2 * truth.requests


def test_the_truth_is_written_beside_the_logs_and_says_that_they_are_synthetic(truth: SampleTruth) -> None:
    written = json.loads((truth.folder / "truth.json").read_text("utf-8"))
    assert written["daily"] == truth.daily
    assert (written["requests"], written["web_searches"]) == (truth.requests, truth.web_searches)
    assert "made up" in written["synthetic"]
    assert "synthetic" in (truth.folder / "README.txt").read_text("utf-8")


def test_the_mix_of_tokens_is_the_one_measured_for_agents(truth: SampleTruth) -> None:
    totals = {name: truth.total(name) for name in CLASSES}
    totals["cache_write"] = totals["cache_write_5m_tok"] + totals["cache_write_1h_tok"]
    everything = sum(totals[name] for name in CLASSES)
    for name, share in MIX.items():
        assert totals[name] / everything == pytest.approx(share, abs=0.0015)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_month_is_worth_about_five_thousand_dollars_at_list(seed: int, tmp_path: Path) -> None:
    month = write_sample(tmp_path, seed=seed)
    usd = sum(
        amounts[name] * usd_per_mtok / 1e6
        for models in month.daily.values()
        for model, amounts in models.items()
        for name, usd_per_mtok in USD_PER_MTOK[model].items()
    )
    assert usd + 0.01 * month.web_searches == pytest.approx(5_000, rel=0.04)


@pytest.mark.slow
def test_the_month_looks_like_a_heavy_user_s(truth: SampleTruth, lines: list[tuple[Path, dict[str, Any]]]) -> None:
    prompts = []
    for _, time, message in requests(lines).values():
        assert "2026-03-01" <= time[:10] <= "2026-03-30"
        amounts = columns(message["usage"])
        prompts.append(sum(amounts[name] for name in CLASSES if name != "output_tok"))
    assert 45_000 <= len(prompts) <= 65_000
    assert 100_000 <= sum(prompts) / len(prompts) <= 150_000
    assert max(prompts) < 200_000
    assert 22 <= len(truth.daily) <= 26
    small = sum(models.get(HAIKU, {"requests": 0})["requests"] for models in truth.daily.values())
    assert 0.02 <= small / truth.requests <= 0.06


def test_every_line_is_labelled_and_carries_no_payload(lines: list[tuple[Path, dict[str, Any]]]) -> None:
    for path, line in lines:
        assert "costbasis-sample" in line["cwd"]
        assert line["version"].endswith("-costbasis-sample")
        assert "costbasis-sample" in str(path)
    assert {str(message["content"]) for _, message in responses(lines)} == {"[]"}


def test_the_month_holds_what_makes_logs_hard_to_count(lines: list[tuple[Path, dict[str, Any]]]) -> None:
    where: dict[str, set[Path]] = defaultdict(set)
    outputs: dict[str, set[int]] = defaultdict(set)
    for path, line in lines:
        if line["type"] == "assistant":
            where[line["message"]["id"]].add(path)
            outputs[line["message"]["id"]].add(line["message"]["usage"]["output_tokens"])
    assert any(len(paths) == 2 for paths in where.values()), "no fork"
    assert any(len(seen) == 2 for seen in outputs.values()), "no partial output"
    assert any(line["type"] == "progress" for _, line in lines), "no mirror"
    assert any(line["isSidechain"] and path.parent.name == "subagents" for path, line in lines), "no subagent"


def test_the_sample_is_small(truth: SampleTruth) -> None:
    assert sum(path.stat().st_size for path in truth.folder.rglob("*.jsonl")) <= 60_000_000


def test_a_month_that_cannot_be_written_says_where_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("no folder")
    with pytest.raises(UnreadableInput) as caught:
        SampleMonth(tmp_path / "full", 1).fill()
    assert str(caught.value) == (
        f"{tmp_path / 'full'}: the sample month cannot be written: Not a directory\n"
        "hint: make room, or set TMPDIR to a folder on another disk"
    )
