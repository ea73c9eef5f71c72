"""One chart a file: a function from a report's JSON to a Vega-Lite spec, its text alternative and its table.

A chart module declares ``NAME`` (its file's name) and ``chart(report)``, which takes the plain JSON object (what
``json.plain`` gives) and returns a :class:`~costbasis.reports.charts.chart.Chart`, or None where the object holds
nothing to draw. A contract test finds every chart, compiles it and compares its table with its data.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from costbasis.reports.charts.chart import Chart

Draw = Callable[[Mapping[str, Any]], Chart | None]
"""The one function shape of this folder."""


def discover() -> dict[str, Draw]:
    """Every chart of this folder, by name."""
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.NAME: module.chart for module in modules if hasattr(module, "NAME")}


def draw(report: Mapping[str, Any]) -> dict[str, Chart]:
    """Every chart that the report has something to show in, by name."""
    drawn = {name: chart(report) for name, chart in discover().items()}
    return {name: chart for name, chart in drawn.items() if chart is not None}
