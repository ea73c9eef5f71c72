"""The card of a month: its numbers are the report's, its lines fit, and nothing on it is markup or a path."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costbasis.cli.report import build
from costbasis.cli.session import Session
from costbasis.reports.drawing import MARGIN, WIDTH, cut, em, fold
from costbasis.reports.format import interval, number
from costbasis.reports.monthcard import month_card

from .command import Run
from .logs import line, raw, write_log


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    big = {"input_tokens": 5_000, "output_tokens": 90_000, "cache_read_input_tokens": 9_000_000}
    write_log(folder / ".claude", raw(line("m1", usage=big), line("m2", usage=big, time="2026-03-25T10:00:00.000Z")))
    return folder


@pytest.fixture(scope="module")
def report(home: Path) -> Iterator[dict[str, Any]]:
    session = Session(False, None, 1, (), None, True, True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTBASIS_HOME", str(home / "cb"))
        yield build(
            session, paths=(home / ".claude",), plan="anthropic/max_20x", out=None, sample=False, redact=False, tz="UTC"
        )


def _texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")]


def test_every_rung_and_the_plan_stand_on_the_card(report: dict[str, Any]) -> None:
    said = _texts(month_card(report))
    assert said[0] == f"${report['usage']['total']['bases']['list_usd'].pico_usd / 1e12:,.2f} of tokens at list"
    for basis in ("market", "serving", "marginal"):
        money = next(rung for rung in report["ladder"] if rung["basis"] == basis)["usd"].estimate
        assert basis in said
        assert f"${number(money.p50)}" in said
        assert f"({interval(money)})" in said
    assert any(says.startswith("For whom does Claude Max 20x pay?") for says in said)
    assert "On this use: subscriber: no · reseller: yes · model owner: yes" in said
    assert f"catalogue {report['catalogue_sha256'][:8]}" in said[-1]


def test_the_folders_of_a_machine_are_not_on_the_card(home: Path, report: dict[str, Any]) -> None:
    assert str(home) in report["reproduce"]["command"]
    assert str(home) not in month_card(report)
    assert _texts(month_card(report))[-1].startswith("costbasis report --plan anthropic/max_20x --tz UTC · as of ")


def test_without_a_plan_the_card_says_list_over_serving(report: dict[str, Any]) -> None:
    said = _texts(month_card(report | {"plan": None}))
    ratio = report["list_over_serving"].estimate
    assert f"List is {number(ratio.p50)}× what they cost to serve ({interval(ratio, '×')}, 80 %)." in said
    assert not any(says.startswith("plan ") for says in said)


def test_a_month_without_a_price_says_so_and_draws_no_bar(report: dict[str, Any]) -> None:
    bare = report["usage"] | {"total": report["usage"]["total"] | {"bases": {}}}
    svg = month_card(report | {"usage": bare, "ladder": [], "plan": None, "list_over_serving": None})
    assert "What they are worth cannot be determined." in _texts(svg)
    assert "<circle" not in svg


def test_a_month_with_unpriced_use_is_a_lower_bound(report: dict[str, Any]) -> None:
    usage = report["usage"] | {"unpriced": [{"model": "x", "requests": 1, "tokens": 1, "reason": "no price"}]}
    assert _texts(month_card(report | {"usage": usage}))[0].startswith("At least $")


@given(st.text(max_size=300))
def test_no_title_breaks_the_card(title: str) -> None:
    assert ElementTree.fromstring(month_card(EMPTY | {"title": title})).tag.endswith("svg")


def test_words_stay_words(report: dict[str, Any]) -> None:
    hostile = '<script>alert(1)</script> & "=1+1"'
    svg = month_card(report | {"title": hostile, "plan": report["plan"] | {"name": hostile}})
    assert "<script" not in svg
    assert sum(hostile in says for says in _texts(svg)) == 2


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.integers(12, 60), st.integers(60, 1100))
def test_a_cut_line_fits_its_room(text: str, size: int, room: int) -> None:
    assert size * em(cut(text, size, room)) <= room


@given(st.text(max_size=400), st.integers(1, 4))
def test_folded_lines_fit_and_are_no_more_than_asked(text: str, most: int) -> None:
    lines = fold(text, 27, most)
    assert 1 <= len(lines) <= most
    assert all(27 * em(line) <= WIDTH - 2 * MARGIN for line in lines)


@pytest.mark.slow
def test_report_writes_the_card_and_refuses_a_bad_place_before_the_work(home: Path) -> None:
    run = Run(home, "report", "--card", "m.svg", "--out", "r.html")
    assert run.status == 0
    assert "written: m.svg" in run.err
    assert ElementTree.parse(home / "m.svg").getroot().get("width") == "1200"
    for place, message in (
        ("m.gif", 'm.gif: a card is .svg or .png, not ".gif"\nhint: name it card.svg'),
        ("no/m.svg", "no/m.svg: cannot be written: No such file or directory\nhint: choose another place"),
    ):
        run = Run(home, "report", "--card", place)
        assert run.status == 2
        assert message in run.err
        assert run.out == ""


EMPTY: dict[str, Any] = {
    "title": "",
    "period": {"from": "2026-03-01", "to": "2026-03-31", "days": 31},
    "usage": {"total": {"requests": 0, "tokens": {"input": 0, "cache_read": 0}, "bases": {}}, "unpriced": []},
    "ladder": [],
    "plan": None,
    "list_over_serving": None,
    "parties": [],
    "reproduce": {"command": "costbasis report"},
    "as_of": "2026-04-01",
    "seed": 1,
    "catalogue_sha256": "0" * 64,
    "version": "0",
}
