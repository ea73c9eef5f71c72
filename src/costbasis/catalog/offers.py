"""Offers: what a host charges for an open-weight model, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from costbasis.catalog.tables import Row, source_of
from costbasis.quantity import Source
from costbasis.units import TOK_PER_MTOK

SNAPSHOT_DAYS = 31
"""A row without a validity date is a package's snapshot: true about the day it was observed, no further."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One host's price row, USD per token. *precision* is "" where the host does not say.

    *agreeing*: how many sources say the same. None where the host publishes no price of a class; a write
    price of 0 is None too: the host adds nothing for storing, and still bills the tokens as input.
    """

    model: str
    host: str
    precision: str
    input_usd_per_tok: float
    cache_read_usd_per_tok: float | None
    cache_write_usd_per_tok: float | None
    output_usd_per_tok: float
    valid_from: date | None
    agreeing: int
    source: Source


def offers_on(rows: Sequence[Row], as_of: date) -> list[Offer]:
    """The offers that hold on a day, one a host: its newest row, with the count of rows that agree.

    Left out: gateways and router headlines, price variants (fast, batch, …), rows that the table flags as
    outliers, and rows with a zero price for input, output or cached input (subscriptions, free tiers and
    fields that an upstream left unset are no market prices).
    """
    by_host: dict[str, list[Row]] = {}
    for row in rows:
        if _is_market(row) and _holds(row, as_of):
            by_host.setdefault(row["provider"], []).append(row)
    return [_offer(found) for _, found in sorted(by_host.items())]


def _is_market(row: Row) -> bool:
    plain = row["route"] == "direct" and row["variant"] in ("", "instruct") and not row["quality_flags"]
    charged = all(_price(row[column]) for column in ("input_usd_per_mtok", "output_usd_per_mtok"))
    return plain and charged and _price(row["cached_input_usd_per_mtok"]) != 0


def _holds(row: Row, as_of: date) -> bool:
    if row["valid_from"]:
        return row["valid_from"] <= as_of.isoformat() and (not row["valid_to"] or as_of.isoformat() < row["valid_to"])
    if row["valid_to"] and as_of.isoformat() >= row["valid_to"]:
        return False
    return abs(date.fromisoformat(row["observed"]) - as_of) <= timedelta(days=SNAPSHOT_DAYS)


def _offer(rows: list[Row]) -> Offer:
    newest = max(rows, key=lambda row: (row["valid_from"], bool(row["cached_input_usd_per_mtok"]), row["source"]))
    prices = ("input_usd_per_mtok", "cached_input_usd_per_mtok", "output_usd_per_mtok")
    same = [row for row in rows if all(_price(row[name]) == _price(newest[name]) for name in prices)]
    return Offer(
        model=newest["model"],
        host=newest["provider"],
        precision=newest["quantisation"],
        input_usd_per_tok=_price(newest["input_usd_per_mtok"]) or 0.0,
        cache_read_usd_per_tok=_price(newest["cached_input_usd_per_mtok"]),
        cache_write_usd_per_tok=_price(newest["cache_write_usd_per_mtok"]) or None,
        output_usd_per_tok=_price(newest["output_usd_per_mtok"]) or 0.0,
        valid_from=date.fromisoformat(newest["valid_from"]) if newest["valid_from"] else None,
        agreeing=len({row["source"] for row in same}),
        source=source_of(newest, "offer"),
    )


def _price(usd_per_mtok: str) -> float | None:
    return float(usd_per_mtok) / TOK_PER_MTOK if usd_per_mtok else None
