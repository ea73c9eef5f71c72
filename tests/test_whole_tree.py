"""Whole trees, end to end: every cell, and list dollars against an independent Decimal repricing."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from costbasis.catalog import load_catalog
from costbasis.catalog.tables import read_csv
from costbasis.usage.ledger.ledger import open_ledger
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import PriceBook, price_usage

from .logs import generate

CLASSES = {
    "input": ("input", "input_tok"),
    "output": ("output", "output_tok"),
    "cache_create_5m": ("cache_write_5m", "cache_write_5m_tok"),
    "cache_create_1h": ("cache_write_1h", "cache_write_1h_tok"),
    "cache_read": ("cache_read", "cache_read_tok"),
}


def decimal_price(model: str, day: str) -> dict[str, Decimal]:
    """The standard prices of a day, read from the table by other means than the product's."""
    rows = [row for row in read_csv("retail.csv") if row["model"] == model and row["mode"] == "standard"]
    (row,) = [
        row for row in rows if row["effective_from"] <= day and (not row["effective_to"] or day < row["effective_to"])
    ]
    assert not row["long_context_above_tokens"]
    names = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    return {name: Decimal(row[f"{name}_usd_per_mtok"]) / 1_000_000 for name in names}


def test_tokens_and_list_dollars_of_a_small_tree_are_exact(tmp_path: Path) -> None:
    every_cell_is_exact(tmp_path, sessions=16, target_mb=4, seed=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_tokens_and_list_dollars_of_a_200_mb_tree_are_exact(tmp_path: Path, seed: int) -> None:
    every_cell_is_exact(tmp_path, sessions=120, target_mb=200, seed=seed)


def every_cell_is_exact(tmp_path: Path, *, sessions: int, target_mb: float, seed: int) -> None:
    truth = generate(tmp_path / "tree", sessions=sessions, target_mb=target_mb, seed=seed)
    ledger = open_ledger([tmp_path / "tree"], folder=tmp_path / "ledgers")
    ledger.update()
    priced = price_usage(ledger.connection, PriceBook.from_catalog(load_catalog()), Grouping(by="day", tz="UTC"))
    assert priced.unpriced == []
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    dollars: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for cell in priced.cells:
        assert cell.value is not None
        for name, (_, field) in CLASSES.items():
            found[cell.key, cell.model][name] += getattr(cell.counts, field)
        dollars[cell.key, cell.model] += Decimal(cell.value.tokens).scaleb(-12)
    for day, models in truth["daily"].items():
        for model, counts in models.items():
            assert dict(found[day, model]) == counts, (day, model)
            price = decimal_price(model, day)
            expected = sum(counts[name] * price[priced_as] for name, (priced_as, _) in CLASSES.items())
            assert dollars[day, model] == expected, (day, model)
    assert len(found) == sum(len(models) for models in truth["daily"].values())
    assert sum(cell.requests for cell in priced.cells) == truth["stats"]["requests"]
