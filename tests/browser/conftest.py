"""One Chromium for the folder, pages that remember what they did, and axe-core.

A machine without Chromium skips these tests and counts them; where ``CI`` is set, that is a failure. The browser is
closed with the last test of the folder: while it runs, no other test of the process could start an event loop.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.needed import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = ("chromium", "chromium-browser")

SWITCHES = [
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

WIDTHS = (360, 768, 1440)

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a network."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        missing("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=SWITCHES)
        yield chromium
        chromium.close()


@dataclass
class Watched:
    """A page, what its console said of errors, and every address it asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """The requests that would have left the machine."""
        return [url for url in self.requests if not _is_local(url)]

    def serious(self) -> list[str]:
        """What axe-core finds serious or critical, one line each: rule, help, and the first elements."""
        return serious_issues(self.page)

    def scrolls_sideways(self) -> bool:
        """Is anything wider than the window?"""
        wide = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"
        return bool(self.page.evaluate(wide))


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about", "file") or parts.hostname in ("127.0.0.1", "localhost")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens an address: ``open_page(url, width=360, dark=True, height=900)``; *more* goes to the browser's context."""
    contexts = []

    def opened(url: str, *, width: int = 1440, height: int = 900, dark: bool = False, **more: Any) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **more
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        watched = Watched(context.new_page())
        watch(watched)
        watched.page.goto(url)
        return watched

    yield opened
    for context in contexts:
        context.close()


def watch(watched: Watched) -> None:
    """Keep the page's errors and requests from now on."""
    page = watched.page
    page.on("console", lambda said: watched.errors.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("request", lambda request: watched.requests.append(request.url))


def serious_issues(page: Page) -> list[str]:
    """Serious and critical findings of axe-core on the page as it stands."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe-playwright-python")
    options = {"runOnly": AXE_RULES, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{issue['id']}: {issue['help']}: {[node['target'] for node in issue['nodes'][:3]]}"
        for issue in found
        if issue["impact"] in ("serious", "critical")
    ]
