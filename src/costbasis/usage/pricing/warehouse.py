"""Requests of a foreign table normalised, priced and summed, as Ibis expressions; their SQL is generated.

The frozen text is ``usage/pricing/sql/{duckdb,spark,clickhouse}/table_*.sql``; nothing imports this module at run time.
The expressions read ``source`` (one row a request, as the mapping says it, made of the table's own columns by
:mod:`costbasis.usage.warehouse.source`), the one row of ``setting``, and three small tables of
:mod:`costbasis.usage.warehouse.smalltables`: ``calendar`` (which segment of time a slot is in), ``segment`` (the key
and the month of a segment) and ``epoch_of`` (which price holds for a model, mode and region in a segment). A segment
is the coarsest stretch in which neither key, month nor any price changes, so rows are summed as far as they can be
before a price is looked up, and every join is an equi-join. Money is a decimal of 38 digits in whole pico-USD: no sum
overflows.
"""

from __future__ import annotations

from typing import Any

import ibis

from costbasis.usage.pricing.tables import (
    CONTEXT_SUMS,
    COUNTED,
    MONEY,
    PRICED_CLASSES,
    TOKEN_CLASSES,
    price,
    price_of,
)

DIALECTS = {"duckdb": "duckdb", "spark": "databricks", "clickhouse": "clickhouse"}
"""Folder of the frozen text to Ibis' name of the dialect. Ibis compiles its pyspark dialect in a live session only."""

READ = ("input", "cache_write_5m", "cache_write_1h", "cache_write_unknown", "cache_read", "output", "reasoning")
"""Counts as the table has them, before what one includes of another is taken apart."""

TIERS = ("tier_1_tok", "tier_2_tok", "tier_3_tok", "tier_4_tok", "tier_5_tok", "tier_6_tok")
"""The thresholds above which a prompt is long, ascending: a request keeps the largest that it exceeds."""

WIDE = "decimal(19, 0)"
"""Two such factors make a product of 38 digits."""

_int, _text, _maybe = "!int64", "!string", "int64"

source = ibis.table(
    {
        **dict.fromkeys(("place", "request_id", "grouped"), "string"),
        **dict.fromkeys(("log_model", "mode", "geo"), _text),
        **dict.fromkeys(("row_number", "time_s"), _maybe),
        **dict.fromkeys(("no_zone", "not_whole"), _int),
        **dict.fromkeys((f"read_{name}_tok" for name in READ), _maybe),
        "read_web_searches": _maybe,
    },
    name="source",
)

setting = ibis.table(
    {
        **dict.fromkeys(("slot_s", "first_s", "before_s", "tok_per_unit", "most_tok"), _int),
        **dict.fromkeys((f"input_has_{name}" for name in TOKEN_CLASSES[1:5]), _int),
        "output_has_reasoning": _int,
        **dict.fromkeys(TIERS, _int),
    },
    name="setting",
)
"""What the mapping says of all rows. *first_s*, *before_s*: times that are believed; *most_tok*: most of one class."""

calendar = ibis.table({"slot": _int, "segment": _int}, name="calendar")

segment = ibis.table({"segment": _int, "key": _text, "month": _text}, name="segment")

epoch_of = ibis.table(
    {**dict.fromkeys(("log_model", "mode", "geo"), _text), **dict.fromkeys(("segment", "price_epoch", "noted"), _int)},
    name="epoch_of",
)

_BEYOND = 4 * 10**9
"""No count is so large: one that is stays too large when cut to it, and sums of such counts stay within 64 bits.
It fits 32 bits: ClickHouse would take a larger constant for an unsigned 64-bit one, and compare it with nothing."""


def _zero_if_missing(column: Any) -> Any:
    return ibis.coalesce(column, ibis.literal(0, "int64")).clip(lower=-1, upper=_BEYOND)


