"""Verdicts kept: the same bytes, from the standard library alone, and never one that no longer holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from costbasis.claims.scaffold import scaffold

from .command import Run
from .test_lane import BANNED, loaded

WORDS = ("check", "cursor-neg23")


def claim(home: Path, value: float) -> None:
    from datetime import date

    text = scaffold("it is so", value, "kwh", who="", when=date(2026, 3, 1), model="claude-opus-4-6", plan="")
    (home / "c.toml").write_text(text, "utf-8")


@pytest.mark.parametrize("words", [WORDS, (*WORDS, "--json"), (*WORDS, "--set", "claim/gross_margin.value=-0.2")])
def test_a_verdict_is_printed_again_by_the_standard_library_alone(tmp_path: Path, words: tuple[str, ...]) -> None:
    slow = Run(tmp_path, *words)
    assert not BANNED & loaded(tmp_path, *words)
    fast = Run(tmp_path, *words)
    assert (fast.out, fast.err, fast.status) == (slow.out, slow.err, 0)
    assert len(fast.out) > 40


@pytest.mark.slow
def test_a_changed_claim_an_own_book_and_a_page_are_judged_anew(tmp_path: Path) -> None:
    claim(tmp_path, 5)
    first = Run(tmp_path, "check", "c.toml").out
    assert "click" not in loaded(tmp_path, "check", "c.toml")
    claim(tmp_path, 770)
    assert "click" in loaded(tmp_path, "check", "c.toml")
    assert "770" in Run(tmp_path, "check", "c.toml").out != first
    assert "click" in loaded(tmp_path, "check", "c.toml", "--brief", "b.md")
    assert (tmp_path / "b.md").exists()


@pytest.mark.slow
def test_what_decides_the_exit_status_is_not_kept_where_it_failed(tmp_path: Path) -> None:
    words = (*WORDS, "--fail-on", "mostly_supported")
    assert [Run(tmp_path, *words).status for _ in range(2)] == [1, 1]
    assert Run(tmp_path, "check", "no-such-claim").status == 2
