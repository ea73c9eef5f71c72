"""The sums of a ledger made again from its requests, by hand, for tests that hold the two together."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import date
from typing import Any

from costbasis.usage.ledger.tally import KEYS, SUMMED, TIERS_TOK
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.keptcells import price_kept
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import price_usage


def assert_sums_are_of_the_requests(connection: sqlite3.Connection) -> None:
    """Every sum is of requests that count, every such request is in one sum, and nothing else is there."""
    found = {
        tuple(row[: len(KEYS)]): row[len(KEYS) :]
        for row in connection.execute(
            f"SELECT {', '.join(KEYS)}, hour, first_ms, last_ms, shortest_tok, longest_tok, counted,"
            f" {', '.join(SUMMED)} FROM tally"
        )
    }
    of_key: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    cursor = connection.execute("SELECT * FROM request")
    names = [column[0] for column in cursor.description]
    for row in cursor:
        said = dict(zip(names, row, strict=True))
        said["tier"] = sum(said["prompt_tok"] > tok for tok in TIERS_TOK)
        of_key[tuple(said[name] for name in KEYS)].append(said)
    assert found.keys() == of_key.keys()
    for key, some in of_key.items():
        times, prompts = [said["time_ms"] for said in some], [said["prompt_tok"] for said in some]
        bounds = [some[0]["hour"], min(times), max(times), min(prompts), max(prompts), len(some)]
        assert list(found[key][:6]) == bounds
        assert list(found[key][6:]) == [sum(said[name] for said in some) for name in SUMMED]


def assert_kept_cells_are_priced_cells(connection: sqlite3.Connection, book: PriceBook) -> None:
    """Cells that were kept and brought up to date are those of pricing everything, with all that is said beside."""
    for grouping in GROUPINGS:
        expected = price_usage(connection, book, grouping)
        for _ in range(2):
            assert price_kept(connection, book, grouping, "by these prices") == expected


GROUPINGS = (
    Grouping(by="day"),
    Grouping(by="day", tz="Asia/Kathmandu", since=date(2026, 3, 6)),
    Grouping(by="week", tz="America/New_York"),
    Grouping(by="week", tz="America/New_York", week_start="sunday", until=date(2026, 3, 7)),
    Grouping(by="month"),
    Grouping(by="session"),
)
