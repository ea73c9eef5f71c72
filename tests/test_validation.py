"""Validation: scores follow their definitions, a worse number is noticed, and each kind keeps its contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.validation import discover, regression
from costbasis.validation.score import Case, by_group, score

from .command import Run

POSITIVE = st.floats(1e-3, 1e3)


def case(actual: float, predicted: float, group: str = "g") -> Case:
    return Case("x", actual, predicted / 2, predicted, predicted * 2, {"date": group})


@given(pairs=st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=20), scale=st.floats(0.01, 100))
def test_scores_do_not_depend_on_the_currency(pairs: list[tuple[float, float]], scale: float) -> None:
    plain = score([case(actual, predicted) for actual, predicted in pairs])
    dear = score([case(actual * scale, predicted * scale) for actual, predicted in pairs])
    for name in ("mdape", "p90_abs_log", "bias"):
        assert dear[name] == pytest.approx(plain[name], abs=1e-9)


@given(actual=st.lists(POSITIVE, min_size=1, max_size=20))
def test_the_truth_itself_scores_zero_and_is_always_inside(actual: list[float]) -> None:
    found = score([case(value, value) for value in actual])
    assert (found["mdape"], found["p90_abs_log"], found["bias"], found["coverage80"]) == (0, 0, 0, 1)


@given(names=st.lists(st.sampled_from("abc"), min_size=1, max_size=20))
def test_groups_partition_the_cases(names: list[str]) -> None:
    rows = by_group([case(1.0, 2.0, name) for name in names], "date")
    assert sum(row["n"] for row in rows) == len(names)
    assert {row["group"] for row in rows} == set(names)


def test_of_nothing_every_score_is_unknown_not_zero() -> None:
    assert score([]) == {"n": 0, "mdape": None, "p90_abs_log": None, "bias": None, "coverage80": None}


STORED = {"n": 50, "mdape": 0.3, "coverage80": 0.78, "chat mix: bias": -0.01}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"mdape": 0.302}, []),
        ({"mdape": 0.2}, []),
        ({"mdape": 0.35}, ["mdape: 0.35, was 0.3"]),
        ({"n": 49}, ["n: 49, was 50"]),
        ({"coverage80": 0.84}, ["coverage80: 0.84, was 0.78"]),
        ({"coverage80": 0.81}, []),
        ({"mdape": None}, ["mdape: missing, was 0.3"]),
        ({"sets": [{"set": "chat mix", "bias": 0.2}]}, ["chat mix: bias: 0.2, was -0.01"]),
    ],
)
def test_what_became_worse_is_named_with_what_it_was(
    change: dict[str, object], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regression, "stored", lambda kind: STORED)
    fresh = {"n": 50, "mdape": 0.3, "coverage80": 0.78, "sets": [{"set": "chat mix", "bias": -0.01}]}
    assert regression.worse("market", fresh | change) == said


def test_an_unknown_kind_names_the_kinds_there_are(tmp_path: Path) -> None:
    run = Run(tmp_path, "validate", "markt")
    assert run.status == 2
    assert 'unknown kind of validation "markt"' in run.err


def test_without_a_kind_the_kinds_are_listed(tmp_path: Path) -> None:
    found = Run(tmp_path, "validate", "--json").json
    assert found["schema"] == "costbasis.validation/1"
    assert set(found["kinds"]) == set(discover())
