"""Pricing and aggregation, written once as Ibis expressions; their SQL is generated into ``usage/pricing/sql/``.

``python -m costbasis.usage.pricing.tables`` writes the SQL files, ``--check`` exits 1 where one is stale. Nothing
imports this module at run time: importing Ibis takes about a second, and the frozen text needs no Ibis.

The expressions read three tables that :mod:`costbasis.usage.pricing.pricing` makes: ``usage_keyed`` (one row a
request, or a sum of several, with the key and month it is grouped under), ``epoch_of`` (which price holds for a
model, mode and region in an hour) and ``price`` (the prices). So pricing is two equi-joins, and a tier is a CASE on
the whole request. Requests are summed before they are priced: one multiplication a price, not one a request. Money is
integer pico-USD in every step and each class has its own sum; what leaves 64 bits is refused, never rounded.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import ibis

SQL_FOLDER = Path(__file__).with_name("sql")

DIALECTS = ("sqlite", "duckdb")

TOKEN_CLASSES = (
    "input",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_unknown",
    "cache_read",
    "output",
)
"""The six disjoint classes that are priced; ``<class>_tok`` is the column, ``<class>_pico_usd`` its value."""

CONTEXT_SUMS = ("output_ctx_tok2", "new_ctx_tok2", "kv_resident_tok_s")
"""Sums that keep the context: what serving a token costs depends on how much it attends to."""

_int, _text, _real = "!int64", "!string", "!float64"

usage_keyed = ibis.table(
    {
        **dict.fromkeys(("key", "month", "log_model", "mode", "geo"), _text),
        **dict.fromkeys(("hour", "time_ms", "last_time_ms", "context_bucket", "prompt_tok"), _int),
        **dict.fromkeys((f"{name}_tok" for name in TOKEN_CLASSES), _int),
        **dict.fromkeys(("reasoning_tok", "web_searches", "partial_output", "requests"), _int),
        **dict.fromkeys(CONTEXT_SUMS, _real),
    },
    name="usage_keyed",
)

epoch_of = ibis.table(
    {
        **dict.fromkeys(("log_model", "mode", "geo"), _text),
        **dict.fromkeys(("hour", "price_epoch", "noted"), _int),
    },
    name="epoch_of",
)

PRICED_CLASSES = (*TOKEN_CLASSES, "cache_write_unknown_max")
"""Writes of unknown lifetime are priced twice: as 5-minute writes, and (``_max``) as the dearer lifetime."""

price = ibis.table(
    {
        "price_epoch": _int,
        "model": _text,
        "priced": _int,
        "long_above_tok": _int,
        "web_search_pico_usd": _int,
        **dict.fromkeys((f"{name}_pico_usd_per_tok" for name in PRICED_CLASSES), _int),
        **dict.fromkeys((f"long_{name}_pico_usd_per_tok" for name in PRICED_CLASSES), _int),
    },
    name="price",
)


CELL_KEY = ("key", "month", "model", "priced", "context_bucket")

COUNTED = (*(f"{name}_tok" for name in TOKEN_CLASSES), "reasoning_tok", "web_searches", "partial_output")

MONEY = (*(f"{name}_pico_usd" for name in PRICED_CLASSES), "tools_pico_usd")


def price_of(rows: Any, is_long: Any) -> dict[str, Any]:
    """The price of each class in *rows* that were joined with ``price``: the long-context one where *is_long*."""
    return {
        name: ibis.cases((is_long, rows[f"long_{name}_pico_usd_per_tok"]), else_=rows[f"{name}_pico_usd_per_tok"])
        for name in PRICED_CLASSES
    }


def summed_requests() -> Any:
    """Requests summed by all that decides their price: key, month, bucket, price, and whether the prompt is long.

    A price is one number in each of these sums, so it multiplies the sum, exactly, and not each request.
    """
    rows = usage_keyed.join(epoch_of, ["log_model", "mode", "geo", "hour"])
    rows = rows.join(price.select("price_epoch", "long_above_tok"), "price_epoch")
    rows = rows.mutate(is_long=rows.prompt_tok > rows.long_above_tok)
    return rows.group_by(["key", "month", "context_bucket", "price_epoch", "is_long"]).aggregate(
        requests=rows.requests.sum(),
        **{name: rows[name].sum() for name in (*COUNTED, *CONTEXT_SUMS)},
        first_time_ms=rows.time_ms.min(),
        last_time_ms=rows.last_time_ms.max(),
    )


def priced_sums() -> Any:
    """Those sums with the value of each class in pico-USD at the price of the requests' own hour.

    A prompt above the threshold prices the whole request, every class of it, at the long-context prices.
    """
    rows = summed_requests().join(price, "price_epoch")
    prices = price_of(rows, rows.is_long)
    values = {f"{name}_pico_usd": rows[f"{name.removesuffix('_max')}_tok"] * prices[name] for name in PRICED_CLASSES}
    return rows.mutate(**values, tools_pico_usd=rows.web_searches * rows.web_search_pico_usd)


def price_cells() -> Any:
    """Every request summed and priced: one row a key, month, model and context bucket."""
    rows = priced_sums()
    sums = (*COUNTED, *MONEY, *CONTEXT_SUMS)
    return rows.group_by(list(CELL_KEY)).aggregate(
        requests=rows.requests.sum(),
        **{name: rows[name].sum() for name in sums},
        first_time_ms=rows.first_time_ms.min(),
        last_time_ms=rows.last_time_ms.max(),
    )


def price_notes() -> Any:
    """The requests whose price needs a word: those without one, and those before its first known date."""
    rows = usage_keyed.join(epoch_of, ["log_model", "mode", "geo", "hour"])
    rows = rows.filter(rows.noted != 0)
    return rows.group_by(["log_model", "mode", "geo", "price_epoch"]).aggregate(
        requests=rows.requests.sum(),
        **{name: rows[name].sum() for name in COUNTED},
        first_time_ms=rows.time_ms.min(),
    )


def largest_cell() -> Any:
    """The cell with most money in one class, in floating point: what to name when an integer sum overflows."""
    rows = priced_sums()
    cells = rows.group_by(["key", "model"]).aggregate(**{name: rows[name].cast("float64").sum() for name in MONEY})
    most = ibis.greatest(*(cells[name] for name in MONEY))
    return cells.select("key", "model", most_pico_usd=most).order_by(ibis.desc("most_pico_usd")).limit(1)


def price_lines() -> Any:
    """Every request summed by the price it was made at, with that price: one row a key, price and context."""
    rows = priced_sums()
    return rows.mutate(is_long=rows.is_long.cast("int64")).filter(rows.priced != 0)


QUERIES = {
    "price_cells": price_cells,
    "price_notes": price_notes,
    "largest_cell": largest_cell,
    "price_lines": price_lines,
}


def generated() -> dict[Path, str]:
    """The text of every SQL file, by its path: of a ledger's tables, and of foreign ones."""
    from costbasis.usage.pricing import warehouse

    ledgers = [(dialect, dialect, QUERIES) for dialect in DIALECTS]
    foreign = [(folder, dialect, warehouse.QUERIES) for folder, dialect in warehouse.DIALECTS.items()]
    return {
        SQL_FOLDER / folder / f"{name}.sql": f"{ibis.to_sql(query(), dialect=dialect, pretty=True)}\n"
        for folder, dialect, queries in [*ledgers, *foreign]
        for name, query in queries.items()
    }


def stale(files: dict[Path, str]) -> list[Path]:
    """The files of *files* that are missing or hold another text."""
    return [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    """Write the stale files; with ``--check`` only name them, and return 1 where there are any."""
    files = generated()
    check = "--check" in arguments
    for path in (behind := stale(files)):
        print(f"{path}: {'stale, run: python -m costbasis.usage.pricing.tables' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], "utf-8")
    return 1 if check and behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
