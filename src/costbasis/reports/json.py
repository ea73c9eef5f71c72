"""JSON: one object, snake_case, estimates as ``{p10, p50, p90, mean}``, exact money as a decimal string."""

from __future__ import annotations

import json
from typing import Any

from costbasis.reports.leaf import plain


def to_json(report: Any) -> str:
    """The report object as JSON text. A value that is unknown is ``null``, never 0."""
    return json.dumps(plain(report), ensure_ascii=False, indent=1)


def one_line(report: Any) -> str:
    """The same on one line, for outputs that are a stream of objects."""
    return json.dumps(plain(report), ensure_ascii=False)
