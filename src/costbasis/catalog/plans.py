"""Plans: what a subscription costs a month, by vendor, id and date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from costbasis.catalog.fx import rate_on
from costbasis.catalog.limits import Limit
from costbasis.catalog.tables import Row, source_of
from costbasis.errors import AmbiguousName, BadCatalogue, UnknownName
from costbasis.quantity import Quantity, Source, given
from costbasis.sampling import Sampling, exactly


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of a plan. *price*: USD a month. *limits*: the table's own words on what may be used.

    *allowance_usd*: list value that the price includes a month, where the vendor says so. *model*: whose tokens stand
    for its subscribers', where a plan file names it.
    """

    vendor: str
    plan_id: str
    name: str
    price: Quantity
    limits: str
    source: Source
    allowance_usd: Quantity | None = None
    model: str = ""
    own_limits: Sequence[Limit] = ()
    ceiling_usd: Quantity | None = None

    @property
    def key(self) -> str:
        """``vendor/plan_id``."""
        return f"{self.vendor}/{self.plan_id}"


def find_plan(rows: Sequence[Row], name: str, as_of: date, sampling: Sampling) -> Plan:
    """The plan of this name on a day: ``vendor/plan_id``, or a bare id that only one vendor uses.

    Errors: :class:`~costbasis.errors.UnknownName` with the nearest, :class:`~costbasis.errors.AmbiguousName`
    with the choices, :class:`~costbasis.errors.BadCatalogue` for a plan without a price, or in a currency
    without a dated exchange rate.
    """
    keys = dict.fromkeys(f"{row['vendor']}/{row['plan_id']}" for row in rows)
    matching = [key for key in keys if name in (key, key.partition("/")[2])]
    hint = "costbasis catalog plan lists them"
    if not matching:
        raise UnknownName("plan", name, known=[*keys, *(key.partition("/")[2] for key in keys)], hint=hint)
    if len(matching) > 1:
        raise AmbiguousName("plan", name, choices=matching, hint="name it as vendor/plan")
    versions = [row for row in rows if f"{row['vendor']}/{row['plan_id']}" == matching[0]]
    return _plan(_version_on(versions, as_of), as_of, sampling)


def _version_on(versions: list[Row], as_of: date) -> Row:
    """The version that holds on a day, dated ones first; before the first, the first; after the last, the last."""
    day = as_of.isoformat()
    holding = [row for row in versions if row["valid_from"] <= day and (not row["valid_to"] or day < _end(row))]
    dated = [row for row in holding if row["valid_to"] or row["valid_from"]]
    priced = [row for row in (dated or holding) if row["price_per_month"]]
    if priced or dated or holding:
        return max(enumerate(priced or dated or holding), key=lambda row: (_rank(row[1]), row[0]))[1]
    ended = [row for row in versions if row["valid_to"] and _end(row) <= day]
    return max(ended, key=_end) if ended else min(versions, key=lambda row: row["valid_from"])


def _rank(row: Row) -> int:
    """How sure a row is: where several hold, the surest stands, and the last of those."""
    return -["high", "medium", "low"].index((row["confidence"].split() or ["low"])[0])


def _end(row: Row) -> str:
    """When a version stops to hold, as text that sorts with days.

    An end that is known only by its year or month lies somewhere in it: the version still held in the
    month in which it was seen.
    """
    end, seen = row["valid_to"], row["observed"]
    is_partial = len(end) < len("2026-01-01")
    return f"{seen[:7]}-32" if is_partial and seen.startswith(end) else end


def _plan(row: Row, as_of: date, sampling: Sampling) -> Plan:
    key = f"plan/{row['vendor']}/{row['plan_id']}.price_per_month"
    if not row["price_per_month"]:
        raise BadCatalogue("this version of the plan has no known price", where=key, hint=f"--set {key}=PRICE")
    source, price_usd = source_of(row, "plan"), float(row["price_per_month"])
    if row["currency"] != "USD":
        rate = rate_on(row["currency"], as_of, where=key)
        price_usd /= rate.units_per_usd
        stated = f"{row['price_per_month']} {row['currency']}, {rate.says}"
        source = msgspec.structs.replace(source, note=f"{source.note}; {stated}" if source.note else stated)
    price = given("price_usd_per_month", exactly(price_usd), source, sampling, key=key)
    limits = [f"{row[f'{window}_limit']} {row[f'{window}_unit']}" for window in ("window_5h", "weekly")]
    return Plan(
        vendor=row["vendor"],
        plan_id=row["plan_id"],
        name=row["plan_name"],
        price=price.labelled(f"price of {row['plan_name']}"),
        limits="; ".join(text.strip() for text in limits if text.strip()),
        source=source,
        allowance_usd=_allowance(row, key, source, sampling),
    )


def _allowance(row: Row, key: str, source: Source, sampling: Sampling) -> Quantity | None:
    text = row["monthly_allowance_usd_at_list"]
    if not text:
        return None
    key = key.replace(".price_per_month", ".monthly_allowance_usd_at_list")
    return given("allowance_usd", exactly(float(text)), source, sampling, key=key).labelled("use included, at list")
