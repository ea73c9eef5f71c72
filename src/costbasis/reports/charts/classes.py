"""Token classes as charts name and colour them."""

from __future__ import annotations

from costbasis.reports.charts.theme import BLUE, GOLD, GREEN, ORANGE

CLASS_NAMES = {
    "cache_read": "Cache reads",
    "cache_write": "Cache writes",
    "input": "Fresh input",
    "output": "Output",
}
"""In the order that they are stacked."""

CLASS_COLOURS = {"cache_read": BLUE, "cache_write": GOLD, "input": GREEN, "output": ORANGE}

CLASS_OF = {
    "input": "input",
    "cache_write_5m": "cache_write",
    "cache_write_1h": "cache_write",
    "cache_write_unknown": "cache_write",
    "cache_read": "cache_read",
    "output": "output",
}
"""Field of the usage JSON to class; reasoning is a part of output."""
