"""Requests of a foreign table normalised, priced and summed, as Ibis expressions; their SQL is generated.

The frozen text is ``usage/pricing/sql/{duckdb,spark,clickhouse}/table_*.sql``; nothing imports this module at run time.
The expressions read ``source`` (one row a request, as the mapping says it, made of the table's own columns by
:mod:`costbasis.usage.warehouse.source`), and four small tables of :mod:`costbasis.usage.warehouse.smalltables`:
``calendar`` (which segment of time a slot is in), ``segment`` (the key and the month of a segment), ``epoch_of``
(which price holds for a name from one segment to another) and ``price``. A segment is the coarsest stretch in which
neither key, month nor any price changes. All that a sum depends on but the group (name, segment, length of prompt) is
packed into one whole number, so that rows are summed by it before any price is looked up, and every join is on equal
whole numbers. Money is a decimal of 38 digits in whole pico-USD: no sum overflows.
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
"""The thresholds above which a prompt is long, ascending, then nulls: a request is of the first it does not exceed.

One that exceeds them all is of a tier beyond the last. An engine leaves a comparison with null out of its plan."""

WIDE = "decimal(19, 0)"
"""Two such factors make a product of 38 digits."""

TIER_BITS, BUCKET_BITS, SEGMENT_BITS = 3, 6, 20
"""How a key is packed: name, segment, log2 of twice the prompt, and tier, from the highest bits to the lowest.

