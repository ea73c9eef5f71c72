"""The report's page in a real browser: nothing fails, nothing leaves the machine, and everybody can read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import WIDTHS, Watched
from tests.command import Run

pytestmark = pytest.mark.browser

DRAWN = "html[data-charts=drawn]"


HOSTILE = ("<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "=cmd|' /C calc'!A0", "a" * 300)


class Made:
    """The sample month's page and its JSON; the same with models of bad names; and a verdict."""

    def __init__(self, home: Path) -> None:
        run = Run(home, "report", "--sample", "--json", "--out", "r.html")
        self.url, self.json = (home / "r.html").as_uri(), run.json
        page = (home / "r.html").read_text("utf-8")
        specs, models = "chart-specs", [row["model"] for row in run.json["price_history"]]
        head, mark, rest = page.partition(f'id="{specs}">')
        data, end, tail = rest.partition("</script>")
        for model, name in zip(models, HOSTILE, strict=False):
            data = data.replace(json.dumps(model), json.dumps(name).replace("<", "\\u003c"))
        (home / "bad.html").write_text(head + mark + data + end + tail, "utf-8")
        self.bad_url = (home / "bad.html").as_uri()
        assert Run(home, "check", "forbes-5000", "--html", "v.html").status == 0
        self.verdict_url = (home / "v.html").as_uri()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("home"))


@pytest.fixture
def opened(made: Made, open_page: Callable[..., Watched]) -> Iterator[Callable[..., Watched]]:
    """Opens the page and waits until every chart is drawn."""

    def opening(**how: Any) -> Watched:
        watched = open_page(made.url, **how)
        watched.page.wait_for_selector(DRAWN)
        return watched

    yield opening


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_fails_nothing_leaves_and_axe_finds_nothing_serious(opened: Callable[..., Watched], dark: bool) -> None:
    watched = opened(dark=dark)
    page = watched.page
    charts = page.locator(".chart").count()
    assert charts >= 9
    assert page.locator(".chart svg.marks").count() == charts
    assert watched.errors == []
    assert watched.outside == []
    assert len(watched.requests) == 1, "the page is one file"
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert watched.serious() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_the_screen(opened: Callable[..., Watched], width: int) -> None:
    watched = opened(width=width)
    assert not watched.scrolls_sideways()
    overlapping = watched.page.evaluate(OVERLAPS)
    assert overlapping == [], "words of a chart lie on each other"
    assert watched.errors == []


OVERLAPS = """
() => {
  const found = [];
  for (const chart of document.querySelectorAll(".chart")) {
    const words = [...chart.querySelectorAll("text")].filter(
      (one) => one.textContent.trim() && getComputedStyle(one).opacity !== "0"
    );
    const boxes = words.map((one) => one.getBoundingClientRect());
    const edge = chart.getBoundingClientRect();
    boxes.forEach((a, i) => {
      if (a.right > edge.right + 1 || a.left < edge.left - 1) found.push(`cut: ${words[i].textContent}`);
      boxes.slice(i + 1).forEach((b, j) => {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 2 && high > 4) found.push(`${words[i].textContent} | ${words[i + 1 + j].textContent}`);
      });
    });
  }
  return found;
}
"""
"""Pairs of words in a drawing whose boxes meet, and words that reach beyond it."""


@pytest.mark.parametrize("width", WIDTHS)
def test_the_verdict_page_fits_too(made: Made, open_page: Callable[..., Watched], width: int) -> None:
    watched = open_page(made.verdict_url, width=width)
    assert not watched.scrolls_sideways()
    assert watched.errors == []
    assert watched.outside == []
    assert watched.serious() == []


def test_a_model_called_html_is_drawn_and_told_as_words(made: Made, open_page: Callable[..., Watched]) -> None:
    """Names reach axes, series and tooltips as data; nothing of them runs."""
    watched = open_page(made.bad_url)
    page, dialogs = watched.page, []
    page.on("dialog", lambda said: dialogs.append(said.message) or said.dismiss())
    page.wait_for_selector(DRAWN)
    page.locator("[data-chart=usage_by_model] .mark-rect path").nth(1).hover()
    tip = page.locator("#vg-tooltip-element")
    assert HOSTILE[0] in tip.inner_text()
    assert tip.locator("img").count() == 0
    assert watched.errors == []
    assert watched.outside == []
    assert dialogs == []


def test_a_number_says_where_it_comes_from_by_mouse_and_by_keyboard(opened: Callable[..., Watched], made: Made) -> None:
    page = opened().page
    number = page.locator(".facts-row .why").nth(2)
    place = page.locator(f"#{number.get_attribute('popovertarget')}")
    serving = next(rung for rung in made.json["ladder"] if rung["basis"] == "serving")
    assert not place.is_visible()
    number.click()
    assert serving["source"] in place.inner_text()
    page.keyboard.press("Escape")
    assert not place.is_visible()
    number.focus()
    page.keyboard.press("Enter")
    assert place.is_visible()


def test_tables_open_by_keyboard_and_hold_what_the_chart_draws(opened: Callable[..., Watched], made: Made) -> None:
    page = opened().page
    summary = page.locator("figure:has([data-chart=drivers]) summary")
    summary.focus()
    page.keyboard.press("Enter")
    text = page.locator("figure:has([data-chart=drivers]) table").inner_text()
    for driver in made.json["drivers"]:
        assert driver["key"] in text


def test_paper_gets_light_charts_and_every_source(opened: Callable[..., Watched], made: Made) -> None:
    page = opened(dark=True).page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 32, 36)"
    words = page.evaluate("[...document.querySelectorAll('.chart text')].map((one) => getComputedStyle(one).fill)")
    assert "rgb(232, 235, 238)" not in words, "no light words on paper"
    shown = page.locator(".sources").inner_text()
    for item in made.json["inputs"]:
        assert item["source"] in shown
    assert page.pdf().startswith(b"%PDF")


def test_the_answer_is_on_the_screen_within_a_second(made: Made, open_page: Callable[..., Watched]) -> None:
    """Best of three: the first words painted. The charts follow one by one."""
    seconds = []
    for _ in range(3):
        page = open_page(made.url).page
        page.wait_for_selector(DRAWN)
        seconds.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1e3)
    assert min(seconds) < 1
