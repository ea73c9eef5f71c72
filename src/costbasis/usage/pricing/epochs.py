"""Price epochs: the prices that hold for one model, mode and region from one hour to another.

Retail rows of the catalogue are compiled here into whole price lists (every class has a price, by a stated
fallback), so that pricing a request is a lookup. All prices are integer pico-USD per token.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from costbasis.errors import AmbiguousName, BadCatalogue, UnknownName
from costbasis.units import PICO_PER_USD

if TYPE_CHECKING:
    from costbasis.catalog import Catalog
    from costbasis.catalog.shipped import Shipped
    from costbasis.usage.pricing.retailrow import RetailRow

NEVER = 2**62
"""Larger than any hour, and than any prompt: "no end" and "no long-context tier"."""

HOURS_PER_DAY = 24

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class ClassPrices(msgspec.Struct, frozen=True):
    """A price for each token class, in pico-USD per token. *unknown* lifetime: at least, and at most."""

    input: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    output: int

    @property
    def columns(self) -> tuple[int, ...]:
        """The prices in the order of the table ``price``: unknown-lifetime writes are priced twice."""
        low, high = self.cache_write_5m, max(self.cache_write_5m, self.cache_write_1h)
        return (self.input, low, self.cache_write_1h, low, self.cache_read, self.output, high)

    def times_permille(self, permille: int, where: str) -> ClassPrices:
        """Every price × permille / 1000, exactly; a fraction of a pico-USD is refused, never rounded."""
        scaled = {}
        for name in self.__struct_fields__:
            scaled[name], rest = divmod(getattr(self, name) * permille, 1000)
            if rest:
                raise BadCatalogue(
                    f"the {name} price {getattr(self, name)} × {permille}/1000 is not a whole pico-USD per token",
                    where=where,
                    hint="give the region its own price row",
                )
        return ClassPrices(**scaled)


class PriceEpoch(msgspec.Struct, frozen=True):
    """The price list of one model, mode and region (*geo*), valid from one hour (since 1970, UTC) to another.

    A prompt longer than *long_above_tok* prices the whole request at *long*.
    """

    epoch_id: int
    model: str
    mode: str
    geo: str
    valid_from_hour: int
    valid_to_hour: int
    short: ClassPrices
    long: ClassPrices
    long_above_tok: int = NEVER


class NoPrice(msgspec.Struct, frozen=True):
    """Why a request has no list price; it is counted and named, never priced at something else."""

    reason: str


class PriceBook(msgspec.Struct, frozen=True, dict=True):
    """What prices usage: the retail rows, how a name in a log becomes a model, and the two extra charges.

    *prices*: the rows of all models, or what tells those of one.
    *resolve* raises :class:`~costbasis.errors.UnknownName` for a name that the catalogue does not hold.
    *web_search_pico_usd* is per search, at the one provider that logs them; *us_geo_permille* is what a request pinned
    to the United States costs, in thousandths of the standard token prices, at the one provider that publishes it.
    """

    prices: Sequence[RetailRow] | Callable[[str], Sequence[RetailRow]]
    resolve: Callable[[str], str]
    web_search_pico_usd: int
    us_geo_permille: int
    us_geo_provider: str = "anthropic"
    web_search_provider: str = "anthropic"

    @cached_property
    def _by_model(self) -> dict[str, list[RetailRow]]:
        found: dict[str, list[RetailRow]] = {}
        for row in () if callable(self.prices) else self.prices:
            found.setdefault(row.model, []).append(row)
        return found

    def rows_of(self, model: str) -> Sequence[RetailRow]:
        """The retail rows of a model, none where it has no price."""
        if callable(self.prices) and model not in self._by_model:
            self._by_model[model] = list(self.prices(model))
        return self._by_model.get(model, ())

    @classmethod
    def from_catalog(cls, catalog: Catalog | Shipped) -> PriceBook:
        """The book of a catalogue: its retail rows, and the two extra charges as it states them."""
        return cls(
            prices=catalog.retail,
            resolve=catalog.find_model,
            web_search_pico_usd=round(catalog.middle("charge/web-search.usd_per_request") * PICO_PER_USD),
            us_geo_permille=round(1000 * (1 + catalog.middle("charge/anthropic.us_geo_surcharge_frac"))),
        )

    def search_pico_usd(self, provider: str) -> int | None:
        """What a web search costs at a provider, None where it is not known."""
        return self.web_search_pico_usd if provider == self.web_search_provider else None

    def provider_of(self, model: str) -> str:
        """Who sells a model at retail, "" where nobody does."""
        return next((row.provider for row in self.rows_of(model)), "")

    def model_of(self, name: str) -> str | NoPrice:
        """The model that a name in a log stands for, or why there is none."""
        try:
            return self.resolve(name)
        except (UnknownName, AmbiguousName) as error:
            return NoPrice(error.what)

    def segments(self, model: str, mode: str, geo: str) -> list[RetailRow] | NoPrice:
        """The price rows of one model and mode, oldest first, or why there are none.

        Errors: :class:`~costbasis.errors.BadCatalogue` when two rows hold at the same time.
        """
        known = self.rows_of(model)
        rows = sorted((row for row in known if row.mode == mode), key=_from_hour)
        if not rows:
            modes = ", ".join(sorted({row.mode for row in known}))
            return NoPrice(f"no {mode} price{f' (known: {modes})' if modes else ''}")
        if geo and not (geo == "us" and rows[0].provider == self.us_geo_provider):
            return NoPrice(f'no price for region "{geo}"')
        for row, following in pairwise(rows):
            if _to_hour(row) > _from_hour(following):
                raise BadCatalogue(f"two {mode} prices hold on {following.valid_from}", where=f"retail/{model}")
        return rows

    def epoch(self, row: RetailRow, geo: str, epoch_id: int) -> PriceEpoch:
        """*row* with every fallback applied, and the regional surcharge where *geo* is set."""
        short, long = short_prices(row), _long(row)
        if geo:
            where = f"retail/{row.model}"
            short = short.times_permille(self.us_geo_permille, where)
            long = long.times_permille(self.us_geo_permille, where)
        above = NEVER if row.long_above_tok is None else row.long_above_tok
        return PriceEpoch(epoch_id, row.model, row.mode, geo, _from_hour(row), _to_hour(row), short, long, above)


def short_prices(row: RetailRow) -> ClassPrices:
    """What a token of each class costs in a short prompt, in pico-USD: one without a price of its own, as input does.

    A write for an hour without one costs what its provider documents, else as one for five minutes.
    """
    write_5m = _first(row.cache_write_5m, row.input)
    return ClassPrices(
        input=row.input,
        cache_write_5m=write_5m,
        cache_write_1h=_first(row.cache_write_1h, _documented_1h(row, row.input), write_5m),
        cache_read=_first(row.cache_read, row.input),
        output=row.output,
    )


def _long(row: RetailRow) -> ClassPrices:
    """The long-context prices; a class that has none of its own keeps its short price."""
    price = _first(row.long_input, row.input)
    write_5m = _first(row.long_cache_write_5m, row.cache_write_5m, price)
    return ClassPrices(
        input=price,
        cache_write_5m=write_5m,
        cache_write_1h=_first(row.long_cache_write_1h, _documented_1h(row, price), row.cache_write_1h, write_5m),
        cache_read=_first(row.long_cache_read, row.cache_read, price),
        output=_first(row.long_output, row.output),
    )


def _documented_1h(row: RetailRow, input_price: int) -> int | None:
    """Anthropic documents 1-hour writes as twice the input price; nobody else sells them as such."""
    return 2 * input_price if row.provider == "anthropic" else None


def _first(*prices: int | None) -> int:
    """The first price that is known; the last one always is."""
    return next(price for price in prices if price is not None)


def _from_hour(row: RetailRow) -> int:
    return 0 if row.valid_from is None else hour_of(row.valid_from)


def _to_hour(row: RetailRow) -> int:
    return NEVER if row.valid_to is None else hour_of(row.valid_to)


def hour_of(day: date) -> int:
    """The hour since 1970, UTC, at which *day* begins.

    >>> hour_of(date(1970, 1, 2))
    24
    """
    return (day.toordinal() - _EPOCH_ORDINAL) * HOURS_PER_DAY


def changes_of(rows: Sequence[RetailRow] | NoPrice) -> list[int]:
    """The hours from which another price holds, or none: between two of them :func:`segment_at` says the same."""
    if isinstance(rows, NoPrice):
        return []
    return sorted({hour for row in rows for hour in (_from_hour(row), _to_hour(row))})


def segment_at(rows: Sequence[RetailRow], hour: int) -> tuple[int, bool] | NoPrice:
    """Which of *rows* (oldest first) holds at *hour*, and whether the call is older than the first of them."""
    index = bisect_right(rows, hour, key=_from_hour) - 1
    if index < 0:
        return 0, True
    if hour < _to_hour(rows[index]):
        return index, False
    return NoPrice(f"no {rows[index].mode} price from {rows[index].valid_to} on")