def normalised() -> Any:
    """One row a row of the table: six disjoint classes, prompt, slot of time, fault (``usage/warehouse/faults.py``)."""
    rows = source.cross_join(setting)
    unit = rows.tok_per_unit
    read = {name: _zero_if_missing(rows[f"read_{name}_tok"]) * unit for name in READ}
    rows = rows.mutate(
        **{f"told_{name}": count for name, count in read.items()},
        web_searches=_zero_if_missing(rows.read_web_searches),
    )
    included = sum(
        (rows[f"told_{name}"] * rows[f"input_has_{name}"] for name in TOKEN_CLASSES[1:5]), ibis.literal(0, "int64")
    )
    least = ibis.least(*(rows[f"told_{name}"] for name in READ), rows.web_searches)
    most = ibis.greatest(*(rows[f"told_{name}"] for name in READ), rows.web_searches)
    missing = rows.read_input_tok.isnull() | rows.read_output_tok.isnull()
    fault = ibis.cases(
        (rows.time_s.isnull(), 1),
        (rows.no_zone != 0, 2),
        ((rows.time_s < rows.first_s) | (rows.time_s >= rows.before_s), 3),
        (rows.log_model == "", 4),
        (rows.not_whole != 0, 5),
        (least < 0, 6),
        (missing, 7),
        (most > rows.most_tok, 8),
        (included > rows.told_input, 9),
        ((rows.output_has_reasoning != 0) & (rows.told_reasoning > rows.told_output), 10),
        else_=0,
    )
    return rows.mutate(
        fault=fault.cast("int64"),
        slot=(rows.time_s // rows.slot_s).cast("int64"),
        input_tok=rows.told_input - included,
        **{f"{name}_tok": rows[f"told_{name}"] for name in TOKEN_CLASSES[1:5]},
        output_tok=rows.told_output + rows.told_reasoning * (1 - rows.output_has_reasoning),
        reasoning_tok=rows.told_reasoning,
    )


def with_context() -> Any:
    """The rows that count, each with its segment of time, and with the sums that keep the context."""
    rows = normalised()
    rows = rows.filter(rows.fault == 0).join(calendar, "slot")
    new = rows.input_tok + rows.cache_write_5m_tok + rows.cache_write_1h_tok + rows.cache_write_unknown_tok
    rows = rows.mutate(new_tok=new, prompt_tok=new + rows.cache_read_tok)
    # log2 of prompt + ½ is never within rounding of a whole number, so its floor is exact on every engine
    bucket = (rows.prompt_tok + 0.5).log2().floor().cast("int64")
    tiers = [(rows.prompt_tok > rows[name], rows[name]) for name in reversed(TIERS)]
    output, prompt = rows.output_tok.cast("float64"), rows.prompt_tok.cast("float64")
    new_tok, cached = rows.new_tok.cast("float64"), rows.cache_read_tok.cast("float64")
    return rows.mutate(
        grouped=ibis.coalesce(rows.grouped, ibis.literal("")),
        context_bucket=ibis.greatest(bucket, ibis.literal(0, "int64")),
        tier_tok=ibis.cases(*tiers, else_=0).cast("int64"),
        output_ctx_tok2=output * (prompt + output / 2.0),
        new_ctx_tok2=new_tok * (cached + new_tok / 2.0),
    )


SUMMED = tuple(name for name in COUNTED if name != "partial_output")

SUMMED_CONTEXT = CONTEXT_SUMS[:2]
"""How long a prompt stays cached is not in such a table."""


def _priced(*kept: str) -> Any:
    """Requests summed as far as one price goes, with the value of each class; *kept*: what else is a key."""
    rows = with_context()
    sums = rows.group_by(["grouped", "log_model", "mode", "geo", "segment", "tier_tok", *kept]).aggregate(
        requests=rows.count(),
        **{name: rows[name].sum() for name in (*SUMMED, *SUMMED_CONTEXT)},
        first_time_s=rows.time_s.min(),
        last_time_s=rows.time_s.max(),
    )
    rows = sums.join(epoch_of, ["log_model", "mode", "geo", "segment"]).join(price, "price_epoch")
    rows = rows.join(segment, "segment")
    prices = price_of(rows, rows.tier_tok >= rows.long_above_tok)
    values = {
        f"{name}_pico_usd": rows[f"{name.removesuffix('_max')}_tok"].cast(WIDE) * prices[name].cast(WIDE)
        for name in PRICED_CLASSES
    }
    return rows.mutate(
        **values,
        tools_pico_usd=rows.web_searches.cast(WIDE) * rows.web_search_pico_usd.cast(WIDE),
        note_epoch=ibis.cases((rows.noted != 0, rows.price_epoch), else_=-1).cast("int64"),
    )


def table_cells() -> Any:
    """Every request that counts, summed and priced: a row a group, key, month, model and context bucket.

    *note_epoch*: the price that needs a word (none, or older than its first date), -1 where there is none.
    """
    rows = _priced("context_bucket")
    return rows.group_by(["grouped", "key", "month", "model", "priced", "note_epoch", "context_bucket"]).aggregate(
        requests=rows.requests.sum(),
        **{name: rows[name].sum() for name in (*SUMMED, *MONEY, *SUMMED_CONTEXT)},
        first_time_s=rows.first_time_s.min(),
        last_time_s=rows.last_time_s.max(),
    )


def table_months() -> Any:
    """What each group's requests are worth in each month, whatever the model: for exact quantiles over users."""
    rows = _priced()
    listed = (f"{name}_pico_usd" for name in (*TOKEN_CLASSES, "tools"))
    return rows.group_by(["grouped", "month"]).aggregate(
        requests=rows.requests.sum(),
        priced_requests=(rows.requests * rows.priced).sum(),
        **{name: rows[name].sum() for name in listed},
    )


def table_spans() -> Any:
    """What there is to price: a row a model, mode and region and fault, with its rows and the times they span."""
    rows = normalised()
    return rows.group_by(["log_model", "mode", "geo", "fault"]).aggregate(
        requests=rows.count(), first_time_s=rows.time_s.min(), last_time_s=rows.time_s.max()
    )


def table_faults() -> Any:
    """The rows that cannot be counted: a row a fault and place (file or table), with how many and the first."""
    rows = normalised()
    rows = rows.filter(rows.fault != 0)
    return rows.group_by(["fault", "place"]).aggregate(
        requests=rows.count(), first_row=rows.row_number.min(), first_id=rows.request_id.min()
    )


def table_repeats() -> Any:
    """How many request ids stand in more than one row, in how many rows, and one of them."""
    rows = source.filter(source.request_id.notnull())
    ids = rows.group_by("request_id").aggregate(copies=rows.count())
    ids = ids.filter(ids.copies > 1)
    return ids.aggregate(ids=ids.count(), copies=ids.copies.sum(), first_id=ids.request_id.min())


QUERIES = {
    "table_cells": table_cells,
    "table_months": table_months,
    "table_spans": table_spans,
    "table_faults": table_faults,
    "table_repeats": table_repeats,
}
