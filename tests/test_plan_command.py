"""``costbasis plan``: the Max 20x question, plan and population files, limits on a timeline, and what is refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costbasis.catalog import load_catalog
from costbasis.cli.app import app
from costbasis.cli.plan import build
from costbasis.cli.plan import command as plan_command
from costbasis.cli.replaying import replay
from costbasis.cli.session import split_session
from costbasis.errors import BadArgument, BadOverride, BadPlan, BadPopulation, CostbasisError
from costbasis.plans.files import limit_of_text
from costbasis.plans.timeline import all_together, cuts, timeline_of
from costbasis.provenance import explain
from costbasis.quantity import Source
from costbasis.reports.leaf import at_pointer, plain
from costbasis.reports.plan_text import plan_text

from .logs import line, raw, write_log
from .test_bases import cell

MAX_20X = "anthropic/max_20x"
ESTIMATE = {"p10", "p50", "p90", "mean"}
CATALOG = load_catalog()


def run(*words: str) -> dict[str, Any]:
    """The object that the command makes of these words."""
    context = plan_command.make_context("plan", ["--quiet", *words], parent=click.Context(app))
    session, own = split_session(context.params)
    return build(session, **own)


def text_of(result: dict[str, Any]) -> str:
    return plan_text(result, style=lambda text, **how: text)


@pytest.fixture(scope="module")
def max_20x() -> dict[str, Any]:
    return run(MAX_20X)


def test_the_max_20x_question_cannot_be_determined_from_public_data(max_20x: dict[str, Any]) -> None:
    text = text_of(max_20x)
    assert max_20x["answer"] == "cannot be determined from public data"
    assert "Does it pay the model owner? cannot be determined from public data\n" in text
    flowing = " ".join(text.split())
    assert "break-even mean utilisation: 10 % to 25 %, as use costs 25 % to 10 % of list (21 % at 12 %)" in flowing
    assert "Chance that it pays, by what use costs and how much is used" in text
    assert 0.1 < max_20x["p_profitable"] < 0.9
    assert not max_20x["population"]["identified"]


def test_break_even_utilisation_is_that_of_the_published_study(max_20x: dict[str, Any]) -> None:
    at = {row["cost_over_list"]: row["mean_utilisation"] for row in max_20x["break_even_at"]}
    assert at[0.25] == pytest.approx(0.10, rel=0.01)
    assert at[0.12] == pytest.approx(0.208, rel=0.01)
    assert at[0.1] == pytest.approx(0.25, rel=0.01)


def test_the_object_keeps_its_contract(max_20x: dict[str, Any]) -> None:
    said = json.loads(json.dumps(plain(max_20x)))
    assert said["schema"] == "costbasis.plan/1"
    assert set(said) >= {"as_of", "version", "seed", "catalogue_sha256", "warnings", "plan", "party", "days", "answer"}
    for name in ("price_usd", "margin_usd", "share_unprofitable", "break_even_list_usd"):
        assert set(said[name]) == ESTIMATE, name
    assert isinstance(said["p_profitable"], float)
    assert isinstance(said["population"]["identified"], bool)
    assert len(said["population"]["solutions"]) == 3
    for row in said["map"]:
        assert set(row) == {"cost_over_list", "mean_utilisation", "p_profitable"}
        assert 0 <= row["p_profitable"] <= 1
    assert {row["basis"] for row in said["by_basis"]} >= {"list", "realised", "market", "serving", "opportunity"}


def test_the_map_says_no_where_use_is_dear_and_high_and_yes_where_neither(max_20x: dict[str, Any]) -> None:
    cells = {(row["cost_over_list"], row["mean_utilisation"]): row["p_profitable"] for row in max_20x["map"]}
    for (ratio, use), chance in cells.items():
        for (dearer, more), other in cells.items():
            if dearer >= ratio and more >= use:
                assert other <= chance
    assert cells[0.05, 0.02] == 1
    assert cells[0.6, 0.6] == 0


@pytest.mark.parametrize(("utilisation", "answer"), [("0.01", "yes"), ("0.02..0.04", "probably yes"), ("0.9", "no")])
def test_with_a_utilisation_of_the_user_it_decides(utilisation: str, answer: str) -> None:
    found = run(MAX_20X, "--utilisation", utilisation)
    assert found["answer"] == answer
    assert found["population"]["identified"]
    assert f"pay the model owner? {answer} (in " in text_of(found)


@pytest.mark.slow
def test_between_the_two_it_decides_with_its_chance() -> None:
    for utilisation in ("0.15", "0.3"):
        found = run(MAX_20X, "--utilisation", utilisation)
        likely = "probably yes" if found["p_profitable"] >= 0.5 else "probably no"
        assert found["answer"] == likely


def test_every_line_fits_a_terminal_of_80_columns(max_20x: dict[str, Any]) -> None:
    assert [line for line in text_of(max_20x).splitlines() if len(line) > 80 and not line.startswith("Why?")] == []


def test_a_printed_number_is_explained_down_to_its_sources() -> None:
    _, result = replay(f"plan {MAX_20X}")
    tree = json.dumps(explain(at_pointer(result, "/margin_usd")))
    assert "mean use of a plan over its ceiling: no vendor publishes it" in tree
    assert "spread of the logarithm of use between people" in tree


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_the_command_that_makes_it_again_makes_it_again(tmp_path: Path) -> None:
    words = (MAX_20X, "--utilisation", "0.03..0.06", "--cap", "week=300usd", "--target-margin", "0.3", "--seed", "7")
    found = run(*words)
    command = found["reproduce"]["command"]
    assert command == (
        f"costbasis plan {MAX_20X} --utilisation 0.03..0.06 --cap week=300usd --target-margin 0.3 --seed 7"
    )
    assert plain(replay(command)[1]) == plain(found)


def test_a_plan_file_and_a_file_of_users_are_used(tmp_path: Path) -> None:
    plan = write(
        tmp_path,
        "p.toml",
        'vendor = "acme"\nprice_usd_per_month = 60\nceiling_usd = [300, 400, 500]\nmodel = "claude-opus-4-6"\n'
        '[[limit]]\nwindow = "week"\nunit = "prompts"\namount = [50, 100, 200]\n',
    )
    users = write(tmp_path, "u.csv", "user,use_usd\n" + "".join(f"{i},{10 * i}\n" for i in range(1, 11)))
    found = run(plan, "--party", "reseller", "--population", users, "--cost-over-list", "0.5")
    assert found["population"]["kind"] == "per-user file"
    assert found["population"]["mean_use_usd"].estimate.p50 == pytest.approx(55)
    assert found["margin_usd"].estimate.p50 == pytest.approx(60 - 27.5)
    assert found["share_unprofitable"].estimate.p50 == 0
    assert found["answer"] == "yes"
    assert found["limits"][0]["unit"] == "prompts"


@pytest.mark.slow
def test_a_sample_of_users_widens_the_answer(tmp_path: Path) -> None:
    users = write(tmp_path, "u.csv", "user,use_usd\n" + "".join(f"{i},{40 * i * i}\n" for i in range(1, 13)))
    everybody, some = run(MAX_20X, "--population", users), run(
        MAX_20X, "--population", users, "--population-is-a-sample"
    )  # fmt: skip
    assert some["population"]["kind"] == "sample of users"
    width = [found["population"]["mean_use_usd"].estimate for found in (everybody, some)]
    assert width[1].p90 / width[1].p10 > width[0].p90 / width[0].p10
    assert "binning moves a mean by at most" in some["population"]["why"]


def test_statistics_with_two_solutions_keep_both(tmp_path: Path) -> None:
    path = write(tmp_path, "s.toml", "[statistics]\nmean_usd = 600\np90_usd = 1200\n")
    found = run(MAX_20X, "--population", path)
    assert [round(row["sigma"], 2) for row in found["population"]["solutions"]] == [0.78, 1.79]
    assert not found["population"]["identified"]
    assert "every solution that the data allow:" in text_of(found)


def test_a_plan_that_pays_even_at_full_use_pays(tmp_path: Path) -> None:
    path = write(tmp_path, "p.toml", "price_usd_per_month = 100\nceiling_usd = 50\n")
    assert run(path, "--party", "reseller")["answer"] == "yes"


def test_a_plan_without_ceiling_and_people_is_undetermined() -> None:
    found = run("google/pro")
    assert found["answer"] == "cannot be determined from public data"
    assert found["population"]["why"] == "neither the plan's ceiling nor its subscribers' use is known"
    assert found["map"] == []


def test_only_a_five_hour_limit_is_no_ceiling() -> None:
    assert run("zai/pro")["ceiling_says"] == "not known"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("price_usd_per_month = -5\n", BadPlan, "the price is negative: -5\nhint: a price is at least 0 USD a month"),
        (
            'price_usd_per_month = 5\ncurrency = "EUR"\n',
            BadPlan,
            "the price is in EUR, not USD\nhint: convert it to USD first",
        ),
        ("vendor = 'x'\n", BadPlan, "the plan has no price\nhint: write price_usd_per_month = 20"),
        ("price_usd_per_month = 5\nprize = 3\n", BadPlan, None),
        (
            "price_usd_per_month = 5\n[[limit]]\nwindow = 'hour'\n",
            BadPlan,
            "'hour' is no window\nhint: one of 5h, week, month",
        ),
        (
            "price_usd_per_month = 5\n[[limit]]\nwindow = 'week'\nunit = 'credits'\namount = 5\n",
            BadPlan,
            "a limit in credits needs usd_per_unit\nhint: the list value of one credit",
        ),
        ("price_usd_per_month = 'five'\n", BadPlan, "price_usd_per_month must be a number, not 'five'"),
        ("= 5", BadPlan, None),
    ],
)
def test_bad_plan_files_are_refused_with_file_and_reason(
    tmp_path: Path, text: str, error: type[CostbasisError], message: str | None
) -> None:
    path = write(tmp_path, "p.toml", text)
    with pytest.raises(error) as refused:
        run(path)
    assert str(refused.value).startswith(f"{path}: ")
    if message is not None:
        assert str(refused.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (
            (MAX_20X, "--party", "subscriber"),
            BadArgument,
            '--party: "subscriber" does not earn the price of a plan\nhint: one of: reseller, model owner, investor',
        ),
        (
            (MAX_20X, "--utilisation", "1.5"),
            CostbasisError,
            None,
        ),
        ((MAX_20X, "--cost-over-list", "-1"), BadOverride, None),
        ((MAX_20X, "--target-margin", "1.5"), BadArgument, None),
        (
            (MAX_20X, "--cap", "5h=200euro"),
            BadPlan,
            '--cap: "5h=200euro" is no limit\nhint: write WINDOW=AMOUNTunit, such as 5h=200usd; windows 5h, week, '
            "month; units usd, requests, prompts, hours, credits, tokens",
        ),
    ],
)
def test_bad_arguments_are_refused_with_the_way_out(
    words: tuple[str, ...], error: type[CostbasisError], message: str | None
) -> None:
    with pytest.raises(error) as refused:
        run(*words)
    if message is not None:
        assert str(refused.value) == message


def test_an_empty_population_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "u.csv", "user,use_usd\n")
    with pytest.raises(BadPopulation, match="the population is empty"):
        run(MAX_20X, "--population", path)


HERE = Source("made for a test", trust="A", status="counted")


def blocks(amounts: list[int]) -> Any:
    """A timeline of one five-hour window a day, of so many times the same cell."""
    first = date(2026, 3, 2)
    cells = [
        cell(
            f"{first + timedelta(days=day)}T09:00",
            scale=scale,
            first_time_ms=day * 86_400_000,
            last_time_ms=day * 86_400_000 + 1,
        )
        for day, scale in enumerate(amounts)
        if scale
    ]
    return timeline_of(cells, HERE)


def test_a_window_above_its_cap_is_cut_down_to_it() -> None:
    timeline = blocks([1, 3, 2])
    one = float(timeline.use_usd[0])
    (cut,) = cuts(timeline, [limit_of_text(f"5h={2 * one}usd", CATALOG.sampling)], CATALOG)
    assert cut.cut_usd.estimate.p50 == pytest.approx(one)
    assert cut.windows_hit == 1
    assert cut.windows == 3


def test_a_weekly_cap_counts_from_the_first_window_and_a_request_cap_in_requests() -> None:
    timeline = blocks([2, 0, 0, 0, 0, 0, 2, 5])
    assert timeline.week.tolist() == [0, 0, 1]
    one = float(timeline.use_usd[0]) / 2
    weekly, requests = cuts(
        timeline,
        [limit_of_text(f"week={3 * one}usd", CATALOG.sampling), limit_of_text("5h=176requests", CATALOG.sampling)],
        CATALOG,
    )
    assert weekly.cut_usd.estimate.p50 == pytest.approx(3 * one)
    assert requests.cut_usd.estimate.p50 == pytest.approx(3 * one)


@given(amounts=st.lists(st.integers(0, 9), min_size=1, max_size=25), cap=st.floats(1, 500), tighter=st.floats(0.05, 1))
@settings(max_examples=25, deadline=None)
def test_caps_never_raise_use_and_a_tighter_one_cuts_more(amounts: list[int], cap: float, tighter: float) -> None:
    if not any(amounts):
        return
    timeline = blocks(amounts)
    total = float(timeline.use_usd.sum())
    for window in ("5h", "week", "month"):
        wide, tight = cuts(
            timeline,
            [limit_of_text(f"{window}={value:.6f}usd", CATALOG.sampling) for value in (cap, cap * tighter)],
            CATALOG,
        )
        assert 0 <= wide.cut_usd.estimate.p50 <= tight.cut_usd.estimate.p50 + 1e-9
        assert tight.cut_usd.estimate.p50 <= total
    together = all_together(
        timeline, [limit_of_text(f"{window}={cap:.6f}usd", CATALOG.sampling) for window in ("week", "5h")], CATALOG
    )
    assert 0 <= together.estimate.p50 <= total * (1 + 1e-12)


def test_a_limit_given_as_a_range_cuts_a_range() -> None:
    timeline = blocks([4, 4])
    (cut,) = cuts(timeline, [limit_of_text("week=10..40prompts", CATALOG.sampling)], CATALOG)
    assert cut.cut_usd.estimate.p10 < cut.cut_usd.estimate.p90
    assert np.all(cut.cut_frac.draws <= 1)


def test_my_own_logs_give_the_mix_and_the_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTBASIS_HOME", str(tmp_path / "cb"))
    lines = [
        line(
            f"msg_{day}",
            requestId=f"req_{day}",
            time=f"2026-03-{day:02d}T10:00:00.000Z",
            usage={"cache_read_input_tokens": 150_000, "output_tokens": 600_000},
        )
        for day in range(2, 20)
    ]
    write_log(tmp_path, raw(*lines))
    found = run(MAX_20X, "--usage", str(tmp_path / "projects"), "--cap", "week=50usd", "--tz", "UTC")
    mine = found["usage"]
    assert mine["days"] == 18
    assert mine["cuts"][-1]["windows"] == 3
    total = mine["list_usd"].estimate.p50
    assert total / 18 * 4 > 50
    kept = 150  # three weeks at the cap, the last of four days
    assert mine["cuts"][-1]["cut_usd"].estimate.p50 == pytest.approx(total - kept, rel=1e-6)
    assert "Your own use, 18 days" in text_of(found)
