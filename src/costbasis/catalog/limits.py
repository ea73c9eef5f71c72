"""Limits of plans in their own units, evidence of scarcity, and whose tokens stand for a plan: small tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from costbasis.catalog.tables import Row, read_csv
from costbasis.quantity import Quantity, Source, given
from costbasis.sampling import Sampling, Spread, exactly

WINDOWS_S = {"5h": 5 * 3_600.0, "week": 7 * 86_400.0}
"""Seconds of the windows that are fixed; a month is the catalogue's mean month."""

WINDOWS = (*WINDOWS_S, "month")

UNITS = ("usd", "requests", "prompts", "hours", "credits", "tokens")


@dataclass(frozen=True, slots=True)
class Limit:
    """Most that may be used in a window. *amount* is in *unit*; *usd_per_unit* is known for credits."""

    window: str
    unit: str
    amount: Quantity
    usd_per_unit: float | None
    source: Source


@dataclass(frozen=True, slots=True)
class Scarcity:
    """A sign that capacity was sold out (*points_to* ``scarce``) or was not (``slack``)."""

    what: str
    points_to: str
    source: Source


def limits_of(plan: str, as_of: date, sampling: Sampling) -> list[Limit]:
    """The limits of ``vendor/plan_id`` on a day, as published or measured. Several of a window are several readings."""
    day = as_of.isoformat()
    rows = [row for row in read_csv("plan_limit.csv") if row["plan"] == plan]
    holding = [row for row in rows if row["valid_from"] <= day and (not row["valid_to"] or day < row["valid_to"])]
    return [_limit(row, sampling) for row in holding]


def _limit(row: Row, sampling: Sampling) -> Limit:
    low, mid, high = (float(row[end]) for end in ("low", "mid", "high"))
    source = Source(row["source"], row["place"], row["trust"], row["status"], as_of=row["as_of"], note=row["note"])
    key = f"plan_limit/{row['plan']}.{row['window']}.{row['unit']}"
    return make_limit(row["window"], row["unit"], (low, mid, high), source, sampling, key=key, each=row["usd_per_unit"])


def make_limit(
    window: str,
    unit: str,
    amount: tuple[float, float, float],
    source: Source,
    sampling: Sampling,
    *,
    key: str,
    each: str | float = "",
) -> Limit:
    """A limit of (low, middle, high) of a unit a window."""
    low, mid, high = amount
    spread = exactly(mid) if low == high else Spread("positive", low, mid, high)
    name = "limit_usd" if unit == "usd" else "limit_count"
    quantity = given(name, spread, source, sampling, key=key).labelled(f"{unit} a {window}")
    return Limit(window, unit, quantity, float(each) if each != "" else None, source)


def scarcity_evidence() -> list[Scarcity]:
    """What is known of whether capacity was sold out: shown beside λ, which stays 0 unless set."""
    return [
        Scarcity(
            row["what"],
            row["points_to"],
            Source(row["source"], row["place"], row["trust"], "reported", as_of=row["as_of"]),
        )
        for row in read_csv("scarcity.csv")
    ]


def model_of_plan(vendor: str, as_of: date) -> str:
    """The model whose tokens stand for those of a vendor's subscribers on a day; before the first, the first."""
    rows: Sequence[Row] = [row for row in read_csv("plan_model.csv") if row["vendor"] == vendor]
    rows = rows or [row for row in read_csv("plan_model.csv") if row["vendor"] == "*"]
    known = [row for row in rows if row["valid_from"] <= as_of.isoformat()]
    return (known or rows[:1])[-1]["model"]
