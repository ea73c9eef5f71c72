"""A chart: the spec, the same in words, and the same as a table, all made of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costbasis.reports.charts.theme import CONFIG

VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the version; nothing fetches it."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table behind a chart: its head with unit, and what it says of a row."""

    head: str
    text: Callable[[Row], str]
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """*spec* is drawn, *says* is read out in its place, *columns* print its *rows*: one set of numbers in three forms.

    The rows are the spec's data, so a number cannot stand in the picture and not in the table. *legend*: name and
    colour of each series; the spec has it too, but text that wraps is better than a drawing that does not.
    """

    title: str
    says: str
    spec: dict[str, Any]
    columns: Sequence[Column]
    legend: Sequence[tuple[str, str]] = ()

    @property
    def rows(self) -> list[Row]:
        """The data that the spec draws."""
        rows: list[Row] = self.spec["data"]["values"]
        return rows

    @property
    def table(self) -> list[list[str]]:
        """The rows as texts, a text a column."""
        return [[column.text(row) for column in self.columns] for row in self.rows]


def chart_of(
    title: str,
    says: str,
    rows: Sequence[Row],
    columns: Sequence[Column],
    view: Mapping[str, Any],
    *,
    height: int,
    legend: Sequence[tuple[str, str]] = (),
) -> Chart:
    """A chart of *rows* through *view*: the marks and encodings of a Vega-Lite spec.

    Its data set is called ``rows``, so that a live page can put others in its place. The width is that of the
    element it is drawn in.
    """
    spec = {
        "$schema": VEGA_LITE_SCHEMA,
        "description": f"{title}. {says}",
        "data": {"name": "rows", "values": list(rows)},
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **view,
    }
    return Chart(title, says, spec, columns, legend)
