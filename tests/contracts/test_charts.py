"""Every chart there is: it compiles, says what it shows, and prints in its table the numbers that it draws."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from costbasis.reports import charts
from costbasis.reports.assets import VEGA_LITE
from costbasis.reports.charts.chart import Chart
from tests.command import Run

NAMES = sorted(charts.discover())


@pytest.fixture(scope="module")
def charts_of_sample(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Chart]:
    """Every chart of the sample month, drawn from the JSON that a user's script gets."""
    return charts.draw(Run(tmp_path_factory.mktemp("home"), "report", "--sample", "--json").json)


@pytest.fixture
def chart(name: str, charts_of_sample: Mapping[str, Chart]) -> Chart:
    assert name in charts_of_sample, "the sample month shows every chart"
    return charts_of_sample[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_named_for_its_file_and_compiles(name: str, chart: Chart) -> None:
    assert (Path(charts.__file__).parent / f"{name}.py").is_file()
    assert "<svg" in vl_convert.vegalite_to_svg(json.dumps(chart.spec), vl_version=VEGA_LITE)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_says_in_words_what_it_shows(name: str, chart: Chart) -> None:
    assert chart.title and not chart.title.endswith(".")
    assert re.search(r"\d", chart.says), "the words hold the numbers that matter"
    assert chart.spec["description"] == f"{chart.title}. {chart.says}"


@pytest.mark.parametrize("name", NAMES)
def test_the_table_behind_a_chart_prints_the_numbers_that_it_draws(name: str, chart: Chart) -> None:
    """The table is made of the spec's rows alone: other rows in the spec give another table."""
    assert len(chart.table) == len(chart.rows) > 0
    heads = [column.head for column in chart.columns]
    assert len(set(heads)) == len(heads) > 1
    fields = drawn_fields(chart.spec)
    assert fields, "something of a row is drawn"
    for field in fields:
        for row in chart.rows:
            assert field in row, f"{field} is drawn and not in the rows"


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_is_changed_in_the_data_is_changed_in_the_table(name: str, chart: Chart) -> None:
    numbers = [
        field
        for field in drawn_fields(chart.spec)
        if all(isinstance(row[field], int | float) and not isinstance(row[field], bool) for row in chart.rows)
    ]
    assert numbers, "a chart draws numbers"
    for field in numbers:
        changed = [{**row, field: float(row[field]) * 3 + 7} for row in chart.rows]
        texts = [[column.text(row) for column in chart.columns] for row in changed]
        assert texts != chart.table, f"{field} is drawn and the table does not show it"


def drawn_fields(spec: Mapping[str, Any]) -> set[str]:
    """Fields of the rows that position, size or colour by number reads, outside of what transforms make."""
    made = {name for name in _values(spec, "as") if isinstance(name, str)}
    reckoned = {
        name for text in _values(spec, "calculate") for name in re.findall(r"datum\.(\w+)", text) if name not in made
    }
    return reckoned | {
        found["field"]
        for found in _channels(spec)
        if found.get("field") and found.get("type") in ("quantitative", None) and found["field"] not in made
    }


def _channels(node: Any) -> list[Mapping[str, Any]]:
    if isinstance(node, list):
        return [found for child in node for found in _channels(child)]
    if not isinstance(node, dict):
        return []
    own = [
        channel
        for name in ("x", "x2", "y", "y2", "color")
        if isinstance(channel := node.get("encoding", {}).get(name), dict)
    ]
    children = [child for name, child in node.items() if name not in ("data", "config")]
    return own + [found for child in children for found in _channels(child)]


def _values(node: Any, key: str) -> list[Any]:
    if isinstance(node, list):
        return [found for child in node for found in _values(child, key)]
    if not isinstance(node, dict):
        return []
    own = node.get(key, [])
    return (own if isinstance(own, list) else [own]) + [
        found for name, child in node.items() if name != "data" for found in _values(child, key)
    ]
