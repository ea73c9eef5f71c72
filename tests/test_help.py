"""The help that lies ready is click's, on every screen, and comes without click."""

from __future__ import annotations

from pathlib import Path

import pytest

from costbasis.cli.helped import main, written
from costbasis.lane.helped import WIDTHS

from .command import Run
from .test_lane import loaded


def test_the_help_that_lies_ready_is_what_click_says() -> None:
    assert main(["--check"]) == 0


@pytest.mark.parametrize(("columns", "width"), [(40, 50), (66, 64), (80, 78), (99, 97), (100, 98), (250, 98)])
def test_every_width_is_helped_as_click_does(tmp_path: Path, columns: int, width: int) -> None:
    for word in ("--help", "-h"):
        assert Run(tmp_path, word, COLUMNS=str(columns), LINES="24").out == written(width)


def test_help_loads_no_click_where_it_lies_ready(tmp_path: Path) -> None:
    assert WIDTHS == (78, 98)
    for columns, is_loaded in (("80", False), ("120", False), ("70", True)):
        assert ("click" in loaded(tmp_path, "--help", COLUMNS=columns, LINES="24")) == is_loaded
    assert "click" in loaded(tmp_path, "--help", PYTHONIOENCODING="latin-1:replace")
    assert "click" in loaded(tmp_path, "usage", "--help")
