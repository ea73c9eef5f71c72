"""What one request is worth at list, as it was and with one thing about it changed.

The tables are priced by the generated SQL; a law in the tests holds the two together to the pico-USD.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from costbasis.usage.events import TokenCounts
from costbasis.usage.pricing.epochs import ClassPrices, NoPrice, PriceBook, PriceEpoch, segment_at


@dataclass(frozen=True, slots=True)
class Call:
    """A request as pricing sees it. *hour*: since 1970, UTC."""

    model: str
    mode: str
    geo: str
    hour: int
    counts: TokenCounts
    web_searches: int = 0


@dataclass
class RequestPrices:
    """Looks up whole price lists in a book, each once."""

    book: PriceBook
    _epochs: dict[tuple[str, str, str, int | None], PriceEpoch | None] = field(default_factory=dict)

    def list_pico_usd(self, call: Call) -> int | None:
        """The call at the list price of its own hour, in pico-USD; None where it has none."""
        epoch = self.epoch(call.model, call.mode, call.geo, call.hour)
        if epoch is None:
            return None
        prices = epoch.long if call.counts.prompt_tok > epoch.long_above_tok else epoch.short
        search = self.book.search_pico_usd(self.book.provider_of(epoch.model)) or 0
        return tokens_pico_usd(call.counts, prices) + call.web_searches * search

    def epoch(self, name: str, mode: str, geo: str, hour: int | None) -> PriceEpoch | None:
        """The price list of a model in an hour; of the newest one where *hour* is None."""
        key = (name, mode, geo, hour)
        if key not in self._epochs:
            self._epochs[key] = self._look_up(*key)
        return self._epochs[key]

    def _look_up(self, name: str, mode: str, geo: str, hour: int | None) -> PriceEpoch | None:
        model = self.book.model_of(name)
        if isinstance(model, NoPrice):
            return None
        rows = self.book.segments(model, mode, geo)
        if isinstance(rows, NoPrice):
            return None
        found = (len(rows) - 1, False) if hour is None else segment_at(rows, hour)
        return None if isinstance(found, NoPrice) else self.book.epoch(rows[found[0]], geo, 0)


def tokens_pico_usd(counts: TokenCounts, prices: ClassPrices) -> int:
    """Tokens at a price list, in pico-USD; writes of unknown lifetime at the 5-minute price."""
    writes = counts.cache_write_5m_tok + counts.cache_write_unknown_tok
    return (
        counts.input_tok * prices.input
        + writes * prices.cache_write_5m
        + counts.cache_write_1h_tok * prices.cache_write_1h
        + counts.cache_read_tok * prices.cache_read
        + counts.output_tok * prices.output
    )
