"""Exports of gateways, tracers and providers: tokens conserved, keys and users kept, and what a bucket cannot tell."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from costbasis.errors import UnreadableInput
from costbasis.usage.bills.bill import read_bill
from costbasis.usage.events import TokenCounts, add_counts
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.readers import discover, reader_of

from .command import Run
from .fixture_trees import FIXTURES
from .older_ledger import make_older

LITELLM = FIXTURES / "litellm/exports/spend_logs.json"
OPENROUTER = FIXTURES / "openrouter/exports/openrouter_activity_2026-06-28.csv"
HELICONE = FIXTURES / "helicone/exports/requests.json"
LANGFUSE = FIXTURES / "langfuse/exports/observations_v2.jsonl"
SPANS = FIXTURES / "otel_genai/exports/spans.jsonl"
OPENAI = FIXTURES / "openai_usage_api/exports/usage_completions.json"
ANTHROPIC = FIXTURES / "anthropic_usage_api/exports/usage_report.json"
ANALYTICS = FIXTURES / "anthropic_usage_api/exports/user_usage_report.json"


def counted(path: Path) -> tuple[TokenCounts, list[str]]:
    data = path.read_bytes()
    reader = reader_of(str(path), data[:4096])
    assert reader is not None
    found = reader.read(data, str(path), 0, {})
    total = TokenCounts()
    for event in found.requests:
        total = add_counts(total, event.counts)
    return total, [skip.reason for skip in found.skipped]


def columns(path: Path, prompt: str, output: str) -> tuple[int, int]:
    rows = list(csv.DictReader(path.open()))
    return sum(int(row[prompt]) for row in rows), sum(int(row[output]) for row in rows)


def fields(path: Path, prompt: str, output: str) -> tuple[int, int]:
    said = json.loads(path.read_text())
    rows = said["data"] if isinstance(said, dict) else said
    rows = [result for row in rows for result in row.get("results", [row])]
    return sum(row[prompt] for row in rows), sum(row[output] for row in rows)


@pytest.mark.parametrize(
    ("path", "own"),
    [
        pytest.param(LITELLM, lambda: fields(LITELLM, "prompt_tokens", "completion_tokens"), id="litellm json"),
        pytest.param(
            LITELLM.with_suffix(".csv"),
            lambda: columns(LITELLM.with_suffix(".csv"), "prompt_tokens", "completion_tokens"),
            id="litellm csv",
        ),
        pytest.param(OPENROUTER, lambda: columns(OPENROUTER, "tokens_prompt", "tokens_completion"), id="openrouter"),
        pytest.param(OPENAI, lambda: fields(OPENAI, "input_tokens", "output_tokens"), id="openai"),
    ],
)
def test_tokens_are_those_of_the_files_own_columns(path: Path, own: Callable[[], tuple[int, int]]) -> None:
    total, skipped = counted(path)
    assert (total.prompt_tok, total.output_tok) == own()
    assert not skipped


def test_tokens_of_helicone_are_its_own_totals_less_what_its_cache_answered() -> None:
    total, _ = counted(HELICONE)
    rows = json.loads(HELICONE.read_text())["data"]
    assert total.prompt_tok + total.output_tok == sum(row["total_tokens"] for row in rows[:2])


def test_tokens_of_langfuse_are_its_own_totals() -> None:
    total, skipped = counted(LANGFUSE)
    rows = [json.loads(line) for line in LANGFUSE.read_text().splitlines()]
    assert total.prompt_tok + total.output_tok == sum(row["usage_details"].get("total", 0) for row in rows)
    assert skipped == ["no input tokens"]


def test_tokens_of_anthropics_reports_are_their_own_sums() -> None:
    total, _ = counted(ANTHROPIC)
    results = json.loads(ANTHROPIC.read_text())["data"][0]["results"]
    assert total.cache_read_tok == sum(result["cache_read_input_tokens"] for result in results)
    assert total.cache_write_5m_tok == 500 + 4_000_000
    assert total.input_tok == 1500 + 150_000
    analytics, _ = counted(ANALYTICS)
    assert analytics.prompt_tok + analytics.output_tok == 5_377_000, "its total_tokens"


def test_a_wrapper_span_adds_nothing_to_the_calls_below_it() -> None:
    total, skipped = counted(SPANS)
    assert (total.prompt_tok, total.output_tok) == (500 + (12 + 9000 + 700) + 1000, 200 + 80)
    assert skipped == ["told by the spans below it"]


def test_one_emitter_that_counts_cache_beside_input_says_nothing_of_another(tmp_path: Path) -> None:
    rules = {}
    ledger = open_ledger([SPANS], folder=tmp_path)
    ledger.update()
    for rule, model in ledger.connection.execute("SELECT rule, model FROM request"):
        rules[model] = rule
    ledger.close()
    assert rules["gpt-5.4"] == "trace and span, cache within input"
    assert rules["claude-opus-4-6"] == "trace and span, cache beside input"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("key", {"advice-chat": 2, "key 99aa11ee": 1}),
        ("user", {"end-user-731": 1, "dev@example.com": 1, "unknown": 1}),
    ],
)
def test_a_gateways_log_is_told_by_key_and_by_user(by: str, wanted: dict[str, int], tmp_path: Path) -> None:
    run = Run(tmp_path, "usage", str(LITELLM), "--by", by, "--json")
    assert {row["key"]: row["requests"] for row in run.json["rows"]} == wanted
    assert run.json["total"]["requests"] == 3


def test_a_whole_key_is_never_kept(tmp_path: Path) -> None:
    ledger = open_ledger([LITELLM], folder=tmp_path)
    ledger.update()
    ledger.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"99aa11ee50f144" not in kept


def usage(path: Path, tmp_path: Path, *words: str) -> Any:
    return Run(tmp_path, "usage", str(path), "--json", *words).json


@pytest.mark.slow
def test_a_bucket_counts_its_requests_and_prices_them_at_their_mean_context(tmp_path: Path) -> None:
    """900,000 input tokens in 60 requests are 15,000 each: no long-context price."""
    said = usage(OPENAI, tmp_path, "--since", "2026-06-01")
    assert said["total"]["requests"] == 160
    unpriced = Run(tmp_path, "usage", str(OPENAI)).err + Run(tmp_path, "usage", str(OPENAI)).out
    assert "(model not logged) (5 requests, 1.50 k tokens)" in unpriced, "a bucket without a model has five"
    standard = 400_000 * 2.5 + 500_000 * 0.25 + 30_000 * 15
    batch = 400_000 * 1.25 + 20_000 * 7.5
    assert float(said["total"]["bases"]["list_usd"]) == pytest.approx((standard + batch) / 1e6, rel=1e-12)
    assert [warning["kind"] for warning in said["warnings"]] == ["bucket totals"]


@pytest.mark.slow
def test_buckets_without_a_number_of_requests_say_so_and_count_none(tmp_path: Path) -> None:
    said = usage(ANTHROPIC, tmp_path)
    assert said["total"]["requests"] == 0
    told = next(warning for warning in said["warnings"] if warning["kind"] == "bucket totals")
    assert "tells no number of requests" in told["effect"]
    assert said["total"]["tokens"]["cache_read"] == 90_000_200


def test_a_bucket_keeps_the_context_of_one_of_its_requests(tmp_path: Path) -> None:
    ledger = open_ledger([OPENAI], folder=tmp_path)
    ledger.update()
    row = ledger.connection.execute(
        "SELECT prompt_tok, context_bucket, output_ctx_tok2, new_ctx_tok2 FROM request WHERE requests = 60"
    ).fetchone()
    ledger.close()
    each, output, new, cached = 15_000, 500, 400_000 / 60, 500_000 / 60
    assert row[:2] == (each, 13)
    assert row[2] == pytest.approx(60 * output * (each + output / 2))
    assert row[3] == pytest.approx(60 * new * (cached + new / 2))


def test_a_ledger_of_version_5_is_taken_over(tmp_path: Path) -> None:
    """Version 5 ended with why a file counts before others: no key, no user, and one call a row."""
    ledger = open_ledger([LITELLM], folder=tmp_path)
    ledger.update()
    make_older(ledger.connection, 5)
    ledger.close()
    again = open_ledger([LITELLM], folder=tmp_path)
    again.update()
    told = again.connection.execute("SELECT COUNT(*), SUM(requests), MAX(api_key) FROM request").fetchone()
    again.close()
    assert told == (3, 3, "")


def test_readers_of_exports_have_no_place_in_a_home() -> None:
    exports = {name for name, reader in discover().items() if not reader.roots({}, Path("/home/x"))}
    assert exports == {
        "anthropic-usage-api", "helicone", "langfuse", "litellm", "openai-usage-api", "openrouter", "otel-genai",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (LITELLM, "0.03683"),
        (LITELLM.with_suffix(".csv"), "0.002155"),
        (OPENROUTER, "0.01712355"),
        (HELICONE, "0.00935"),
        (LANGFUSE, "0.089575"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_dollars_are_those_of_the_files_own_column_to_the_last_digit(path: Path, own: str) -> None:
    lines = read_bill(path)
    assert sum(line.pico_usd for line in lines) == Decimal(own) * 10**12
    assert {line.kind for line in lines} == {"usage"}


def test_anthropics_fractional_cents_are_exact(tmp_path: Path) -> None:
    """The example of the cost report's documentation: "123.78912" is 1.2378912 dollars."""
    result = {"amount": "123.78912", "currency": "USD", "cost_type": "tokens", "model": "claude-opus-5"}
    days = {"starting_at": "2025-08-01T00:00:00Z", "ending_at": "2025-08-02T00:00:00Z"}
    path = tmp_path / "cost_report.json"
    path.write_text(json.dumps({"data": [{**days, "results": [result]}], "has_more": False}))
    assert [line.pico_usd for line in read_bill(path)] == [1_237_891_200_000]
    path.write_text(json.dumps({"data": [{**days, **result, "list_amount": "150.0"}], "has_more": False}))
    assert [line.pico_usd for line in read_bill(path)] == [1_237_891_200_000], "the analytics' rows hold no results"


