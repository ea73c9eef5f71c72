"""Compiles the book: statements of all sources into the tables that pricing and the market read.

For a model and a mode the source of the lowest rank gives the series of list prices; the others agree or differ,
and are counted. Offers keep every statement, one row each. ``python -m costbasis.catalog.book.compiled`` writes
``retail.csv`` and ``offer.csv.gz``; ``--check`` says whether they are what the book makes.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from costbasis.catalog.book.sources import sources
from costbasis.catalog.book.statement import Statement, statements_of, to_csv
from costbasis.catalog.tables import DATA, Row, read_bytes

RETAIL_METERS = {
    "input_usd_per_mtok": ("input", False),
    "output_usd_per_mtok": ("output", False),
    "cache_read_usd_per_mtok": ("cache_read", False),
    "cache_write_5m_usd_per_mtok": ("cache_write_5m", False),
    "cache_write_1h_usd_per_mtok": ("cache_write_1h", False),
    "long_context_above_tokens": ("", True),
    "long_input_usd_per_mtok": ("input", True),
    "long_output_usd_per_mtok": ("output", True),
    "long_cache_read_usd_per_mtok": ("cache_read", True),
    "long_cache_write_usd_per_mtok": ("cache_write_5m", True),
    "long_cache_write_1h_usd_per_mtok": ("cache_write_1h", True),
}

RETAIL_COLUMNS = (
    "provider",
    "model",
    "mode",
    "effective_from",
    "effective_to",
    *RETAIL_METERS,
    "effective_basis",
    "status",
    "agreeing",
    "alternatives",
    "confidence",
    "source",
    "source_ref",
    "observed",
    "note",
)

OFFER_METERS = {
    "input_usd_per_mtok": "input",
    "cached_input_usd_per_mtok": "cache_read",
    "cache_write_usd_per_mtok": "cache_write_5m",
    "output_usd_per_mtok": "output",
}

OFFER_COLUMNS = (
    "model",
    "provider",
    "route",
    "provider_model_id",
    "variant",
    *OFFER_METERS,
    "quantisation",
    "quantisation_basis",
    "valid_from",
    "valid_to",
    "date_basis",
    "observed",
    "source",
    "source_ref",
    "confidence",
    "quality_flags",
    "note",
)


def read_book() -> list[Statement]:
    """Every statement of the book that ships: what was imported, and what was mended since."""
    rows: list[Row] = []
    for name in ("book/price.csv.gz", "book/mended.csv"):
        rows += csv.DictReader(io.StringIO(read_bytes(name).decode()))
    return statements_of(rows)


def compile_retail(statements: Iterable[Statement]) -> list[Row]:
    """One row a segment of each listed model and mode, in the order of provider, model, mode and date."""
    groups: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        if is_list_price(statement):
            groups.setdefault((statement.model, statement.service_tier), []).append(statement)
    rows = [row for group in groups.values() for row in _segments(group)]
    return sorted(rows, key=lambda row: (row["provider"], row["model"], row["mode"], row["effective_from"]))


def is_list_price(statement: Statement) -> bool:
    """True for what its owner charges, for longer than no time (a slip that was corrected within the day)."""
    some_time = not statement.valid_from or statement.valid_from != statement.valid_to
    return statement.route == "list" and statement.currency == "USD" and len(statement.thresholds) <= 1 and some_time


def _segments(group: list[Statement]) -> list[Row]:
    """The series of the source that goes first, each segment with who agrees and who differs."""
    known = sources()
    first = min(
        (known[statement.source_id] for statement in group if _may_lead(statement)),
        key=lambda source: source.rank,
        default=None,
    )
    if first is None:
        return []
    mends = [statement for statement in group if known[statement.source_id].rank < known["model-prices"].rank]
    base = [statement for statement in group if _leads(statement, group)]
    series = _chained(_latest(base), _latest(mends))
    others = [statement for statement in group if statement not in series]
    return [_retail_row(segment, others) for segment in series]


def _may_lead(statement: Statement) -> bool:
    return sources()[statement.source_id].role == "primary" or bool(statement.valid_from)


def _leads(statement: Statement, group: Sequence[Statement]) -> bool:
    """True for statements of the first source that is no mend."""
    known = sources()
    lowest = known["model-prices"].rank
    ranks = [
        (known[other.source_id].role != "primary", known[other.source_id].rank)
        for other in group
        if _may_lead(other) and known[other.source_id].rank >= lowest
    ]
    own = (known[statement.source_id].role != "primary", known[statement.source_id].rank)
    return bool(ranks) and _may_lead(statement) and own == min(ranks)


def _latest(statements: Iterable[Statement]) -> list[Statement]:
    """The newest telling of each segment, oldest segment first."""
    newest: dict[str, Statement] = {}
    for statement in sorted(statements, key=lambda statement: (statement.observed, statement.valid_to == "")):
        newest[statement.valid_from] = statement
    return [newest[start] for start in sorted(newest)]


def _chained(base: list[Statement], mends: list[Statement]) -> list[Statement]:
    """Segments that do not overlap: a later one ends an earlier one, and a mend stands in the place it names."""
    placed = list(base)
    for mend in mends:
        after = []
        for segment in placed:
            after += _around(segment, mend)
        placed = sorted([*after, mend], key=lambda segment: segment.valid_from)
    ended = []
    for segment, following in pairwise(placed):
        overlaps = not segment.valid_to or segment.valid_to > following.valid_from
        ended.append(segment.until(following.valid_from) if overlaps else segment)
    return [*ended, *placed[-1:]]


def _around(segment: Statement, mend: Statement) -> list[Statement]:
    """What is left of a segment beside a mend: the part before it and the part after it."""
    far = "9999"
    start, end = segment.valid_from, segment.valid_to or far
    mended_from, mended_to = mend.valid_from, mend.valid_to or far
    if end <= mended_from or start >= mended_to:
        return [segment]
    left = [segment.until(mended_from)] if start < mended_from else []
    right = [replace(segment, valid_from=mended_to)] if mended_to < end else []
    return left + right


def _retail_row(segment: Statement, others: Sequence[Statement]) -> Row:
    agreeing, differing = {segment.source_id}, dict[str, None]()
    for other in others:
        if other.source_id == segment.source_id or not _speaks_of(other, segment):
            continue
        differences = differences_of(segment, other)
        if differences:
            differing[f"{other.source}: {', '.join(differences)}"] = None
        else:
            agreeing.add(other.source_id)
    above = segment.thresholds[0] if segment.thresholds else 0
    row = {
        "provider": segment.provider,
        "model": segment.model,
        "mode": segment.service_tier,
        "effective_from": segment.valid_from,
        "effective_to": segment.valid_to,
        "long_context_above_tokens": str(above or ""),
        "effective_basis": segment.date_basis,
        "status": segment.status,
        "agreeing": str(len(agreeing)),
        "alternatives": "; ".join(differing),
        "confidence": "high" if len(agreeing) > 1 and not differing else segment.confidence,
        "source": segment.source,
        "source_ref": segment.source_ref,
        "observed": segment.observed,
        "note": segment.note,
    }
    for column, (meter, is_long) in RETAIL_METERS.items():
        if meter:
            row[column] = segment.prices.get((meter, above), "") if above or not is_long else ""
            row[column] = segment.base(meter) if not is_long else row[column]
    return row


def _speaks_of(other: Statement, segment: Statement) -> bool:
    """True where another source says something of the days of a segment; an undated one of the day it was seen."""
    start = other.valid_from or ("" if other.valid_to else other.observed)
    end = other.valid_to or ("9999" if other.valid_from else f"{other.observed}~")
    return start < (segment.valid_to or "9999") and (segment.valid_from or "") < end


def differences_of(one: Statement, other: Statement) -> list[str]:
    """Meters that both state and price apart, as the *other* has them."""
    shared = sorted(set(one.prices) & set(other.prices))
    return [
        f"{meter}{f' above {context:,} tokens' if context else ''} {other.prices[meter, context]}"
        for meter, context in shared
        if float(one.prices[meter, context]) != float(other.prices[meter, context])
    ]


def compile_offers(statements: Iterable[Statement]) -> list[Row]:
    """One row a statement of a host or router, in the order of the book."""
    return [_offer_row(statement) for statement in statements if statement.route != "list"]


def _offer_row(statement: Statement) -> Row:
    row = {column: getattr(statement, column) for column in OFFER_COLUMNS if column not in OFFER_METERS}
    return row | {column: statement.base(meter) for column, meter in OFFER_METERS.items()}


def compiled() -> dict[str, bytes]:
    """The two compiled files of the book that ships, by name."""
    book = read_book()
    retail = to_csv(RETAIL_COLUMNS, compile_retail(book)).encode()
    offers = to_csv(OFFER_COLUMNS, compile_offers(book)).encode()
    return {"retail.csv": retail, "offer.csv.gz": gzip.compress(offers, 9, mtime=0)}


def main(arguments: Sequence[str]) -> int:
    """Write the compiled files, or (``--check``) say which are stale: exit status 1."""
    stale = []
    for name, made in compiled().items():
        same = gzip.decompress(made) == read_bytes(name) if name.endswith(".gz") else made == read_bytes(name)
        if not same:
            stale.append(name)
            if "--check" not in arguments:
                (DATA / name).write_bytes(made)
    print(f"{'stale' if '--check' in arguments else 'written'}: {', '.join(stale) or 'nothing'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
