"""The report's page: it says what the JSON and the terminal say, and stays right and safe whatever it is fed."""

from __future__ import annotations

import copy
import html
import re
from datetime import date, timedelta
from typing import Any

import pytest

from costbasis.breakdown import PARTS
from costbasis.cli.report import build
from costbasis.cli.session import Session
from costbasis.quantity import Estimate
from costbasis.reports import charts
from costbasis.reports.format import interval, money, number, share, usd
from costbasis.reports.html import report_page
from costbasis.reports.leaf import Estimated, ExactUsd, plain
from costbasis.reports.text import report_text

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "=cmd|' /C calc'!A0",
    "{{7*7}}",
    "a" * 400,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The sample month, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("COSTBASIS_HOME", str(tmp_path_factory.mktemp("cb")))
        session = Session(True, None, 1, (), None, True, True)
        return build(session, paths=(), plan=None, out=None, sample=True, redact=False, tz=None)


@pytest.fixture(scope="module")
def page(report: dict[str, Any]) -> str:
    return report_page(report)


def words_of(page: str) -> str:
    """The page as a reader gets it: no scripts, no styles, no tags."""
    bare = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def test_page_json_and_terminal_say_the_same_numbers(report: dict[str, Any], page: str) -> None:
    """Each is formatted here from the JSON, as a script would get it, and looked for on the page and the screen."""
    said, shown = words_of(page), " ".join(report_text(report, style=lambda text, **_: text).split())
    found = plain(report)
    bases = found["usage"]["total"]["bases"]
    in_both = [usd(int(float(bases["list_usd"]) * 1e12))]
    for name in ("market_usd", "serving_usd"):
        in_both += [number(bases[name]["p50"]), interval(Estimate(**bases[name]))]
    ratio = Estimate(**bases["list_over_serving"])
    in_both += [f"{number(ratio.p50)}×", interval(ratio, "×")]
    in_both += [interval(Estimate(**row["net_usd"])) for row in found["parties"] if row["answer"] == "no"]
    in_both += [interval(Estimate(**found["plan"]["break_even_list_usd"])), found["plan"]["average_subscriber_answer"]]
    in_both += [number(leaf["p50"]) for name, leaf in found["routes"].items() if name not in ("pooled", "without")]
    in_both += [f"{row['label']}" for row in found["drivers"][:4]] + [
        share(row["share_frac"]) for row in found["drivers"][:4]
    ]
    for text in in_both:
        assert text in said, f"{text} is not on the page"
        assert text in shown, f"{text} is not on the screen"
    for rung in found["ladder"]:
        assert money(Estimate(**rung["usd"])) in said


@pytest.mark.parametrize("key", ["pool/serving.route", "machine/opus-4.5-4.7"])
def test_a_choice_among_rows_is_shown_as_one_and_not_as_a_number(page: str, key: str) -> None:
    assert re.search(re.escape(key) + ".{0,400}?one in each draw", page.replace("<wbr>", ""), re.DOTALL)


def test_token_classes_add_up_to_every_basis_by_their_means(report: dict[str, Any]) -> None:
    ladder = {rung["basis"]: rung["usd"].estimate.mean for rung in reversed(report["ladder"])}
    ladder["market"] = report["usage"]["total"]["bases"]["market_usd"].estimate.mean
    for basis in ("list", "market", "serving"):
        parts = [row["bases"][f"{basis}_usd"].estimate.mean for row in report["by_class"]]
        whole = next(rung for rung in report["ladder"] if rung["basis"] == basis)["usd"].estimate.mean
        assert sum(parts) == pytest.approx(whole, rel=1e-9)
    counted = report["usage"]["total"]["tokens"]
    assert sum(row["tokens"] for row in report["by_class"]) == sum(counted.values()) - counted["reasoning"]


def test_parts_of_serving_add_up_to_the_roofline_route_by_their_means(report: dict[str, Any]) -> None:
    assert set(report["serving_parts"]) <= set(PARTS)
    whole = report["routes"]["roofline"].estimate.mean
    assert sum(leaf.estimate.mean for leaf in report["serving_parts"].values()) == pytest.approx(whole, rel=1e-9)


def test_the_faster_each_user_is_served_the_dearer_is_output(report: dict[str, Any]) -> None:
    points = sorted(report["frontier"]["points"], key=lambda point: point["tok_per_s_per_user"])
    prices = [point["usd_per_mtok"]["output"] for point in points]
    assert len(prices) > 4
    assert prices == sorted(prices)


def test_the_map_falls_with_use_and_with_what_serving_takes(report: dict[str, Any]) -> None:
    cells = {(row["cost_over_list"], row["mean_utilisation"]): row["p_profitable"] for row in report["plan"]["map"]}
    for (ratio, use), chance in cells.items():
        assert all(cells[other] <= chance for other in cells if other[0] >= ratio and other[1] >= use)


def test_prices_of_the_models_used_are_exact_steps_that_follow_each_other(report: dict[str, Any]) -> None:
    assert report["price_history"][0]["model"] == "claude-opus-4-6"
    for path in report["price_history"]:
        mix = path["mix"]
        assert sum(mix.values()) - mix["reasoning"] == pytest.approx(1_000_000, abs=4)
        for before, after in zip(path["steps"], path["steps"][1:], strict=False):
            assert before["to"] <= after["from"]
            assert (before["usd_per_mtok"], before["to"]) != (after["usd_per_mtok"], after["from"])


