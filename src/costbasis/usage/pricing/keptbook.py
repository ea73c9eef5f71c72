"""The part of a price book that a ledger needs, kept: names that its logs use, and the price rows of their models.

Reading the whole catalogue takes longer than pricing a month from it. A name that was not met before is
:class:`NotKept`: then the whole book prices, and what it answered is kept for the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import msgspec

from costbasis.usage.pricing.epochs import NoPrice, PriceBook

if TYPE_CHECKING:
    from costbasis.kept import Kept
    from costbasis.usage.pricing.retailrow import RetailRow

NAME = "price book"

Priced = TypeVar("Priced")


class KeptRow(msgspec.Struct, frozen=True):
    """A :class:`~costbasis.usage.pricing.retailrow.RetailRow`, without its source."""

    provider: str
    model: str
    mode: str
    valid_from: date | None
    valid_to: date | None
    input: int
    output: int
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    long_above_tok: int | None
    long_input: int | None
    long_output: int | None
    long_cache_read: int | None
    long_cache_write_5m: int | None
    long_cache_write_1h: int | None


class _Part(msgspec.Struct):
    """*models*: name in the logs to model. *unknown*: name to why it stands for none."""

    web_search_pico_usd: int
    us_geo_permille: int
    models: dict[str, str] = {}
    unknown: dict[str, str] = {}
    rows: list[KeptRow] = []


class NotKept(Exception):
    """A name that the kept part of the book does not know; never shown to a user."""


def priced_by_part(whole: Callable[[], PriceBook], kept: Kept | None, price: Callable[[PriceBook], Priced]) -> Priced:
    """What *price* makes of the book: of its kept part where that suffices, else of the *whole* one."""
    if kept is None:
        return price(whole())
    part = _read(kept.get(NAME))
    if part is not None:
        try:
            return price(_book(part))
        except NotKept:
            pass
    book = whole()
    asked: dict[str, str | NoPrice] = {}

    def resolve(name: str) -> str:
        asked[name] = book.model_of(name)
        return book.resolve(name)

    heard = PriceBook(book.prices, resolve, book.web_search_pico_usd, book.us_geo_permille)
    found = price(heard)
    models = {name: model for name, model in asked.items() if isinstance(model, str)}
    unknown = {name: model.reason for name, model in asked.items() if isinstance(model, NoPrice)}
    if part is not None:
        models, unknown = part.models | models, part.unknown | unknown
    rows = [_row(row) for model in dict.fromkeys(models.values()) for row in heard.rows_of(model)]
    wider = _Part(book.web_search_pico_usd, book.us_geo_permille, models, unknown, rows)
    kept.put(NAME, msgspec.json.encode(wider))
    return found


def _read(written: bytes | None) -> _Part | None:
    if written is None:
        return None
    try:
        return msgspec.json.decode(written, type=_Part)
    except msgspec.MsgspecError:
        return None


class _PartOfBook(PriceBook, frozen=True):
    """The kept part, as the book that it is of."""

    unknown: Mapping[str, str] = {}

    def model_of(self, name: str) -> str | NoPrice:
        """As the whole book said."""
        return NoPrice(self.unknown[name]) if name in self.unknown else self.resolve(name)


def _book(part: _Part) -> PriceBook:
    def resolve(name: str) -> str:
        if name not in part.models:
            raise NotKept(name)
        return part.models[name]

    return _PartOfBook(part.rows, resolve, part.web_search_pico_usd, part.us_geo_permille, unknown=part.unknown)


def _row(row: RetailRow) -> KeptRow:
    return KeptRow(*(getattr(row, name) for name in KeptRow.__struct_fields__))
