"""Offers: what a host charges for an open-weight model, at which precision, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    @property
    def prices_cached_input(self) -> bool:
        """True where the host publishes a price of cached input."""
        return self.cache_read_usd_per_tok is not None

    @property
    def usd_per_tok(self) -> dict[str, float]:
        """USD per token of each usage column. A missing cached price is the input price, and so is a write price:
        the buyer pays the full price there; it says nothing about what a cached read costs to serve."""
        read = self.input_usd_per_tok if self.cache_read_usd_per_tok is None else self.cache_read_usd_per_tok
        write = self.input_usd_per_tok if self.cache_write_usd_per_tok is None else self.cache_write_usd_per_tok
        return {
            "input_tok": self.input_usd_per_tok,
            "cache_write_5m_tok": write,
            "cache_write_1h_tok": write,
            "cache_write_unknown_tok": write,
            "cache_read_tok": read,
            "output_tok": self.output_usd_per_tok,
        }

    def usd(self, mix: Mapping[str, float]) -> float:
        """USD of *mix*, usage column to tokens."""
        prices = self.usd_per_tok
        return sum(tokens * prices[column] for column, tokens in mix.items())


def offers_on(rows: Sequence[Row], as_of: date) -> list[Offer]:
    """The offers that hold on a day, one a host and precision: its newest row, with the count of rows that agree.

    A row that states no precision belongs to the one precision that the host states elsewhere for the model,
    where there is one. Left out: gateways and router headlines, price variants (fast, batch, …), rows that the
    table flags as outliers, and rows with a zero price for input, output or cached input (subscriptions, free
    tiers and fields that an upstream left unset are no market prices).
    """
    return _newest_of_each([row for row in rows if _is_market(row, "direct") and _holds(row, as_of)])


def offers_ever(rows: Sequence[Row]) -> list[Offer]:
    """Every direct row with a price that was ever listed, variants and outliers too: history, no market of a day."""
    charged = [row for row in rows if row["route"] == "direct" and _is_charged(row)]
    return [_offer([row], row["quantisation"]) for row in charged]


def headline_on(rows: Sequence[Row], as_of: date) -> Offer | None:
    """The router's headline on a day: its default endpoint, which may be a short-lived loss leader; no market."""
    found = _newest_of_each([row for row in rows if _is_market(row, "openrouter_model") and _holds(row, as_of)])
    return found[0] if found else None


def first_listed(rows: Sequence[Row]) -> date:
    """The first day on which a host is known to have listed the model."""
    return date.fromisoformat(min(row["valid_from"] or row["observed"] for row in rows))


def _newest_of_each(rows: Sequence[Row]) -> list[Offer]:
    stated: dict[str, set[str]] = {}
    for row in rows:
        stated.setdefault(row["provider"], set()).update([row["quantisation"]] if row["quantisation"] else [])
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        known = stated[row["provider"]]
        precision = row["quantisation"] or (next(iter(known)) if len(known) == 1 else "")
        grouped.setdefault((row["provider"], precision), []).append(row)
    return [_offer(found, precision) for (_, precision), found in sorted(grouped.items())]


def _is_market(row: Row, route: str) -> bool:
    plain = row["route"] == route and row["variant"] in ("", "instruct") and not row["quality_flags"]
    return plain and _is_charged(row) and _price(row["cached_input_usd_per_mtok"]) != 0


def _is_charged(row: Row) -> bool:
    return all(_price(row[column]) for column in ("input_usd_per_mtok", "output_usd_per_mtok"))


def _holds(row: Row, as_of: date) -> bool:
    if row["valid_from"]:
        return row["valid_from"] <= as_of.isoformat() and (not row["valid_to"] or as_of.isoformat() < row["valid_to"])
    if row["valid_to"] and as_of.isoformat() >= row["valid_to"]:
        return False
    return abs(date.fromisoformat(row["observed"]) - as_of) <= timedelta(days=SNAPSHOT_DAYS)


def _offer(rows: list[Row], precision: str) -> Offer:
    newest = max(rows, key=lambda row: (row["valid_from"], bool(row["cached_input_usd_per_mtok"]), row["source"]))
    prices = ("input_usd_per_mtok", "cached_input_usd_per_mtok", "output_usd_per_mtok")
    same = [row for row in rows if all(_price(row[name]) == _price(newest[name]) for name in prices)]
    return Offer(
        model=newest["model"],
        host=newest["provider"],
        precision=precision,
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