def grown(report: dict[str, Any], days: int, models: list[str]) -> dict[str, Any]:
    """The report with its days' rows spread over *days* and these models, money and tokens as they were."""
    rows = report["usage"]["rows"]
    first = date(2016, 3, 1)
    made = []
    for index in range(days):
        row = rows[index % len(rows)]
        part = row["models"][0]
        share_of = [{**part, "model": models[(index + offset) % len(models)]} for offset in range(min(len(models), 12))]
        made.append({**row, "key": (first + timedelta(days=index)).isoformat(), "models": share_of})
    period = {"from": made[0]["key"], "to": made[-1]["key"], "days": days}
    return {**report, "usage": {**report["usage"], "rows": made}, "period": period}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "span", "bars"), [(1, "day", 1), (30, "day", 30), (200, "week", 30), (3_652, "month", 120)]
)
def test_any_number_of_days_is_drawn_in_bars_that_can_be_told_apart(
    report: dict[str, Any], days: int, span: str, bars: int
) -> None:
    long = grown(report, days, ["claude-opus-4-6"])
    chart = charts.draw(plain(long))["usage_by_model"]
    assert chart.title == f"List value a {span}, by model"
    assert len({row["day"] for row in chart.rows}) == pytest.approx(bars, abs=1)
    listed = sum(float(model["bases"]["list_usd"]) for row in plain(long)["usage"]["rows"] for model in row["models"])
    assert sum(row["usd"] for row in chart.rows) == pytest.approx(listed, rel=1e-12)
    assert len(report_page(long).encode()) < 1_500_000


def test_four_hundred_models_become_six_and_a_counted_rest(report: dict[str, Any]) -> None:
    many = grown(report, 400, [f"model-{number}" for number in range(400)])
    chart = charts.draw(plain(many))["usage_by_model"]
    names = {row["series"] for row in chart.rows}
    assert len(names) == 7
    assert "other 394 models" in names
    assert [name for name, _ in chart.legend][-1] == "other 394 models"
    page = report_page(many)
    assert len(page.encode()) < 1_500_000
    assert "other 394 models" in page


def test_a_model_called_html_or_a_formula_stays_words(report: dict[str, Any]) -> None:
    bad = grown(copy.copy(report), 10, list(HOSTILE))
    bad["title"] = HOSTILE[0]
    bad["usage"]["unpriced"] = [{"model": name, "tokens": 5, "requests": 1, "reason": name} for name in HOSTILE]
    bad["price_history"] = [{**report["price_history"][0], "model": name} for name in HOSTILE]
    page = report_page(bad)
    assert page.count("<script") == 3
    assert page.count("</script>") == 3
    assert "<img" not in re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "49" not in words_of(page).partition("{{7*7}}")[2][:3]
    for name in HOSTILE:
        assert name in words_of_notes(page)


def words_of_notes(page: str) -> str:
    return html.unescape(page.partition('<ul class="notes">')[2].partition("</ul>")[0])


def test_a_report_without_anything_valued_says_so_and_draws_what_there_is(report: dict[str, Any]) -> None:
    rows = [{**row, "bases": {}, "models": [{**row["models"][0], "bases": {}}]} for row in report["usage"]["rows"]]
    total = {**report["usage"]["total"], "bases": {}}
    nothing = {
        **report,
        "usage": {**report["usage"], "rows": rows, "total": total},
        "ladder": [],
        "list_over_serving": None,
        "routes": {"without": {}},
        "parties": [],
        "plan": None,
        "by_class": [],
        "serving_parts": {},
        "frontier": None,
        "price_history": [],
        "drivers": [],
        "inputs": [],
        "market_hosts": {},
    }
    assert set(charts.draw(plain(nothing))) == {"usage_by_class"}
    assert "nothing could be valued" in words_of(report_page(nothing))


def test_many_notes_are_cut_and_counted(report: dict[str, Any]) -> None:
    rows = [{"model": f"m{number}", "tokens": 5, "requests": 1, "reason": "unknown"} for number in range(400)]
    page = report_page({**report, "usage": {**report["usage"], "unpriced": rows}})
    assert "400 models could not be priced." in page
    assert "and 360 more of this kind" in page


def test_leaves_are_those_of_the_object(report: dict[str, Any]) -> None:
    """A report shows: changing a number of the object changes the page."""
    serving = report["usage"]["total"]["bases"]["serving_usd"]
    other = Estimated(Estimate(*(value * 3 for value in serving.estimate)), serving.quantity)
    bases = {
        **report["usage"]["total"]["bases"],
        "serving_usd": other,
        "list_usd": ExactUsd(7_000_000_000_000, lambda: other.quantity()),
    }
    changed = {**report, "usage": {**report["usage"], "total": {**report["usage"]["total"], "bases": bases}}}
    said = words_of(report_page(changed))
    assert isinstance(other, Estimated)
    assert interval(other.estimate) in said
    assert "$7.00" in said