def test_a_gateways_log_is_its_own_bill_beside_list(tmp_path: Path) -> None:
    run = Run(tmp_path, "usage", str(LITELLM), "--invoice", str(LITELLM), "--json")
    rows = {(row["from"], row["model"]): row for row in run.json["invoice"]["rows"]}
    assert rows["2026-08-28", "gpt-5.4"]["billed_usd"] == "0.0071"
    at_list = (2000 * 2.5 + 8000 * 0.25 + 200 * 15) / 1e6
    assert float(rows["2026-08-28", "gpt-5.4"]["list_usd"]) == pytest.approx(at_list)


def test_an_amount_that_is_none_is_named_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(OPENROUTER.read_text().replace("0.00412355", "lots"))
    with pytest.raises(UnreadableInput) as error:
        read_bill(path)
    assert str(error.value) == f'{path}:3: amount "lots" is not a number\nhint: write it as "4312.10"'


def test_an_export_with_a_row_that_cannot_be_counted_is_reported_and_imported_only_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(OPENROUTER.read_text().replace(",22000,640,", ",-22000,640,"))
    said = usage(path, tmp_path)
    assert said["skipped"]["reasons"] == {"a token count that is no whole number below 10 billion": 1}
    assert said["warnings"][0]["first"] == f"{path}:3" or any(w["first"] == f"{path}:3" for w in said["warnings"])
    refused = Run(tmp_path, "import", str(path), "--out", "kept.jsonl")
    assert (refused.status, (tmp_path / "kept.jsonl").exists()) == (2, False)
    assert "row 3: a token count that is no whole number" in refused.err