A row without a name has no key, and is dropped where its price is looked up.
"""

MOST_TOK = 10**9
"""Tokens of one class in one request that are still believed."""

_int, _text, _maybe = "!int64", "!string", "int64"

source = ibis.table(
    {
        **dict.fromkeys(("place", "request_id", "grouped", "log_model", "mode", "geo"), "string"),
        **dict.fromkeys(("row_number", "time_tick", "slot", "name_code"), _maybe),
        **dict.fromkeys(("first_tick", "before_tick", "no_zone", "not_whole"), _int),
        **dict.fromkeys((f"read_{name}_tok" for name in READ), _maybe),
        "read_web_searches": _maybe,
        **dict.fromkeys(("included_tok", "added_tok", "output_has_reasoning"), _int),
        **dict.fromkeys(TIERS, _maybe),
        "included_real": "!float64",
    },
    name="source",
)
"""*name_code*: of model, mode and region, null where there is no model. *included_tok*: what of other classes the input
count holds, as a float in *included_real*; *added_tok*: reasoning that is not in the output. *first_tick*,
*before_tick*: times that are believed, in ticks."""

calendar = ibis.table({"slot": _int, "packed_segment": _int}, name="calendar")
"""*packed_segment*: the segment where it stands in a packed key."""

segment = ibis.table({"segment": _int, "key": _text, "month": _text}, name="segment")

epoch_of = ibis.table(
    dict.fromkeys(("name_code", "from_segment", "before_segment", "price_epoch", "noted", "long_from_tier"), _int),
    name="epoch_of",
)
"""What holds for a name from a segment to before another. *long_from_tier*: of prompts at the long-context price."""

_BEYOND = 4 * 10**9
"""No count is so large: one that is stays too large when cut to it, and sums of such counts stay within 64 bits.
It fits 32 bits: ClickHouse would take a larger constant for an unsigned 64-bit one, and compare it with nothing."""

COUNTS = (*(f"read_{name}_tok" for name in READ), "read_web_searches")

NEEDED = ("read_input_tok", "read_output_tok")
"""Counts that a row must have: another one that is missing is 0."""


def _or_zero(column: Any) -> Any:
    return ibis.coalesce(column, ibis.literal(0, "int64"))


def faults() -> Any:
    """The rows that cannot be counted, each with its first fault (``usage/warehouse/faults.py``)."""
    told = {name: _or_zero(source[name]).clip(lower=-1, upper=_BEYOND) for name in COUNTS}
    missing = source.read_input_tok.isnull() | source.read_output_tok.isnull()
    fault = ibis.cases(
        (source.time_tick.isnull(), 1),
        (source.no_zone != 0, 2),
        ((source.time_tick < source.first_tick) | (source.time_tick >= source.before_tick), 3),
        (source.log_model.isnull() | (source.log_model == ""), 4),
        (source.not_whole != 0, 5),
        (ibis.least(*told.values()) < 0, 6),
        (missing, 7),
        (ibis.greatest(*told.values()) > MOST_TOK, 8),
        (source.included_real > source.read_input_tok.cast("float64"), 9),
        ((source.output_has_reasoning != 0) & (told["read_reasoning_tok"] > told["read_output_tok"]), 10),
        else_=0,
    )
    rows = source.mutate(fault=fault.cast("int64"))
    return rows.filter(rows.fault != 0)


def counted() -> Any:
    """The rows without a fault whose time is in the calendar, with their segment: six disjoint classes, and the prompt.

    The same rules as in :func:`faults`, as ranges of single columns: an engine skips what its statistics decide.
    """
    ranges = []
    for name in COUNTS:
        inside = source[name].between(0, MOST_TOK)
        ranges.append(inside if name in NEEDED else source[name].isnull() | inside)
    reasoning = source.read_reasoning_tok
    rows = source.filter(
        source.no_zone == 0,
        source.not_whole == 0,
        *ranges,
        source.included_real <= source.read_input_tok.cast("float64"),
        (source.output_has_reasoning == 0) | reasoning.isnull() | (reasoning <= source.read_output_tok),
    ).join(calendar, "slot")
    rows = rows.mutate(
        input_tok=rows.read_input_tok - rows.included_tok,
        **{f"{name}_tok": _or_zero(rows[f"read_{name}_tok"]) for name in TOKEN_CLASSES[1:5]},
        output_tok=rows.read_output_tok + rows.added_tok,
        reasoning_tok=_or_zero(rows.read_reasoning_tok),
        web_searches=_or_zero(rows.read_web_searches),
    )
    new = rows.input_tok + rows.cache_write_5m_tok + rows.cache_write_1h_tok + rows.cache_write_unknown_tok
    return rows.mutate(new_tok=new, prompt_tok=new + rows.cache_read_tok)


def with_context(bucketed: bool) -> Any:
    """The rows that count, each with its packed key, and with the sums that keep the context."""
    rows = counted()
    output, prompt = rows.output_tok.cast("float64"), rows.prompt_tok.cast("float64")
    new_tok, cached = rows.new_tok.cast("float64"), rows.cache_read_tok.cast("float64")
    # log2 of an odd number is never within rounding of a whole one, so its floor is exact on every engine
    log2 = (prompt * 2.0 + 1.0).ln() * 1.4426950408889634
    bucket = log2.floor().cast("int64") * 2**TIER_BITS if bucketed else 0
    tiers = [(rows.prompt_tok <= rows[name], number) for number, name in enumerate(TIERS)]
    tier = ibis.cases(*tiers, else_=len(TIERS)).cast("int64")
    name = rows.name_code * 2 ** (SEGMENT_BITS + BUCKET_BITS + TIER_BITS)
    return rows.mutate(
        grouped=ibis.coalesce(rows.grouped, ibis.literal("")),
        packed=name | rows.packed_segment | bucket | tier,
        output_ctx_tok2=output * (prompt + output * 0.5),
        new_ctx_tok2=new_tok * (cached + new_tok * 0.5),
    )


SUMMED = tuple(name for name in COUNTED if name != "partial_output")

SUMMED_CONTEXT = CONTEXT_SUMS[:2]
"""How long a prompt stays cached is not in such a table."""


def _priced(*, bucketed: bool) -> Any:
    """Requests summed as far as one price goes, with the value of each class."""
    rows = with_context(bucketed)
    sums = rows.group_by(["grouped", "packed"]).aggregate(
        requests=rows.count(),
        **{name: rows[name].sum() for name in (*SUMMED, *SUMMED_CONTEXT)},
        first_tick=rows.time_tick.min(),
        last_tick=rows.time_tick.max(),
    )
    sums = sums.mutate(
        name_code=sums.packed >> (SEGMENT_BITS + BUCKET_BITS + TIER_BITS),
        segment=(sums.packed >> (TIER_BITS + BUCKET_BITS)) & (2**SEGMENT_BITS - 1),
        log2_bucket=(sums.packed >> TIER_BITS) & (2**BUCKET_BITS - 1),
        tier=sums.packed & (2**TIER_BITS - 1),
    )
    rows = sums.join(epoch_of, "name_code")
    rows = rows.filter(rows.segment >= rows.from_segment, rows.segment < rows.before_segment)
    rows = rows.join(price, "price_epoch").join(segment, "segment")
    prices = price_of(rows, rows.tier >= rows.long_from_tier)
    values = {
        f"{name}_pico_usd": rows[f"{name.removesuffix('_max')}_tok"].cast(WIDE) * prices[name].cast(WIDE)
        for name in PRICED_CLASSES
    }
    return rows.mutate(
        **values,
        tools_pico_usd=rows.web_searches.cast(WIDE) * rows.web_search_pico_usd.cast(WIDE),
        context_bucket=ibis.greatest(rows.log2_bucket - 1, ibis.literal(0, "int64")),
        note_epoch=ibis.cases((rows.noted != 0, rows.price_epoch), else_=-1).cast("int64"),
    )


def _cells(*, bucketed: bool) -> Any:
    rows = _priced(bucketed=bucketed)
    key = ("grouped", "key", "month", "model", "priced", "note_epoch", "context_bucket")
    sums = rows.group_by(key if bucketed else key[:-1]).aggregate(
        **{name: rows[name].sum() for name in ("requests", *SUMMED, *MONEY, *SUMMED_CONTEXT)},
        first_tick=rows.first_tick.min(),
        last_tick=rows.last_tick.max(),
    )
    sums = sums if bucketed else sums.mutate(context_bucket=ibis.literal(-1, "int64"))
    return sums.select(*key, *(name for name in sums.columns if name not in key))


def table_cells() -> Any:
    """Every request that counts, summed and priced: a row a group, key, month, model and context bucket.

    *note_epoch*: the price that needs a word (none, or older than its first date), -1 where there is none.
    """
    return _cells(bucketed=True)


def table_sums() -> Any:
    """The same without context bucket, which is then -1: fewer and cheaper sums."""
    return _cells(bucketed=False)


def table_months() -> Any:
    """What each group's requests are worth in each month, whatever the model: for exact quantiles over users."""
    rows = _priced(bucketed=False)
    listed = (f"{name}_pico_usd" for name in (*TOKEN_CLASSES, "tools"))
    return rows.group_by(["grouped", "month"]).aggregate(
        requests=rows.requests.sum(),
        priced_requests=(rows.requests * rows.priced).sum(),
        **{name: rows[name].sum() for name in listed},
    )


def table_names() -> Any:
    """What there is to price: a row a model, mode and region as the table writes them, with its rows."""
    return source.group_by(["log_model", "mode", "geo"]).aggregate(requests=source.count())


def table_believed() -> Any:
    """The first and the last time of those that are believed, where an engine does not know them already."""
    inside = (source.time_tick >= source.first_tick) & (source.time_tick < source.before_tick)
    rows = source.filter(inside)
    return rows.aggregate(first_tick=rows.time_tick.min(), last_tick=rows.time_tick.max())


def table_faults() -> Any:
    """The rows that cannot be counted: a row a fault and place (file or table), with how many and the first."""
    rows = faults()
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
    "table_sums": table_sums,
    "table_months": table_months,
    "table_names": table_names,
    "table_believed": table_believed,
    "table_faults": table_faults,
    "table_repeats": table_repeats,
}
