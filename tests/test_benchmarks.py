"""The benchmarks can be called as ``make bench`` calls them, and the table that is priced is priced whole."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
OPTIONS = {"mb", "rounds", "millions", "peer", "engines", "folder"}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


def test_every_topic_takes_only_options_that_the_run_has() -> None:
    topics = load("run").topics()
    assert {"pricing", "population", "search", "serving", "usage"} <= set(topics)
    for name in topics:
        wanted = inspect.signature(load(name).main).parameters
        assert set(wanted) <= OPTIONS, name


@pytest.mark.slow
def test_a_small_table_is_priced_whole_and_its_memory_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pricing = load("pricing")
    path = tmp_path / "requests.duckdb"
    pricing.make(path, 2_000)
    pricing.price(path, 1)
    told = capsys.readouterr().out
    assert '"priced": 2000' in told
    assert '"rss_mb": ' in told
