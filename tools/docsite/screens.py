"""Screenshots of what costbasis writes, made with Debian's Chromium without a window: nothing is drawn by hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from costbasis.cli.check import build
from costbasis.cli.session import Session
from costbasis.reports.html import report_page
from costbasis.reports.verdict_page import verdict_page

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=4000",
)
DARK, LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"
PATIENCE_S = 120


def browser() -> str | None:
    """Where Chromium is, or None."""
    return shutil.which("chromium")


def shots(report: dict[str, Any]) -> dict[str, bytes]:
    """Picture name to PNG: the report (light and dark) and a verdict, as their commands write them."""
    page, verdict = report_page(report), verdict_page(_verdict("forbes-5000"))
    return {
        "report": shot(page, 1100, 860),
        "report-dark": shot(page, 1100, 860, scheme=DARK),
        "verdict": shot(verdict, 1100, 860),
    }


def shot(page: str, width_px: int, height_px: int, *, scheme: str = LIGHT) -> bytes:
    """An HTML page as a PNG of the window's size.

    Errors: ``RuntimeError`` with what Chromium said, where no picture came of it.
    """
    with tempfile.TemporaryDirectory(prefix="costbasis-shot-") as folder:
        source, out = Path(folder, "page.html"), Path(folder, "page.png")
        source.write_text(page, encoding="utf-8")
        command = [str(browser()), *SWITCHES, scheme, f"--user-data-dir={folder}/profile"]
        command += [f"--window-size={width_px},{height_px}", f"--screenshot={out}", source.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if not out.exists():
            raise RuntimeError(f"Chromium made no picture: {done.stderr[-500:]}")
        return out.read_bytes()


def _verdict(claim: str) -> dict[str, Any]:
    return build(Session(False, None, 1, (), None, True, True), claim=claim, fail_on="")
