"""``costbasis compare``: options, break-evens, hosting, price cuts; and one law: it agrees with ``report``."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costbasis.catalog import load_catalog
from costbasis.cli.replaying import replay
from costbasis.errors import BadArgument, BadOverride, CostbasisError
from costbasis.provenance import explain
from costbasis.reports.compare_text import compare_text
from costbasis.reports.leaf import at_pointer, plain

from .logs import line, raw, write_log

ESTIMATE = {"p10", "p50", "p90", "mean"}
CATALOG = load_catalog()


def run(words: str) -> dict[str, Any]:
    return replay(f"compare --quiet {words}")[1]


@pytest.fixture(scope="module")
def typical() -> dict[str, Any]:
    return run("--list-usd 5000")


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COSTBASIS_HOME", str(tmp_path / "cb"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def by_kind(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in found["options"]:
        kinds.setdefault(row["kind"], []).append(row)
    return kinds


def test_all_four_ways_are_there_with_intervals_cheapest_first(typical: dict[str, Any]) -> None:
    assert set(by_kind(typical)) == {"subscribe", "buy", "switch", "self-host"}
    medians = [row["usd_per_month"].estimate.p50 for row in typical["options"]]
    assert medians == sorted(medians)
    assert {row["option"] for row in by_kind(typical)["subscribe"]} == {
        "subscribe: Claude Pro",
        "subscribe: Claude Max 5x",
        "subscribe: Claude Max 20x",
    }


def test_the_object_keeps_its_contract(typical: dict[str, Any]) -> None:
    said = json.loads(json.dumps(plain(typical)))
    assert said["schema"] == "costbasis.compare/1"
    for row in said["options"]:
        assert set(row) >= {"option", "usd_per_month", "notes"}
        assert set(row["usd_per_month"]) == ESTIMATE
    for row in said["break_evens"]:
        assert set(row) >= {"between", "variable", "value"}
        assert set(row["value"]) == ESTIMATE
    assert said["usage"]["list_usd_per_month"]["p50"] == pytest.approx(5_000)


def test_a_plan_beats_list_above_its_price_and_what_passes_its_ceiling_is_bought(typical: dict[str, Any]) -> None:
    even = {row["between"]: row["value"].estimate.p50 for row in typical["break_evens"]}
    assert even["Claude Max 20x and buying at list"] == 200
    pro = next(row for row in typical["options"] if row["option"] == "subscribe: Claude Pro")["usd_per_month"]
    ceiling = CATALOG.quantity("population/anthropic-pro.ceiling_usd").draws
    np.testing.assert_allclose(pro.quantity().draws, 20 + 5_000 - ceiling, rtol=1e-6)


def test_at_its_break_even_a_plan_and_an_open_model_come_to_the_same(typical: dict[str, Any]) -> None:
    row = next(row for row in typical["break_evens"] if row["between"] == "Claude Max 20x and an open model")
    use = row["value"].quantity().draws
    switch = by_kind(typical)["switch"][0]["usd_per_month"].quantity().draws
    np.testing.assert_allclose(use * switch / 5_000, 200, rtol=1e-9)


def test_hosting_at_the_busy_share_where_it_wins_costs_what_the_hosts_charge(typical: dict[str, Any]) -> None:
    wins = next(row for row in typical["break_evens"] if row["unit"] == "frac" and "open model" in row["between"])
    load = typical["hosting"]["full_load_usd_per_month"].quantity().draws
    switch = by_kind(typical)["switch"][0]["usd_per_month"].quantity().draws
    np.testing.assert_allclose(load / wins["value"].quantity().draws, switch, rtol=1e-9)
    assert 0 < wins["value"].estimate.p50 < 1


def test_hosting_never_costs_less_than_one_replica(typical: dict[str, Any]) -> None:
    monthly = by_kind(typical)["self-host"][0]["usd_per_month"].quantity().draws
    assert (monthly >= typical["hosting"]["hire_usd_per_month"].quantity().draws * (1 - 1e-12)).all()
    assert typical["hosting"]["accelerators"] % 8 == 0


@pytest.mark.slow
def test_more_tokens_a_task_cost_as_many_times_more() -> None:
    once, twice = (
        by_kind(run(f"--list-usd 1000 --tokens-per-task {times}"))["switch"][0]["usd_per_month"].estimate.mean
        for times in (1, 2)
    )
    assert twice == pytest.approx(2 * once)


def test_a_price_cut_takes_from_owner_and_host_and_gives_to_the_reseller_s_plan(typical: dict[str, Any]) -> None:
    rows = typical["what_next"]
    assert [row["list_price_cut_frac"] for row in rows] == [0.0, 0.2, 0.4, 0.6, 0.8]
    for before, after in pairwise(rows):
        for who in ("model_owner_margin_frac", "open_weight_host_margin_frac"):
            assert (after[who].quantity().draws <= before[who].quantity().draws).all()
        assert (
            after["reseller_flat_plan_margin_frac"].estimate.p50 > before["reseller_flat_plan_margin_frac"].estimate.p50
        )
        assert after["reseller_at_list_margin_frac"].estimate == before["reseller_at_list_margin_frac"].estimate
    assert rows[0]["reseller_flat_plan_margin_frac"].estimate.p50 == pytest.approx(-0.23)


def test_scarcity_stands_beside_lambda_and_three_readings_beside_each_other(typical: dict[str, Any]) -> None:
    assert typical["scarcity"]["lambda_frac"].estimate.p50 == 0
    assert {row["points_to"] for row in typical["scarcity"]["evidence"]} == {"scarce", "slack"}
    assert set(typical["side_by_side"]) == {"serving", "marginal", "opportunity"}


def test_every_line_fits_a_terminal_of_80_columns(typical: dict[str, Any]) -> None:
    text = compare_text(typical, style=lambda text, **how: text)
    assert [line for line in text.splitlines() if len(line) > 80 and not line.startswith("Why?")] == []
    assert "is the busy share of your own machines; above it" in text


def test_an_option_is_explained_down_to_its_sources(typical: dict[str, Any]) -> None:
    index = [row["kind"] for row in typical["options"]].index("self-host")
    tree = json.dumps(explain(at_pointer(typical, f"/options/{index}/usd_per_month")))
    assert "hire_usd_per_month" in tree
    assert "tokens that an open model takes for the same task" in tree


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    lines = [
        line(
            f"msg_{day}_{number}",
            requestId=f"req_{day}_{number}",
            time=f"2026-03-{day:02d}T{9 + number:02d}:00:00.000Z",
            message={"model": model},
            usage={"cache_read_input_tokens": 150_000 + 1_000 * day, "output_tokens": 900 + number},
        )
        for day in range(2, 25)
        for number, model in enumerate(("claude-opus-4-6", "claude-haiku-4-5", "claude-opus-4-6"))
    ]
    write_log(tmp_path, raw(*lines))
    return tmp_path / "projects"


@pytest.mark.slow
def test_ladder_and_parties_agree_with_the_report_to_the_cent(logs: Path) -> None:
    """The same usage, the same plan: both commands must tell each party the same."""
    report = replay(f"report {logs} --plan anthropic/max_20x --tz UTC --quiet")[1]
    found = run(f"--usage {logs} --plan anthropic/max_20x --tz UTC")
    assert found["usage"]["days"] == report["period"]["days"]
    for ours, theirs in ((found["ladder"], report["ladder"]), (found["parties"], report["parties"])):
        assert len(ours) == len(theirs) > 3
        for mine, yours in zip(plain(ours), plain(theirs), strict=True):
            assert mine.keys() == yours.keys()
            for name, value in mine.items():
                if isinstance(value, dict) and set(value) == ESTIMATE:
                    for level in ESTIMATE:
                        assert value[level] == pytest.approx(yours[name][level], abs=0.005), (mine, name)
                else:
                    assert value == yours[name]


@pytest.mark.slow
def test_the_plan_s_margin_on_my_months_agrees_with_the_report_to_the_cent(logs: Path) -> None:
    report = replay(f"report {logs} --plan anthropic/max_20x --tz UTC --quiet")[1]["plan"]
    mine = replay(f"plan anthropic/max_20x --usage {logs} --tz UTC --quiet --as-of 2026-03-24")[1]["usage"]
    for name in ("price_usd", "margin_usd", "break_even_list_usd"):
        assert mine[name].estimate == pytest.approx(report[name].estimate, abs=0.005), name
    assert mine["p_profitable"] == report["p_profitable"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (
            "--list-usd -5",
            BadArgument,
            "--list-usd: a month's list value is above zero and at most 1,000,000,000,000, not -5\n"
            "hint: in US dollars: --list-usd 900",
        ),
        (
            "--list-usd 5 --sample",
            BadArgument,
            "compare: --list-usd stands in for logs\nhint: drop --usage or --sample",
        ),
        ("--list-usd 5 --on h3000", BadArgument, None),
        (
            "--list-usd 5 --host-model claude-opus-4-6",
            BadArgument,
            "--host-model: the size of claude-opus-4-6 is not published\nhint: name an open model",
        ),
        ("--list-usd 5 --tokens-per-task -1", CostbasisError, None),
        ("--list-usd 5 --tokens-per-task many", BadOverride, None),
        ("--model gpt-5", BadArgument, "--model: the logs say which model it was\nhint: use it with --list-usd"),
    ],
)
def test_bad_arguments_are_refused_with_the_way_out(
    words: str, error: type[CostbasisError], message: str | None
) -> None:
    with pytest.raises(error) as refused:
        run(words)
    if message is not None:
        assert str(refused.value) == message


def test_without_any_log_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(CostbasisError):
        run(f"--usage {tmp_path / 'nothing'}")
