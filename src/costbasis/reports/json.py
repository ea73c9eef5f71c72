"""JSON: one object, snake_case, estimates as ``{p10, p50, p90, mean}``, exact money as a decimal string."""

from __future__ import annotations

import json
from math import isnan
from typing import Any

from costbasis.reports.leaf import Estimated, ExactUsd
from costbasis.usage.pricing.cells import usd_text


def to_json(report: Any) -> str:
    """The report object as JSON text. A value that is unknown is ``null``, never 0."""
    return json.dumps(plain(report), ensure_ascii=False, indent=1)


def one_line(report: Any) -> str:
    """The same on one line, for outputs that are a stream of objects."""
    return json.dumps(plain(report), ensure_ascii=False)


def plain(node: Any) -> Any:
    """The report object with its leaves written out."""
    if isinstance(node, Estimated):
        values = node.estimate._asdict()
        return None if isnan(node.estimate.p50) else values
    if isinstance(node, ExactUsd):
        return usd_text(node.pico_usd)
    if isinstance(node, dict):
        return {name: plain(child) for name, child in node.items()}
    if isinstance(node, list | tuple):
        return [plain(child) for child in node]
    return node
