"""What every test rests on: doctests, too, see no home but an empty one."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem
from hypothesis import HealthCheck, settings
from tests.needed import missing

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # a busy machine is no defect: how fast something is, the benchmarks say


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is marked ``spark`` needs a JVM and Spark's library, before any of its fixtures starts one."""
    if item.get_closest_marker("spark"):
        if not shutil.which("java"):
            missing("a Java runtime")
        if find_spec("pyspark") is None:
            missing("pyspark")


@pytest.fixture(autouse=True)
def _doctests_have_an_empty_home(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if isinstance(request.node, DoctestItem):
        home: Path = tmp_path_factory.mktemp("home")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("COSTBASIS_HOME", str(home / "cb"))
