"""A statement: what one source says that one seller charges for one model, with all its meters, from when to when.

On disk a statement is one row a meter of the long table ``data/book/price.csv.gz``, which is only ever added to.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields, replace
from itertools import groupby

METERS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
"""What is billed by the token. A meter with a *context_from* is the price of requests longer than that."""

Prices = Mapping[tuple[str, int], str]
"""(meter, context_from in tokens) to a decimal price per million tokens; 0 is the price of short requests."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Valid from *valid_from* to before *valid_to* ("" is open); known since *observed*.

    *route*: ``list`` (the model's owner), ``direct`` (a host), ``gateway``, ``openrouter_model`` (a router's
    headline) or ``openrouter_endpoint``. *date_basis* says what the dates rest on and so how wide they are.
    """

    model: str
    provider: str
    route: str
    provider_model_id: str
    variant: str
    region: str
    service_tier: str
    currency: str
    quantisation: str
    quantisation_basis: str
    valid_from: str
    valid_to: str
    date_basis: str
    observed: str
    source_id: str
    source: str
    source_ref: str
    confidence: str
    quality_flags: str
    status: str
    note: str
    prices: Prices

    @property
    def series(self) -> tuple[str, ...]:
        """What stays the same when the price changes: who sells what, how, as told by whom."""
        return (
            self.source_id,
            self.route,
            self.provider,
            self.model,
            self.provider_model_id,
            plain_variant(self.variant),
            self.region,
            self.service_tier,
            self.quantisation,
        )

    @property
    def offer_id(self) -> str:
        """A name for the statement, from all that it says."""
        said = "\x1f".join([*(str(value) for value in astuple(self)[:-1]), *_flat(self.prices)])
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def base(self, meter: str) -> str:
        """The price of short requests, "" where none is stated."""
        return self.prices.get((meter, 0), "")

    @property
    def thresholds(self) -> list[int]:
        """The prompt lengths above which the whole request costs more."""
        return sorted({context for _, context in self.prices if context})

    def until(self, day: str) -> Statement:
        """The same, ended on *day*."""
        return replace(self, valid_to=day)


def plain_variant(variant: str) -> str:
    """A variant without the parts that say nothing of the price: how a model was tuned, how a host routes.

    >>> plain_variant("instruct"), plain_variant("turbo+instruct"), plain_variant("fast+router")
    ('', 'turbo', 'fast')
    """
    return "+".join(part for part in variant.split("+") if part not in ("instruct", "router", "long"))


SHARED = tuple(field.name for field in fields(Statement) if field.name != "prices")

COLUMNS = ("offer_id", *SHARED, "unit", "meter", "context_from", "price")
"""The columns of the long table. *unit* is ``mtok``: prices are per million tokens, in the row's currency."""


def _flat(prices: Prices) -> list[str]:
    return [f"{meter}@{context}={prices[meter, context]}" for meter, context in sorted(prices)]


def long_rows(statements: Iterable[Statement]) -> Iterator[dict[str, str]]:
    """One row a meter."""
    for statement in statements:
        shared = {"offer_id": statement.offer_id} | {name: getattr(statement, name) for name in SHARED}
        for (meter, context), text in statement.prices.items():
            yield shared | {"unit": "mtok", "meter": meter, "context_from": str(context or ""), "price": text}


def statements_of(rows: Iterable[Mapping[str, str]]) -> list[Statement]:
    """The statements behind rows of the long table, in its order. The rows of one stand together."""
    found = []
    for _, group in groupby(rows, key=lambda row: row["offer_id"]):
        meters = list(group)
        prices = {(row["meter"], int(row["context_from"] or 0)): row["price"] for row in meters}
        found.append(Statement(**{name: meters[0][name] for name in SHARED}, prices=prices))
    return found


def to_csv(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as the text of a CSV file with Unix line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
