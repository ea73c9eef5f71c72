"""The harness sees what it must see: an error, a request that leaves, text that cannot be read, a page too wide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Watched
from tests.needed import missing

pytestmark = pytest.mark.browser

BAD = """<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>
<p style="color:#ccc;background:#fff">grey on white</p><div style="width:3000px">wide</div>
<script>console.error("said"); fetch("http://example.com/x").catch(() => 0); throw new Error("thrown")</script>
</main>"""

GOOD = """<!doctype html><html lang="en"><title>t</title><main><h1>t</h1><p>black on white</p></main>"""


def test_a_bad_page_is_found_out(tmp_path: Path, open_page: Callable[..., Watched]) -> None:
    (tmp_path / "bad.html").write_text(BAD)
    watched = open_page((tmp_path / "bad.html").as_uri(), width=360)
    watched.page.wait_for_timeout(200)
    assert {"said", "thrown"} <= {error.removeprefix("Error: ") for error in watched.errors}
    assert watched.outside == ["http://example.com/x"]
    assert any(issue.startswith("color-contrast") for issue in watched.serious())
    assert watched.scrolls_sideways()


def test_a_good_page_passes(tmp_path: Path, open_page: Callable[..., Watched]) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    watched = open_page((tmp_path / "good.html").as_uri(), width=360, dark=True)
    assert (watched.errors, watched.outside, watched.serious(), watched.scrolls_sideways()) == ([], [], [], False)


def test_a_missing_browser_is_a_skip_at_home_and_a_failure_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="chromium is missing"):
        missing("chromium")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="CI must have it"):
        missing("chromium")
