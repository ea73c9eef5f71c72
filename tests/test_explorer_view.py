"""The explorer's answers and parts in one process: every part of the page stands on the reports' own functions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from costbasis.catalog.load import load_catalog
from costbasis.explore import view
from costbasis.explore.answer import Explorer
from costbasis.explore.picture import ladder_svg
from costbasis.explore.scenario import Scenario, scenario_of, toml_of
from costbasis.explore.subjects import Subjects
from costbasis.explore.usagefile import PRICES
from costbasis.reports.format import number
from costbasis.reports.json import to_json
from costbasis.sampling import Sampling

USAGE = json.dumps(
    {
        "schema": "costbasis.usage/1",
        "as_of": "2026-03-31",
        "rows": [
            {
                "key": "2026-03-05",
                "models": [
                    {
                        "model": "claude-opus-4-6",
                        "requests": 40,
                        "tokens": dict.fromkeys(PRICES, 0)
                        | {"input": 2_000, "cache_write_5m": 90_000, "cache_read": 9_000_000, "output": 40_000},
                        "bases": {"list_usd": "6.0725"},
                    },
                    {"model": "<b>=1+1</b>", "requests": 1, "tokens": {"input": 9}, "bases": {}},
                ],
            }
        ],
    }
)


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer(load_catalog(sampling=Sampling(seed=1, draws=500)), Subjects((), 1), "anthropic/max_20x")


@pytest.fixture(scope="module")
def usage(explorer: Explorer) -> str:
    return explorer.subjects.hand_in(USAGE, "u.json", explorer.base).id


def _page(explorer: Explorer, scenario: Scenario) -> str:
    subjects = list(explorer.subjects.all(explorer.base))
    answer = explorer.quick(scenario)
    return view.page(answer, explorer.controls(scenario), subjects, explorer.plans(), scenario)


@pytest.mark.slow
@pytest.mark.parametrize("of", ["usage", "claim:forbes-5000", "claim:openai-38.5B"])
def test_every_part_of_a_page_can_be_drawn(explorer: Explorer, usage: str, of: str) -> None:
    scenario = scenario_of([("of", usage if of == "usage" else of), ("set", "opportunity/default.lambda_frac=0.5")])
    page = _page(explorer, scenario)
    more = view.more(explorer.more(scenario))
    answer = explorer.quick(scenario)
    assert page.startswith("<!doctype html>")
    assert "What moves the answer" in more or of == "claim:openai-38.5B"
    assert ladder_svg(answer, view.sentence_of(answer)).startswith("<svg")
    assert json.loads(to_json(answer))["settings"] == ["opportunity/default.lambda_frac=0.5"]
    assert not re.search(r"<b>=|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", page + more)


def test_the_ladder_of_a_claim_is_ours_and_the_claims_own_rungs_stand_beside_it(explorer: Explorer) -> None:
    answer = explorer.quick(Scenario("claim:forbes-5000"))
    above, _, below = view.ladder(answer).partition("<details>")
    assert "the claim's own" not in above
    assert "(the claim's own)" in below
    rung = next(rung for rung in answer["verdict"]["ladder"] if rung["basis"] == "serving" and not rung["from_claim"])
    assert f"{number(rung['usd'].estimate.p50)}</td>" in above


def test_a_models_name_is_text_wherever_it_stands(explorer: Explorer, usage: str) -> None:
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in _page(explorer, Scenario(usage))


def test_a_usage_has_the_sliders_of_the_issue(explorer: Explorer, usage: str) -> None:
    keys = [control.key for control in explorer.controls(Scenario(usage))]
    wanted = (
        "fleet/default.load_factor_frac", "rate/any.usd_per_accel_hour", "hypothesis/opus-4.5-4.7.active_params_b",
        "usage/prompt.cached_frac", "margin/anthropic.gross_margin_frac", "opportunity/default.lambda_frac",
        "plan/anthropic/max_20x.price_per_month", "population/anthropic-max_20x.ceiling_usd",
        "population/subscribers.mean_utilisation_frac",
    )  # fmt: skip
    assert set(wanted) <= set(keys)


@pytest.mark.slow
def test_every_step_of_every_slider_is_accepted(explorer: Explorer, usage: str) -> None:
    for of in (usage, "claim:forbes-5000"):
        for control in explorer.controls(Scenario(of)):
            assert len(control.values) == len(control.texts) >= 10, control.key
            assert list(control.values) == sorted(control.values, key=float), control.key
            for value in (control.values[0], control.values[control.middle], control.values[-1]):
                assert explorer.quick(scenario_of([("of", of), ("set", f"{control.key}={value}")]))[
                    "ladder" if of == usage else "verdict"
                ]


def test_a_slider_says_what_is_set_and_goes_back_to_what_is_known(explorer: Explorer, usage: str) -> None:
    key = "fleet/default.load_factor_frac"
    for text, now in ((f"{key}=0.3", "30 %"), (f"{key}=0.2..0.5", "20 % to 50 %")):
        control = next(c for c in explorer.controls(Scenario(usage, "", (text,))) if c.key == key)
        assert (control.now, control.is_set) == (now, True)
        assert control.said.startswith("45 % (")


def test_more_cache_makes_the_same_prompts_cheaper(explorer: Explorer, usage: str) -> None:
    listed = []
    for share in (0.5, 0.9):
        answer = json.loads(to_json(explorer.quick(Scenario(usage, "", (f"usage/prompt.cached_frac={share}",)))))
        listed.append(float(answer["list_usd"]))
    assert listed[0] > 2 * listed[1]


def test_a_scenario_file_is_read_as_it_was_meant(explorer: Explorer, tmp_path: Path) -> None:
    settings = ("fleet/default.load_factor_frac=0.2..0.3..0.5", "opportunity/default.lambda_frac=0.5")
    file = tmp_path / "s.toml"
    file.write_text(toml_of(Scenario("sample", "", settings), "costbasis report"))
    told = load_catalog(scenario=file)
    assert told.sha256 == load_catalog(overrides=settings).sha256
