"""Traces and engines' counters as workloads: lengths, arrivals and cached share as their authors publish them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.servermetrics import read_metrics
from costbasis.catalog.traces import Trace, parse_trace, shipped_trace, shipped_traces
from costbasis.catalog.workloadfile import find_workload
from costbasis.errors import UnknownName, UnreadableInput
from costbasis.quantity import Source

from .command import Run
from .fixture_trees import FIXTURES

CATALOG = load_catalog()
VLLM, SGLANG = FIXTURES / "traces/vllm_metrics.txt", FIXTURES / "traces/sglang_metrics.txt"
HERE = Source("a test")
AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens\n"

PUBLISHED = {
    # requests and means as their publishers state them (Azure's public dataset; Mooncake, FAST 2025, table of traces);
    # cached shares by token, counted from the hashes or the logged prefixes
    "azure-code-2023": (8_819, 2048, 28, None),
    "azure-chat-2023": (19_366, 1155, 211, None),
    "mooncake-chat": (12_031, 12_035, 343, 0.374),
    "mooncake-synthetic": (3_993, 15_325, 149, 0.651),
    "tracelab-example": (19, 27_053, 597, 0.921),
}


def test_every_trace_that_ships_has_a_source_a_licence_and_a_case_here() -> None:
    assert set(shipped_traces()) == set(PUBLISHED)
    for told in shipped_traces().values():
        assert told["source"] and told["licence"] and told["as_of"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_trace_that_ships_has_the_published_means(name: str) -> None:
    requests, isl, osl, share = PUBLISHED[name]
    trace = shipped_trace(name)
    load = trace.workload()
    assert (len(trace.isl_tok), round(load.isl_tok), round(load.osl_tok)) == (requests, isl, osl)
    assert trace.cached_frac == (None if share is None else pytest.approx(share, abs=0.0006))
    assert load.hourly_load == (), "none of them tells a day"
    assert (load.held_s > 0) == (share is not None)


def test_the_burst_of_the_azure_code_trace_is_there() -> None:
    assert shipped_trace("azure-code-2023").peak_minute_over_mean == pytest.approx(4.2, abs=0.2)


def mooncake(*requests: tuple[int, int, int, list[int]]) -> Trace:
    keys = ("timestamp", "input_length", "output_length", "hash_ids")
    lines = [json.dumps(dict(zip(keys, request, strict=True))) for request in requests]
    return parse_trace("\n".join(lines).encode(), "t", HERE)


def test_cached_is_the_leading_run_of_blocks_that_were_seen() -> None:
    trace = mooncake(
        (0, 1024, 1, [1, 2]),
        (1000, 1600, 1, [1, 2, 3, 4]),  # two blocks of the first
        (2000, 1000, 1, [9, 2]),  # the first block is new, so nothing
        (5000, 600, 1, [1, 2]),  # two blocks, but only 600 tokens long
    )
    assert trace.cached_tok is not None
    assert trace.cached_tok.tolist() == [0, 1024, 0, 600]
    assert trace.gap_s.tolist() == [1.0, 3.0]
    assert trace.held_s == 1.0, "1,024 of 1,624 cached tokens waited a second"


def test_the_cached_share_never_falls_with_a_longer_trace_of_the_same_prompt() -> None:
    shares = [mooncake(*((t, 512, 1, [1]) for t in range(n))).cached_frac or 0.0 for n in range(1, 9)]
    assert shares == sorted(shares)
    assert shares[0] == 0


def test_a_trace_of_days_tells_its_hours() -> None:
    lines = [f"2024-05-{10 + hour // 24:02d} {hour % 24:02d}:30:00.0000000,100,10" for hour in range(49)]
    lines += [lines[9]] * 5
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "\n".join(lines)
    load = parse_trace(text.encode(), "t", HERE).workload()
    assert len(load.hourly_load) == 24
    assert int(np.argmax(load.hourly_load)) == 9


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"timestamp": 0, "input_length": -5, "output_length": 1}', 't:1: input_length "-5" is no count'),
        ('{"timestamp": 0, "input_length": 5, "output_length": 1}\n{"a', "t:2: not JSON"),
        (
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.97,48",
            't:2: GeneratedTokens "None" is no count',
        ),
        (AZURE + "noon,48,1", 't:2: "noon" is no time'),
        (AZURE, "t: a trace without requests"),
    ],
)
def test_a_line_that_is_no_request_is_named(text: str, told: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        parse_trace(text.encode(), "t", HERE)
    assert str(error.value).splitlines()[0] == told


def test_vllm_tells_lengths_and_hits() -> None:
    load, notes = find_workload(str(VLLM), "chat", CATALOG)
    assert (load.isl_tok, load.osl_tok, load.cached_frac) == (2400.0, 200.0, 0.25)
    assert "input p50 up to 2,000, p90 up to 5,000" in notes[1]
    assert "counters tell no hour, user or request" in notes[1]


def test_sglang_tells_lengths_and_hits_as_in_its_manual() -> None:
    load, _ = find_workload(str(SGLANG), "chat", CATALOG)
    assert load.isl_tok == pytest.approx(8_128_902 / 11_008)
    assert load.osl_tok == pytest.approx(7_557_572 / 11_008)
    assert load.cached_frac == pytest.approx(0.0075075526)


def test_metrics_of_several_models_are_not_mixed() -> None:
    two = VLLM.read_text() + VLLM.read_text().replace("Llama-3.1-8B", "Llama-3.3-70B")
    with pytest.raises(UnreadableInput) as error:
        read_metrics(two, "m")
    assert error.value.what.startswith("metrics of 2 models: meta-llama/Llama-3.1-8B-Instruct, ")
    assert read_metrics(two, "m", model="meta-llama/Llama-3.3-70B-Instruct").requests == 20


@pytest.mark.parametrize(("old", "new"), [(" 48000.0\n", " lots\n"), ('le="1000.0",', "")])
def test_a_metric_that_makes_no_sense_is_named_by_its_line(old: str, new: str) -> None:
    with pytest.raises(UnreadableInput) as error:
        read_metrics(VLLM.read_text().replace(old, new, 1), "m")
    assert error.value.where.startswith("m:")


def test_an_engine_without_a_finished_request_is_no_workload(tmp_path: Path) -> None:
    path = tmp_path / "metrics.txt"
    path.write_text('vllm:prompt_tokens_total{model_name="m"} 0.0\nvllm:request_success_total{model_name="m"} 0.0\n')
    with pytest.raises(UnreadableInput) as error:
        find_workload(str(path), "chat", CATALOG)
    assert error.value.what == "no finished request was counted"


def test_a_name_of_nothing_gets_the_nearest_and_all_that_are_known() -> None:
    with pytest.raises(UnknownName) as error:
        find_workload("mooncake-chatt", "chat", CATALOG)
    assert 'did you mean "mooncake-chat" or' in error.value.what
    assert "azure-code-2023" in error.value.hint


def test_serving_takes_a_trace_and_says_what_its_mean_leaves_out(tmp_path: Path) -> None:
    run = Run(tmp_path, "serving", "deepseek-v3", "--on", "8xh200-sxm", "--workload", "azure-chat-2023", "--json")
    assert round(run.json["workload"]["isl_tok"]) == 1155
    told = [warning["effect"] for warning in run.json["warnings"] if warning["kind"] == "workload"]
    assert told[0].startswith("19,366 requests in 58 minutes: input p10 207, p50 1,020, p90 2,734")
