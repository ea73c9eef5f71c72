"""Tables of requests as a warehouse holds them, made by a seed, and the same requests as a ledger has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from costbasis.errors import UnknownName
from costbasis.usage.pricing.epochs import PriceBook
from costbasis.usage.pricing.priceview import Grouping
from costbasis.usage.pricing.pricing import PricedUsage, price_usage
from costbasis.usage.warehouse.priced import Ask
from costbasis.usage.warehouse.smalltables import Wanted

from .request_rows import GPT, HAIKU, OPUS, PRICES, ledger, request, time_ms

NAMES = {OPUS: OPUS, "anthropic/claude-opus-4.6": OPUS, HAIKU: HAIKU, GPT: GPT}

HELD_S = 300.0
"""What ``request_rows`` takes for the time in cache."""


def resolve(name: str) -> str:
    if name not in NAMES:
        raise UnknownName("model", name, known=NAMES)
    return NAMES[name]


BOOK = PriceBook(PRICES, resolve, web_search_pico_usd=10_000_000_000, us_geo_permille=1100)


def columns(count: int, seed: int = 8) -> dict[str, Any]:
    """Columns of *count* requests over 90 days; some prompts are long, some models and modes have no price."""
    rng = np.random.default_rng(seed)
    first = time_ms("2026-02-01T00:00:00") // 1000
    models = np.array([*NAMES, "unheard-of"])
    tokens = {
        "input_tok": rng.integers(1, 2_000, count),
        "cache_write_5m_tok": rng.integers(0, 5_000, count),
        "cache_write_1h_tok": rng.integers(0, 2, count) * rng.integers(0, 900, count),
        "cache_write_unknown_tok": rng.integers(0, 2, count) * rng.integers(0, 900, count),
        "cache_read_tok": rng.integers(0, 300_000, count),
        "output_tok": rng.integers(1, 1_500, count),
    }
    return {
        "time": (first + rng.integers(0, 90 * 86_400, count)) * 1_000_000,
        "model": models[rng.integers(0, len(models), count)],
        "mode": np.array(["standard", "standard", "standard", "batch", "fast"])[rng.integers(0, 5, count)],
        "geo": np.array(["", "", "us"])[rng.integers(0, 3, count)],
        "user": np.char.add("u", rng.integers(0, 40, count).astype(str)),
        "request_id": np.char.add("r", np.arange(count).astype(str)),
        **tokens,
        "reasoning_tok": tokens["output_tok"] // 3,
        "web_searches": rng.integers(0, 3, count),
    }


def table(made: dict[str, Any]) -> pa.Table:
    """The columns as an Arrow table, times with their zone."""
    return pa.table(made | {"time": pa.array(made["time"], pa.timestamp("us", tz="UTC"))})


def parquet(folder: Path, made: dict[str, Any], files: int = 2) -> Path:
    """A folder of Parquet files."""
    folder.mkdir(exist_ok=True)
    whole, each = table(made), -(-len(made["time"]) // files)
    for number in range(files):
        pq.write_table(whole.slice(number * each, each), folder / f"part-{number}.parquet")
    return folder


def from_ledger(made: dict[str, Any], by: str) -> PricedUsage:
    """The same requests, priced by the ledger's own SQL in SQLite."""
    names = [name for name in made if name not in ("time", "user", "request_id")]
    rows = [
        request(
            time_ms=int(made["time"][index]) // 1000,
            session=str(made["user"][index]),
            **{name: made[name][index].item() for name in names},
        )
        for index in range(len(made["time"]))
    ]
    return price_usage(ledger(rows), BOOK, Grouping(by=by, buckets=True))


def ask(by: str = "day", **options: Any) -> Ask:
    """What is asked by default in these tests: by length of prompt, too."""
    options = {"buckets": True} | options
    return Ask(by, Wanted("", options.pop("tz", "UTC"), options.pop("since", None), options.pop("until", None)), HELD_S,
               **options)  # fmt: skip


def exact(cells: Any) -> list[tuple[Any, ...]]:
    """Everything of the cells that is an integer, summed where a price's note splits a cell; in order."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for cell in cells:
        value = cell.value
        money = [getattr(value, name) for name in value.__struct_fields__] if value else []
        numbers = [cell.requests, cell.web_searches, *cell.counts, *money]
        key = (cell.key, cell.month, cell.model, cell.context_bucket, value is not None)
        found[key] = [a + b for a, b in zip(found[key], numbers, strict=True)] if key in found else numbers
    return sorted((*key, *numbers) for key, numbers in found.items())
