"""What a report must say beside counts that are estimates, or exact only in sum."""

from __future__ import annotations

import sqlite3
from collections import Counter

from costbasis.usage.pricing.cells import PriceWarning
from costbasis.usage.readers import EXACT, reader_named

_REQUESTS = """
SELECT rule, COUNT(*), MIN(path || ':' || request.offset) FROM file
CROSS JOIN request ON request.file_id = file.id WHERE file.reader = ? GROUP BY rule ORDER BY rule
"""
"""CROSS JOIN: by the files, so that of the blocks only theirs are opened."""


def caveat_warnings(connection: sqlite3.Connection) -> list[PriceWarning]:
    """A warning for each way of counting in a ledger that is not exact by request, with how many it counted."""
    present = {name for (name,) in connection.execute("SELECT DISTINCT reader FROM file")}
    warnings: list[PriceWarning] = []
    for name in sorted(present - EXACT):
        reader = reader_named(name)
        if reader is None or not reader.CAVEATS:
            continue
        requests: Counter[str] = Counter()
        first: dict[str, str] = {}
        for rule, count, origin in connection.execute(_REQUESTS, (name,)):
            way = rule.partition("; ")[0]  # what follows says why this line counted before others
            requests[way] += count
            first.setdefault(way, origin)
        told = reader.CAVEATS
        warnings += [
            PriceWarning(told[way].kind, requests[way], first[way], told[way].effect) for way in told if way in requests
        ]
    return warnings