def test_rows_exported_twice_count_once(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    header, *rows = OPENROUTER.read_text().splitlines(keepends=True)
    path.write_text(header + "".join(rows) + "".join(rows))
    assert usage(path, tmp_path)["total"]["requests"] == len(rows)


def test_a_table_that_nobody_knows_leads_to_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("when,what\n1,2\n")
    run = Run(tmp_path, "usage", str(path))
    assert run.err.splitlines()[1] == f"hint: costbasis import --guess {path} proposes what its columns mean"


def test_anthropics_cost_report_is_reconciled_with_its_usage_report(tmp_path: Path) -> None:
    """The documented example: 1,500 at $5, 500 at 6.25, 1,000 at 10, 200 at 0.50, 500 at 25, ten searches at a cent."""
    said = json.loads(ANTHROPIC.read_text())
    del said["data"][0]["results"][1]
    use = tmp_path / "usage_report.json"
    use.write_text(json.dumps(said))
    listed = Decimal("0.0075") + Decimal("0.003125") + Decimal("0.01") + Decimal("0.0001") + Decimal("0.0125")
    days = {"starting_at": "2026-08-01T00:00:00Z", "ending_at": "2026-08-02T00:00:00Z"}
    result = {"currency": "USD", "model": "claude-opus-4-6", "cost_type": "tokens"}
    billed = [
        {**result, "amount": str(listed * 100 * Decimal("0.8"))},
        {**result, "amount": "8", "cost_type": "web_search"},
    ]
    cost = tmp_path / "cost_report.json"
    cost.write_text(json.dumps({"data": [{**days, "results": billed}], "has_more": False}))
    run = Run(tmp_path, "usage", str(use), "--invoice", str(cost), "--json").json["invoice"]
    assert [(row["state"], row["requests"]) for row in run["rows"]] == [("matched", 0)]
    assert Decimal(run["rows"][0]["list_usd"]) == listed + Decimal("0.1")
    assert run["realised_over_list_frac"]["mid"] == pytest.approx(0.8, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("path", [ANTHROPIC, OPENAI, LITELLM], ids=lambda path: path.parent.parent.name)
def test_a_plan_is_looked_at_with_the_use_of_an_export(path: Path, tmp_path: Path) -> None:
    run = Run(tmp_path, "plan", "anthropic/max_20x", "--usage", str(path), "--json")
    assert run.status == 0, run.err


@pytest.mark.slow
def test_a_report_of_which_pages_are_missing_says_so(tmp_path: Path) -> None:
    path = tmp_path / "usage.json"
    path.write_text(OPENAI.read_text().replace('"has_more": false', '"has_more": true'))
    said = usage(path, tmp_path)
    assert said["skipped"]["reasons"] == {"the last page says that there are more": 1}
    first, last = OPENAI.read_text().replace('"has_more": false', '"has_more": true'), OPENAI.read_text()
    path.write_text(f"[{first}, {last}]")
    assert usage(path, tmp_path)["skipped"]["lines"] == 0, "all pages in one list"
