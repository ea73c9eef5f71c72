"""The explorer in a browser: every control by mouse and by keyboard, at every width, dark, in print; nothing leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from costbasis.explore.usagefile import PRICES
from costbasis.reports.format import number
from tests.browser.conftest import WIDTHS, Watched
from tests.explorer import Running, start, stop

pytestmark = pytest.mark.browser

Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    one = start(tmp_path_factory.mktemp("home"), "--sample", "--plan", "anthropic/max_20x")
    one.text("/ladder?of=sample")
    one.text("/ladder?of=claim:forbes-5000")
    yield one
    stop(one)


def _opened(open_page: Open, running: Running, query: str = "of=sample", **how: object) -> Watched:
    watched = open_page(f"{running.base}/?token={running.token}&{query}", **how)
    watched.page.wait_for_selector("#more h2", timeout=120_000)
    return watched


def _is_settled(watched: Watched) -> None:
    """Wait until what was asked for is shown."""
    watched.page.wait_for_timeout(60)
    watched.page.wait_for_selector("#ladder[aria-busy=false]", timeout=120_000)


def _serving(watched: Watched) -> str:
    return watched.page.locator("tr:has(.b-serving) td.n").first.inner_text()


def _settings(watched: Watched) -> list[str]:
    found: list[str] = watched.page.evaluate("new URLSearchParams(location.search).getAll('set')")
    return found


def test_every_slider_moves_by_keyboard_and_by_mouse_and_can_be_reset(open_page: Open, running: Running) -> None:
    watched = _opened(open_page, running)
    page = watched.page
    count = page.locator(".control").count()
    assert count >= 9
    for index in range(count):
        control = page.locator(".control").nth(index)
        key = control.get_attribute("data-key")
        slider, reset, output = control.locator("input"), control.locator(".reset"), control.locator("output")
        known = output.inner_text()
        assert reset.is_disabled()
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert [text.partition("=")[0] for text in _settings(watched)] == [key]
        by_key = output.inner_text()
        assert by_key != known
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "reset"
        page.keyboard.press("Enter")
        assert _settings(watched) == [] and output.inner_text() == known
        box = slider.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
        assert len(_settings(watched)) == 1
        reset.click()
        assert _settings(watched) == [] and output.inner_text() == known
    _is_settled(watched)
    assert (watched.errors, watched.outside) == ([], [])


def test_a_slider_moves_the_ladder_to_what_the_numbers_say(open_page: Open, running: Running) -> None:
    watched = _opened(open_page, running)
    page, before = watched.page, _serving(watched)
    page.locator("[data-key='fleet/default.load_factor_frac'] input").focus()
    page.keyboard.press("Home")
    _is_settled(watched)
    page.wait_for_selector("text=answered in", timeout=120_000)
    after = _serving(watched)
    assert after != before
    answer = json.loads(running.text(f"/answer.json?of=sample&plan=anthropic/max_20x&set={_settings(watched)[0]}"))
    rung = next(rung for rung in answer["ladder"] if rung["basis"] == "serving")
    assert after == number(rung["usd"]["p50"])
    assert "1 fact set by you" in page.locator("#ladder").inner_text()
    page.get_by_role("button", name="Reset all").click()
    _is_settled(watched)
    assert _serving(watched) == before
    assert page.get_by_role("button", name="Reset all").is_disabled()
    assert (watched.errors, watched.outside) == ([], [])


def test_the_address_carries_the_scenario(open_page: Open, running: Running) -> None:
    asked = "of=sample&set=fleet/default.load_factor_frac=0.3&set=opportunity/default.lambda_frac=0.5"
    watched = _opened(open_page, running, asked)
    page = watched.page
    assert "token" not in page.url
    assert page.locator("[data-key='fleet/default.load_factor_frac'] output").inner_text() == "30 %"
    shown = _serving(watched)
    page.reload()
    page.wait_for_selector("#more h2", timeout=120_000)
    assert _serving(watched) == shown
    for link in page.locator("a[data-to]").all():
        assert "load_factor_frac%3D0.3" in (link.get_attribute("href") or "")
    assert "--set fleet/default.load_factor_frac=0.3" in page.locator("#command").inner_text()


def test_what_is_looked_at_and_the_plan_are_chosen_by_keyboard(open_page: Open, running: Running) -> None:
    watched = _opened(open_page, running)
    page = watched.page
    page.select_option("#plan", "openai/plus")
    page.wait_for_url(re.compile("plan=openai"))
    page.wait_for_selector("#more h2", timeout=120_000)
    assert "For whom does ChatGPT Plus pay?" in page.locator("#ladder").inner_text()
    page.locator("#of").focus()
    page.select_option("#of", "claim:forbes-5000")
    page.wait_for_url(re.compile("forbes-5000"))
    page.wait_for_selector("#more h2", timeout=120_000)
    assert "right number, wrong basis" in page.locator("#ladder").inner_text()
    assert page.locator("#plan").count() == 0
    details = page.locator("#ladder details")
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.get_attribute("open") is not None
    assert (watched.errors, watched.outside) == ([], [])


def test_everything_can_be_taken_away(open_page: Open, running: Running) -> None:
    watched = _opened(open_page, running, "of=claim:forbes-5000&set=opportunity/default.lambda_frac=0.5")
    page = watched.page
    wanted = {
        "Scenario": b'"opportunity/default.lambda_frac" = 0.5',
        "Picture (SVG)": b"<svg",
        "Picture (PNG)": b"\x89PNG",
        "Report": b"<!doctype html>",
        "Numbers": b'"costbasis.exploration/1"',
    }
    for name, begins in wanted.items():
        with page.expect_download(timeout=180_000) as caught:
            page.get_by_role("link", name=name).click()
        assert begins in Path(caught.value.path()).read_bytes(), name
    page.get_by_role("button", name="Copy the address").click()
    page.locator("#copied:not(:empty)").wait_for()
    assert watched.outside == []


def test_a_file_can_be_handed_in_and_a_bad_one_is_explained(open_page: Open, running: Running, tmp_path: Path) -> None:
    watched = _opened(open_page, running)
    page = watched.page
    (tmp_path / "bad.toml").write_text("id = ")
    page.set_input_files("#file", tmp_path / "bad.toml")
    page.get_by_text("not valid TOML").wait_for(timeout=120_000)
    usage = {
        "schema": "costbasis.usage/1",
        "as_of": "2026-03-03",
        "rows": [
            {
                "key": "2026-03-02",
                "models": [
                    {
                        "model": "claude-opus-4-6",
                        "requests": 3,
                        "tokens": dict.fromkeys(PRICES, 0) | {"cache_read": 900_000, "output": 4_000},
                        "bases": {"list_usd": "0.55"},
                    },
                    {"model": "<img src=x onerror=alert(1)>", "requests": 1, "tokens": {"input": 4}, "bases": {}},
                ],
            }
        ],
    }
    (tmp_path / "short.json").write_text(json.dumps(usage).replace('"output": 4000', '"other": 1'))
    page.set_input_files("#file", tmp_path / "short.json")
    page.get_by_text("output is no whole number").wait_for(timeout=120_000)
    watched.errors.clear()  # the browser's own lines on the two answers 400
    (tmp_path / "usage.json").write_text(json.dumps(usage))
    page.set_input_files("#file", tmp_path / "usage.json")
    page.wait_for_url(re.compile("of=file"))
    page.wait_for_selector("#more h2", timeout=120_000)
    assert "<img src=x onerror=alert(1)>" in page.locator("#ladder").inner_text()
    assert page.locator("#ladder img").count() == 0
    assert (watched.errors, watched.outside) == ([], [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("of", ["sample", "claim:forbes-5000"])
def test_every_width_is_whole_readable_and_accessible(
    open_page: Open, running: Running, of: str, width: int, dark: bool
) -> None:
    watched = _opened(open_page, running, f"of={of}&set=fleet/default.load_factor_frac=0.4", width=width, dark=dark)
    assert not watched.scrolls_sideways()
    assert watched.serious() == []
    small = watched.page.evaluate(
        "[...document.querySelectorAll('button, select, input, summary, .links a')].filter(one =>"
        " one.getClientRects().length && one.getBoundingClientRect().height < 24).map(one => one.outerHTML)"
    )
    assert small == []
    assert (watched.errors, watched.outside) == ([], [])


def test_focus_can_be_seen(open_page: Open, running: Running) -> None:
    watched = _opened(open_page, running)
    for _ in range(6):
        watched.page.keyboard.press("Tab")
        style = watched.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", watched.page.evaluate("document.activeElement.outerHTML")


def test_print_shows_the_answer_and_no_controls(open_page: Open, running: Running) -> None:
    watched = _opened(open_page, running)
    watched.page.emulate_media(media="print")
    assert not watched.page.locator("#controls").is_visible()
    assert not watched.page.locator("#take").is_visible()
    assert watched.page.get_by_text("What were these tokens worth?").is_visible()
    assert watched.page.locator("table.map").is_visible()
    assert len(watched.page.pdf()) > 20_000


def test_a_message_takes_the_place_of_an_answer(open_page: Open, running: Running) -> None:
    watched = open_page(f"{running.base}/?token={running.token}&of=sample&plan=zzz", width=360)
    watched.page.wait_for_selector(".error")
    assert "unknown plan" in watched.page.locator(".error").inner_text()
    assert watched.serious() == []
    watched.page.get_by_role("link", name="Start again").click()
    watched.page.wait_for_selector("#more h2", timeout=120_000)


def test_another_sites_page_gets_nothing(open_page: Open, running: Running, tmp_path: Path) -> None:
    (tmp_path / "evil.html").write_text(
        f"""<!doctype html><title>evil</title><img id=i src="{running.base}/static/icon.svg"><script>
        window.said = [];
        fetch("{running.base}/answer.json", {{credentials: "include"}}).then(r => r.text())
          .then(t => said.push(t), () => said.push("refused"));
        fetch("{running.base}/files?name=a", {{method: "POST", mode: "no-cors", body: "x"}})
          .then(r => said.push(r.type), () => said.push("refused"));
        </script>"""
    )
    watched = _opened(open_page, running)  # the cookie is there
    page = watched.page.context.new_page()
    page.goto((tmp_path / "evil.html").as_uri())
    page.wait_for_function("said.length === 2")  # this page has no policy
    assert page.evaluate("said").count("refused") >= 1
    assert all("ladder" not in text for text in page.evaluate("said"))
    assert page.evaluate("document.getElementById('i').naturalWidth") == 0
